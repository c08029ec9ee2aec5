"""Words for what a report says of names, times and numbers."""

from datetime import datetime

from agent.formats.words import other_side
from agent.model.handshake import Handshake
from agent.model.vocabulary import Role
from agent.report.findings import Findings, Group


def with_whom(handshake: Handshake) -> str:
    """Return who the other end is, as far as the log tells."""
    name = other_side(handshake)
    asked = handshake.server_name
    if handshake.role is Role.SERVER:
        said = name or "a client that the log does not name"
        return f"{said}, asking for {asked}" if asked else said
    if name is None:
        return "not named in the log"
    return f"{name} at {handshake.peer}" if handshake.peer and handshake.peer != name else name


def product(findings: Findings) -> str:
    """Return the product by whose version remedies were chosen, and how that is known."""
    given, named = findings.product_version, findings.product_named
    if named is None:
        return f"Integration Server {given}, as given"
    if f"{named}.".startswith(f"{given}."):
        return f"Integration Server {named}, by its own word in the log"
    return f"Integration Server {given}, as given; the log names {named}"


def listed(names: tuple[str, ...], limit: int, joint: str = ", ") -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return joint.join(names[:limit]) + more


def seen(group: Group) -> str:
    """Return how often and when a kind of failure was seen."""
    often = "once" if group.count == 1 else f"{group.count:,} times"
    when = span(group.first_seen, group.last_seen)
    if when is None:
        return f"{often}; the lines have no clock"
    return f"{often}, {'from' if ' to ' in when else 'at'} {when}"


def moment(time: datetime) -> str:
    """Return a time to the second."""
    return time.isoformat(" ", "seconds")


def span(first: datetime | None, last: datetime | None) -> str | None:
    """Return a span of time, None where there is no clock."""
    if first is None or last is None:
        return None
    one, other = moment(first), moment(last)
    return one if one == other else f"{one} to {other}"
