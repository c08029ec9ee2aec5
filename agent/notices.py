"""The agent's own troubles in words: what is wrong, and what to do."""

from collections.abc import Collection, Iterator

from agent.feed import Feed
from agent.model.delivery import Delivery
from agent.model.incident import Notice
from agent.model.vocabulary import Depth, Leak, Trouble
from agent.tail.gap import ADVICE, Gap

LINES_WITHOUT = 50_000
"""Lines without TLS debug text after which it seems to be off: a server prints so much in a day or less."""

_HUNG = "its file system does not answer; see what keeps the disk or the share busy"
_LEAKS = {Leak.PLAINTEXT: "decrypted application data", Leak.KEYS: "session keys"}


def of_log(feed: Feed) -> Iterator[Notice]:
    """Return what troubles a followed file as long as it stands, as of the last look at it."""
    pipeline, tail = feed.pipeline, feed.lookout.state
    lines = tail.lines_read if tail is not None else 0
    if feed.hung:
        yield unreadable(feed.name, f"{feed.path} cannot be looked at: {_HUNG}")
    elif feed.problem:
        yield unreadable(feed.name, feed.problem)
    if pipeline.depth is Depth.SHALLOW:
        yield debug_shallow(feed.name)
    if pipeline.depth is Depth.NONE and lines >= LINES_WITHOUT:
        yield debug_off(feed.name, lines)
    if pipeline.leaks:
        yield debug_leaking(feed.name, pipeline.leaks)


def unreadable(log: str, problem: str) -> Notice:
    """Return that a log cannot be read; `problem` names the file, the reason and mostly the mend."""
    what, _, mend = problem.partition("; ")
    return Notice(
        Trouble.LOG_UNREADABLE,
        log,
        f"{_sentence(what)} TLS failures are not seen until it can be read again; nothing is lost meanwhile "
        "for as long as the file is kept.",
        _sentence(mend or "wmtls check tells what to mend"),
    )


def gap(log: str, lost: Gap) -> Notice:
    """Return that a piece of a log was gone; what is not known of it is not told."""
    details = [("file", lost.file), ("reason", lost.reason.value), ("first byte", str(lost.first))]
    if lost.bytes:
        details += [("last byte", str(lost.last)), ("bytes", str(lost.bytes))]
    return Notice(
        Trouble.LOG_GAP,
        log,
        "A piece of the log could not be read: failures in it are not counted and not told.",
        _sentence(ADVICE[lost.reason]),
        tuple(details),
    )


def debug_off(log: str, lines: int) -> Notice:
    """Return that a log holds no TLS debug text at all."""
    return Notice(
        Trouble.DEBUG_OFF,
        log,
        f"In {lines} lines there was no TLS debug text: it is switched off, or no connection was made. "
        "While it is off, failures are not seen.",
        "Switch the debug text on; wmtls check tells the setting.",
    )


def debug_shallow(log: str) -> Notice:
    """Return that a log holds alerts and exceptions only."""
    return Notice(
        Trouble.DEBUG_SHALLOW,
        log,
        "The TLS debug text shows alerts and exceptions only: causes are told with less certainty.",
        "Let it show handshake messages too; wmtls check tells the setting.",
    )


def debug_leaking(log: str, leaks: Collection[Leak]) -> Notice:
    """Return that a log holds what nobody should read in it."""
    what = " and ".join(_LEAKS[leak] for leak in Leak if leak in leaks)
    return Notice(
        Trouble.DEBUG_LEAKING,
        log,
        f"The TLS debug text holds {what}: whoever can read the log can read that.",
        "Print less; wmtls explain tells the setting. Treat the log files that are there as secrets.",
    )


def state_full(error: str) -> Notice:
    """Return that nothing can be saved; `error` names the file, the reason and the mend."""
    return Notice(
        Trouble.STATE_FULL,
        "",
        "The state cannot be written, so nothing is read until it can be: the log is the buffer.",
        _sentence(error),
    )


def receiver_failing(name: str, delivery: Delivery) -> Notice:
    """Return that a receiver takes no messages; they wait."""
    details = [("reason", delivery.reason or "unknown")]
    if delivery.status is not None:
        details.append(("HTTP status", str(delivery.status)))
    return Notice(
        Trouble.RECEIVER_FAILING,
        name,
        f"The receiver {name} takes no messages; they wait for it.",
        _sentence(delivery.advice or "wmtls notify --test tries it; wmtls outbox list shows what waits"),
        tuple(details),
    )


def _sentence(text: str) -> str:
    stripped = text.strip()
    capital = stripped if stripped.startswith("wmtls ") else stripped[:1].upper() + stripped[1:]
    return capital + ("" if stripped.endswith(".") else ".")
