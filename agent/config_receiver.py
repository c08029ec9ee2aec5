"""What the configuration says of a receiver, and how its URL is had.

A receiver's URL is a credential: it is kept in a `Secret`, and no message repeats text that could be one.
"""

from dataclasses import dataclass, field
from pathlib import Path

from agent import config_values as check
from agent.config_values import Secret
from agent.errors import ConfigError

FORMATS = ("generic", "slack")
"""Receiver formats; each is a module of that name in agent/formats."""

_URL_FILE_BYTES = 16_384  # far above any URL; keeps a wrong file (a log, a device) out of memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where incidents go. `address` holds the URL when it came from `url` or from the variable `url_env`."""

    name: str = field(metadata=check.key(check.name))
    format: str = field(default="generic", metadata=check.key(check.one_of(*FORMATS)))
    address: Secret | None = field(default=None, metadata=check.key(check.url, "url"))
    url_file: Path | None = field(default=None, metadata=check.key(check.path))
    url_env: str | None = field(default=None, metadata=check.key(check.variable))

    def url(self) -> str:
        """Return the URL; `url_file` is read anew at each call.

        Raises ConfigError, which names the file and never its content.
        """
        if self.address is not None:
            return self.address.reveal()
        if self.url_file is None:
            raise ConfigError(f'receiver "{self.name}" has no URL; add one of url, url_file, url_env')
        place = f'receiver "{self.name}": url_file {self.url_file}'
        try:
            with self.url_file.open("rb") as file:
                text = file.read(_URL_FILE_BYTES).decode().strip()
        except OSError as error:
            raise ConfigError(
                f"{place} cannot be read ({error.strerror}); create it or mend its permissions"
            ) from None
        except UnicodeDecodeError:
            text = ""
        if not check.is_url(text):
            raise ConfigError(
                f"{place} does not hold an http or https URL; write one there, on a line of its own"
            )
        return text
