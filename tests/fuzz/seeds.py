"""What the fuzzer starts from: the cases of a dialect in pieces, and the words of the dialect."""

from collections.abc import Iterator
from pathlib import Path

from tests.laws.cases import CASES, rows
from tests.laws.noise import MARKERS

PIECE = 3000
"""Bytes of a piece, about: some records, small enough to be changed in every place."""

_DIALECT = {"ibm": "jsse_legacy"}
"""Whose cases and words a target starts from, where it is not called after them."""

_FRAMED = (b"", b"jvm 1    | ", b"INFO   | jvm 1    | main    | 2026/11/23 07:42:13.123 | ")


def pieces(target: str) -> Iterator[bytes]:
    """Yield pieces of the cases of a target's dialect, of whole lines each."""
    dialect = _DIALECT.get(target, target)
    for case in CASES:
        if case.startswith(f"{dialect}/"):
            piece = b""
            for line in rows(case):
                piece += line
                if len(piece) >= PIECE:
                    yield piece
                    piece = b""
            yield piece
    if target == "framing":
        for prefix in (*_FRAMED, *MARKERS["framing"]):
            yield prefix.rstrip(b"\n") + b"\n" + b"".join(MARKERS["framing"])


def words(target: str) -> Iterator[str]:
    """Yield the lines of a dictionary in libFuzzer's format."""
    for marker in (*MARKERS[_DIALECT.get(target, target)], *MARKERS["framing"]):
        yield '"' + "".join(f"\\x{byte:02x}" for byte in marker[:60]) + '"'


def write(target: str, folder: Path) -> tuple[Path, Path]:
    """Write the pieces and the dictionary below a folder; return where they are."""
    corpus, dictionary = folder / "corpus", folder / "words.dict"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, piece in enumerate(pieces(target)):
        (corpus / f"piece-{number:04}").write_bytes(piece)
    dictionary.write_text("\n".join(words(target)) + "\n")
    return corpus, dictionary
