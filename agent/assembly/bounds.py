"""How much of one conversation is kept, and how much it weighs.

A peer chooses its names, its chain and its offers, and how often it says them. Texts are bounded where they
are read; here it is how many of them. What a handshake of a real server says is far below each limit.
"""

from collections.abc import Iterable
from dataclasses import replace

from agent.model.events import Certificate, Failed, Happening, Hello, Said, Throwable

CHAIN_LIMIT = 12
"""Certificates of a chain: JSSE refuses longer ones than 10 (jdk.tls.maxCertificateChainLength)."""

LIST_LIMIT = 400
"""Suites or authorities: a ClientHello can offer every suite there is."""

WORDS_LIMIT = 16
"""Versions or application protocols of a hello."""

THROWABLES_LIMIT = 12
"""Exceptions that cause one another; the outermost and the innermost ones are kept."""

_WORD = 100
"""Characters of a word that the library chooses: a suite, a version."""

_EVENT = 800
"""Bytes that an event takes at the most beside what it lists: its step, place, evidence line and fact."""

_OBJECT = 120
"""Bytes of a small object, beside its texts."""


def chain(certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Return the certificates of a chain that are kept."""
    return tuple(certificates)[:CHAIN_LIMIT]


def hello(said: Hello) -> Hello:
    """Return a hello with as much of its lists as is kept."""
    lists = (
        (said.versions, WORDS_LIMIT),
        (said.suites, LIST_LIMIT),
        (said.application_protocols, WORDS_LIMIT),
    )
    if all(len(listed) <= limit and max(map(len, listed), default=0) <= _WORD for listed, limit in lists):
        return said
    return replace(
        said,
        versions=_words(said.versions, WORDS_LIMIT),
        suites=_words(said.suites, LIST_LIMIT),
        application_protocols=_words(said.application_protocols, WORDS_LIMIT),
    )


def failed(report: Failed) -> Failed:
    """Return a report with its outermost exception and its innermost ones."""
    told = report.throwables
    if len(told) <= THROWABLES_LIMIT:
        return report
    return replace(report, throwables=(told[0], *told[1 - THROWABLES_LIMIT :]))


def said(message: Said) -> Said:
    """Return a message with as much of its lists as is kept."""
    return replace(
        message,
        hello=message.hello and hello(message.hello),
        certificates=message.certificates and chain(message.certificates),
        authorities=message.authorities and message.authorities[:LIST_LIMIT],
    )


def weight(what: Happening) -> int:
    """Return about how many bytes a conversation grows by at the most when it hears something."""
    if isinstance(what, Said):
        return _EVENT + sum(
            (
                weigh_hello(what.hello),
                weigh_chain(what.certificates),
                weigh_names((what.authorities or ())[:LIST_LIMIT]),
            )
        )
    return _EVENT + (weigh_throwables(what.throwables) if isinstance(what, Failed) else 0)


def weigh_hello(said: Hello | None) -> int:
    """Return about how many bytes a hello takes."""
    return _OBJECT + weigh_names(said.suites[:LIST_LIMIT]) if said else 0


def weigh_chain(certificates: tuple[Certificate, ...] | None) -> int:
    """Return about how many bytes a chain takes."""
    kept = (certificates or ())[:CHAIN_LIMIT]
    return sum(3 * _OBJECT + len(c.subject or "") + len(c.issuer or "") for c in kept)


def weigh_names(names: tuple[str, ...] | None) -> int:
    """Return about how many bytes a list of texts takes."""
    return sum(map(len, names)) + _OBJECT * len(names) if names else 0


def weigh_throwables(told: tuple[Throwable, ...]) -> int:
    """Return about how many bytes a row of exceptions takes."""
    return sum(_OBJECT + len(t.name) + len(t.text) for t in told[:THROWABLES_LIMIT])


def _words(listed: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return tuple(word[:_WORD] for word in listed[:limit])
