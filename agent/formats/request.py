"""What a format makes of an incident."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """The body of a POST and the headers that tell what it is; where it goes is not known here."""

    body: bytes
    headers: dict[str, str]
