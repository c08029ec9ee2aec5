"""The one door to msgspec: frozen dataclasses to JSON and back.

State, output and configuration are plain dataclasses; their types are the schema. A value that does not
fit raises `ValueError` with the path of the offending field ("... - at `$.http.listen`").
"""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from agent.model import events
from agent.model.block import Where
from agent.model.events import Event, Speaker

T = TypeVar("T")

_HAPPENINGS = {kind.__name__: kind for kind in events.Happening.__args__}


def encode(value: object) -> bytes:
    """Return JSON for dataclasses, enums, datetimes, tuples and mappings."""
    return msgspec.json.encode(value)


def decode(data: bytes | str, kind: type[T]) -> T:
    """Return a value of type `kind` from JSON; raises ValueError where it does not fit."""
    return msgspec.json.decode(data, type=kind)


def to_builtins(value: object) -> Any:  # JSON-like data has no narrower type
    """Return dicts, lists and scalars for a tree of dataclasses."""
    return msgspec.to_builtins(value)


def from_builtins(value: object, kind: type[T]) -> T:
    """Return a value of type `kind` from dicts, lists and scalars; ValueError if they do not fit."""
    return msgspec.convert(value, kind)


def pack_event(event: Event) -> dict[str, Any]:
    """Return an event as JSON-like data, its happening tagged with its type."""
    return {
        "at": to_builtins(event.at),
        "when": to_builtins(event.when),
        "speaker": to_builtins(event.speaker),
        "type": type(event.what).__name__,
        "what": to_builtins(event.what),
        "text": event.text,
        "clocks": to_builtins(event.clocks),
    }


def unpack_event(data: dict[str, Any]) -> Event:
    """Return the event that `pack_event` packed."""
    return Event(
        at=from_builtins(data["at"], Where),
        when=from_builtins(data["when"], datetime | None),  # type: ignore[arg-type]
        speaker=from_builtins(data["speaker"], Speaker),
        what=from_builtins(data["what"], _HAPPENINGS[data["type"]]),
        text=data["text"],
        clocks=from_builtins(data.get("clocks"), tuple[datetime, datetime] | None),  # type: ignore[arg-type]
    )
