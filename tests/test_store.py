import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import outbox, store_look
from agent import store as store_module
from agent.codec import decode, encode
from agent.errors import DamagedStateError, StateError
from agent.model.block import Where
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.incident import Failure, Incident
from agent.model.series import Series
from agent.model.vocabulary import (
    ActingSide,
    Confidence,
    Dialect,
    IncidentEvent,
    Issue,
    Outcome,
    Role,
    Severity,
)
from agent.outbox import Abandoned, Backlog, Outgoing
from agent.store import Commit, Saved, Store
from agent.tally import Tally

T0 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
FAILURES: Series = ("wmtls_handshake_failures_total", ("default", "sni"))
LAG: Series = ("wmtls_log_lag_bytes", ("default",))
NOTHING = Saved({}, {}, {}, {}, {})


def incident(number: int = 1) -> Incident:
    """Return an incident whose id tells its number."""
    at = Where("wrapper.log", "dev:1", number * 100, number)
    return Incident(
        id=f"{number:032x}",
        incident=f"{number:032x}",
        fingerprint="f" * 32,
        event=IncidentEvent.OPENED,
        severity=Severity.ERROR,
        log="default",
        at=T0,
        failure=Failure(
            Handshake(
                dialect=Dialect.JSSE,
                role=Role.CLIENT,
                outcome=Outcome.FAILED,
                jvm=1,
                thread="main",
                connection=None,
                first=at,
                last=at,
                started_at=T0,
                ended_at=T0,
            ),
            Diagnosis(
                "sni",
                Issue.SNI,
                "name_not_sent",
                Confidence.LIKELY,
                ActingSide.THIS_SIDE,
                "No name was sent.",
            ),
        ),
        count=number,
        first_seen=T0,
        last_seen=T0,
    )


def full(at: datetime = T0) -> Commit:
    """Return a commit that changes one thing of each kind."""
    return Commit(
        at=at,
        tails={"/logs/wrapper.log": b"tail"},
        assemblies={"/logs/wrapper.log": b"assembly"},
        increments={FAILURES: 2},
        gauges={LAG: 17},
        open_incidents={"f1": b"open"},
        outbox=[("ops", incident())],
    )


SAVED = Saved(
    tails={"/logs/wrapper.log": b"tail"},
    assemblies={"/logs/wrapper.log": b"assembly"},
    counters={FAILURES: 2},
    gauges={LAG: 17},
    open_incidents={"f1": b"open"},
)


def test_a_commit_is_there_after_a_restart(tmp_path: Path) -> None:
    """What one opening committed, the next one loads."""
    with Store.open(tmp_path) as first:
        assert first.load() == NOTHING
        first.commit(full())
    with Store.open(tmp_path) as second:
        assert second.load() == SAVED
        assert second.due("ops", T0, 10) == [Outgoing(1, encode(incident()), 0, T0)]


def test_counters_add_up_and_the_rest_is_replaced(tmp_path: Path) -> None:
    """Increments are added, states and gauges replaced, named ones removed, unnamed ones kept."""
    other: Series = ("wmtls_peer_certificate_not_after_timestamp_seconds", ("default", 'CN="a", O=b'))
    with Store.open(tmp_path) as store:
        store.commit(full())
        store.commit(
            Commit(
                at=T0,
                tails={"/logs/b\udcff.log": b"b"},
                assemblies={"/logs/wrapper.log": b"assembly 2"},
                increments={FAILURES: 1},
                gauges={LAG: None, other: 3},
                open_incidents={"f2": b"two"},
                closed_incidents=["f1"],
            )
        )
        assert store.load() == Saved(
            tails={"/logs/b\udcff.log": b"b", "/logs/wrapper.log": b"tail"},
            assemblies={"/logs/wrapper.log": b"assembly 2"},
            counters={FAILURES: 3},
            gauges={other: 3},
            open_incidents={"f2": b"two"},
        )
        store.commit(Commit(at=T0, forgotten_logs=["/logs/wrapper.log"]))
        assert store.load().tails == {"/logs/b\udcff.log": b"b"}
        assert store.load().assemblies == {}


@pytest.mark.parametrize(
    ("table", "operation"),
    [
        ("assemblies", "INSERT"),
        ("counters", "UPDATE"),
        ("gauges", "INSERT"),
        ("open_incidents", "INSERT"),
        ("outbox", "INSERT"),
    ],
)
def test_a_commit_that_fails_half_way_changes_nothing(tmp_path: Path, table: str, operation: str) -> None:
    """Wherever a commit breaks, all that came before it in the same commit is taken back."""
    with Store.open(tmp_path) as store:
        store.commit(full())
        store._connection.execute(
            f"CREATE TRIGGER broken BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
        with pytest.raises(StateError, match="broken"):
            store.commit(
                Commit(
                    at=T0,
                    tails={"/logs/wrapper.log": b"moved"},
                    assemblies={"/logs/wrapper.log": b"new"},
                    increments={FAILURES: 100},
                    gauges={LAG: 0},
                    open_incidents={"f9": b"nine"},
                    outbox=[("ops", incident(9))],
                )
            )
        assert store.load() == SAVED
        assert store.backlog("ops").length == 1


def test_a_full_disk_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """A commit for which there is no room raises, and the same commit goes through once there is."""
    big = Commit(at=T0, tails={"/logs/wrapper.log": b"moved"}, assemblies={"/logs/a": bytes(1_000_000)})
    with Store.open(tmp_path) as store:
        store.commit(full())
        store._connection.execute("PRAGMA max_page_count = 40")
        with pytest.raises(StateError, match="the disk is full: free some space"):
            store.commit(big)
        assert store.load() == SAVED
        store._connection.execute("PRAGMA max_page_count = 100000")
        store.commit(big)
        assert store.load().tails == {"/logs/wrapper.log": b"moved"}


def test_a_database_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A read-only file raises with its mend, and nothing changes."""
    with Store.open(tmp_path) as store:
        store.commit(full())
        store._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(StateError, match="cannot be written: give this user the right"):
            store.commit(Commit(at=T0, tails={"/logs/wrapper.log": b"moved"}))
        assert store.load() == SAVED


def test_a_process_killed_inside_a_commit_leaves_the_commit_before(tmp_path: Path) -> None:
    """A process that dies between two statements of a commit has not committed."""
    with Store.open(tmp_path) as store:
        store.commit(full())
    program = """
import os, sys
from pathlib import Path
from agent.store import Store
store = Store.open(Path(sys.argv[1]))
with store._transaction() as db:
    db.execute("UPDATE tails SET state = 'moved'")
    db.execute("UPDATE counters SET value = 99")
    os._exit(9)
"""
    call = [sys.executable, "-c", program, str(tmp_path)]
    root = Path(store_module.__file__).parents[1]
    assert subprocess.run(call, check=False, cwd=root).returncode == 9  # noqa: S603  (our own program)
    with Store.open(tmp_path) as store:
        assert store.load() == SAVED


def test_a_second_agent_is_refused(tmp_path: Path) -> None:
    """Only one process at a time has the directory; the next may have it after it was closed."""
    with Store.open(tmp_path), pytest.raises(StateError, match=r"another wmtls is using .*state\.directory"):
        Store.open(tmp_path)
    Store.open(tmp_path).close()


def test_only_its_user_can_read_the_state(tmp_path: Path) -> None:
    """Directory 0700 if made here; files 0600, journals included, even where they were open before."""
    directory = tmp_path / "lib" / "wmtls"
    with Store.open(directory) as store:
        store.commit(full())
        modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
    assert directory.stat().st_mode & 0o777 == 0o700
    assert modes == {"wmtls.db": 0o600, "wmtls.db-wal": 0o600, "wmtls.db-shm": 0o600, "wmtls.lock": 0o600}
    (directory / "wmtls.db").chmod(0o644)
    Store.open(directory).close()
    assert (directory / "wmtls.db").stat().st_mode & 0o777 == 0o600


def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    """The file has a write-ahead log and is synced at each commit."""
    with Store.open(tmp_path) as store:
        pragmas = [
            store._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout")
        ]
    assert pragmas == ["wal", 2, 5000]


def test_a_damaged_file_is_refused_and_kept(tmp_path: Path) -> None:
    """Bytes that are no database are left as they are by who does not ask to begin anew."""
    path = tmp_path / "wmtls.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(DamagedStateError, match="is damaged or no SQLite file"):
        Store.open(tmp_path)
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_damaged_file_is_set_aside_and_an_empty_one_begun(tmp_path: Path) -> None:
    """The old file keeps its content under the next free name, and is named until somebody takes it away."""
    path, told = tmp_path / "wmtls.db", []
    path.write_bytes(b"not a database at all" * 100)
    (tmp_path / "wmtls.db.corrupt-1").touch()
    with Store.open(tmp_path, aside=lambda *what: told.append(what)) as store:
        aside = tmp_path / "wmtls.db.corrupt-2"
        assert told == [(aside, f"{path} is damaged or no SQLite file")]
        assert aside.read_bytes() == b"not a database at all" * 100
        assert store.load() == NOTHING
        assert store.unacknowledged() == (tmp_path / "wmtls.db.corrupt-1", aside)
        aside.unlink()
        assert store.unacknowledged() == (tmp_path / "wmtls.db.corrupt-1",)


def test_beginning_anew_keeps_what_was_committed_in_the_file_set_aside(tmp_path: Path) -> None:
    """A record that cannot be read sets the whole file aside, with its journal: nothing in it is lost."""
    with Store.open(tmp_path) as store:
        store.commit(full())
        aside = store.begin_anew()
        assert store.load() == NOTHING
        store.commit(full())
        assert store.load() == SAVED
    (tmp_path / "copy").mkdir()
    for file in tmp_path.glob(f"{aside.name}*"):
        file.rename(tmp_path / "copy" / file.name.replace(aside.name, "wmtls.db"))
    with Store.open(tmp_path / "copy") as store:
        assert store.load() == SAVED


@pytest.mark.parametrize(
    "labels",
    ["'{'", "'5'", "'[1]'", "'{}'", "NULL", "x'ff'", "'" + "[" * 100_000 + "'", "CAST(x'ff' AS TEXT)"],
    ids=["torn", "number", "numbers", "object", "null", "bytes", "deep", "no UTF-8"],
)
def test_a_damaged_counter_is_told(tmp_path: Path, labels: str) -> None:
    """Labels that are no list of texts are found when they are loaded, whatever they are."""
    with Store.open(tmp_path) as store:
        store.commit(full())
        store._connection.execute(f"UPDATE counters SET labels = {labels}")  # noqa: S608  (our own)
        with pytest.raises(DamagedStateError, match=r"a counter that cannot be read|text that is none"):
            store.load()


def test_messages_of_a_receiver_that_is_configured_no_more(tmp_path: Path) -> None:
    """They wait for it to come back, those that are too old are given up; others are not touched."""
    later = T0 + timedelta(days=2)
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=T0, outbox=[("gone", incident(1)), ("ops", incident(1))]))
        store.commit(Commit(at=later, outbox=[("gone", incident(2))]))
        assert store.drop_abandoned(["ops", "gone"], later) == {}
        assert store.drop_abandoned(["ops"], later) == {"gone": Abandoned(kept=1, dropped=1)}
        assert store.drop_abandoned(["ops"], later) == {"gone": Abandoned(kept=1, dropped=0)}
        assert store.backlog("ops").length == 1
        assert [one.created for one in store.due("gone", later, 9)] == [later]


def test_an_emptied_file_is_no_new_one(tmp_path: Path) -> None:
    """An empty file is new before the first start, and after it the ruin of a state; an absent one is new."""
    path = tmp_path / "wmtls.db"
    path.touch()
    Store.open(tmp_path).close()
    path.write_bytes(b"")
    with pytest.raises(DamagedStateError, match="is empty, and was not before"):
        Store.open(tmp_path)
    path.unlink()
    Store.open(tmp_path).close()


def test_a_foreign_database_is_set_aside_unchanged(tmp_path: Path) -> None:
    """A database of another program is refused, or set aside, and in both cases not changed."""
    path = tmp_path / "wmtls.db"
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE meta (key, value)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(DamagedStateError, match="is not a state file of wmtls"):
        Store.open(tmp_path)
    assert path.read_bytes() == before
    Store.open(tmp_path, aside=lambda *_: None).close()
    assert (tmp_path / "wmtls.db.corrupt-1").read_bytes() == before


def test_a_damaged_page_is_found_at_opening(tmp_path: Path) -> None:
    """A file whose inside was overwritten is refused before anything is read from it."""
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=T0, assemblies={"/logs/a": bytes(100_000)}))
    path = tmp_path / "wmtls.db"
    data = bytearray(path.read_bytes())
    data[8192:-4096] = b"\xff" * (len(data) - 8192 - 4096)
    path.write_bytes(data)
    with pytest.raises(StateError, match="is damaged"):
        Store.open(tmp_path)


def test_a_schema_from_the_future_is_refused(tmp_path: Path) -> None:
    """A file of a newer version is not touched by an older one."""
    with Store.open(tmp_path) as store:
        store._connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    with pytest.raises(StateError, match=r"newer wmtls \(schema 99, this one knows \d+\)"):
        Store.open(tmp_path)


def test_a_file_without_a_schema_is_refused(tmp_path: Path) -> None:
    """A file of ours that does not tell its schema is not guessed at."""
    with Store.open(tmp_path) as store:
        store._connection.execute("DELETE FROM meta")
    with pytest.raises(StateError, match="does not tell its schema"):
        Store.open(tmp_path)


def test_an_older_schema_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing steps run once and in order; a step that fails leaves the schema before it."""
    with Store.open(tmp_path) as store:
        store.commit(full())
    known = store_module.MIGRATIONS
    broken = ("CREATE TABLE extra (a)", "CREATE TABLE extra (a)")
    monkeypatch.setattr(store_module, "MIGRATIONS", (*known, broken))
    with pytest.raises(StateError, match="already exists"):
        Store.open(tmp_path)
    monkeypatch.setattr(store_module, "MIGRATIONS", (*known, broken[:1]))
    for _ in range(2):
        with Store.open(tmp_path) as store:
            assert store.load() == SAVED
            reached = store._connection.execute("SELECT value FROM meta").fetchone()
            assert reached == (str(len(known) + 1),)


def test_an_outbox_of_the_first_schema_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that waited before there were stories is a story of its own."""
    known = store_module.MIGRATIONS
    with monkeypatch.context() as earlier:
        earlier.setattr(store_module, "MIGRATIONS", known[:1])
        with Store.open(tmp_path) as store:
            store._connection.execute(
                "INSERT INTO outbox (incident_id, receiver, incident, created, next_try)"
                " VALUES ('1', 'ops', '{}', 0, 0)"
            )
    with Store.open(tmp_path) as store:
        assert [letter.row for letter in store.due("ops", T0, 10)] == [1]


def test_a_state_of_the_first_release_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Schema 1 counted nothing by file; all that it has stays, and from now on files are counted."""
    with monkeypatch.context() as first:
        first.setattr(store_module, "MIGRATIONS", store_module.MIGRATIONS[:1])
        with Store.open(tmp_path) as store:
            store._connection.execute("INSERT INTO tails VALUES (CAST('/logs/wrapper.log' AS BLOB), x'00')")
    with Store.open(tmp_path) as store:
        assert store.load().tails == {"/logs/wrapper.log": b"\0"}
        store.commit(Commit(at=T0, tallies=[("/logs/wrapper.log", TALLY)]))
    assert store_look.tallies(tmp_path) == {"/logs/wrapper.log": [TALLY]}


TALLY = Tally(
    identity="5-1",
    file="wrapper.log",
    first=10,
    end=30,
    read_bytes=20,
    lines=2,
    completed=1,
    failed=2,
    incomplete=3,
    fresh=True,
    version="1.0",
    silences=((20, 2.5),),
    position=b"{}",
)


def test_tallies_add_up_and_keep_where_they_began(tmp_path: Path) -> None:
    """Each commit adds; where a file began, and that it began without memory, stays."""
    more = replace(TALLY, file="", first=30, end=50, fresh=False, mixed=True, version="1.1", position=None)
    with Store.open(tmp_path) as store:
        for one in (TALLY, more):
            store.commit(Commit(at=T0, tallies=[("/l", one)]))
    assert store_look.tallies(tmp_path) == {
        "/l": [
            replace(
                TALLY,
                end=50,
                read_bytes=40,
                lines=4,
                completed=2,
                failed=4,
                incomplete=6,
                mixed=True,
                version="",
                silences=((20, 2.5), (20, 2.5)),
            )
        ]
    }


def test_tallies_are_bounded_and_go_with_their_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest files of a log are given up, their silences too; a log that is forgotten has none."""
    monkeypatch.setattr(store_module, "MAX_TALLIES", 2)
    with Store.open(tmp_path) as store:
        for name in ("a", "b", "c"):
            store.commit(Commit(at=T0, tallies=[("/l", replace(TALLY, identity=name)), ("/m", TALLY)]))
        found = store_look.tallies(tmp_path)
        assert [one.identity for one in found["/l"]] == ["b", "c"]
        assert found["/m"][0].lines == 6
        assert store._connection.execute(
            "SELECT count(*) FROM silences WHERE log = ?", (b"/l",)
        ).fetchone() == (2,)
        store.commit(Commit(at=T0, forgotten_logs=["/l"]))
        assert list(store_look.tallies(tmp_path)) == ["/m"]


def test_a_directory_that_cannot_be_is_told(tmp_path: Path) -> None:
    """A file in the place of the directory, or a link in the place of a file, is named in the error."""
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"state\.directory .*file/state cannot be made"):
        Store.open(tmp_path / "file" / "state")
    with pytest.raises(StateError, match=r"state\.directory .*file cannot be made"):
        Store.open(tmp_path / "file")
    for name in ("wmtls.db", "wmtls.lock"):
        directory = tmp_path / name.replace(".", "-")
        directory.mkdir()
        (directory / name).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StateError, match="cannot be opened"):
            Store.open(directory)


def test_a_closed_store_refuses(tmp_path: Path) -> None:
    """A thread that comes too late gets a StateError, and closing twice does no harm."""
    store = Store.open(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StateError, match="closed"):
        store.commit(full())


def test_an_incident_goes_to_each_receiver_once(tmp_path: Path) -> None:
    """The same id is queued once per receiver, even after it was delivered."""
    with Store.open(tmp_path) as store:
        change = Commit(at=T0, outbox=[("ops", incident()), ("chat", incident()), ("ops", incident())])
        store.commit(change)
        store.commit(change)
        assert [store.backlog(name).length for name in ("ops", "chat", "none")] == [1, 1, 0]
        (letter,) = store.due("ops", T0, 10)
        assert decode(letter.incident, Incident) == incident()
        store.delivered(letter.row)
        store.commit(change)
        assert [store.backlog(name).length for name in ("ops", "chat")] == [0, 1]
        contents = store._connection.execute("SELECT receiver, length(incident) > 0 FROM outbox").fetchall()
        assert sorted(contents) == [("chat", 1), ("ops", 0)]


def test_the_life_of_a_message(tmp_path: Path) -> None:
    """Waiting, postponed, refused, given up: each step moves the row and its counters together."""
    later, end = T0 + timedelta(minutes=1), T0 + timedelta(hours=1)
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=T0, outbox=[("ops", incident(1))]))
        store.commit(Commit(at=later, outbox=[("ops", incident(2))]))
        assert store.backlog("ops") == Backlog(2, T0, T0)
        assert [letter.row for letter in store.due("ops", later, 10)] == [1, 2]
        assert [letter.row for letter in store.due("ops", later, 1)] == [1]
        assert [letter.row for letter in store.due("ops", T0, 10)] == [1]

        store.postponed(1, end, "client_error", refused_since=later)
        assert [letter.row for letter in store.due("ops", later, 10)] == [2]
        store.delivered(2)
        assert store.backlog("ops") == Backlog(1, T0, end)
        assert store.due("ops", end, 10) == [Outgoing(1, encode(incident(1)), 1, T0, later)]

        store.postponed(1, end, "timeout")
        assert store.due("ops", end, 10) == [Outgoing(1, encode(incident(1)), 2, T0)]
        store.gave_up(1, "timeout")
        assert store.backlog("ops") == Backlog(0, None)
        for settled in (1, 2, 3):
            store.delivered(settled)
            store.postponed(settled, end, "timeout")
            store.gave_up(settled, "timeout")
        expected: dict[Series, float] = {
            ("wmtls_deliveries_total", ("ops",)): 4,
            ("wmtls_delivery_failures_total", ("ops", "client_error")): 1,
            ("wmtls_delivery_failures_total", ("ops", "timeout")): 1,
            ("wmtls_delivery_failures_total", ("ops", "gave_up")): 1,
        }
        assert store.counters() == expected
        dead = store._connection.execute(
            "SELECT row, attempts, reason, incident FROM outbox WHERE state = 'dead'"
        )
        assert dead.fetchall() == [(1, 3, "timeout", encode(incident(1)))]


def test_a_failed_message_goes_behind_the_others(tmp_path: Path) -> None:
    """A message its receiver chokes on holds up none that has not been tried."""
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=T0, outbox=[("ops", incident(n)) for n in (1, 2)]))
        store.postponed(1, T0 + timedelta(seconds=5), "server_error")
        assert [letter.row for letter in store.due("ops", T0 + timedelta(seconds=9), 10)] == [2, 1]


def test_the_outbox_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limits the oldest waiting is given up and counted, and old dead and delivered rows go."""
    monkeypatch.setattr(outbox, "MAX_WAITING", 3)
    monkeypatch.setattr(outbox, "MAX_DEAD", 2)
    monkeypatch.setattr(outbox, "MAX_REMEMBERED", 1)
    with Store.open(tmp_path) as store:
        for number in range(1, 7):
            store.commit(Commit(at=T0, outbox=[("ops", incident(number))]))
        rows = store._connection.execute("SELECT row, state, reason FROM outbox ORDER BY row").fetchall()
        assert rows == [
            (2, "dead", "gave_up"),
            (3, "dead", "gave_up"),
            (4, "waiting", None),
            (5, "waiting", None),
            (6, "waiting", None),
        ]
        assert store.counters() == {("wmtls_delivery_failures_total", ("ops", "gave_up")): 3}
        store.delivered(4)
        store.delivered(5)
        store.gave_up(6, "client_error")
        rows = store._connection.execute("SELECT row, state, reason FROM outbox ORDER BY row").fetchall()
        assert rows == [(3, "dead", "gave_up"), (5, "delivered", None), (6, "dead", "client_error")]


def test_labels_are_kept_as_json(tmp_path: Path) -> None:
    """Label values with any character come back as they went in, and the file can be read by hand."""
    series: Series = ("m", ("a,b", '"', "ü"))
    with Store.open(tmp_path) as store:
        store.commit(Commit(at=T0, increments={series: 1}))
        assert store.counters() == {series: 1}
        (text,) = store._connection.execute("SELECT labels FROM counters").fetchone()
    assert tuple(json.loads(text)) == series[1]
