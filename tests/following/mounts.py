"""File systems that a test mounts for itself, in a namespace that ends with it and needs no root."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

Mounted = Callable[[str], Path]
"""Returns an empty directory on a file system of a kind; skips the test where that cannot be had."""

_SCRIPTS = {
    "tmpfs": "mount -t tmpfs none {0}",
    "ramfs": "mount -t ramfs none {0}",  # keeps no birth times
    "overlay": "mount -t tmpfs none {0} && mkdir {0}/low {0}/up {0}/work {0}/all"
    " && mount -t overlay -o lowerdir={0}/low,upperdir={0}/up,workdir={0}/work none {0}/all",
}
_WITHIN = {"overlay": "all"}


def mount(kind: str, place: Path, stack: ExitStack) -> Path:
    """Mount a file system in a namespace of its own, and return a way into it from here.

    The namespace belongs to a process that waits; the stack ends it, and with it the mount.
    """
    place.mkdir()
    script = f"{_SCRIPTS[kind].format(place)} && echo ready && exec cat"
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare(1) is not installed")
    holder = subprocess.Popen(  # noqa: S603
        [unshare, "--map-root-user", "--mount", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    stack.callback(holder.communicate)
    assert holder.stdout is not None
    if holder.stdout.readline() != "ready\n":
        pytest.skip(f"{kind} cannot be mounted here")
    return Path(f"/proc/{holder.pid}/root{place}", _WITHIN.get(kind, ""))


@contextmanager
def small(place: Path) -> Iterator[Path]:
    """Mount a disk of half a megabyte here, for whoever cannot take the way into a namespace; needs root."""
    mounted = subprocess.run(  # noqa: S603
        ["mount", "-t", "tmpfs", "-o", "size=512k", "none", place],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S603, S607
