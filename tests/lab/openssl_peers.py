"""OpenSSL as the other end, by its s_server and s_client: it sends the precise alerts that JSSE does not."""

import os
import re
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

REQUEST = b"GET /invoke/acme.orders:status HTTP/1.0\r\n\r\n"

PATIENCE = 10.0
"""Seconds that one connection may take."""

CONFIGURATION = """
openssl_conf = start
[start]
ssl_conf = sections
[sections]
system_default = tls
[tls]
{}
"""
MARKS = {"legacy": "Options = -ExtendedMasterSecret", "weak": "CipherString = DEFAULT:@SECLEVEL=0"}
"""What no argument of openssl can say, by the mark that stands among the arguments instead.

`legacy` does without the extended master secret (RFC 7627), `weak` takes keys that are too small.
"""


def configure(folder: Path) -> None:
    """Write what the marks stand for into the folder of certificates, before any end runs."""
    for mark, setting in MARKS.items():
        (folder / f"{mark}.cnf").write_text(CONFIGURATION.format(setting), "utf-8")


def _run(arguments: Sequence[str], folder: Path) -> tuple[list[str], dict[str, str] | None]:
    """Return the arguments without a mark, and the environment in which it holds."""
    mark = next((a for a in arguments if a in MARKS), None)
    if mark is None:
        return list(arguments), None
    return [a for a in arguments if a != mark], {**os.environ, "OPENSSL_CONF": str(folder / f"{mark}.cnf")}


class Listening:
    """An s_server that answers requests until it is closed."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        """Start it in the folder of certificates, on a port of the kernel's choice, and wait for it."""
        given, environment = _run(arguments, folder)
        self._process = subprocess.Popen(
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", *given],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        said, self.port = b"", 0
        while not self.port:
            line = self._line()
            if not line:
                raise SystemExit(
                    f"openssl s_server {' '.join(given)}: {said.decode(errors='replace').strip()}"
                )
            said += line
            accepting = re.match(rb"ACCEPT \S*:(\d+)", line)
            if accepting:
                self.port = int(accepting[1])
        threading.Thread(target=self._drain, daemon=True).start()

    def _line(self) -> bytes:
        return self._process.stdout.readline() if self._process.stdout else b""

    def _drain(self) -> None:
        while self._line():
            pass

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def call(arguments: Sequence[str], port: int, folder: Path) -> None:
    """Run s_client once, in the folder of certificates; how it fares shows at the other end."""
    given, environment = _run(arguments, folder)
    subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-ign_eof", *given],
        cwd=folder,
        input=REQUEST,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        env=environment,
    )
