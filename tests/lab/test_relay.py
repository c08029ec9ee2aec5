"""What stands between two ends."""

import socket

from tests.lab.relay import damaged, records


def test_records() -> None:
    """Bytes are taken apart into whole records, however they arrive; half a record is the end."""
    here, there = socket.socketpair()
    whole = [b"\x16\x03\x03\x00\x02ab", b"\x15\x03\x03\x00\x02\x02\x28"]
    with here, there:
        there.sendall(whole[0] + whole[1][:3])
        there.sendall(whole[1][3:] + b"\x16\x03")
        there.shutdown(socket.SHUT_WR)
        assert list(records(here)) == whole


def test_damaged() -> None:
    """One bit of one byte is changed, counted from either end."""
    assert [damaged(b"abc", at) for at in (0, -1)] == [b"`bc", b"abb"]
