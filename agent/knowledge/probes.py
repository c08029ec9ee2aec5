"""What would decide between diagnoses: a sentence, and commands to be copied into a shell.

Whatever a log holds, a command is safe: a fact gets into it only if it is a plain host name, address or
port, else a placeholder in capitals stands there (HOST, PORT, NAME).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from agent.knowledge import sentences
from agent.knowledge.checks import Place, known, needed, texts, words
from agent.knowledge.view import View
from agent.model.events import FactKind
from agent.model.vocabulary import Dialect, Role

SHELL = MappingProxyType(
    {
        "connect": "address of the server, as host:port; of this server's own port where it is the server",
        "servername": "name of the server that the client asked for",
        "version": "option of openssl s_client for the highest version that the client offered",
    }
)
"""What a command may hold; all of it is always known, if only as a placeholder."""

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?\.?")
_ADDRESS = re.compile(r"\[?([0-9A-Fa-f:.]{2,45})\]?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_LAST_PORT = 65_535

_LAX = "-cipher DEFAULT:@SECLEVEL=0"
"""What OpenSSL 3 wants beside an old version; without it the command gives up by itself."""

_OPTIONS = MappingProxyType(
    {"TLSv1": f"-tls1 {_LAX}", "TLSv1.1": f"-tls1_1 {_LAX}", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
)


@dataclass(frozen=True, slots=True)
class Probe:
    """A way to be sure; empty sets mean everywhere."""

    wordings: tuple[str, ...]
    commands: tuple[str, ...]
    roles: frozenset[Role]
    dialects: frozenset[Dialect]


_KEYS = frozenset({"text", "commands", "roles", "dialects"})


def read(place: Place, row: Mapping[str, Any], values: Iterable[str], always: Iterable[str]) -> Probe:
    """Return a probe; raises CatalogueError for a faulty one."""
    known(place, row, _KEYS)
    needed(place, row, ("text",))
    commands = texts(place, "commands", row.get("commands", []))
    for command in commands:
        sentences.read(place, "commands", command, (), SHELL)
    return Probe(
        wordings=sentences.read(place, "text", row["text"], values, always),
        commands=tuple(commands),
        roles=words(place, "roles", row, Role),
        dialects=words(place, "dialects", row, Dialect),
    )


def say(probes: Sequence[Probe], role: Role, dialect: Dialect, values: Mapping[str, str]) -> str | None:
    """Return the first fitting probe, the sentence in the first line and a command in each that follows."""
    probe = chosen(probes, role, dialect)
    if probe is None:
        return None
    sentence = sentences.fill(probe.wordings, values)
    commands = dict.fromkeys(command.format_map(values) for command in probe.commands)
    return "\n".join([sentence, *commands])


def chosen(probes: Iterable[Probe], role: Role, dialect: Dialect) -> Probe | None:
    """Return the first probe that fits."""
    for probe in probes:
        if (not probe.roles or role in probe.roles) and (not probe.dialects or dialect in probe.dialects):
            return probe
    return None


def shell_values(view: View, values: Mapping[str, str]) -> dict[str, str]:
    """Return what may stand in a command; nothing in it means anything to a shell."""
    name = _host(view.handshake.server_name) or _host(values.get("name"))
    host, port = "HOST", "PORT"
    if view.role is Role.CLIENT:
        peer = view.handshake.peer or view.handshake.fact(FactKind.PEER) or ""
        before, _, after = peer.rpartition(":")
        host, port = _host(before) or name or host, _port(after) or port
    elif view.role is Role.SERVER:
        host = "THIS_SERVER"
    offered = view.handshake.offered_versions
    return {
        "connect": f"{host}:{port}",
        "servername": name or "NAME",
        "version": next((_OPTIONS[v] for v in reversed(_OPTIONS) if v in offered), "-tls1_2"),
    }


def _host(text: str | None) -> str | None:
    """Return a host that is plainly a name or an address; IPv6 in the brackets that openssl wants."""
    if not text:
        return None
    address = _ADDRESS.fullmatch(text)
    if address and ":" in address[1]:
        return f"[{address[1]}]"
    return text if _HOST.fullmatch(text) else None


def _port(text: str) -> str | None:
    return text if _PORT.fullmatch(text) and int(text) <= _LAST_PORT else None
