"""Whether a file holds what another held: copies, archives, and files that came back under another inode.

Content alone is weak evidence: files of one log may begin with the same banner, and a small one may hold
nothing else. When a file was truncated in place, a file made after it that nobody knows is expected, so that
content only must not speak against it.
"""

import os
from collections.abc import Iterable, Sequence

from agent.tail import archive, identity
from agent.tail.chain import Found
from agent.tail.generation import Generation, Reader
from agent.tail.identity import EVIDENCE, HEAD


def continuation(generation: Generation, found: Iterable[Found], place: int | None) -> Found | None:
    """Return the file that nobody has in which a generation goes on: of several copies the longest.

    If the generation's own file was truncated, it stands at `place` and its copies behind it. An archive that
    is returned is unpacked; the writer may have gone on in the file after it was made.
    """
    known, best = generation.fingerprint, None
    if known.head_length < EVIDENCE and place is None:
        return None
    for one in found:
        try:
            if one.known or (
                place is not None and not (one.index > place and _born_after(one, known.btime_ns))
            ):
                continue
            if one.packed is not None and known.began(archive.head(one.packed)):
                one.unpack()
            shorter = place is not None or one.packed is not None
            reads_the_same = identity.resembles if shorter else identity.holds
            if one.fd is None or not reads_the_same(one.fd, known, generation.offset):
                continue
            if best is None or text_size(one) > text_size(best):
                best = one
        except OSError as error:
            one.error = error
    return best


def shorter_copy(generation: Generation, one: Found) -> bool:
    """Tell whether a file can be a copy of a truncated one that was made before all was read that was."""
    known = generation.fingerprint
    return (
        one.fd is not None
        and _born_after(one, known.btime_ns)
        and text_size(one) < generation.offset
        and known.began(os.pread(one.fd, HEAD, 0))
    )


def is_copy_of_younger(one: Found, found: Iterable[Found], readers: Sequence[Reader]) -> bool:
    """Tell whether a file is a copy, perhaps not finished, of a file that stands before it in the chain.

    A file that rolled is older than those that stand before it; a copy was made later than its original.
    """
    if one.fd is None:
        return False
    for younger in found:
        fd = younger.fd
        reader = next((reader for reader in readers if reader.key == younger.key), None)
        born = younger.btime_ns
        if reader is not None:
            fd, born = reader.fd, reader.generation.fingerprint.btime_ns
        if younger.index >= one.index or younger.key == one.key or fd is None:
            continue
        size = text_size(one)
        if born and one.btime_ns:
            if one.btime_ns <= born:
                continue
        elif size < EVIDENCE:
            continue
        if os.fstat(fd).st_size >= size and all(
            os.pread(one.fd, want, at) == os.pread(fd, want, at)
            for want, at in ((min(HEAD, size), 0), (min(HEAD, size), max(0, size - HEAD)))
        ):
            return True
    return False


def is_archive_of(one: Found, fd: int) -> bool:
    """Tell whether an archive holds the text of an open file, to which lines may have come since."""
    if one.packed is None:
        return False
    try:
        size = archive.text_size(one.packed)
        return size <= os.fstat(fd).st_size and archive.head(one.packed) == os.pread(fd, min(size, HEAD), 0)
    except OSError:
        return False


def text_size(one: Found) -> int:
    """Return how long the text of an open file is now."""
    return 0 if one.fd is None else os.fstat(one.fd).st_size


def _born_after(one: Found, btime_ns: int) -> bool:
    """Tell whether a file was made after a time, as far as that can be told; an archive's says nothing."""
    return one.packed is not None or not one.btime_ns or not btime_ns or one.btime_ns > btime_ns
