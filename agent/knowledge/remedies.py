"""What can be changed: rows of the catalogue, and which of them fit a product, a role and a library.

A JVM option is told as the place wants it: `wrapper.java.additional.<n>` where the log has the wrapper's
prefix, `JAVA_CUSTOM_OPTS` where it has none, as on Microservices Runtime, which has no wrapper (Microservices
Runtime Guide 10.11, "Passing Java System Properties").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from agent.knowledge.checks import Place, flag, known, needed, one_of, optional, text, words
from agent.knowledge.versions import Range, Version, parse_range
from agent.model.diagnosis import Remedy
from agent.model.vocabulary import Dialect, Role

JVM_OPTION = "jvm_option"

WHERE = MappingProxyType(
    {
        "extended": "Settings > Extended",
        "certificates": "Security > Certificates",
        "keystore": "Security > Keystore",
        "port": "Security > Ports, the port's own page",
        "listeners": "listeners.cnf of the port's package, with the server stopped",
        "service": "input of the service that makes the call",
        "webm_override": "config/security/webm_override_java.security",
        "java_security": "java.security of the JVM",
        JVM_OPTION: "custom_wrapper.conf; JAVA_CUSTOM_OPTS where no wrapper runs the JVM",
    }
)
"""The places where something is set, as the administrator finds them."""

_CUSTOM_WRAPPER = (
    "custom_wrapper.conf of the profile, <n> the next free number",
    "wrapper.java.additional.<n>",
)
_CUSTOM_OPTS = (
    "environment variable, or bin/setenv.sh, of Microservices Runtime or the container",
    "JAVA_CUSTOM_OPTS",
)

_WRAPPED_AFTER_ALL = " (Where a wrapper starts the JVM: wrapper.java.additional.<n> in custom_wrapper.conf.)"


@dataclass(frozen=True, slots=True)
class Advice:
    """A remedy and where it applies; empty sets mean everywhere."""

    remedy: Remedy
    versions: Range | None
    roles: frozenset[Role]
    dialects: frozenset[Dialect]
    jvm_option: bool


_KEYS = frozenset(
    {
        *("text", "setting", "value", "where", "applies_to", "restart", "port_restart", "weakens_security"),
        *("roles", "dialects"),
    }
)


def read(place: Place, row: Mapping[str, Any]) -> Advice:
    """Return a remedy; raises CatalogueError for a faulty one."""
    known(place, row, _KEYS)
    needed(place, row, ("text",))
    applies_to = optional(place, "applies_to", row.get("applies_to"))
    try:
        versions = parse_range(applies_to) if applies_to is not None else None
    except ValueError as error:
        raise place.wrong(f"'applies_to': {error}", "applies_to") from error
    where = row.get("where")
    if where is not None:
        where = one_of(place, "where", where, WHERE)
    elif "setting" in row:
        raise place.wrong("'where' is missing beside 'setting'; add it", "setting")
    return Advice(
        remedy=Remedy(
            text=text(place, "text", row["text"]),
            setting=optional(place, "setting", row.get("setting")),
            value=optional(place, "value", row.get("value")),
            where=WHERE[where] if where is not None else None,
            applies_to=applies_to,
            restart=flag(place, "restart", row),
            port_restart=flag(place, "port_restart", row),
            weakens_security=bool(flag(place, "weakens_security", row)),
        ),
        versions=versions,
        roles=words(place, "roles", row, Role),
        dialects=words(place, "dialects", row, Dialect),
        jvm_option=where == JVM_OPTION,
    )


def fitting(
    advice: Iterable[Advice], role: Role, dialect: Dialect, version: Version | None, *, wrapped: bool
) -> tuple[Remedy, ...]:
    """Return the remedies that fit, those that weaken security last.

    Without a version those for all are given, each with its range, but for what the library rules out: IAIK
    debug text comes from 10.11 or earlier. `wrapped` says that the wrapper's prefix was seen.
    """
    last = (10, 11) if version is None and dialect is Dialect.IAIK else None
    fit = [
        _placed(one.remedy, wrapped=wrapped) if one.jvm_option else one.remedy
        for one in advice
        if (not one.roles or role in one.roles or role is Role.UNKNOWN)
        and (not one.dialects or dialect in one.dialects)
        and (one.versions is None or version is None or version in one.versions)
        and (one.versions is None or last is None or one.versions.begins_by(last))
    ]
    return tuple(sorted(fit, key=lambda remedy: remedy.weakens_security))


def _placed(remedy: Remedy, *, wrapped: bool) -> Remedy:
    """Return a JVM option as the file or variable wants it."""
    where, setting = _CUSTOM_WRAPPER if wrapped else _CUSTOM_OPTS
    option = f"-D{remedy.setting}={remedy.value}" if remedy.value is not None else f"-D{remedy.setting}=..."
    said = remedy.text if wrapped else remedy.text + _WRAPPED_AFTER_ALL
    return replace(remedy, text=said, setting=setting, value=option, where=where, restart=True)
