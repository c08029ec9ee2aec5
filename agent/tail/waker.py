"""Wakes the reader soon after a directory changed, and after a while in any case.

The one door to watchdog, which is a hint and no more: it passes over an overflow of the kernel's queue in
silence, stops for good when a directory is replaced, and its threads can die. So nothing depends on it, its
handler does nothing but set an event, and it hears only of changes (told of opening and closing too, it would
wake the reader for the reader's own reads).
"""

import contextlib
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from agent.tail.identity import birth_time

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

PAUSE = 0.02
"""Seconds between two wake-ups at least: a wrapper that writes in 16-byte pieces must not make us spin."""

RETRY = 240
"""Wake-ups after which a failed watch is tried again: a minute of polling, so that polling stays cheap."""

_EVENTS: list[type[FileSystemEvent]] = [
    FileModifiedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
]


class _Hint(FileSystemEventHandler):
    """Sets an event."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event

    def dispatch(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - what happened does not matter
        self._event.set()


class _Watched:
    """A directory: what it was when it was watched, and how many wake-ups to wait before the next try."""

    def __init__(self) -> None:
        self.watch: ObservedWatch | None = None
        self.file: tuple[int, int, int] | None = None
        self.rest = 0


class Waker:
    """Says when to look again; `interval` is in seconds.

    `mode` is "inotify" while every directory is watched, else "polling". `wait` is called by one thread;
    `watch` and `stop` may be called by any.
    """

    def __init__(self, directories: Iterable[Path], interval: float = 0.25) -> None:
        self._interval = interval
        self._changed, self._stopped, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._hint = _Hint(self._changed)
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, _Watched] = {directory: _Watched() for directory in directories}
        self._attend()

    @property
    def mode(self) -> Literal["inotify", "polling"]:
        """Whether changes are told, or only found by looking."""
        alive = self._observer is not None and self._observer.is_alive()
        with self._lock:
            return "inotify" if alive and all(one.watch for one in self._watched.values()) else "polling"

    def wait(self) -> bool:
        """Return when something changed or the interval has passed; False once stopped."""
        if not self._stopped.is_set() and self._changed.wait(self._interval):
            self._stopped.wait(PAUSE)
        self._attend()
        self._changed.clear()
        return not self._stopped.is_set()

    def watch(self, directory: Path) -> None:
        """Watch one more directory; it need not exist yet."""
        with self._lock:
            if directory in self._watched:
                return
            self._watched[directory] = _Watched()
        self._attend()

    def stop(self) -> None:
        """End the waiting at once, and the watching."""
        self._stopped.set()
        self._changed.set()
        with self._lock:
            self._end_observer()

    def _attend(self) -> None:
        """Watch what is not watched, or is another directory by now."""
        with self._lock:
            if self._stopped.is_set():
                return
            if self._observer is not None and not self._observer.is_alive():
                self._end_observer()
            for directory, one in self._watched.items():
                file = _file(directory)
                if file != one.file:
                    self._unwatch(one)
                    one.file, one.rest = file, 0
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
        except Exception:  # noqa: BLE001 - whatever is wrong with the hint, polling goes on
            one.rest = RETRY

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


def _file(directory: Path) -> tuple[int, int, int] | None:
    """Return what tells directories apart, None for one that is not there."""
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, birth_time(directory)
