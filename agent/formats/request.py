"""What a format makes of an incident."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """The body of a POST and the headers that tell what it is; where it goes is not known here.

    `path` goes behind the path of the receiver's URL where that does not end with it, `query` into its query
    where that has no such name.
    """

    body: bytes
    headers: dict[str, str]
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
