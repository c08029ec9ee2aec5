"""Names of threads, with and without pieces of other lines before them."""

import pytest

from agent.dialects.jsse_legacy_names import NAMES_LIMIT, thread_name

PIECES = [
    "verify_data:  { 86, 29, 61",
    "RandomCookie:  GMT: 1795354567 bytes = { 91, 67, ",
    "ECDH Public value:  { 4, 67, 61",
    "155, 136, 139, 149, 5, 191, 20, ",
    "Session ID:  ",
    "Cert Types: RSA, ",
    "0000: AC 3",
    "0010: 86 1F CB 5",
    ", ",
    ", 150, 59",
]
ROWS = [
    "0000: 68 75 6E 74 65 72 32 70   61 73 73 77 6F 72 64 0D  hunter2password",
    "6E 74 65 72 32 70   61 73 73 77 6F 72 64 0D  hunter2passw",
    "F 72 64 0D  hunter2password.",
    "0D  hunter2",
    "10: 77 0D 0A                                       w..",
    "77 0D 0A                                       w.",
    "77 0D 0A          hunter2passw..",
]
"""Rows of a hex dump that were torn within their column of text, and some of them at their beginning."""

ENDLESS = ["243", "RSA", "0000: 86 1F CB 5D AB 00 11 22   33 44 55 66 77 88 99 AA  .t..W", "86 1F CB ", "5"]


@pytest.mark.parametrize("piece", PIECES)
def test_piece_whose_end_shows(piece: str) -> None:
    """It is cut off at the first sight of the name already."""
    assert thread_name(f"{piece}Worker-12", {}) == "Worker-12"


@pytest.mark.parametrize("piece", PIECES + ENDLESS)
def test_piece_before_a_known_name(piece: str) -> None:
    """A name that was heard before is found behind any piece, also where it could be part of the piece."""
    for name in ("Worker-12", "HTTP Handler 192.0.2.1, 5543", "Default task, READ: 3"):
        assert thread_name(piece + name, {name: 1, "r-12": 9, "3": 9}) == name


def test_piece_whose_end_does_not_show() -> None:
    """What could be anybody's is nobody's; it is remembered as no name."""
    familiar: dict[str, int] = {}
    assert thread_name("0000: 86 1F CB 5update handshake [x] Daemon-1", familiar) is None
    assert thread_name("verify_data:  { 86, 29, 615th worker", familiar) is None
    assert familiar == {}


@pytest.mark.parametrize("row", ROWS)
def test_text_of_a_dump_is_no_name(row: str) -> None:
    """The column shows what was sent: it is never part of a name, and a known one is found behind it."""
    familiar: dict[str, int] = {}
    assert thread_name(row + "main", familiar) is None
    assert familiar == {}
    assert thread_name(row + "main", {"main": 1}) == "main"
    assert thread_name(f"  {row.rpartition('  ')[2]}main", {"main": 1}) == "main"


@pytest.mark.parametrize(
    "name",
    [
        "HTTP Handler 192.0.2.1, 5543",
        "pub.client:http, READ: 3",
        "12",
        "1543-http",
        "https://host/path",
        "a|b",
        "QThreadPoolThread-12 (smartgit.SZ)",
        "RSA signer",
        "Worker: 5",
        "AB 1",
        "C 5 pool",
    ],
)
def test_odd_names_stay(name: str) -> None:
    """A name may hold commas, digits, colons and bars; one that ends like a shorter one is its own."""
    assert thread_name(name, {"5": 9, "3": 9, "5543": 9, "2": 9, "path": 9, "signer": 9, "b": 9}) == name


def test_names_are_bounded() -> None:
    """The oldest name is forgotten first."""
    familiar: dict[str, int] = {}
    for n in range(NAMES_LIMIT + 10):
        thread_name(f"t{n}", familiar)
    assert (len(familiar), "t9" in familiar, "t10" in familiar) == (NAMES_LIMIT, False, True)


def test_no_name() -> None:
    """An empty name is nobody's, and stands behind no piece."""
    familiar: dict[str, int] = {}
    assert thread_name("", familiar) is None
    assert thread_name("verify_data:  { 86, 29, 61Worker-12", familiar) == "Worker-12"
