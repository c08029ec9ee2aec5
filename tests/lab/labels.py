"""From what the ends noted, and the fault that each scenario is known to have, to rows of expected.jsonl.

The log itself is asked for three things only: whether the messages of handshakes are printed at all (the
depth), where in it a connection's threads speak, by the thread's id and the times that its end noted, and
whether another writer tore their lines.
What the lines between say is nobody's business here, least of all by the product's own reader.
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from tests.lab.faults import ANY, UNPRINTED, UNTOLD, Fault, Pair
from tests.lab.jdk import Jdk
from tests.lab.notes import Evidence, Note
from tests.lab.tears import Tear, tears

NEAR = 60
"""Lines around a handshake's own in which its first or its last record may have been torn."""

NO_FAILURE: tuple[Pair, ...] = (("no_failure", ANY),)
"""What no answer says: any failure told of the row is a false one."""

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
    """Where a record of a debug log begins, whose it is, and when it was made (milliseconds since 1970).

    `line` counts over all files of the log.
    """

    where: str
    thread: str
    time: int
    line: int


def headers(files: Iterable[Path], zone: ZoneInfo) -> list[Header]:
    """Return the headers of all records in the files, in their order."""
    found, before, number = [], 0, 0
    for path in files:
        before, number = before + number, 0
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                match = _HEADER.search(line)
                if match:
                    thread, day, hour, rest = (group.decode("ascii") for group in match.groups())
                    # the pattern of the JDK is `kk`: midnight is hour 24 of the new day
                    text = f"{day} {int(hour) % 24:02}{rest}"
                    time = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=zone)
                    stamp = round(time.timestamp() * 1000)
                    found.append(Header(f"{path.name}:{number}", thread, stamp, before + number))
    return found


def shallow(files: Iterable[Path]) -> bool:
    """Return whether the messages of handshakes are missing from a log."""
    return not any(_MESSAGE in path.read_bytes() for path in files)


def rows(
    notes: Sequence[Note], faults: dict[str, Fault | None], files: Sequence[Path], jdk: Jdk, zone: ZoneInfo
) -> list[Row]:
    """Return the rows of one log, in the order in which the handshakes began."""
    known, dim, torn_lines = headers(files, zone), shallow(files), tears(files)
    names = [path.name for path in files]
    made: list[Row] = []
    for note in sorted(notes, key=lambda note: note.began):
        ids = {jdk.thread_id(number) for number in note.threads}
        spoken = [h for h in known if h.thread in ids and note.began <= h.time <= note.ended]
        first, last = (spoken[0].where, spoken[-1].where) if spoken else (None, None)
        # with helpers, the lines are spread over their threads as well
        thread = None if note.helped else note.thread
        place: Row = {"files": names, "role": note.role, "thread": thread, "first": first, "last": last}
        found = verdicts(note, faults[note.step], dim=dim)
        if spoken and torn(torn_lines, ids, spoken[0].line, spoken[-1].line):
            found = [doubtful(row) for row in found]
        made += [{**place, **verdict} for verdict in found]
    return made


def torn(lines: Iterable[Tear], ids: Container[str], first: int, last: int) -> bool:
    """Return whether what a handshake's threads printed between two lines, or right after, was torn."""
    return any(
        tear.last >= first - NEAR and tear.first <= last + NEAR and (not tear.thread or tear.thread in ids)
        for tear in lines
    )


def doubtful(row: Row) -> Row:
    """Return a row of which the log need not show all: what is right stays right, and so is silence."""
    if row["outcome"] == "completed":
        return _row("unseen", NO_FAILURE, (), "none")
    told = [(str(issue), str(cause)) for issue, cause in cast("list[list[str]]", row["primary"])]
    listed = [(issue, ANY) for issue in cast("list[str]", row["also"])]
    return _row("unseen", (*told, *listed, *UNTOLD), (), "none")


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
    unseen = [_row("unseen", (*fault.others, *UNTOLD), (), "none")]
    return [*completed, *unseen] if fault.late else unseen


def _failed(note: Note, fault: Fault, *, dim: bool) -> Row:
    decides = fault.by == note.role
    evidence = note.evidence
    assert evidence is not None
    if fault.unseen:
        return _row("unseen", fault.right, (), "none")
    if fault.engine and evidence == "transport-only" and not decides:
        return _row("unseen", (*fault.others, *UNTOLD), (), "none")
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
