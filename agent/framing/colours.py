r"""Takes escape sequences of terminals out of a log's lines: colours, and what `grep --color` leaves.

Who prints a line, or copies it, may put them before the prefix, behind the text, or amid both. Without them a
line is what the wrapper would have written, so nobody behind this has to know of them. A block that has none,
which is nearly every one, is only searched for the one byte that begins each.
Source: ECMA-48 section 5.4 (control sequences); ECMA-35 section 14.3 ("ESC ( B", which `tput sgr0` prints).
"""

import re
from itertools import accumulate

from agent.model.block import Block, Origins

_ESCAPE = b"\x1b"
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\([0-~])")


def plain(text: bytes) -> bytes:
    """Return a text without escape sequences."""
    return _SEQUENCE.sub(b"", text) if _ESCAPE in text else text


def uncoloured(block: Block) -> Block:
    """Return a block of a file without escape sequences; the block itself where there are none."""
    data = plain(block.data)
    if len(data) == len(block.data):
        return block
    start, begins = block.start, _begins(data)
    offsets = [start.offset + begin for begin in _begins(block.data)]
    lines = list(range(start.line, start.line + len(begins)))
    return Block(start, data, Origins(begins, offsets, lines, offsets, exact=True))


def _begins(data: bytes) -> list[int]:
    """Return where the lines of a text begin."""
    begins = [*accumulate((len(line) + 1 for line in data.split(b"\n")), initial=0)][:-1]
    return begins[:-1] if data.endswith(b"\n") else begins
