"""How deep the TLS debug output of a log is, in words, and how to make it deeper.

Sources: the Integration Server Administrator's Guide 10.11 (custom_wrapper.conf, JAVA_CUSTOM_OPTS,
watt.config.systemProperties), the vendor's article on TLS handshake issues (watt.ssl.iaik.debug),
JDK-8044609.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agent.model.diagnosis import Remedy
from agent.model.vocabulary import Depth, Dialect, Leak

DEBUG = "ssl,handshake,keymanager,trustmanager"
"""The value of javax.net.debug that prints the messages on every JDK; "ssl" alone does not (JDK-8044609)."""

_LAST_WITH_IAIK = (10, 11)  # Integration Server 10.15 has JSSE only

DEPTHS: Mapping[Depth, str] = MappingProxyType(
    {
        Depth.NONE: "none: there is no TLS debug output in the log, so no handshake can be seen",
        Depth.SHALLOW: "shallow: alerts and exceptions only, so causes stay undetermined",
        Depth.FULL: "full: handshake messages are in the log",
    }
)
"""What a depth means."""


LEAKS: Mapping[Leak, str] = MappingProxyType(
    {
        Leak.PLAINTEXT: "decrypted application data",
        Leak.KEYS: "session keys",
    }
)
"""What a kind of secret is, behind "with"."""


def may_use_iaik(product_version: str | None) -> bool:
    """Tell whether a version of Integration Server, or an unknown one, can have the IAIK library."""
    found = re.match(r"(\d+)\.(\d+)", product_version or "")
    return found is None or (int(found[1]), int(found[2])) <= _LAST_WITH_IAIK


def debug_mend(
    depth: Depth, *, product_version: str | None = None, wrapper_conf: str = "custom_wrapper.conf"
) -> str:
    """Return in one sentence what switches full debug output on."""
    if depth is Depth.NONE:
        number, elsewhere = "<n> being the next free number", "not in watt.config.systemProperties, which"
    else:
        number = "in the line that sets javax.net.debug now if there is one"
        elsewhere = "take it out of watt.config.systemProperties, which wins and"
    mend = (
        f"set wrapper.java.additional.<n>=-Djavax.net.debug={DEBUG} in {wrapper_conf}, {number} "
        f'(Microservices Runtime: -Djavax.net.debug={DEBUG} in JAVA_CUSTOM_OPTS; never "all"; '
        f"{elsewhere} splits at commas), and restart Integration Server"
    )
    if depth is Depth.NONE and may_use_iaik(product_version):
        mend += "; for connections that do not use JSSE set watt.ssl.iaik.debug=true as well"
    return mend


@dataclass(frozen=True, slots=True)
class Shown:
    """What a piece of log shows: how deep its debug output is, the secrets in it, the product's version."""

    depth: Depth
    leaks: tuple[Leak, ...] = ()
    product_version: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is wrong with the debug output of a log, in a sentence that leads to the steps that mend it."""

    text: str
    steps: tuple[Remedy, ...]


_KEYS = Notice(
    "The log holds session keys: whoever may read it can decrypt recorded connections.",
    (
        Remedy(
            "Java before 8u262 prints them whatever the value is: switch the debug output off as soon as the "
            "failure is understood, and delete the logs or keep them from others."
        ),
        Remedy("Java 8u262 and later prints none: upgrade Java, if Integration Server's version allows it."),
    ),
)
_PLAINTEXT = (
    "The log holds decrypted application data, passwords among it. To keep the messages and leave that out:"
)


def notices(
    depth: Depth,
    *,
    dialects: Sequence[Dialect] = (),
    leaks: Collection[Leak] = (),
    wrapped: bool = False,
    product_version: str | None = None,
) -> tuple[Notice, ...]:
    """Return what is wrong with the debug output: secrets in it first, then that it shows too little.

    `wrapped` says that the lines have the wrapper's prefix, so that there is a custom_wrapper.conf.
    """
    found = []
    if Leak.PLAINTEXT in leaks:
        found.append(Notice(_PLAINTEXT, _value_steps(wrapped=wrapped, anew=False)))
    if Leak.KEYS in leaks:
        found.append(_KEYS)
    deeper = debug_steps(depth, dialects=dialects, wrapped=wrapped, product_version=product_version)
    if deeper:
        found.append(Notice(_LEADS[depth], deeper))
    return tuple(found)


_LEADS: Mapping[Depth, str] = MappingProxyType(
    {
        Depth.NONE: "To switch it on, before the failure happens again:",
        Depth.SHALLOW: "Deeper debug output would tell more. To switch it on:",
    }
)


_ANEW = "<n> being the next free number"
_NOT_THERE = "Not in watt.config.systemProperties: it splits at commas."
_REPLACED = "in the line that sets javax.net.debug now, or in a new one with the next free number"
_NO_MORE = "Take it out of watt.config.systemProperties if it stands there: that wins, and splits at commas."


def _value_steps(*, wrapped: bool, anew: bool) -> tuple[Remedy, ...]:
    """Return where the value of javax.net.debug is set; `anew` says that none is set yet."""
    line, other = (_ANEW, _NOT_THERE) if anew else (_REPLACED, _NO_MORE)
    wrapper = Remedy(
        f'In custom_wrapper.conf of the profile, {line}. Never "all": it prints decrypted data. {other}',
        "wrapper.java.additional.<n>",
        f"-Djavax.net.debug={DEBUG}",
        restart=True,
    )
    variable = Remedy(
        "In containers and on Microservices Runtime, instead: an environment variable.",
        "JAVA_CUSTOM_OPTS",
        f"-Djavax.net.debug={DEBUG}",
        restart=True,
    )
    return (wrapper,) if wrapped else (wrapper, variable)


def debug_steps(
    depth: Depth,
    *,
    dialects: Sequence[Dialect] = (),
    wrapped: bool = False,
    product_version: str | None = None,
) -> tuple[Remedy, ...]:
    """Return what switches full debug output on, step by step; nothing where it is on.

    The IAIK library has one depth only, so a log that speaks nothing else has no deeper one.
    """
    if depth is Depth.FULL or set(dialects) == {Dialect.IAIK}:
        return ()
    steps = list(_value_steps(wrapped=wrapped, anew=depth is Depth.NONE))
    if depth is Depth.NONE and may_use_iaik(product_version):
        steps.append(
            Remedy(
                "For connections that do not use JSSE, as well: an extended setting.",
                "watt.ssl.iaik.debug",
                "true",
                applies_to="<=10.11",
                restart=True,
            )
        )
    return tuple(steps)
