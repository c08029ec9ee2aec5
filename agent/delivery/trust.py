"""Which receivers are believed to be themselves, and what this agent shows of itself."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ConfigError

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Files in PEM; None where not given.

    `ca_file` has the authorities that are believed instead of the public and the system's. A `client_key` is
    needed where the certificate's file does not hold it.
    """

    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None

    def stamp(self) -> Stamp:
        """Return what changes when one of the files does; raises ConfigError for one that is not there."""
        return tuple(self._state(name, path) for name, path in self._files())

    def context(self, public: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        """Return how connections are made; `public` makes one that knows the public authorities.

        Raises ConfigError, which names the file and the mend.
        """
        if self.ca_file is None:
            made = public()
            made.load_default_certs(ssl.Purpose.SERVER_AUTH)  # a company's own are in the system's store
        else:
            made = self._own_authorities(self.ca_file)
        if self.client_certificate is not None:
            try:
                # without a password at hand OpenSSL would ask for one on the terminal
                made.load_cert_chain(self.client_certificate, self.client_key, password=lambda: "")
            except (ssl.SSLError, OSError, ValueError):
                files = " and ".join(str(path) for name, path in self._files() if name != "ca_file")
                raise ConfigError(
                    f"client_certificate {files}: no certificate with its own key in PEM; "
                    "write both there, the key without a password"
                ) from None
        return made

    def _own_authorities(self, path: Path) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=path)
        except (ssl.SSLError, OSError):
            raise ConfigError(
                f"ca_file {path} holds no certificate in PEM; write the authority's there"
            ) from None

    def _files(self) -> list[tuple[str, Path]]:
        named = {
            "ca_file": self.ca_file,
            "client_certificate": self.client_certificate,
            "client_key": self.client_key,
        }
        return [(name, path) for name, path in named.items() if path is not None]

    @staticmethod
    def _state(name: str, path: Path) -> tuple[str, int, int]:
        try:
            seen = path.stat()
        except OSError as error:
            raise ConfigError(
                f"{name} {path} cannot be read ({error.strerror}); create it or mend its permissions"
            ) from None
        return str(path), seen.st_mtime_ns, seen.st_ino
