"""Looks at a log before the agent follows it: whether it and its rolled files can be read and say enough.

Nothing is changed. Commands in mends name the user that the packages create; file names are quoted for a
shell.
"""

import glob
import grp
import os
import pwd
import shlex
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.config import Log
from agent.model.vocabulary import Depth, Leak
from agent.report.advice import Shown, debug_mend
from agent.tail import fallback, naming
from agent.tail.discovery import matches

USER = "wmtls"
"""The user that the service runs as."""

TAIL_BYTES = 4 * 1024 * 1024
"""How much of the end of a log is searched: many handshakes at any depth, read in a moment."""

MATCHES = 10
"""Files of a glob that are looked at, newest first."""

_TYPES = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Level(StrEnum):
    """How bad it is: fine, worth a look, or the agent cannot do its work."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: about what, in words, and what to do about it (None where nothing needs doing)."""

    level: Level
    subject: str
    text: str
    mend: str | None = None


def may(path: Path, mode: int) -> bool:
    """Tell whether the effective user may; `mode` is of os.R_OK, os.W_OK, os.X_OK."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def who() -> str:
    """Return who this process is, for a sentence."""
    groups = ", ".join(_group(gid) for gid in sorted({os.getegid(), *os.getgroups()}))
    return f"uid {os.geteuid()} ({_user(os.geteuid())}), groups {groups}"


def owned(status: os.stat_result) -> str:
    """Return whose a file is, for a sentence."""
    mode = stat.S_IMODE(status.st_mode)
    return f"owner {_user(status.st_uid)}, group {_group(status.st_gid)}, mode {mode:04o}"


def file_mend(path: Path, status: os.stat_result) -> str:
    """Return the commands that let the service's user read a file and those that will be rolled beside it.

    The group comes first where it may read: it survives rolling. The root group is never handed out.
    """
    file, folder = shlex.quote(str(path)), shlex.quote(str(path.parent))
    acl = f"setfacl -m u:{USER}:r {file} && setfacl -d -m u:{USER}:r {folder}"
    if status.st_gid and status.st_mode & stat.S_IRGRP:
        return f"usermod -aG {shlex.quote(_group(status.st_gid))} {USER}, or {acl}; then restart {USER}"
    return f"{acl}; then restart {USER}"


def _blocked(folder: Path) -> Path | None:
    """Return the outermost folder, down to this one, that may not be entered."""
    return next((one for one in (*reversed(folder.parents), folder) if not may(one, os.X_OK)), None)


def _folder_denied(subject: str, folder: Path, doing: str) -> Finding:
    try:
        whose = f" ({owned(folder.stat())})"
    except OSError:
        whose = ""
    return Finding(
        Level.ERROR,
        subject,
        f"{doing} {folder}{whose} is not allowed to {who()}",
        f"setfacl -m u:{USER}:rx {shlex.quote(str(folder))}; then restart {USER}",
    )


def _wrapper_conf(log: Log) -> str:
    """Return the wrapper's own configuration file, which stands beside the folder "logs"."""
    if log.path.parent.name == "logs":
        return str(log.path.parent.parent / "configuration" / "custom_wrapper.conf")
    return "custom_wrapper.conf"


def _debug_mend(log: Log, shown: Shown) -> str:
    version = log.product_version or shown.product_version
    return debug_mend(shown.depth, product_version=version, wrapper_conf=_wrapper_conf(log))


def _product(log: Log, subject: str, named: str | None) -> Iterator[Finding]:
    """Tell which version the log names, and whether that is the configured one."""
    given = log.product_version
    if named is None:
        return
    if given is None:
        yield Finding(
            Level.OK, subject, f"the log names Integration Server {named}; remedies are chosen by it"
        )
    elif not f"{named}.".startswith(f"{given}."):
        text = f"the log names Integration Server {named}, product_version says {given}"
        yield Finding(Level.WARNING, subject, text, f'write product_version = "{named}", or leave it out')


def _debug(log: Log, subject: str, last: str, shown: Shown) -> Iterator[Finding]:
    """Tell how deep the debug text is, and which secrets it holds."""
    if shown.depth is Depth.FULL:
        yield Finding(Level.OK, subject, "the debug text shows handshake messages")
    elif shown.depth is Depth.SHALLOW:
        text = f"the debug text {last} shows alerts and exceptions only, so causes stay undetermined"
        yield Finding(Level.WARNING, subject, text, _debug_mend(log, shown))
    else:
        text = f"there is no TLS debug text {last}, so no handshake can be seen"
        yield Finding(Level.WARNING, subject, text, _debug_mend(log, shown))
    if Leak.PLAINTEXT in shown.leaks:
        yield Finding(
            Level.WARNING,
            subject,
            "the log holds decrypted data, passwords among it",
            _debug_mend(log, shown),
        )
    if Leak.KEYS in shown.leaks:
        yield Finding(
            Level.WARNING,
            subject,
            "the log holds master secrets, which decrypt recorded connections",
            "let few people read the log and switch javax.net.debug off after use: Java 8 before 8u262 "
            "prints them whatever the value, later versions print none",
        )


def _rolled(subject: str, path: Path, names: list[str]) -> Iterator[Finding]:
    """Tell of files that were rolled away from this one and cannot be read."""
    siblings = [path.parent / name for name in names if name.startswith(f"{path.name}.")]
    denied = [one for one in siblings if not may(one, os.R_OK)]
    if denied:
        text = f"{len(denied)} of {len(siblings)} rolled files cannot be read, {denied[0]} for one"
        try:
            mend = file_mend(denied[0], denied[0].stat())
        except OSError:
            mend = "look at their permissions"
        yield Finding(Level.WARNING, subject, text, mend)
    elif siblings:
        yield Finding(Level.OK, subject, f"rolled files beside it: {len(siblings)}, all readable")


def _elsewhere(subject: str, path: Path) -> Iterator[Finding]:
    """Tell of a wrapper that writes another file, since it may not write this one."""
    if (written := fallback.fallback(path)) is not None:
        text, _, mend = fallback.mend(path, written).partition("; ")
        yield Finding(Level.ERROR, subject, text, mend)


def _file(log: Log, path: Path, names: list[str], shown_in: Callable[[bytes], Shown]) -> Iterator[Finding]:
    subject = f'log "{log.name}"'
    try:
        status = path.stat()
    except FileNotFoundError:
        text = f"{path} does not exist; its directory {path.parent} does"
        yield Finding(
            Level.WARNING, subject, text, "check the path, or start Integration Server to create it"
        )
        return
    except OSError as error:
        text = f"{path} cannot be looked at ({error.strerror})"
        yield Finding(Level.ERROR, subject, text, "check the path")
        return
    if not stat.S_ISREG(status.st_mode):
        kind = next((word for test, word in _TYPES if test(status.st_mode)), "no regular file")
        yield Finding(Level.ERROR, subject, f"{path} is {kind}", "name a regular file in path")
        return
    try:
        with path.open("rb") as file:
            file.seek(max(status.st_size - TAIL_BYTES, 0))
            tail = file.read(TAIL_BYTES)
    except PermissionError:
        text = f"{path} ({owned(status)}) cannot be read by {who()}"
        yield Finding(Level.ERROR, subject, text, file_mend(path, status))
        return
    except OSError as error:
        yield Finding(Level.ERROR, subject, f"{path} cannot be read ({error.strerror})", "check the disk")
        return
    yield Finding(Level.OK, subject, f"{path} can be read, {status.st_size} bytes")
    yield from _rolled(subject, path, names)
    cut = tail.find(b"\n") + 1 if status.st_size > TAIL_BYTES else 0
    shown = shown_in(tail[cut:])
    yield from _product(log, subject, shown.product_version)
    yield from _debug(log, subject, "in the last 4 MiB" if len(tail) >= TAIL_BYTES else "in it", shown)


def _newest(paths: list[Path]) -> list[Path]:
    def changed(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except OSError:
            return 0.0

    return sorted(paths, key=changed, reverse=True)[:MATCHES]


def check_log(log: Log, shown_in: Callable[[bytes], Shown]) -> Iterator[Finding]:
    """Return what is to be said of a log; `shown_in` tells what there is in whole lines of it."""
    subject = f'log "{log.name}"'
    pattern = glob.has_magic(str(log.path)) or naming.DAY in log.path.name
    paths = _newest(matches(str(log.path))) if pattern else [log.path]
    folder = paths[0].parent if paths else log.path.parent
    if glob.has_magic(str(folder)):
        text = f"no folder matches {folder}"
        yield Finding(Level.WARNING, subject, text, "check the path")
        return
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names only
    except FileNotFoundError:
        text = f"the directory {folder} does not exist"
        yield Finding(Level.WARNING, subject, text, "check the path, or mount the directory here")
        return
    except PermissionError:
        blocked = _blocked(folder)
        yield _folder_denied(subject, blocked or folder, "entering" if blocked else "listing")
        return
    except OSError as error:
        text = f"the directory {folder} cannot be listed ({error.strerror})"
        yield Finding(Level.ERROR, subject, text, "check the path")
        return
    if not may(folder, os.X_OK):
        yield _folder_denied(subject, folder, "entering")
        return
    if not paths:
        text = f"nothing in {folder} matches {log.path.name}"
        yield Finding(
            Level.WARNING, subject, text, "check the path, or start Integration Server to create it"
        )
    for path in paths:
        yield from _elsewhere(subject, path)
        yield from _file(log, path, names if path.parent == folder else [], shown_in)
