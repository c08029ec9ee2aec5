"""Divides a block at places within it: what stands before a report that ends everything is read before it."""

from bisect import bisect_left
from collections.abc import Sequence

from agent.model.block import Block, Origins, Where

Place = tuple[int, int]
"""An offset in the file and the number of its line."""


def divide(block: Block, places: Sequence[Place]) -> list[Block]:
    """Return the pieces of a block between places, one more than there are places; a piece may be empty.

    Places ascend. One amid a line cuts that in two; a text that was taken out of a file is cut between lines.
    """
    start, origins = block.start, block.origins
    if origins is None:
        cuts = [(offset - start.offset, line) for offset, line in places]
    else:
        indices = [bisect_left(origins.ends, offset) for offset, _ in places]
        begins = [*origins.begins, len(block.data)]
        cuts = [(begins[index], start.line + index) for index in indices]
    pieces, begin, line = list[Block](), 0, start.line
    for end, next_line in [*cuts, (len(block.data), 0)]:
        offset = start.offset + begin if origins is None else start.offset
        at = Where(start.file, start.identity, offset, line)
        pieces.append(Block(at, block.data[begin:end], origins and _part(origins, begin, end)))
        begin, line = end, next_line
    return pieces


def _part(origins: Origins, begin: int, end: int) -> Origins:
    """Return the origins of the lines that begin in text[begin:end]."""
    first, last = bisect_left(origins.begins, begin), bisect_left(origins.begins, end)
    return Origins(
        [at - begin for at in origins.begins[first:last]],
        origins.offsets[first:last],
        origins.lines[first:last],
        origins.ends[first:last],
        origins.first if first == 0 else None,
    )
