"""`wmtls audit`: all logs of the state, compared and told."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import tzinfo
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from agent import __version__, codec, store_look
from agent.assembly.assembler import Limits
from agent.audit import Compared, Verdict, audit
from agent.config import Config
from agent.config import Log as LogConfig
from agent.knowledge import catalogue
from agent.pipeline import Pipeline

_WORDS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.EQUAL: "equal",
        Verdict.DIFFERENT: "DIFFERENT",
        Verdict.UNPROVEN: "lines equal",
        Verdict.GONE: "gone",
        Verdict.UNREADABLE: "unreadable",
    }
)


def tell(config: Config, out: TextIO, *, zone: tzinfo, format: str) -> bool:  # noqa: A002  (the option's name)
    """Write how each file compares, as "text" or "jsonl"; return whether all that can be compared is equal.

    `zone` is this machine's. Raises StateError where there is no state to compare with.
    """
    told, gone = Counter[Verdict](), dict[str, list[Compared]]()
    for name, one in _compared(config, zone):
        told[one.verdict] += 1
        if format == "text" and one.verdict is Verdict.GONE:
            gone.setdefault(name, []).append(one)
        else:
            out.write(_line(name, one) if format == "text" else _json(name, one))
    for name, files in gone.items():
        out.write(_gone(name, files))
    counts = {verdict.value: told[verdict] for verdict in Verdict}
    if format == "text":
        out.write(", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + "\n")
        if told[Verdict.DIFFERENT]:
            out.write(f"mend: {_MEND}\n")
    else:
        out.write(codec.encode({"kind": "summary", "version": __version__, "files": counts}).decode() + "\n")
    return not told[Verdict.DIFFERENT]


_MEND = (
    "keep the files and the state directory as they are, see the agent's log of that time for tail.gap and "
    "store.set_aside, and report it"
)


def _compared(config: Config, zone: tzinfo) -> Iterator[tuple[str, Compared]]:
    entries = catalogue.load(config.catalogue.files())
    for key, tallies in store_look.tallies(config.state.directory).items():
        one = _configured(config.logs, key)
        if one is None:
            continue  # a log that is followed no more; what was counted of it stays

        def fresh(one: LogConfig = one) -> Pipeline:
            limits = Limits(config.limits.open_handshakes, float(config.limits.handshake_seconds))
            return Pipeline(entries, one.zone(zone), limits=limits, product_version=one.product_version)

        for compared in audit(Path(key), tallies, fresh, version=__version__):
            yield one.name, compared


def _configured(logs: Iterable[LogConfig], key: str) -> LogConfig | None:
    return next((one for one in logs if str(one.path) == key or fnmatch(key, str(one.path))), None)


def _line(name: str, one: Compared) -> str:
    place = os.fsencode(one.path.with_name(one.file)).decode("utf-8", "backslashreplace")
    text = f"{_WORDS[one.verdict]:<12} {name}: {place}, bytes {one.first} to {one.end}"
    if one.found is None:
        return f"{text}; {one.reason or 'it cannot be read'}\n"
    if one.differences:
        text += "; " + ", ".join(
            f"{name} {getattr(one.counted, name)} counted, {getattr(one.found, name)} found"
            for name in one.differences
        )
        if one.verdict is Verdict.UNPROVEN:
            text += ": what came before is gone, or another version counted"
    else:
        text += (
            f"; {one.counted.lines} lines, {one.counted.completed} completed,"
            f" {one.counted.failed} failed, {one.counted.incomplete} incomplete"
        )
    return f"{text}{f'; {one.waiting} bytes wait to be read' if one.waiting else ''}\n"


def _gone(name: str, files: list[Compared]) -> str:
    lines, failed = (sum(getattr(one.counted, what) for one in files) for what in ("lines", "failed"))
    text = f"{len(files)} of the files that were read; lines counted in them: {lines}, failures: {failed}"
    return f"{_WORDS[Verdict.GONE]:<12} {name}: {text}\n"


def _json(name: str, one: Compared) -> str:
    place = os.fsencode(one.path.with_name(one.file)).decode("utf-8", "backslashreplace")
    return (
        codec.encode(
            {
                "kind": "file",
                "log": name,
                "path": place,
                "identity": one.identity,
                "first": one.first,
                "end": one.end,
                "verdict": one.verdict,
                "counted": asdict(one.counted),
                "found": asdict(one.found) if one.found else None,
                "differences": one.differences,
                "waiting": one.waiting,
                "reason": one.reason,
            }
        ).decode()
        + "\n"
    )
