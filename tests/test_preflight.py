"""What `wmtls check` finds around the agent."""

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from agent import preflight, preflight_state
from agent.config import Catalogue, Config, Http, Log, State
from agent.model.vocabulary import Depth
from agent.preflight import Finding, Level
from agent.report.advice import Shown
from agent.telemetry.http import Pages, Server
from agent.telemetry.metrics import Metrics


def resolves(_: str, __: int) -> list[tuple[object, ...]]:
    """Know every host."""
    return []


def fails(_: str, __: int) -> list[tuple[object, ...]]:
    """Know no host."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def about(findings: list[Finding], subject: str) -> list[Finding]:
    """Return the findings about one thing."""
    return [one for one in findings if one.subject.startswith(subject)]


def check(config: Config, lookup: preflight.Lookup = resolves) -> list[Finding]:
    """Return what is found, with logs that show everything."""
    return preflight.check(config, shown_in=lambda _: Shown(Depth.FULL), lookup=lookup)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return a configuration that has everything it needs."""
    (tmp_path / "wrapper.log").write_text("x\n")
    return Config(
        logs=(Log(name="a", path=tmp_path / "wrapper.log"),),
        state=State(directory=tmp_path / "state"),
        http=Http(listen="127.0.0.1:0"),
    )


@pytest.fixture
def server() -> Iterator[Server]:
    """Return an agent's server on a free port."""
    pages = Pages(
        registry=Metrics(version="1", revision="").registry,
        healthy=lambda: False,
        ready=list,
        version="1",
    )
    one = Server("127.0.0.1", 0, pages)
    one.start()
    yield one
    one.close()


def test_a_place_where_all_is_well(config: Config, tmp_path: Path) -> None:
    """Each part says so in a line, and nothing was made."""
    findings = [one for one in check(config) if one.subject != "user"]
    assert findings == [
        Finding(Level.OK, 'log "a"', f"{tmp_path}/wrapper.log can be read, 2 bytes"),
        Finding(Level.OK, 'log "a"', "the debug text shows handshake messages"),
        Finding(Level.OK, "state", f"{tmp_path}/state will be created"),
        Finding(Level.OK, "http", "127.0.0.1:0 is free"),
        Finding(Level.OK, "receiver", "none is configured, so failures are only counted"),
    ]
    assert not preflight.failed(findings)
    assert [path.name for path in tmp_path.iterdir()] == ["wrapper.log"]


@pytest.mark.parametrize("uid", [0, 998])
def test_a_check_by_root_proves_little(uid: int, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root is told to ask as the service's user."""
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    expected = [
        Finding(
            Level.WARNING,
            "user",
            "this check runs as root, who may read everything, so it proves nothing of permissions",
            "sudo -u wmtls wmtls check --config FILE",
        )
    ]
    assert about(check(config), "user") == (expected if uid == 0 else [])


def test_a_state_directory_that_is_there(config: Config, tmp_path: Path) -> None:
    """It can be written, which is all that is asked of it."""
    (tmp_path / "state").mkdir()
    assert about(check(config), "state") == [Finding(Level.OK, "state", f"{tmp_path}/state can be written")]


def test_a_state_directory_that_is_a_file(config: Config, tmp_path: Path) -> None:
    """Neither the directory nor one in its place can be made."""
    (tmp_path / "state").write_text("")
    make = f"install -d -o wmtls -g wmtls -m 0700 {tmp_path}/state"
    assert about(check(config), "state") == [
        Finding(Level.ERROR, "state", f"{tmp_path}/state is not a directory", f"remove it, then {make}")
    ]


@pytest.mark.parametrize(("made", "word"), [(True, "written"), (False, "created")])
def test_a_state_directory_without_rights(
    made: bool,  # noqa: FBT001 - a column of the table
    word: str,
    config: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command makes it with owner and mode."""
    if made:
        (tmp_path / "state").mkdir()
    monkeypatch.setattr(preflight_state, "may", lambda _, __: False)
    assert about(check(config), "state") == [
        Finding(
            Level.ERROR,
            "state",
            f"{tmp_path}/state cannot be {word}",
            f"install -d -o wmtls -g wmtls -m 0700 {tmp_path}/state",
        )
    ]


def test_a_disk_that_is_nearly_full(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning: the agent starts, but cannot keep what a long outage piles up."""

    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(free=7_500_000))
    assert about(check(config), "state")[1] == Finding(
        Level.WARNING, "state", f"the disk of {tmp_path}/state has only 7 MB left", "make 100 MB room"
    )


def listening(config: Config, listen: str) -> Config:
    """Return the configuration with another address."""
    return Config(logs=config.logs, state=config.state, http=Http(listen=listen))


def test_an_agent_that_already_runs_is_no_error(config: Config, server: Server) -> None:
    """The check is for a running agent too, healthy or not."""
    listen = f"127.0.0.1:{server.address[1]}"
    assert about(check(listening(config, listen)), "http") == [
        Finding(Level.OK, "http", f"wmtls already serves at {listen}")
    ]


def test_an_address_in_use_by_something_else(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that does not answer as wmtls holds the port."""
    monkeypatch.setattr(preflight, "_ANSWER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        assert about(check(listening(config, listen)), "http") == [
            Finding(
                Level.ERROR,
                "http",
                f"http.listen {listen} is in use by another program",
                "stop that program or choose another port",
            )
        ]


def test_findings_become_lines() -> None:
    """The mend stands below its finding, the count at the end."""
    assert preflight.render(
        [
            Finding(Level.OK, "http", "127.0.0.1:9846 is free"),
            Finding(Level.WARNING, "state", "little room", "make room"),
            Finding(Level.ERROR, 'log "a"', "cannot be read", "chmod"),
        ]
    ) == [
        "ok       http: 127.0.0.1:9846 is free",
        "warning  state: little room",
        "         mend: make room",
        'error    log "a": cannot be read',
        "         mend: chmod",
        "1 error, 1 warning",
    ]
    assert preflight.render([]) == ["0 errors, 0 warnings"]


ENTRY = """
[[entry]]
id = "mine.gateway"
issue = "interrupted"
cause = "closed_by_peer"
confidence = "likely"
acting_side = "network"
summary = "The gateway was restarted."
[entry.when]
exception = ['gateway gone']
"""


def test_diagnoses_of_ones_own_are_counted(config: Config, tmp_path: Path) -> None:
    """A directory without any is told, for somebody wanted some."""
    assert about(check(config), "catalogue") == []
    folder = tmp_path / "mine"
    folder.mkdir()
    config = replace(config, catalogue=Catalogue(directory=folder))
    text = f"0 diagnoses in 0 files of {folder}"
    mend = f"put a TOML file with [[entry]] tables into {folder}"
    assert about(check(config), "catalogue") == [Finding(Level.WARNING, "catalogue", text, mend)]
    (folder / "gateway.toml").write_text(ENTRY)
    text = f"1 diagnosis in 1 file of {folder}"
    assert about(check(config), "catalogue") == [Finding(Level.OK, "catalogue", text)]


def test_a_faulty_diagnosis_is_named_with_its_line(config: Config, tmp_path: Path) -> None:
    """File, line, entry and what is wrong; the agent would not start."""
    (tmp_path / "gateway.toml").write_text(ENTRY.replace('"network"', '"nobody else"'))
    config = replace(config, catalogue=Catalogue(directory=tmp_path))
    found = about(check(config), "catalogue")
    text = f"{tmp_path / 'gateway.toml'}:7: entry 'mine.gateway': unknown acting_side 'nobody else'"
    assert found == [Finding(Level.ERROR, "catalogue", text, "use a word of the vocabulary")]
    assert preflight.failed(found)
