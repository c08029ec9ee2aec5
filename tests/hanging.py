"""A file system that answers nothing, as one on a network does whose server is gone.

A real mount of FUSE whose server never reads a request: each call on it hangs in the kernel until the server
goes away (fuse(4)). It needs the right to mount; without it the tests that ask for it are skipped.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_DETACH = 2  # MNT_DETACH of umount2(2)


@contextmanager
def hanging(folder: Path) -> Iterator[None]:
    """Let a folder hang; what waits for it gets an error afterwards."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        server = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        pytest.skip(f"/dev/fuse cannot be opened: {error.strerror}")
    try:
        options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
        if libc.mount(b"hanging", bytes(folder), b"fuse", 0, options):
            pytest.skip(f"nothing can be mounted here: {os.strerror(ctypes.get_errno())}")
        try:
            yield
        finally:
            os.close(server)
            server = -1
            libc.umount2(bytes(folder), _DETACH)
    finally:
        if server >= 0:
            with suppress(OSError):
                os.close(server)
