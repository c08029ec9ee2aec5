"""What our own log says of a followed file."""

from collections.abc import Mapping
from types import MappingProxyType

from agent.feed import Feed
from agent.model.vocabulary import Depth
from agent.tail.gap import ADVICE
from agent.tail.lookout import Look
from agent.telemetry.log import Logger

_DEBUG: Mapping[str, str] = MappingProxyType(
    {
        "debug.leaking": "the TLS debug text holds application data or session keys; "
        "wmtls explain tells more",
        "debug.shallow": "the TLS debug text shows alerts and exceptions only; wmtls check tells what to set",
    }
)

_TOLD: Mapping[str, str] = MappingProxyType({"rotations": "tail.rotated", "truncations": "tail.truncated"})


def say(feed: Feed, look: Look, log: Logger) -> None:
    """Log what a look found to have happened to a file, and what is wrong with it when that changes."""
    for name, event in _TOLD.items():
        if look.moved[name]:
            log.info(event, log=feed.name, path=feed.key, count=look.moved[name])
    for gap in look.gaps:
        log.warning(
            "tail.gap",
            log=feed.name,
            path=str(feed.path.with_name(gap.file)),
            reason=gap.reason,
            first_byte=gap.first,
            bytes=gap.bytes,
            advice=ADVICE[gap.reason],
        )
    debug = {"debug.leaking" for _ in feed.pipeline.leaks}
    if feed.pipeline.depth is Depth.SHALLOW:
        debug.add("debug.shallow")
    for event in sorted(debug - feed.warned):
        feed.warned.add(event)
        log.warning(event, log=feed.name, path=feed.key, advice=_DEBUG[event])
    if look.problem != feed.told:
        feed.told = look.problem
        if feed.told:
            log.error("tail.unreadable", log=feed.name, path=feed.key, advice=feed.told)
