"""What the configuration says of a receiver, and how its credentials are had.

Each of `CREDENTIALS` is a secret: it is kept in a `Secret`, and no message repeats text that could be one. It
is given in one of three ways, by keys that differ in their ending: itself, a file that is read anew at each
use, or the name of an environment variable.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent import config_values as check
from agent.config_values import Secret, WrongError
from agent.errors import ConfigError
from agent.model.vocabulary import IncidentEvent, Issue, Role, Severity

PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"

_FILE_BYTES = 16_384  # far above any credential; keeps a wrong file (a log, a device) out of memory
_WEBHOOK_KEY_BYTES = range(24, 65)
_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


def is_webhook_secret(text: str) -> bool:
    """Tell whether a text is one secret of Standard Webhooks, or several with blanks between them.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    secrets = text.split()
    return bool(secrets) and all(_is_one_webhook_secret(one) for one in secrets)


def _is_one_webhook_secret(text: str) -> bool:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith("whsec_") and len(key) in _WEBHOOK_KEY_BYTES


@dataclass(frozen=True, slots=True)
class Credential:
    """A kind of secret: what it is called, how a text is known to be one, how one is written."""

    noun: str
    accept: Callable[[str], bool]
    mend: str


CREDENTIALS: Mapping[str, Credential] = MappingProxyType(
    {
        "url": Credential("http or https URL", check.is_url, 'write it like "https://host/path"'),
        "secret": Credential(
            "secret of Standard Webhooks",
            is_webhook_secret,
            'write "whsec_" and 24 to 64 random bytes in base64 '
            '(echo "whsec_$(openssl rand -base64 32)" makes one)',
        ),
        "routing_key": Credential(
            "routing key of PagerDuty",
            lambda text: bool(_ROUTING_KEY.fullmatch(text)),
            "copy the 32 characters of the service's Events API v2 integration",
        ),
        "token": Credential(
            "token",
            lambda text: bool(_TOKEN.fullmatch(text)),
            "write it without blanks, as it stands behind Bearer",
        ),
        "proxy": Credential("http or https URL", check.is_url, 'write it like "http://proxy:3128"'),
    }
)
"""What a receiver may need to be reached, by the key that gives it."""

_ANY = ("url", "token", "proxy")
FORMATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "generic": (*_ANY, "secret"),
        "slack": _ANY,
        "mattermost": _ANY,
        "teams": _ANY,
        "google_chat": _ANY,
        "pagerduty": (*_ANY, "routing_key"),
        "alertmanager": _ANY,
    }
)
"""Receiver formats, each a module of that name in agent/formats, and the credentials that each can use."""

DEFAULT_URL: Mapping[str, str] = MappingProxyType({"pagerduty": PAGERDUTY_URL})
"""Formats whose receivers all have the same address."""

NEEDED: Mapping[str, str] = MappingProxyType({"pagerduty": "routing_key"})
"""Formats that cannot do without a certain credential."""


def _credential(name: str) -> Callable[[object], Secret]:
    """Return the check of a credential that stands in the file itself."""
    kind = CREDENTIALS[name]
    mend = f"{kind.mend}, or keep it in a file and name that in {name}_file"

    def accept(value: object) -> Secret:
        text = check.text_of(value, mend).strip()
        if not kind.accept(text):
            raise WrongError(f"is not {_a(kind.noun)}", mend)
        return Secret(text)

    return accept


def _a(noun: str) -> str:
    return f"{'an' if noun.startswith('http') else 'a'} {noun}"


def _given(name: str) -> Mapping[str, object]:
    return check.key(_credential(name))


_PATH = check.key(check.path)
_VARIABLE = check.key(check.variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where incidents go. `url`, `secret` and their like hold what came from the file or from a variable.

    `ca_file` has the authorities that are trusted instead of the system's, `client_certificate` and
    `client_key` are what this agent shows of itself; None where not given. `issues`, `roles`, `logs` and
    `events` are what it is told of, all where empty, and `severity` is the least.
    """

    name: str = field(metadata=check.key(check.name))
    format: str = field(default="generic", metadata=check.key(check.one_of(*FORMATS)))
    url: Secret | None = field(default=None, metadata=_given("url"))
    url_file: Path | None = field(default=None, metadata=_PATH)
    url_env: str | None = field(default=None, metadata=_VARIABLE)
    secret: Secret | None = field(default=None, metadata=_given("secret"))
    secret_file: Path | None = field(default=None, metadata=_PATH)
    secret_env: str | None = field(default=None, metadata=_VARIABLE)
    routing_key: Secret | None = field(default=None, metadata=_given("routing_key"))
    routing_key_file: Path | None = field(default=None, metadata=_PATH)
    routing_key_env: str | None = field(default=None, metadata=_VARIABLE)
    token: Secret | None = field(default=None, metadata=_given("token"))
    token_file: Path | None = field(default=None, metadata=_PATH)
    token_env: str | None = field(default=None, metadata=_VARIABLE)
    proxy: Secret | None = field(default=None, metadata=_given("proxy"))
    proxy_file: Path | None = field(default=None, metadata=_PATH)
    proxy_env: str | None = field(default=None, metadata=_VARIABLE)
    ca_file: Path | None = field(default=None, metadata=_PATH)
    client_certificate: Path | None = field(default=None, metadata=_PATH)
    client_key: Path | None = field(default=None, metadata=_PATH)
    allow_link_local: bool = field(default=False, metadata=check.key(check.flag))
    issues: frozenset[str] = field(default=frozenset(), metadata=check.key(check.some_of(tuple(Issue))))
    roles: frozenset[str] = field(default=frozenset(), metadata=check.key(check.some_of(tuple(Role))))
    logs: frozenset[str] = field(default=frozenset(), metadata=check.key(check.names))
    severity: str = field(default=Severity.INFO.value, metadata=check.key(check.one_of(*Severity)))
    events: frozenset[str] = field(
        default=frozenset(), metadata=check.key(check.some_of(tuple(IncidentEvent)))
    )
    per_minute: int = field(default=60, metadata=check.key(check.whole(1, 6_000)))
    give_up_hours: int = field(default=168, metadata=check.key(check.whole(1, 8_760)))

    def given(self, credential: str) -> tuple[str, ...]:
        """Return the keys by which a credential is given; an environment's is there twice once looked up."""
        keys = (credential, f"{credential}_file", f"{credential}_env")
        return tuple(key for key in keys if getattr(self, key) is not None)

    def credential(self, name: str) -> str | None:
        """Return a credential, None where none is given; a file is read anew at each call.

        Raises ConfigError, which names the file and never its content.
        """
        itself: Secret | None = getattr(self, name)
        if itself is not None:
            return itself.reveal()
        path: Path | None = getattr(self, f"{name}_file")
        return None if path is None else self._read(name, path)

    def address(self) -> str:
        """Return where messages go; raises ConfigError like `credential`."""
        url = self.credential("url") or DEFAULT_URL.get(self.format)
        if url is None:
            raise ConfigError(f'receiver "{self.name}" has no URL; add one of url, url_file, url_env')
        return url

    def _read(self, name: str, path: Path) -> str:
        kind = CREDENTIALS[name]
        place = f'receiver "{self.name}": {name}_file {path}'
        try:
            with path.open("rb") as file:
                text = file.read(_FILE_BYTES).decode().strip()
        except OSError as error:
            raise ConfigError(
                f"{place} cannot be read ({error.strerror}); create it or mend its permissions"
            ) from None
        except UnicodeDecodeError:
            text = ""
        if not kind.accept(text):
            raise ConfigError(f"{place} does not hold {_a(kind.noun)}; {kind.mend} there, and nothing else")
        return text


def complete(receiver: Receiver, environ: Mapping[str, str]) -> Receiver:
    """Return a receiver with what its format needs, each credential once, the environment's looked up.

    Raises WrongError, whose `what` begins with the key ("" where it is of the receiver as a whole).
    """
    takes = FORMATS[receiver.format]
    for name in CREDENTIALS:
        given = receiver.given(name)
        choice = f"{name}, {name}_file, {name}_env"
        if given and name not in takes:
            raise WrongError(f".{given[0]} has no use in the format {receiver.format}", "remove it")
        if len(given) > 1:
            raise WrongError(f" has both {' and '.join(given[:2])}", f"keep exactly one of {choice}")
        needed = name == NEEDED.get(receiver.format)
        if name == "url":
            needed = receiver.format not in DEFAULT_URL
        if needed and not given:
            noun = "URL" if name == "url" else CREDENTIALS[name].noun
            raise WrongError(f" has no {noun}", f"add exactly one of {choice}")
        variable: str | None = getattr(receiver, f"{name}_env")
        if variable is not None:
            looked_up: dict[str, Any] = {name: _looked_up(name, variable, environ)}
            receiver = replace(receiver, **looked_up)
    if receiver.client_key is not None and receiver.client_certificate is None:
        raise WrongError(" has a client_key and no client_certificate", "add client_certificate")
    return receiver


def _looked_up(name: str, variable: str, environ: Mapping[str, str]) -> Secret:
    place = f".{name}_env names {check.shown(variable)}"
    text = environ.get(variable)
    if text is None:
        raise WrongError(f"{place}, which is not set,", "set that variable")
    if not CREDENTIALS[name].accept(text.strip()):
        raise WrongError(f"{place}, which holds no {CREDENTIALS[name].noun},", "mend that variable")
    return Secret(text.strip())
