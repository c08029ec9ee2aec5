"""Counts by file what is read of a log, so that `wmtls audit` can count it again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent import codec
from agent.model.block import Block
from agent.model.vocabulary import Outcome
from agent.pipeline import Ended, PipelineOutcome
from agent.tail.generation import Generation, TailState
from agent.tally import Tally, of_block


class Tallying:
    """What was counted of one log since the last commit; used by one thread.

    `saved` is the position that was gone on from; `fresh` says that the pipeline has no memory.
    """

    def __init__(self, saved: TailState | None, *, fresh: bool, version: str) -> None:
        read = [one for one in (saved.generations if saved else ()) if one.identity]
        self._order = [one.identity for one in read]
        self._last = (read[-1].identity, read[-1].offset) if read else None
        self._fresh, self._version = fresh, version
        self._since: dict[str, Tally] = {}
        self._file = ""

    def read(self, block: Block, outcomes: Sequence[PipelineOutcome]) -> None:
        """Count a block and what came of it."""
        start = block.start
        self._last = start.identity, start.offset + len(block.data)
        self._file = start.file
        late = start.identity in self._order[:-1]
        if start.identity not in self._order:
            self._order.append(start.identity)
        one, (size, lines) = self._tally(start.offset), of_block(block.data)
        self._put(
            _added(
                replace(
                    one,
                    file=start.file,
                    end=start.offset + len(block.data),
                    read_bytes=one.read_bytes + size,
                    lines=one.lines + lines,
                    mixed=one.mixed or late,
                    fresh=one.fresh or self._fresh,
                ),
                outcomes,
            )
        )
        self._fresh = False

    def silent(self, seconds: float, outcomes: Sequence[PipelineOutcome]) -> None:
        """Count what a silence of so many seconds ended."""
        if self._last is None or not any(isinstance(one, Ended) for one in outcomes):
            return
        one = self._tally(self._last[1])
        silences = (*one.silences, (self._last[1], seconds))
        self._put(_added(replace(one, silences=silences), outcomes))

    def known_by(self, generations: Iterable[Generation]) -> None:
        """Note what the files are known by now."""
        for generation in generations:
            if (one := self._since.get(generation.identity)) is not None:
                self._since[one.identity] = replace(one, position=codec.encode(generation))

    def since_commit(self) -> list[Tally]:
        """Return what has to be added, a tally for each file."""
        return list(self._since.values())

    def committed(self) -> None:
        """Begin anew: what was there is committed."""
        self._since.clear()

    def _tally(self, offset: int) -> Tally:
        """Return what was counted of the file that was read last."""
        identity = self._last[0] if self._last else ""
        new = Tally(identity=identity, file=self._file, first=offset, end=offset, version=self._version)
        return self._since.get(identity, new)

    def _put(self, one: Tally) -> None:
        self._since[one.identity] = one


def _added(one: Tally, outcomes: Iterable[PipelineOutcome]) -> Tally:
    ended = [outcome.handshake.outcome for outcome in outcomes if isinstance(outcome, Ended)]
    return replace(
        one,
        completed=one.completed + ended.count(Outcome.COMPLETED),
        failed=one.failed + ended.count(Outcome.FAILED),
        incomplete=one.incomplete + ended.count(Outcome.INCOMPLETE),
    )
