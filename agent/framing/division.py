"""Divides a block at places within it: what stands before a report that ends everything is read before it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from agent.model.block import Block, Origins, Where

Place = tuple[int, int]
"""An offset in the file and the number of its line."""


def divide(block: Block, places: Sequence[Place]) -> list[Block]:
    """Return the pieces of a block between places, one more than there are places; a piece may be empty.

    Places ascend. One amid a line cuts that in two; a text that a container wrapped is cut between lines.
    """
    start, origins = block.start, block.origins
    if origins is None:
        cuts = [(offset - start.offset, line) for offset, line in places]
    else:
        found = [_found(block, origins, offset) for offset, _ in places]
        cuts = [(begin, start.line + index) for begin, index in found]
    pieces, begin, line = list[Block](), 0, start.line
    for end, next_line in [*cuts, (len(block.data), 0)]:
        offset = start.offset + begin if origins is None else start.offset
        at = Where(start.file, start.identity, offset, line)
        pieces.append(Block(at, block.data[begin:end], origins and _part(origins, begin, end)))
        begin, line = end, next_line
    return pieces


def _found(block: Block, origins: Origins, offset: int) -> tuple[int, int]:
    """Return where in a text that was taken out of a file an offset is, and in which line from 0."""
    if origins.exact:
        index = bisect_right(origins.offsets, offset) - 1
        return origins.begins[index] + offset - origins.offsets[index], index
    index = bisect_left(origins.ends, offset)
    return (origins.begins[index] if index < len(origins.begins) else len(block.data)), index


def _part(origins: Origins, begin: int, end: int) -> Origins:
    """Return the origins of the lines in text[begin:end]; the first one may have lost its beginning."""
    first, last = bisect_left(origins.begins, begin), bisect_left(origins.begins, end)
    begins, offsets = origins.begins[first:last], origins.offsets[first:last]
    amid = begin < end and begins[:1] != [begin]
    if amid:
        first -= 1
        begins, offsets = [begin, *begins], [origins.offsets[first] + begin - origins.begins[first], *offsets]
    return Origins(
        [at - begin for at in begins],
        offsets,
        origins.lines[first:last],
        offsets if origins.exact else origins.ends[first:last],
        origins.first if first == 0 and not amid else None,
        exact=origins.exact,
    )
