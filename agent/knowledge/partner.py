"""The message to the other end's operator, where that side must act.

It holds what both ends know: the certificates that were sent, the alert, the versions that were offered, the
name that was asked for. Never a thread, file, property, alias, address or host name of this side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from agent.knowledge import sentences
from agent.knowledge.checks import Place, known, needed, one_of
from agent.knowledge.values import VALUES, date, plain, utc
from agent.knowledge.view import View
from agent.model.events import Certificate
from agent.model.vocabulary import Role

ALWAYS = MappingProxyType(
    {
        "yours": "their end: 'your server', 'your client' or 'your system'",
        "Yours": "the same at the beginning of a sentence",
        "ours": "this end: 'our client', 'our server' or 'our system'",
        "Ours": "the same at the beginning of a sentence",
    }
)
"""Words for the two ends as the partner sees them."""

_OF_THIS_SIDE = frozenset(
    {
        *("alias", "ignored_alias", "ignored_aliases", "anchor_serial", "anchor_subject", "exception"),
        *("own_issuer", "own_subject", "peer", "server_name", "name"),
    }
)
"""Values that tell of this side's stores, or could: in a server's log the server name is ours."""

ALLOWED = VALUES.keys() - _OF_THIS_SIDE
"""Values that a message may hold."""

_WHEN = "\0"
"""Stands for the time in a message that is remembered; no value holds a control character."""

_ENDS = MappingProxyType(
    {
        Role.CLIENT: ("your server", "our client"),
        Role.SERVER: ("your client", "our server"),
        Role.UNKNOWN: ("your system", "our system"),
    }
)

_SHOWN = frozenset({"peer", "own", "nothing"})


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said to the partner; `shows` names the end whose certificate is described below it."""

    wordings: tuple[str, ...]
    shows: str


def read(place: Place, row: Mapping[str, Any]) -> Letter:
    """Return a message; raises CatalogueError for a faulty one."""
    known(place, row, {"text", "shows"})
    needed(place, row, ("text",))
    return Letter(
        wordings=sentences.read(place, "text", row["text"], ALLOWED, ALWAYS),
        shows=one_of(place, "shows", row.get("shows", "peer"), _SHOWN),
    )


def ends(role: Role) -> dict[str, str]:
    """Return the words for the two ends, those of `ALWAYS`."""
    theirs, ours = _ENDS[role]
    return {"yours": theirs, "Yours": theirs.capitalize(), "ours": ours, "Ours": ours.capitalize()}


def write(letter: Letter, view: View, values: Mapping[str, str]) -> str:
    """Return the message, the time left open: `dated` puts it in."""
    theirs, ours = _ENDS[view.role]
    said = {name: value for name, value in values.items() if name in ALLOWED} | ends(view.role)
    parts = [_opening(view), sentences.fill(letter.wordings, said)]
    chain = {"peer": view.peer, "own": view.own}.get(letter.shows)
    if chain:
        whose = theirs if letter.shows == "peer" else ours
        parts.append(f"The certificate that {whose} sent: {_described(chain[0])}.")
    return " ".join(parts)


def dated(message: str, at: datetime | None) -> str:
    """Return a message with the time of the failure, in UTC where the log's zone is known."""
    if at is None:
        when = "recently"
    else:
        zone = "UTC" if at.tzinfo is not None else "(our local time)"
        when = f"on {utc(at):%Y-%m-%d} at {utc(at):%H:%M:%S} {zone}"
    return message.replace(_WHEN, when)


def _opening(view: View) -> str:
    """Return what failed, and when."""
    theirs, ours = _ENDS[view.role]
    if view.role is not Role.CLIENT:
        return f"A TLS connection between {theirs} and {ours} failed {_WHEN}."
    name = view.handshake.server_name
    asked = f" {plain(name)}" if name else ""
    return f"A TLS connection from {ours} to {theirs}{asked} failed {_WHEN}."


def _described(certificate: Certificate) -> str:
    """Return the fields by which its owner finds a certificate."""
    begins, ends = date(certificate.not_before), date(certificate.not_after)
    parts = (
        ("subject", certificate.subject),
        ("serial number", certificate.serial),
        ("issued by", certificate.issuer),
        ("valid", f"from {begins} to {ends}" if begins and ends else f"until {ends}" if ends else None),
    )
    return "; ".join(f"{name} {plain(value)}" for name, value in parts if value)
