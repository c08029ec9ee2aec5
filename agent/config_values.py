"""What a single value of the configuration may be: one check for each kind, and the words of its refusal.

A check takes what TOML gave and returns the value to keep, or raises `WrongError` with what the value is and
what to write instead. No refusal repeats text that could be a URL.
"""

import difflib
import ipaddress
import json
import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}(\.\d{1,3})?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOST_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LAST_PORT = 65_535
_LONGEST_LABEL = 100
_SHOWN_NUMBER = 10**12  # Python refuses to print numbers of thousands of digits
_SHOWN_CHARACTERS = 32  # longest value a message repeats: any time zone fits, a webhook's address does not


class Secret:
    """A text that no repr, log line or error shows.

    Not a dataclass, so that the codec refuses to write it instead of writing its field.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one place that uses it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "***"


class WrongError(Exception):
    """A check's refusal: what the value is, and what to write instead."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what, mend)
        self.what, self.mend = what, mend


def key(accept: Callable[[object], object], name: str | None = None) -> Mapping[str, Any]:
    """Return the metadata of a field that is a key of the file; `name` where the file spells it otherwise."""
    return {"check": accept, "key": name}


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
)


def kind_of(value: object) -> str:
    """Return words for the TOML type of a value."""
    return next((word for kind, word in _KINDS if isinstance(value, kind)), "a date")


def shown(text: str) -> str:
    """Return a value in quotes, or words for it when it could be (part of) a URL."""
    if len(text) > _SHOWN_CHARACTERS or "://" in text:
        return "something else"
    return json.dumps(text, ensure_ascii=False)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is most like a word; None where none is like it."""
    return next(iter(difflib.get_close_matches(word, known, n=1)), None)


def _listed(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def text_of(value: object, mend: str) -> str:
    """Take text that is neither empty nor holds a NUL; `mend` says what to write."""
    if not isinstance(value, str):
        raise WrongError(f"is {kind_of(value)}", f"{mend}, in quotes")
    if not value.strip() or "\0" in value:
        raise WrongError("is empty" if not value.strip() else "holds a NUL character", mend)
    return value


def one_of(*words: str) -> Callable[[object], str]:
    """Return a check that takes only these words."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise WrongError(f"is {kind_of(value)}", f"use {_listed(words)}")
        if value not in words:
            raise WrongError(f"is {shown(value)}", f"use {_listed(words)}")
        return value

    return check


def some_of(words: Sequence[str]) -> Callable[[object], frozenset[str]]:
    """Return a check that takes a list of these words."""

    def check(value: object) -> frozenset[str]:
        mend = f'write a list, like ["{words[0]}"]'
        if not isinstance(value, list):
            raise WrongError(f"is {kind_of(value)}", mend)
        if not value:
            raise WrongError("is empty", f"{mend}, or leave the key out for all")
        for one in value:
            known(one, words)
        return frozenset(value)

    return check


def names(value: object) -> frozenset[str]:
    """Take a list of names."""
    mend = 'write a list of names, like ["default"]'
    if not isinstance(value, list):
        raise WrongError(f"is {kind_of(value)}", mend)
    if not value:
        raise WrongError("is empty", f"{mend}, or leave the key out for all")
    return frozenset(name(one) for one in value)


def known(value: object, words: Sequence[str]) -> None:
    """Refuse what is none of some words, with the nearest of them."""
    if not isinstance(value, str):
        raise WrongError(f"holds {kind_of(value)}", f"use {_listed(words)}")
    if value not in words:
        raise WrongError(
            f"holds {shown(value)}", f'did you mean "{nearest(value, words)}"? There are {_listed(words)}'
        )


def whole(least: int, most: int) -> Callable[[object], int]:
    """Return a check that takes whole numbers within two bounds, both included."""

    def check(value: object) -> int:
        mend = f"write a whole number from {least} to {most}"
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongError(f"is {kind_of(value)}", mend)
        if not least <= value <= most:
            raise WrongError(f"is {value}" if abs(value) < _SHOWN_NUMBER else "is far out of range", mend)
        return value

    return check


def flag(value: object) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise WrongError(f"is {kind_of(value)}", "write true or false, without quotes")
    return value


def name(value: object) -> str:
    """Take a name that is fit for a metric label and a file name."""
    mend = 'use at most 63 lower-case letters, digits, "-" and "_", beginning with a letter or digit'
    text = text_of(value, mend)
    if not _NAME.fullmatch(text):
        raise WrongError(f"is {shown(text)}", mend)
    return text


def path(value: object) -> Path:
    """Take a path, relative or not."""
    mend = "write the full path of a file or directory"
    text = text_of(value, mend)
    if "://" in text:
        raise WrongError("is a URL", mend)
    return Path(text)


def product_version(value: object) -> str:
    """Take "major.minor" or "major.minor.fix", as text: the number 10.10 would read as 10.1."""
    mend = 'write the version of Integration Server in quotes, like "10.5"'
    if not isinstance(value, str):
        raise WrongError(f"is {kind_of(value)}", mend)
    if not _VERSION.fullmatch(value):
        raise WrongError(f"is {shown(value)}", mend)
    return value


def time_zone(value: object) -> str:
    """Take a name of the IANA time zone database."""
    text = text_of(value, 'write an IANA name like "Europe/Berlin"')
    try:
        zoneinfo.ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        near = nearest(text, sorted(zoneinfo.available_timezones() or {"UTC"}))
        hint = f'(did you mean "{near}"?)' if near else 'like "Europe/Berlin"'
        raise WrongError(
            f"is {shown(text)}, which is no time zone known here", f"write an IANA name {hint}"
        ) from None
    return text


def split_listen(text: str) -> tuple[str, int]:
    """Return host and port of "host:port" or "[IPv6]:port"; raises ValueError where it is neither."""
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not port.isascii() or not port.isdigit() or int(port) > _LAST_PORT:
        raise ValueError("port")
    if bare != host:
        ipaddress.IPv6Address(bare)
    elif host.rpartition(".")[2].isdigit():
        ipaddress.IPv4Address(host)
    elif not all(_HOST_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError("host")
    return bare, int(port)


def listen(value: object) -> str:
    """Take "host:port"."""
    mend = 'write "host:port", port 0 to 65535, like "127.0.0.1:9846" ("0.0.0.0:9846" for all addresses)'
    text = text_of(value, mend)
    try:
        split_listen(text)
    except ValueError:
        raise WrongError(f"is {shown(text)}", mend) from None
    return text


def is_url(text: str) -> bool:
    """Tell whether a text is a whole http or https URL."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    printable = text.isprintable() and " " not in text
    return printable and parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def variable(value: object) -> str:
    """Take a name that an environment variable can have."""
    mend = 'write the name of an environment variable, like "WMTLS_OPS_URL"'
    text = text_of(value, mend)
    if not _VARIABLE.fullmatch(text):
        raise WrongError("is no name of an environment variable", mend)
    return text


def label(value: object) -> str:
    """Take a short line of text."""
    mend = "write at most 100 characters on one line"
    text = text_of(value, mend).strip()
    if len(text) > _LONGEST_LABEL or not text.isprintable():
        raise WrongError("is too long" if len(text) > _LONGEST_LABEL else "holds a control character", mend)
    return text


def link(value: object) -> str:
    """Take an http or https URL that everybody may see."""
    mend = 'write it like "https://host/path", without a password: it stands in every message'
    text = text_of(value, mend).strip()
    if not is_url(text) or "@" in urlsplit(text).netloc:
        raise WrongError("is not a public http or https URL", mend)
    return text
