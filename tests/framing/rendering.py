"""Puts text into the frames in which servers write it, column by column as the programs do.

The wrapper's columns are those that its version 3.5.51 writes.
"""

import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Line:
    """A line of a JVM (`jvm`) or, with `jvm` None, of the wrapper itself."""

    jvm: int | None
    when: datetime
    level: str = "INFO"


def token(letter: str, line: Line) -> str:
    """Return the column that a letter of the wrapper's format stands for."""
    columns = {
        "L": f"{line.level:<6}",
        "P": "wrapper " if line.jvm is None else f"jvm {line.jvm:<4}",
        "D": "main   ",
        "Q": " ",
        "T": f"{line.when:%Y/%m/%d %H:%M:%S}",
        "Z": f"{line.when:%Y/%m/%d %H:%M:%S}.{line.when.microsecond // 1000:03}",
        "U": f"{501:8}",
        "R": " " * 8 if line.jvm is None else f"{104:8}",
        "G": f"{0:8}",
        "W": f"{21872:7}",
        "J": "-------" if line.jvm is None else f"{21893:7}",
    }
    return columns[letter]


def wrapped(format: str, line: Line, message: bytes, *, collapsed: bool = False) -> bytes:  # noqa: A002
    """Return a line, without its end, in a format of the wrapper; `collapsed` as a web page shows it."""
    columns = [message if letter == "M" else token(letter, line).encode() for letter in format]
    if collapsed:
        columns = [
            column if letter == "M" else b" ".join(column.split())
            for letter, column in zip(format, columns, strict=True)
        ]
    return b" | ".join(columns)


def cri(stream: str, when: datetime, text: bytes, *, whole: bool = True, zone: str = "Z") -> bytes:
    """Return a line, with its end, as Kubernetes' runtimes write it."""
    time = f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond:06}789{zone}"
    return b"%s %s %s %s\n" % (time.encode(), stream.encode(), b"F" if whole else b"P", text)


def docker(stream: str, when: datetime, text: bytes, *, whole: bool = True, order: str = "lst") -> bytes:
    """Return a line, with its end, as dockerd writes it; `order` is that of log, stream and time.

    As Go's encoder does, it escapes what HTML would, and replaces what is no UTF-8.
    """
    log = json.dumps(text.decode("utf-8", "replace") + ("\n" if whole else ""), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        log = log.replace(sign, f"\\u{ord(sign):04x}")
    parts = {
        "l": f'"log":{log}',
        "s": f'"stream":"{stream}"',
        "t": f'"time":"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond:06}789Z"',
    }
    return ("{" + ",".join(parts[key] for key in order) + "}\n").encode()
