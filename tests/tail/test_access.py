"""What is said about a file that cannot be read."""

import errno
import grp
import os
import pwd
from pathlib import Path

import pytest

from agent.tail import access


@pytest.fixture
def user(nobody: Path) -> str:
    """Return the name of the user who may not read."""
    assert nobody.exists()
    return pwd.getpwuid(os.geteuid()).pw_name


def refused(path: Path) -> str:
    """Return what is said of a refused path."""
    return access.mend(path, PermissionError(errno.EACCES, "Permission denied"))


def test_file_that_nobody_else_may_read(nobody: Path, user: str) -> None:
    """Without a group that may read, an access list is the mend, for this file and the ones to come."""
    path = nobody / "wrapper.log"
    path.write_text("")
    path.chmod(0o600)
    assert refused(path) == (
        f"cannot read {path}: permission denied; run: setfacl -m u:{user}:r {path}, "
        f"and for files to come: setfacl -d -m u:{user}:r {nobody}"
    )


def test_file_that_a_group_may_read(nobody: Path, user: str) -> None:
    """Where a group may read, joining it is the mend."""
    path = nobody / "wrapper.log"
    path.write_text("")
    path.chmod(0o640)
    group = grp.getgrgid(path.stat().st_gid).gr_name
    assert refused(path) == (
        f"cannot read {path}: permission denied; add the user {user} to group {group} "
        f"or run: setfacl -m u:{user}:r {path}"
    )


def test_directory_that_may_not_be_entered(nobody: Path, user: str) -> None:
    """The first closed directory on the way is named, quoted for a shell."""
    folder = nobody / "the logs"
    folder.mkdir()
    folder.chmod(0)
    path = folder / "wrapper.log"
    assert refused(path) == (
        f"cannot read {path}: permission denied to enter {folder}; run: setfacl -m u:{user}:x '{folder}'"
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EMFILE, "this process has too many files open; raise LimitNOFILE of its service"),
        (errno.EILSEQ, "it is text in UTF-16, which no wrapper writes; let its writer use UTF-8"),
        (errno.EIO, "the disk reports an error; look at the kernel's log"),
        (errno.ENODEV, "no such device"),
    ],
)
def test_other_errors(number: int, said: str) -> None:
    """What is known has a mend, what is not has the system's words."""
    path = Path("/logs/wrapper.log")
    assert access.mend(path, OSError(number, os.strerror(number))) == f"cannot read {path}: {said}"


def test_what_is_no_file(tmp_path: Path) -> None:
    """A directory is told from a pipe."""
    assert access.not_a_file(tmp_path) == (f"cannot read {tmp_path}: it is a directory; name the file in it")
