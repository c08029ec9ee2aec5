"""The agent's own log: structlog, one line for each event, on standard error.

An event is a dotted name ("tail.rotated") with keys. Values of keys that name a secret are hidden, and so is
all but the scheme of any http(s) URL in any text, since a receiver's URL is a credential. A log line that
cannot be written (closed standard error, full disk) is lost and harms nothing.
"""

import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

Logger = structlog.typing.FilteringBoundLogger
"""What `get` returns."""

_SECRET_WORDS = frozenset({"url", "token", "secret", "authorization", "password"})
_URL = re.compile(r"(https?://)[^\s\"'<>]+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # could steer the terminal a log is read on
_HIDDEN = "***"
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_DEPTH = 8  # deeper nesting than any event of ours has


class _Stream:
    """A text stream that loses what it cannot write; None stands for a closed standard error."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            if self._stream is not None:
                self._stream.write(text)
        except (OSError, ValueError):
            pass  # nowhere to tell it
        return len(text)

    def flush(self) -> None:
        try:
            if self._stream is not None:
                self._stream.flush()
        except (OSError, ValueError):
            pass  # nowhere to tell it

    def isatty(self) -> bool:
        try:
            return self._stream is not None and self._stream.isatty()
        except (OSError, ValueError):
            return False


def _names_secret(key: object) -> bool:
    """Tell whether a key names a secret: "url", "webhook_url", "Authorization"; not "url_file"."""
    return isinstance(key, str) and key.lower().replace("-", "_").rpartition("_")[2] in _SECRET_WORDS


def hide(value: Any, depth: int = _DEPTH) -> Any:  # Any: whatever a caller logs
    """Return a value without secrets: keys that name one, and URLs within texts."""
    if isinstance(value, str):
        return _CONTROL.sub("?", _URL.sub(rf"\1{_HIDDEN}", value))
    if not depth:
        return _HIDDEN
    if isinstance(value, Mapping):
        return {
            str(key): _HIDDEN if _names_secret(key) else hide(inner, depth - 1)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [hide(inner, depth - 1) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return hide(str(value))


def _redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return cast("MutableMapping[str, Any]", hide(event))


def configure(format: str, level: str, stream: TextIO | None = None) -> None:  # noqa: A002 - the key's name
    """Set up the log for the whole process.

    `format` is "json", "console", or "auto": console on a terminal. `level` is the least that is written.
    `stream` is standard error unless given.
    """
    out = _Stream(stream if stream is not None else sys.stderr)
    terminal = out.isatty()
    console = format == "console" or (format == "auto" and terminal)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=terminal, exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer(sort_keys=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", out)),
        cache_logger_on_first_use=False,
    )


def get(name: str) -> Logger:
    """Return a logger; `name` is the key "component" of its lines.

    Before `configure` only warnings and errors are written, so that a command's own output stays clean.
    """
    if not structlog.is_configured():
        configure("auto", "warning")
    return cast("Logger", structlog.get_logger(component=name))
