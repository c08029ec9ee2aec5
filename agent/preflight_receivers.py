"""Whether a receiver can be reached: its credentials, its files, its address; nothing secret is shown."""

import ipaddress
import ssl
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import SplitResult, urlsplit

from agent.config_receiver import CREDENTIALS, Receiver
from agent.delivery.destination import ADVICE, is_refused, literal
from agent.delivery.trust import Trust
from agent.errors import ConfigError
from agent.preflight_logs import Finding, Level

Lookup = Callable[[str, int], Iterable[tuple[object, ...]]]
"""Resolves a host name as socket.getaddrinfo does: raises OSError where it cannot."""


def check_receiver(receiver: Receiver, lookup: Lookup) -> Iterator[Finding]:
    """Tell of each credential where it comes from, and what is amiss with them and with the way there."""
    subject = f'receiver "{receiver.name}"'
    proxied = False
    for name in CREDENTIALS:
        given = receiver.given(name)
        if not given:
            continue
        try:
            text = receiver.credential(name)
        except ConfigError as error:
            yield _error(subject, error)
            return
        said = "URL" if name == "url" else name.replace("_", " ")
        yield Finding(Level.OK, subject, f"its {said} comes from {_source(receiver, name)}")
        proxied = proxied or (name == "proxy" and text is not None)
    trust = Trust(receiver.ca_file, receiver.client_certificate, receiver.client_key)
    try:
        trust.stamp()
        trust.context(ssl.create_default_context)
        parts = urlsplit(receiver.address())
    except ConfigError as error:
        yield _error(subject, error)
        return
    yield from _way(receiver, subject, parts, lookup, proxied=proxied)


def _way(
    receiver: Receiver, subject: str, parts: SplitResult, lookup: Lookup, *, proxied: bool
) -> Iterator[Finding]:
    host = str(parts.hostname)
    if parts.scheme == "http" and not _is_this_machine(host):
        text = "its URL is http, so incidents and the URL itself can be read on the way"
        yield Finding(Level.WARNING, subject, text, "use https")
    found = {literal(host)} - {None}
    if not found and not proxied:
        try:
            found = {str(one[4][0]) for one in lookup(host, parts.port or 0)}  # type: ignore[index]  # an address
        except (OSError, UnicodeError):
            text = "the host in its URL cannot be resolved here"
            yield Finding(
                Level.WARNING,
                subject,
                text,
                "check the name and this machine's DNS; a proxy may still know it",
            )
    if not receiver.allow_link_local and any(is_refused(str(one)) for one in found):
        text, _, mend = ADVICE.partition("; ")
        yield Finding(Level.ERROR, subject, text, mend)


def _source(receiver: Receiver, name: str) -> str:
    key = receiver.given(name)[-1]  # a variable's text stands in the first, too
    if key == name:
        return key
    value = getattr(receiver, key)
    return f"the variable {value}" if key.endswith("_env") else f"{key} {value}"


def _error(subject: str, error: ConfigError) -> Finding:
    text, _, mend = str(error).removeprefix(f"{subject}: ").partition("; ")
    return Finding(Level.ERROR, subject, text, mend)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
