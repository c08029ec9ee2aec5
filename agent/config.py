"""Reads the configuration file: TOML in, frozen dataclasses out, every complaint with its key and the mend.

The dataclasses are the schema: a field whose metadata holds a check is a key of the file, a field without a
default is required. Tables in a list count from 1 in messages ("log[1]" is the first [[log]]). Relative
paths start at the folder of the configuration file, those that begin with `$CREDENTIALS_DIRECTORY/` where
systemd puts what a unit's LoadCredential names. No message repeats text that could be a credential.
"""

import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, TypeVar

from agent import config_values as check
from agent.config_receiver import Receiver, complete
from agent.errors import ConfigError

LEVELS = ("debug", "info", "warning", "error")

_T = TypeVar("_T")
_CATALOGUE_BYTES = 1_000_000  # some thousand entries; keeps a wrong file (a log, a device) out of memory
_LOCALTIME = Path("/etc/localtime")
_CREDENTIALS = "$CREDENTIALS_DIRECTORY"


def _tables(kind: type, name: str) -> Mapping[str, Any]:
    return {"tables": kind, "key": name}


def _table(kind: type) -> Mapping[str, Any]:
    return {"table": kind, "key": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log to follow. `path` may be a glob. `product_version` and `time_zone` are None where not given."""

    name: str = field(metadata=check.key(check.name))
    path: Path = field(metadata=check.key(check.path))
    start: str = field(default="end", metadata=check.key(check.one_of("end", "beginning")))
    product_version: str | None = field(default=None, metadata=check.key(check.product_version))
    time_zone: str | None = field(default=None, metadata=check.key(check.time_zone))

    def zone(self, machine: tzinfo) -> tzinfo:
        """Return the zone of times that the log prints without one; `machine` is this machine's."""
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else machine


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where the state store lives."""

    directory: Path = field(default=Path("/var/lib/wmtls"), metadata=check.key(check.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Where metrics and health are served; port 0 takes any free one."""

    listen: str = field(default="127.0.0.1:9846", metadata=check.key(check.listen))

    @property
    def host(self) -> str:
        """Return the host, an IPv6 address without its brackets."""
        return check.split_listen(self.listen)[0]

    @property
    def port(self) -> int:
        """Return the port."""
        return check.split_listen(self.listen)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Where diagnoses of one's own are; None where there are none."""

    directory: Path | None = field(default=None, metadata=check.key(check.path))

    def files(self) -> dict[str, str]:
        """Return the TOML files of the directory by their paths, in the order of their names.

        Raises ConfigError, which names the directory or the file and the mend.
        """
        if self.directory is None:
            return {}
        try:
            paths = sorted(path for path in self.directory.iterdir() if path.suffix == ".toml")
            return {str(path): self._text(path) for path in paths}
        except OSError as error:
            place = error.filename or self.directory
            raise ConfigError(
                f"the catalogue {place} cannot be read ({error.strerror}); "
                "create it, mend its permissions, or name another directory"
            ) from None

    def _text(self, path: Path) -> str:
        with path.open("rb") as file:
            data = file.read(_CATALOGUE_BYTES + 1)
        if len(data) > _CATALOGUE_BYTES:
            raise ConfigError(f"{path} is larger than {_CATALOGUE_BYTES} bytes; split it")
        try:
            return data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise ConfigError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """What every message tells besides its incident; None where not given."""

    instance: str | None = field(default=None, metadata=check.key(check.label))
    runbook: str | None = field(default=None, metadata=check.key(check.link))
    dashboard: str | None = field(default=None, metadata=check.key(check.link))


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """How the agent's own log lines look; "auto" is console on a terminal and JSON elsewhere."""

    level: str = field(default="info", metadata=check.key(check.one_of(*LEVELS)))
    format: str = field(default="auto", metadata=check.key(check.one_of("auto", "json", "console")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on unfinished handshakes, for each log: how many, and after how many seconds one is given up."""

    open_handshakes: int = field(default=10_000, metadata=check.key(check.whole(1, 1_000_000)))
    handshake_seconds: int = field(default=300, metadata=check.key(check.whole(1, 86_400)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole configuration, checked."""

    logs: tuple[Log, ...] = field(metadata=_tables(Log, "log"))
    state: State = field(default=State(), metadata=_table(State))
    http: Http = field(default=Http(), metadata=_table(Http))
    receivers: tuple[Receiver, ...] = field(default=(), metadata=_tables(Receiver, "receiver"))
    messages: Messages = field(default=Messages(), metadata=_table(Messages))
    catalogue: Catalogue = field(default=Catalogue(), metadata=_table(Catalogue))
    logging: Logging = field(default=Logging(), metadata=_table(Logging))
    limits: Limits = field(default=Limits(), metadata=_table(Limits))


def keys(kind: type) -> dict[str, Field[Any]]:
    """Return the keys of a table, as the file spells them, with the dataclass fields they fill."""
    return {one.metadata["key"] or one.name: one for one in fields(kind)}


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk over parsed TOML: `source` is named in complaints, relative paths start at `base`.

    `credentials` is systemd's directory of them, None outside of a unit that loads some.
    """

    source: Path
    base: Path
    credentials: str | None

    def wrong(self, key: str, what: str, mend: str, *, joint: str = " ") -> ConfigError:
        return ConfigError(f"{key}{joint}{what} in {self.source}; {mend}")

    def table(self, kind: type[_T], data: Mapping[str, object], prefix: str) -> _T:
        known = keys(kind)
        for key in data:
            if key not in known:
                shown = check.shown(prefix + key).strip('"')
                near = check.nearest(key, tuple(known))
                hint = f' (did you mean "{near}"?)' if near else ""
                told = "" if near else f"; there are {', '.join(known)}"
                raise ConfigError(f'unknown key "{shown}"{hint} in {self.source}{told}')
        values: dict[str, object] = {}
        for key, one in known.items():
            if key in data:
                values[one.name] = self.value(one, data[key], prefix + key)
            elif one.default is MISSING:
                mend = f"add [[{key}]] with its name and path" if "tables" in one.metadata else f"add {key}"
                raise self.wrong(prefix + key, "is missing", mend)
        return kind(**values)

    def value(self, one: Field[Any], value: object, key: str) -> object:
        if "table" in one.metadata:
            if not isinstance(value, dict):
                raise self.wrong(key, f"is {check.kind_of(value)}", f"write a [{key}] table")
            return self.table(one.metadata["table"], value, f"{key}.")
        if "tables" in one.metadata:
            if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                raise self.wrong(key, f"is {check.kind_of(value)}", f"write [[{key}]] in double brackets")
            return tuple(
                self.table(one.metadata["tables"], item, f"{key}[{number}].")
                for number, item in enumerate(value, start=1)
            )
        try:
            checked = one.metadata["check"](value)
        except check.WrongError as wrong:
            raise self.wrong(key, wrong.what, wrong.mend) from None
        return self.path(checked, key) if isinstance(checked, Path) else checked

    def path(self, path: Path, key: str) -> Path:
        if path.parts[0] != _CREDENTIALS:
            return self.base / path
        if not self.credentials:
            what = f"begins with {_CREDENTIALS}, which is not set,"
            raise self.wrong(key, what, "run it in a unit with LoadCredential=, or write the full path")
        return Path(self.credentials, *path.parts[1:])

    def receiver(self, receiver: Receiver, key: str, environ: Mapping[str, str]) -> Receiver:
        try:
            return complete(receiver, environ)
        except check.WrongError as wrong:
            raise self.wrong(key, wrong.what, wrong.mend, joint="") from None

    def known(self, key: str, given: Iterable[str], names: Sequence[str]) -> None:
        """Refuse a name that is none of some."""
        for one in sorted(given):
            try:
                check.known(one, names)
            except check.WrongError as wrong:
                raise self.wrong(key, wrong.what, wrong.mend) from None

    def once(self, key: str, values: Sequence[str], mend: str) -> None:
        """Refuse the second of two equal values; `key` is a pattern with {} for the number."""
        for number, value in enumerate(values, start=1):
            if value in values[: number - 1]:
                first = key.format(values.index(value) + 1)
                raise self.wrong(key.format(number), f"is the same as {first}", mend)


def _parse(path: Path) -> dict[str, Any]:
    """Return the file's tables; raises ConfigError for a file that is absent, unreadable or not TOML."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration file {path}; name yours with --config FILE") from None
    except OSError as error:
        raise ConfigError(
            f"the configuration file {path} cannot be read ({error.strerror}); "
            "mend its permissions or name another with --config FILE"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"line {line} of {path} is not UTF-8; save the file as UTF-8") from None
    except ValueError as error:  # TOMLDecodeError, or int() that refuses thousands of digits
        reason, _, place = str(error).rstrip(")").rpartition(" (at ")
        where = place.partition(",")[0] if place.startswith("line ") else "the end"
        reason = "a key is wrong" if "://" in reason else reason
        raise ConfigError(f"{where} of {path} is not TOML ({reason}); mend it there") from None
    except RecursionError:
        raise ConfigError(
            f"{path} is nested too deeply for TOML; write it like config.example.toml"
        ) from None


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration in the file `path`; raises ConfigError, one sentence, at the first fault."""
    walk = _Walk(source=path, base=path.absolute().parent, credentials=environ.get(_CREDENTIALS[1:]))
    config = walk.table(Config, _parse(path), "")
    if not config.logs:
        raise walk.wrong("log", "is empty", "add [[log]] with its name and path")
    walk.once("log[{}].name", [one.name for one in config.logs], "give each log a name of its own")
    walk.once("log[{}].path", [str(one.path) for one in config.logs], "follow each file once")
    walk.once(
        "receiver[{}].name", [one.name for one in config.receivers], "give each receiver a name of its own"
    )
    logs = [one.name for one in config.logs]
    for number, one in enumerate(config.receivers, start=1):
        walk.known(f"receiver[{number}].logs", one.logs, logs)
    receivers = tuple(
        walk.receiver(one, f"receiver[{number}]", environ)
        for number, one in enumerate(config.receivers, start=1)
    )
    return replace(config, receivers=receivers)


def machine_zone(environ: Mapping[str, str]) -> tzinfo:
    """Return this machine's time zone: the variable TZ, else /etc/localtime, else UTC."""
    name = environ.get("TZ", "").removeprefix(":")
    if name:
        try:
            return zoneinfo.ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass  # a POSIX rule or a path: /etc/localtime is the better guess than a failure
    try:
        with _LOCALTIME.open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file, key="localtime")
    except (OSError, ValueError):
        return UTC
