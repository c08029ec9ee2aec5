"""Tries everything that `wmtls run` would need, without side effects, and says how to mend what is amiss.

No file is made or changed, no message sent. An address is bound for a moment and let go. A receiver's URL is
looked at and never shown.
"""

import errno
import http.client
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from agent.config import Catalogue, Config, Http
from agent.errors import ConfigError
from agent.knowledge.catalogue import load
from agent.preflight_logs import USER, Finding, Level, check_log
from agent.preflight_receivers import Lookup, check_receiver
from agent.preflight_state import FREE_BYTES, check_state
from agent.report.advice import Shown
from agent.telemetry.http import bind_error, resolve

__all__ = ["FREE_BYTES", "Finding", "Level", "Lookup", "check", "failed", "render"]

_ANSWER_SECONDS = 3.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask a server that listens everywhere


def _user() -> Iterator[Finding]:
    if os.geteuid() == 0:
        text = "this check runs as root, who may read everything, so it proves nothing of permissions"
        yield Finding(Level.WARNING, "user", text, f"sudo -u {USER} wmtls check --config FILE")


def _catalogue(own: Catalogue) -> Iterator[Finding]:
    subject = "catalogue"
    try:
        files = own.files()
        entries = [entry for entry in load(files).entries if entry.of_user]
    except ConfigError as error:
        text, _, mend = str(error).partition("; ")
        yield Finding(Level.ERROR, subject, text, mend or "mend it there")
        return
    if own.directory is not None:
        count = f"{_number(len(entries), 'diagnosis', 'diagnoses')} in {_number(len(files), 'file', 'files')}"
        missing = None if entries else f"put a TOML file with [[entry]] tables into {own.directory}"
        level = Level.OK if entries else Level.WARNING
        yield Finding(level, subject, f"{count} of {own.directory}", missing)


def _answers_as_wmtls(host: str, port: int) -> bool:
    """Tell whether an agent serves at an address."""
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().getheader("Server") == "wmtls"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _http(listen: Http) -> Iterator[Finding]:
    subject = "http"
    try:
        family, address = resolve(listen.host, listen.port)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _answers_as_wmtls(listen.host, listen.port):
            yield Finding(Level.OK, subject, f"wmtls already serves at {listen.listen}")
            return
        text, _, mend = str(bind_error(listen.host, listen.port, error)).partition("; ")
        yield Finding(Level.ERROR, subject, text, mend)
        return
    yield Finding(Level.OK, subject, f"{listen.listen} is free")


def check(
    config: Config, *, shown_in: Callable[[bytes], Shown], lookup: Lookup = socket.getaddrinfo
) -> list[Finding]:
    """Return everything found; `shown_in` tells what there is in whole lines of a log."""
    found = list(_user())
    for log in config.logs:
        found += check_log(log, shown_in)
    found += check_state(config.state.directory)
    found += _catalogue(config.catalogue)
    found += _http(config.http)
    for receiver in config.receivers:
        found += check_receiver(receiver, lookup)
    if not config.receivers:
        found.append(Finding(Level.OK, "receiver", "none is configured, so failures are only counted"))
    return found


def failed(findings: Sequence[Finding]) -> bool:
    """Tell whether something keeps the agent from its work."""
    return any(one.level is Level.ERROR for one in findings)


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def render(findings: Sequence[Finding]) -> list[str]:
    """Return lines of text: each finding, its mend below it, and a count at the end."""
    lines = []
    for one in findings:
        lines.append(f"{one.level.value:<8} {one.subject}: {one.text}")
        if one.mend is not None:
            lines.append(f"{'':<8} mend: {one.mend}")
    count = Counter(one.level for one in findings)
    errors = _number(count[Level.ERROR], "error", "errors")
    warnings = _number(count[Level.WARNING], "warning", "warnings")
    lines.append(f"{errors}, {warnings}")
    return lines
