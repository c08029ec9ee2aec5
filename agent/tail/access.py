"""Why a file cannot be read, and what to do about it, in one sentence."""

import errno
import grp
import os
import pwd
import shlex
import stat
from pathlib import Path
from types import MappingProxyType

_ADVICE = MappingProxyType(
    {
        errno.EMFILE: "this process has too many files open; raise LimitNOFILE of its service",
        errno.ENFILE: "the machine has too many files open; raise fs.file-max",
        errno.ELOOP: "its symbolic links run in a circle; point `path` at the file itself",
        errno.ESTALE: "the network file system lost it; mount it again",
        errno.EILSEQ: "it is text in UTF-16, which no wrapper writes; let its writer use UTF-8",
        errno.EIO: "the disk reports an error; look at the kernel's log",
    }
)


def mend(path: Path, error: OSError) -> str:
    """Return a sentence for an error met while looking at `path`."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return _permission(path)
    said = _ADVICE.get(error.errno or 0) or (error.strerror or type(error).__name__).lower()
    return f"cannot read {path}: {said}"


def not_a_file(path: Path) -> str:
    """Return a sentence for a path that leads to something else."""
    kind = "a directory; name the file in it" if path.is_dir() else "a pipe, socket or device; name a file"
    return f"cannot read {path}: it is {kind}"


def _permission(path: Path) -> str:
    user = _name_of_user()
    closed = _closed_directory(path)
    if closed is not None:
        acl = f"setfacl -m u:{user}:x {shlex.quote(str(closed))}"
        return f"cannot read {path}: permission denied to enter {closed}; run: {acl}"
    if path.is_dir():
        acl = f"setfacl -m u:{user}:rx {shlex.quote(str(path))}"
        return f"cannot list {path}: permission denied; run: {acl}"
    acl = f"setfacl -m u:{user}:r {shlex.quote(str(path))}"
    group = _reading_group(path)
    if group:
        return f"cannot read {path}: permission denied; add the user {user} to group {group} or run: {acl}"
    lasting = f"setfacl -d -m u:{user}:r {shlex.quote(str(path.parent))}"
    return f"cannot read {path}: permission denied; run: {acl}, and for files to come: {lasting}"


def _closed_directory(path: Path) -> Path | None:
    """Return the first directory on the way to a path that may not be entered."""
    for directory in reversed(path.absolute().parents):
        if not os.access(directory, os.X_OK, effective_ids=os.access in os.supports_effective_ids):
            return directory
    return None


def _reading_group(path: Path) -> str | None:
    """Return the group that may read a file, unless that is root's."""
    try:
        status = path.stat()
        if not status.st_mode & stat.S_IRGRP or not status.st_gid:
            return None
        return grp.getgrgid(status.st_gid).gr_name
    except (OSError, KeyError):
        return None


def _name_of_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
