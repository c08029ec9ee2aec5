"""Wakes the reader soon after a directory changed, and after a while in any case.

The one door to watchdog, which is a hint and no more: events are lost when the kernel's queue overflows, it
stops for good when a directory is replaced, and its threads can die. So nothing depends on it, its
handler does nothing but set an event, and it hears only of changes (told of opening and closing too, it would
wake the reader for the reader's own reads).
"""

import contextlib
import errno
import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from agent.model.vocabulary import WatchMode
from agent.tail.errand import Errand
from agent.tail.identity import birth_time

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

PAUSE = 0.02
"""Seconds between two wake-ups at least: a wrapper that writes in 16-byte pieces must not make us spin."""

PATIENCE_SECONDS = 0.5
"""How long a wake-up waits for a directory to be watched; only the first one that hangs does."""

RETRY = 240
"""Wake-ups after which a failed watch is tried again: a minute of polling, so that polling stays cheap."""

_EVENTS: list[type[FileSystemEvent]] = [
    FileModifiedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
]


_LIMITS = MappingProxyType(
    {
        errno.ENOSPC: "no more directories can be watched; raise fs.inotify.max_user_watches with sysctl",
        errno.EMFILE: "nothing more can be watched; raise fs.inotify.max_user_instances with sysctl, or "
        "LimitNOFILE of the service",
    }
)
"""What inotify_init(2) and inotify_add_watch(2) say where a limit is reached."""


_WATCHDOG = logging.getLogger("watchdog")  # noqa: TID251  (theirs: what it says becomes `Waker.trouble`)
_WATCHDOG.propagate = False


class _Hint(FileSystemEventHandler):
    """Sets an event."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def dispatch(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - what happened does not matter
        self._event.set()


class _Complaints(logging.Handler):
    """Takes what watchdog complains of: of an overflow, it says so in its own log only."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()


class _Watched:
    """A directory: what it was when it was watched, and how many wake-ups to wait before the next try."""

    def __init__(self) -> None:
        self.watch: ObservedWatch | None = None
        self.file: tuple[int, int, int] | None = None
        self.rest = 0
        self.trouble: str | None = None


class Waker:
    """Says when to look again; `interval` is in seconds.

    Directories are looked at and watched in the background, for their disk may hang. Used by one thread, but
    for `stop`. What watchdog complains of in its own log becomes `trouble`.
    """

    def __init__(self, directories: Iterable[Path], interval: float = 0.25) -> None:
        self._interval = interval
        self._changed, self._stopped, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._hint = _Hint(self._changed)
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, _Watched] = {directory: _Watched() for directory in directories}
        self._complaints = _Complaints()
        _WATCHDOG.addHandler(self._complaints)
        self._errand: Errand[bool, None] = Errand(self._see_to)
        self._attend()

    @property
    def mode(self) -> WatchMode:
        """Whether changes are told in every directory, or in some only found by looking."""
        polled = self.modes[WatchMode.POLLING] or not self._alive
        return WatchMode.POLLING if polled else WatchMode.INOTIFY

    @property
    def modes(self) -> dict[WatchMode, int]:
        """How many directories there are of each mode."""
        watched = sum(one.watch is not None for one in self._watched.values()) if self._alive else 0
        return {WatchMode.INOTIFY: watched, WatchMode.POLLING: len(self._watched) - watched}

    @property
    def trouble(self) -> str | None:
        """Why changes are noticed late, or were, with the mend; None if they never were."""
        if self._hangs:
            return "a directory's file system does not answer; look at the mount, and at the server behind it"
        found = (one.trouble for one in self._watched.values() if one.trouble)
        return next(found, self._complaints.last)

    def wait(self) -> bool:
        """Return when something changed or the interval has passed; False once stopped."""
        if not self._stopped.is_set() and self._changed.wait(self._interval):
            self._stopped.wait(PAUSE)
        self._attend()
        self._changed.clear()
        return not self._stopped.is_set()

    def watch(self, directories: Iterable[Path]) -> None:
        """Watch more directories; they need not exist yet."""
        new = [one for one in directories if one not in self._watched]
        if new:
            self._watched = {**self._watched, **{one: _Watched() for one in new}}
            self._attend()

    def stop(self) -> None:
        """End the waiting at once, and the watching."""
        self._stopped.set()
        self._changed.set()
        _WATCHDOG.removeHandler(self._complaints)
        self._attend()
        self._errand.end()

    @property
    def _alive(self) -> bool:
        return self._observer is not None and self._observer.is_alive()

    @property
    def _hangs(self) -> bool:
        return self._errand.out and not self._errand.answered

    def _attend(self) -> None:
        """Have the watches seen to; what hangs is waited for only once."""
        with self._lock:
            if self._hangs:
                return
            if self._errand.out:
                self._errand.take()
            self._errand.ask(self._stopped.is_set())
            self._errand.wait(PATIENCE_SECONDS)

    def _see_to(self, stopped: bool) -> None:  # noqa: FBT001  (an errand has one question)
        """Watch what is not watched, or is another directory by now."""
        if stopped:
            self._end_observer()
            return
        if self._observer is not None and not self._observer.is_alive():
            self._end_observer()
            self._complaints.last = "the thread that listens to the kernel died; another one was started"
        for directory, one in self._watched.items():
            file = _file(directory)
            if file != one.file:
                self._unwatch(one)
                one.file, one.rest, one.trouble = file, 0, None
            if file is not None and one.watch is None:
                self._try(directory, one)

    def _try(self, directory: Path, one: _Watched) -> None:
        if one.rest:
            one.rest -= 1
            return
        try:
            if self._observer is None:
                observer = Observer()
                observer.start()
                self._observer = observer
            one.watch = self._observer.schedule(self._hint, str(directory), event_filter=_EVENTS)
            one.trouble = None
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the hint, polling goes on
            one.rest, one.trouble = RETRY, _mend(error)

    def _unwatch(self, one: _Watched) -> None:
        if one.watch is not None and self._observer is not None:
            with contextlib.suppress(Exception):
                self._observer.unschedule(one.watch)
        one.watch = None

    def _end_observer(self) -> None:
        observer, self._observer = self._observer, None
        for one in self._watched.values():
            one.watch = None
        if observer is not None:
            with contextlib.suppress(Exception):
                observer.stop()
                observer.join(1.0)


def _mend(error: Exception) -> str:
    known = _LIMITS.get(error.errno or 0) if isinstance(error, OSError) else None
    return known or f"the kernel does not tell of changes ({error})"


def _file(directory: Path) -> tuple[int, int, int] | None:
    """Return what tells directories apart, None for one that is not there."""
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, birth_time(directory)
