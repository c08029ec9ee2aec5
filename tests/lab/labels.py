"""From what the ends noted, and the fault that each scenario is known to have, to rows of expected.jsonl.

The log itself is asked for two things only: whether the messages of handshakes are printed at all (the
depth), and where in it a connection's threads speak, by the thread's id and the times that its end noted.
What the lines between say is nobody's business here, least of all by the product's own reader.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.lab.faults import ANY, UNPRINTED, Fault, Pair
from tests.lab.jdk import Jdk
from tests.lab.notes import Evidence, Note

Row = dict[str, object]
"""One row of expected.jsonl; the keys are described in README.md."""

_HEADER = re.compile(
    rb"javax\.net\.ssl\|[A-Z]+\|([0-9A-F]*)\|.*\|(\d{4}-\d\d-\d\d) (\d\d)(:\d\d:\d\d\.\d{3}) [^|]*"
    rb"\|[\w$.]+:-?\d+\|"
)
"""A thread's name may hold anything, a header too: the last time before a file's name is the record's own."""

_MESSAGE = b"ClientHello handshake message"
"""Printed by either end of every handshake, if any messages are."""


class Surprise(Exception):  # noqa: N818  (it is no error of the program)
    """An end saw something else than its scenario is made for, so nothing can be claimed."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where a record of a debug log begins, whose it is, and when it was made (milliseconds since 1970)."""

    where: str
    thread: str
    time: int


def headers(files: Iterable[Path], zone: ZoneInfo) -> list[Header]:
    """Return the headers of all records in the files, in their order."""
    found = []
    for path in files:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                match = _HEADER.search(line)
                if match:
                    thread, day, hour, rest = (group.decode("ascii") for group in match.groups())
                    # the pattern of the JDK is `kk`: midnight is hour 24 of the new day
                    text = f"{day} {int(hour) % 24:02}{rest}"
                    time = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=zone)
                    found.append(Header(f"{path.name}:{number}", thread, round(time.timestamp() * 1000)))
    return found


def shallow(files: Iterable[Path]) -> bool:
    """Return whether the messages of handshakes are missing from a log."""
    return not any(_MESSAGE in path.read_bytes() for path in files)


def rows(
    notes: Sequence[Note], faults: dict[str, Fault | None], files: Sequence[Path], jdk: Jdk, zone: ZoneInfo
) -> list[Row]:
    """Return the rows of one log, in the order in which the handshakes began."""
    known, dim = headers(files, zone), shallow(files)
    names = [path.name for path in files]
    made: list[Row] = []
    for note in sorted(notes, key=lambda note: note.began):
        ids = {jdk.thread_id(number) for number in note.threads}
        spoken = [h.where for h in known if h.thread in ids and note.began <= h.time <= note.ended]
        first, last = (spoken[0], spoken[-1]) if spoken else (None, None)
        # with helpers, the lines are spread over their threads as well
        thread = None if note.helped else note.thread
        place: Row = {"files": names, "role": note.role, "thread": thread, "first": first, "last": last}
        made += [{**place, **verdict} for verdict in verdicts(note, faults[note.step], dim=dim)]
    return made


def verdicts(note: Note, fault: Fault | None, *, dim: bool) -> list[Row]:
    """Return what became of each handshake of one connection, as its own end saw it.

    Raises Surprise if the scenario's fault did not show where it has to.
    """
    decides = fault is not None and fault.by == note.role
    completed = [_row("completed", (), (), "ok")] * note.completed
    if fault is None:
        if not note.agreed:
            raise Surprise(f"{note.step} {note.role}: should have completed, but {note.trouble}")
        return completed
    if not note.agreed:
        if not note.trouble:
            raise Surprise(f"{note.step} {note.role}: no handshake and no trouble")
        return [_failed(note, fault, dim=dim)]
    if fault.by == "nobody":
        return completed  # what happens after a success is no failed handshake
    if decides and not fault.late:
        raise Surprise(f"{note.step} {note.role}: accepted what it should have refused")
    if note.evidence == "peer-alert" or (decides and note.evidence == "own"):
        failed = [_failed(note, fault, dim=dim)]
        return [*completed, *failed] if fault.late else failed
    # it believes in success, and what came after does not tell that the other end does not
    guesses = (*fault.others, ("interrupted", ANY), ("unclassified", ANY))
    unseen = [_row("unseen", guesses, (), "none")]
    return [*completed, *unseen] if fault.late else unseen


def _failed(note: Note, fault: Fault, *, dim: bool) -> Row:
    decides = fault.by == note.role
    evidence = note.evidence
    assert evidence is not None
    if fault.unseen:
        return _row("unseen", fault.right, (), "none")
    if decides:
        if evidence != "own":
            raise Surprise(f"{note.step} {note.role}: should have decided itself, but {note.trouble}")
        right = (*fault.right, *fault.shallow) if dim else fault.right
        also = (*fault.also, *fault.also_shallow) if dim else fault.also
        return _row("failed", right, also, evidence)
    if evidence == "own":
        if not fault.riddle:
            raise Surprise(
                f"{note.step} {note.role}: should have learned it from the other end, but {note.trouble}"
            )
        return _row("failed", fault.others, (*fault.issues, *fault.riddle), "peer-alert")
    if evidence == "peer-alert":
        return _row("failed", fault.others, (*fault.also_told, *(UNPRINTED if dim else ())), evidence)
    return _row("failed", fault.others, (*(issue for issue, _ in fault.others), *fault.also), evidence)


def _row(outcome: str, primary: Iterable[Pair], also: Iterable[str], evidence: Evidence | str) -> Row:
    return {
        "outcome": outcome,
        "primary": [list(pair) for pair in dict.fromkeys(primary)],
        "also": list(dict.fromkeys(also)),
        "evidence": evidence,
    }
