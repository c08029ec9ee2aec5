"""Logs of several threads of legacy JSSE at once, made of the corpus' logs of one thread each.

Every thread gets a name of its own, and the lines of all are mixed at random. What Java prints with one call
stays together: the dump of a certificate, and the announcement of a handshake. Lists of bytes are printed
piece by piece, so now and then another thread's line stands within one. Keys and trust stores are read before
a thread begins. All happens at one time, which the hellos tell. The truth is what each log says alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from agent.pipeline import Ended
from tests.laws.cases import CASES, handshakes, rows, whole

_SPEAKS = (
    rb"READ: |WRITE: |SEND |RECV |handling |called |received |waiting |close invoked|setSoTimeout|Exception "
)
_PREFIX = re.compile(rb"(?:[A-Z]+ +\| jvm \d+ +\| [\d/]+ [\d:.]+ \| )?")
_NAMED = re.compile(rb"(?P<name>\S.*?), (?=%b)" % _SPEAKS)
_DUMP = re.compile(rb"chain \[\d+\] = \[|Found trusted certificate:")
_ANNOUNCED = re.compile(rb"Allow unsafe renegotiation: |Allow legacy hello messages: |Is initial handshake: ")
_LIST = re.compile(rb"(?:RandomCookie|verify_data|ECDH Public value): .*?\{ \d+, \d+")
_BEGINS = re.compile(rb"Allow unsafe|%% |\*\*\* ClientHello|Is initial")
_CLOCK = re.compile(rb"(?<=GMT: )-?\d+(?= bytes)")
_SESSION = re.compile(rb"\bSession-\d+\b")

_MIXED = ("jsse_legacy/mt_", "engine", "jsse_legacy/ok_sslv2hello")

LONE = [case for case in CASES if case.startswith("jsse_legacy/") and not any(m in case for m in _MIXED)]
"""The cases of one thread."""

Print = list[bytes]
"""Lines that are printed with one call."""


@dataclass(frozen=True)
class Voice:
    """One thread of a mixed log: its name and the log that its lines are from."""

    name: str
    case: str

    @property
    def true(self) -> list[Ended]:
        """What the thread's log says alone."""
        return handshakes(whole(self.case))


@cache
def bodies(case: str) -> tuple[bytes, ...]:
    """Return the lines of a case without prefixes, line ends and times of their own."""
    plain = (_PREFIX.sub(b"", line, count=1).rstrip(b"\r\n") for line in rows(case))
    return tuple(_CLOCK.sub(b"1795353795", line) for line in plain)


def prints(voice: Voice, *, by_record: bool) -> list[Print]:
    """Return the lines of a thread as they are printed, or (`by_record`) up to each named line at once."""
    made: list[Print] = []
    within, named, begun = b"", True, False
    for line in bodies(voice.case):
        found = _NAMED.match(line)
        if found:
            line = voice.name.encode() + line[found.end("name") :]  # noqa: PLW2901 - the same line, renamed
        begun = begun or bool(found or _BEGINS.match(line))
        if made and (within or not begun or (by_record and not named)):
            made[-1].append(line)
        else:
            made.append([line])
        named = bool(found)
        if _DUMP.match(line):
            within = b"  Signature:"
        elif within == b"]" and line == b"]":
            within = b""
        elif within and line.startswith(within):
            within = b"]"
        elif _ANNOUNCED.match(line):
            within = b"Is secure renegotiation"
    return made


def mixed(voices: Sequence[Voice], seed: int, *, by_record: bool = False, torn: float = 0.0) -> bytes:
    """Return the log of all threads at once; `torn` is the share of lists that another line stands within."""
    dice = Random(seed)  # noqa: S311 - no secret
    waiting = {voice: prints(voice, by_record=by_record)[::-1] for voice in voices}
    sessions: dict[tuple[Voice, bytes], bytes] = {}
    lines: list[bytes] = []
    for voice, print_ in _turns(waiting, dice):
        numbered = [_numbered(sessions, voice, line) for line in print_]
        if lines and torn and _LIST.match(lines[-1]) and _NAMED.match(numbered[0]) and dice.random() < torn:
            piece = lines[-1]
            cut = dice.randrange(_end(piece), len(piece))
            lines[-1:] = [piece[:cut] + numbered[0], piece[cut:], *numbered[1:]]
        else:
            lines += numbered
    return b"".join(line + b"\n" for line in lines)


def _turns(waiting: dict[Voice, list[Print]], dice: Random) -> Iterator[tuple[Voice, Print]]:
    """Yield the prints of all in a random order that keeps each one's own; some hold the floor for longer."""
    while left := [voice for voice, prints_ in waiting.items() if prints_]:
        voice = dice.choice(left)
        for _ in range(dice.choice((1, 1, 2, 4, 9))):
            if waiting[voice]:
                yield voice, waiting[voice].pop()


def _numbered(sessions: dict[tuple[Voice, bytes], bytes], voice: Voice, line: bytes) -> bytes:
    """Return a line with its session's number as the JVM would count it."""
    found = _SESSION.search(line)
    if not found:
        return line
    label = sessions.setdefault((voice, found[0]), b"Session-%d" % (len(sessions) + 1))
    return line[: found.start()] + label + line[found.end() :]


def _end(piece: bytes) -> int:
    found = _LIST.match(piece)
    return found.end() if found else 0


def choose(seed: int, threads: int) -> list[Voice]:
    """Return so many threads with logs of the corpus drawn at random."""
    dice = Random(seed)  # noqa: S311 - no secret
    return [
        Voice(f"Worker {n}, {'in' if n % 2 else 'out'}", dice.choice(LONE)) for n in range(1, threads + 1)
    ]


def of(voice: Voice, outcomes: Iterable[object]) -> list[Ended]:
    """Return the handshakes that are told of a thread."""
    ended = [one for one in outcomes if isinstance(one, Ended)]
    return [one for one in ended if one.handshake.thread == voice.name]
