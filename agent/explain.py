"""Reads finished logs once and tells what failed and why.

All inputs go through one pipeline, in order, as if they were one log.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import BinaryIO

from agent.errors import InputMissingError, WmtlsError
from agent.knowledge import catalogue
from agent.model.block import Block, Where
from agent.model.vocabulary import Outcome
from agent.pipeline import Ended, Pipeline, PipelineOutcome
from agent.report import html, jsonl, markdown, text
from agent.report.advice import Shown
from agent.report.findings import MAX_GROUPS, Collector, Findings
from agent.tail.source import Source, read, sources

Progress = Callable[[int, int | None], None]
"""Told of the bytes read so far and of all there are, None where nobody knows; equal at the end."""

_RENDERERS: Mapping[str, Callable[[Findings], str]] = MappingProxyType(
    {"markdown": markdown.render, "html": html.render}
)

FORMATS = ("text", "jsonl", *_RENDERERS)
"""How findings can be told."""


def explain(  # noqa: PLR0913  (one call of the command line, every option by name)
    paths: Sequence[str],
    *,
    out: BinaryIO,
    zone: tzinfo,
    format: str = "text",  # noqa: A002  (the option's name)
    all_handshakes: bool = False,
    progress: Progress | None = None,
    product_version: str | None = None,
    entries: Mapping[str, str] | None = None,
    colour: bool = False,
    width: int = 100,
    encoding: str = "utf-8",
) -> int:
    """Write what was found in the inputs that `paths` names; return the number of failed handshakes.

    `zone` is that of times without one. `entries` are files of a user's own diagnoses, by name. JSON lines
    and HTML are UTF-8; `encoding` is that of the other formats. A reader that closes `out` ends the writing,
    not the program; other trouble with `out` raises WmtlsError. An input that cannot be read, or only in
    part, raises InputMissingError when all others are told.
    """
    reading = _Reading(
        Pipeline(catalogue.load(entries), zone, product_version=product_version),
        Collector(0 if format == "jsonl" else MAX_GROUPS, all_handshakes),
        out if format == "jsonl" else None,
        progress,
    )
    try:
        reading.all(sources(paths))
        if reading.bytes or reading.problem is None:
            findings = reading.findings()
            if format == "jsonl":
                out.write(jsonl.summary_line(findings))
            elif format == "text":
                page = text.render(findings, width=width, colour=colour)
                out.write(page.encode(encoding, "replace"))
            else:
                page = _RENDERERS[format](findings)
                out.write(page.encode("utf-8" if format == "html" else encoding, "replace"))
            out.flush()
    except BrokenPipeError:
        pass  # `| head` has seen enough
    except OSError as error:  # those of reading are InputMissingError by now
        raise WmtlsError(f"the output cannot be written ({error.strerror}); make room for it") from error
    if reading.problem is not None:
        raise reading.problem
    return reading.collector.outcomes[Outcome.FAILED]


def shown_in(data: bytes) -> Shown:
    """Return what whole lines of a log show of their debug output and of the product."""
    pipeline = Pipeline(catalogue.load(), UTC)
    pipeline.feed(Block(Where("", "", 0, 1), data))
    pipeline.finish()
    return Shown(pipeline.depth, pipeline.leaks, pipeline.named_version)


@dataclass(slots=True)
class _Reading:
    """One walk over all inputs. `stream` takes each handshake as a JSON line, None none."""

    pipeline: Pipeline
    collector: Collector
    stream: BinaryIO | None
    progress: Progress | None
    names: list[str] = field(default_factory=list)
    bytes: int = 0
    lines: int = 0
    problem: InputMissingError | None = None

    def all(self, listed: Sequence[Source]) -> None:
        """Read every input; the first problem is kept and the others are read none the less."""
        known = [source.size for source in listed if source.size is not None]
        total = sum(known) if len(known) == len(listed) else None
        for number, source in enumerate(listed, start=1):
            # a name that is not UTF-8 would not fit into JSON
            shown = replace(source, name=source.name.encode("utf-8", "backslashreplace").decode())
            self.names.append(shown.name)
            try:
                self._one(shown, str(number), total)
            except InputMissingError as problem:
                self.problem = self.problem or problem
        self._take(self.pipeline.finish())
        if self.progress is not None:
            self.progress(self.bytes, self.bytes)

    def _one(self, source: Source, identity: str, total: int | None) -> None:
        before, last = self.bytes, None
        try:
            for block in read(source):
                # the same offset of two files is not the same place
                last = replace(block, start=replace(block.start, identity=identity))
                self._take(self.pipeline.feed(last))
                self.bytes = before + block.start.offset + len(block.data)
                if self.progress is not None:
                    self.progress(self.bytes, total)
        finally:
            if last is not None:
                unfinished = not last.data.endswith(b"\n")
                self.lines += last.start.line - 1 + last.data.count(b"\n") + unfinished

    def _take(self, outcomes: Sequence[PipelineOutcome]) -> None:
        lines = []
        for outcome in outcomes:
            if isinstance(outcome, Ended):
                self.collector.add(outcome.handshake, outcome.diagnosis)
                failed = outcome.handshake.outcome is Outcome.FAILED
                if self.stream is not None and (failed or self.collector.keep_peaceful):
                    lines.append(jsonl.handshake_line(outcome.handshake, outcome.diagnosis))
        if self.stream is not None and lines:
            self.stream.write(b"".join(lines))

    def findings(self) -> Findings:
        """Return what was found."""
        return self.collector.findings(
            files=tuple(self.names),
            bytes=self.bytes,
            lines=self.lines,
            depth=self.pipeline.deepest,
            dialects=self.pipeline.dialects,
            leaks=self.pipeline.all_leaks,
            wrapped=self.pipeline.wrapped,
            product_version=self.pipeline.product_version,
            product_named=self.pipeline.named_version,
            evicted=self.pipeline.evicted,
        )
