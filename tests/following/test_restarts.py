"""Ends and starts of the agent: kills, power cuts, damaged states, full disks, other configurations."""

import errno
import os
import random  # noqa: TID251 - seeded: the same kills at each run
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import httpx
import pytest

from agent.delivery.courier import Courier
from agent.delivery.receiver import Receiver
from agent.delivery.sender import Sender
from agent.errors import DamagedStateError, StateError
from agent.knowledge import catalogue
from agent.store import FILE_NAME, Store
from tests.following.handshakes import FAILURES, refused
from tests.following.mounts import small
from tests.following.world import World, append, lines, text

LATE = datetime(2027, 1, 1, tzinfo=UTC)


def one(world: World, *names: str) -> str:
    """Return the configuration of logs by the names of their files."""
    return "".join(
        f'[[log]]\nname = "{name}"\npath = "{world.folder / name}.log"\nstart = "beginning"\n'
        for name in names
    )


def test_stopped_under_load(world: World) -> None:
    """Stopped with most of a backlog unread, again and again: each line once, and the counters go on."""
    world.most = 5000
    world.write(1000)
    world.run()
    for _ in range(8):
        world.turn()
        world.restart()
        world.write(10)
    assert world.settle() == lines(0, 1080)


@pytest.mark.parametrize("seed", range(4))
def test_killed_a_hundred_times(world: World, seed: int) -> None:
    """Kills among writes, rolls and turns: each line once, and no counter that was shown goes back."""
    dice = random.Random(seed)  # noqa: S311 - dice, no secret
    world.write(1)
    world.run().settle()
    for _ in range(25):
        for _ in range(dice.randrange(6)):
            world.most = dice.choice([200, 5000, 1 << 20])
            world.write(dice.randrange(50))
            if dice.random() < 0.3:
                world.roll()
            world.turn(dice.randrange(3))
        world.restart(kill=True)
    world.most = 1 << 20
    assert world.settle() == lines(0, world.written)
    shown = [one.counters["wmtls_log_lines_read_total", ("is",)] for one in world.shown]
    assert shown == sorted(shown)
    assert shown[-1] == world.written


@pytest.fixture
def ids(world: World) -> list[str]:
    """Return the ids that a receiver gets, from the real threads that send."""
    got: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        got.append(request.headers["webhook-id"])
        return httpx.Response(204)

    def send() -> None:
        """Send what is due, and stop."""
        assert world.store is not None
        told = Event()
        world.tap.setattr(world.store, "delivered", after(world.store.delivered, told))
        receiver = Receiver("ops", "generic", lambda: "http://127.0.0.1:9/", max_age=timedelta.max)
        transport = httpx.MockTransport(answer)
        sender = Sender(
            [receiver],
            world.store,
            lambda _: told.set(),
            clock=lambda: LATE,
            jitter=lambda: 0.0,
            courier=lambda: Courier(clock=lambda: LATE, transport=transport),
        )
        sender.start()
        assert told.wait(30)
        sender.stop()

    world.send = send
    return got


def after(do: Callable[..., None], told: Event) -> Callable[..., None]:
    """Return what does something and tells that it tried."""

    def doing(*arguments: object) -> None:
        try:
            do(*arguments)
        finally:
            told.set()

    return doing


def test_killed_before_a_message_was_sent(world: World, ids: list[str]) -> None:
    """A message that was committed with its lines is sent by the next run, once."""
    append(world.log, refused(1))
    world.run().settle()
    world.turn(20)
    world.restart(kill=True)
    world.settle()
    world.send()
    assert len(ids) == 1
    assert world.sent() == ""
    assert world.counted(FAILURES) == 1


def test_killed_before_a_sent_message_was_noted(world: World, ids: list[str]) -> None:
    """The receiver has it and the process dies: the next run sends it again, under the same id."""
    append(world.log, refused(1))
    world.run().settle()
    world.turn(20)
    assert world.store is not None
    world.tap.setattr(world.store, "delivered", gone)
    world.send()
    world.restart(kill=True)
    world.settle()
    world.send()
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert world.counted(FAILURES) == 1


def gone(*_: object) -> None:
    """End as a process that is killed: nothing is noted."""
    raise StateError("the process is gone")


def test_a_power_cut_at_any_commit(world: World, tmp_path: Path) -> None:
    """Each commit leaves on disk a state from which all that follows is read, once."""
    world.write(10)
    world.run()
    for number in range(8):
        world.turn()
        shutil.copytree(world.state, tmp_path / f"cut{number}")
        world.write(10)
        if number % 3 == 2:
            world.roll()
    world.settle()
    world.stop()
    for number in range(8):
        shutil.rmtree(world.state)
        shutil.copytree(tmp_path / f"cut{number}", world.state)
        world.read.clear()
        world.run()
        world.turn(8)
        first = 10 * number + 10
        assert world.lines() == lines(first, 90 - first)
        assert world.counter("lines_read") == 90
        world.stop()


@pytest.mark.parametrize(
    ("damage", "refused_for_good"),
    [("empty", False), ("half", False), ("noise", False), ("foreign", False), ("from the future", True)],
)
def test_a_state_that_cannot_be_read(world: World, damage: str, *, refused_for_good: bool) -> None:
    """It is named, never silently begun anew; one of a newer version is left as it is."""
    world.write(10)
    world.run().settle()
    world.stop()
    file = world.state / FILE_NAME
    data = file.read_bytes()
    if damage == "from the future":
        with Store.open(world.state) as store:
            store._connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    else:
        damaged = {"empty": b"", "half": data[: len(data) // 2], "noise": bytes(range(256)) * 64}
        foreign = data[:68] + b"else" + data[72:]  # the application id stands at byte 68
        file.write_bytes({**damaged, "foreign": foreign}[damage])
    kind = StateError if refused_for_good else DamagedStateError
    with pytest.raises(StateError, match=str(file)) as told:
        Store.open(world.state)
    assert type(told.value) is kind
    if refused_for_good:
        return
    Store.open(world.state, aside=lambda *_: None).close()
    world.read.clear()
    world.run()
    assert world.settle() == lines(0, 10)
    (obstacle,) = world.agent.obstacles()
    assert f"{file}.corrupt-1" in obstacle
    Path(f"{file}.corrupt-1").unlink()
    assert world.agent.obstacles() == []


@pytest.mark.parametrize("start", ["beginning", "end"])
def test_a_state_that_was_deleted(world: World, start: str) -> None:
    """Without a state the configured start holds again, and counters begin anew with the lines."""
    world.write(10)
    world.run().settle()
    world.stop()
    shutil.rmtree(world.state)
    world.read.clear()
    world.start = start
    world.run().settle()
    world.write(10)
    assert world.settle() == (lines(0, 20) if start == "beginning" else lines(10, 10))


@pytest.fixture
def small_disk(world: World, tmp_path: Path) -> Iterator[Path]:
    """Return a disk of half a megabyte, with the state on it."""
    place = tmp_path / "small"
    place.mkdir()
    with small(place):
        world.state = place / "state"
        yield place
        world.close()


def fill(path: Path) -> None:
    """Write a file until its disk is full."""
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))


def test_a_full_disk_under_the_state(world: World, small_disk: Path) -> None:
    """Nothing more is read or shown, the agent is not ready and says why; with room again all comes, once."""
    world.write(10)
    world.run().settle()
    fill(small_disk / "filler")
    for _ in range(60):
        world.write(20)
        world.turn(4)
    shown = world.counter("lines_read")
    assert shown < 1210
    (obstacle,) = world.agent.obstacles()
    assert "the disk is full: free some space" in obstacle
    world.roll()
    world.write(10)
    (small_disk / "filler").unlink()
    assert world.settle() == lines(0, 1220)
    assert (world.agent.obstacles(), world.gaps) == ([], 0)


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS])
def test_a_state_that_cannot_be_written(world: World, number: int) -> None:
    """Whatever the disk says, what was read is kept and committed when it can be."""
    world.write(10)
    world.run().settle()
    assert world.store is not None
    world.store.failing = StateError(os.strerror(number))
    for _ in range(10):
        world.write(10)
        world.turn(4)
    assert world.counter("lines_read") == 10
    assert world.agent.obstacles() == [os.strerror(number)]
    world.store.failing = None
    assert world.settle() == lines(0, 110)
    assert world.agent.obstacles() == []


def test_yesterdays_state(world: World, tmp_path: Path) -> None:
    """Positions and counters are of one time, so a state from a backup counts each line once, too."""
    world.write(10)
    world.run().settle()
    world.stop()
    shutil.copytree(world.state, tmp_path / "backup")
    world.run()
    world.write(10)
    world.settle()
    world.stop()
    shutil.rmtree(world.state)
    shutil.copytree(tmp_path / "backup", world.state)
    del world.read[1:]
    world.roll()
    world.write(10)
    world.run()
    assert world.settle() == lines(0, 30)
    assert world.counter("lines_read") == 30


def test_a_second_agent_on_the_same_state(world: World) -> None:
    """It is refused with the mend, and the first one goes on."""
    world.write(10)
    world.run().settle()
    with pytest.raises(StateError, match="another wmtls is using"):
        Store.open(world.state)
    world.write(10)
    assert world.settle() == lines(0, 20)


def test_a_log_that_is_taken_out_of_the_configuration_and_put_back(world: World) -> None:
    """It goes on where it was, and the other one's position was not touched meanwhile."""
    first, second = world.folder / "first.log", world.folder / "second.log"
    world.path = one(world, "first", "second")
    world.write(10, first)
    world.write(10, second)
    world.run().settle()
    world.stop()
    world.path = one(world, "second")
    world.write(10, first)
    world.write(10, second)
    world.run().settle()
    assert sorted(world.lines()) == [*lines(0, 20), *lines(30, 10)]
    world.stop()
    first.rename(world.folder / "first.log.1")
    world.path = one(world, "first", "second")
    world.write(10, first)
    world.run().settle()
    assert world.lines("first") == [*lines(0, 10), *lines(20, 10), *lines(40, 10)]
    assert world.lines("second") == [*lines(10, 10), *lines(30, 10)]


@pytest.mark.parametrize("left", [0, 20], ids=["emptied", "begun anew"])
def test_a_position_behind_the_end_of_the_file(world: World, left: int) -> None:
    """The file was cut while the agent was down: what is in it is read, and the loss told."""
    world.write(100)
    world.run().settle()
    world.kill()
    world.cut()
    world.write(left)
    world.run()
    world.settle()
    world.write(10)
    assert world.settle() == lines(0, 110 + left)
    assert (world.counter("truncations"), world.gaps) == (1, 1)


@pytest.mark.parametrize("call", ["pread", "open", "fstat", "stat"])
def test_a_disk_that_fails_at_the_start(world: World, call: str) -> None:
    """The position is kept until the disk answers, and the trouble told."""
    world.write(100)
    world.run().settle()
    world.kill()
    world.write(10)
    real = getattr(os, call)

    def failing(path: object, *args: object, **kwargs: object) -> object:
        if isinstance(path, int) or str(path).endswith("wrapper.log"):
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *args, **kwargs)

    with pytest.MonkeyPatch.context() as broken:
        world.open_store()
        broken.setattr(os, call, failing)
        world.run().turn(8)
        assert world.counter("lines_read") == 100
        assert any("the disk reports an error" in obstacle for obstacle in world.agent.obstacles())
    assert world.settle() == lines(0, 110)
    assert world.gaps == 0


def test_two_hundred_restarts_of_an_idle_agent(world: World) -> None:
    """Nothing is read, counted or changed by starting."""
    world.write(10)
    world.run().settle()
    before = world.tail()
    for number in range(200):
        world.restart(kill=bool(number % 2))
        world.turn()
    assert world.settle() == lines(0, 10)
    assert world.tail() == before


def test_killed_amid_a_handshake(world: World) -> None:
    """Its first lines are not read again, and it is counted once, when its last ones come."""
    whole = refused(1)
    at = whole.index(b"\n", len(whole) // 2) + 1
    append(world.log, whole[:at])
    world.run().settle()
    world.restart(kill=True)
    append(world.log, whole[at:])
    world.settle()
    world.turn(40)
    assert world.counted(FAILURES) == 1
    assert world.sent().count('"incident_opened"') <= 1
    world.restart(kill=True)
    world.turn(40)
    assert world.counted(FAILURES) == 1


def test_another_catalogue(world: World) -> None:
    """Diagnoses that are new speak of what comes: old lines are not read again, nor old failures counted."""
    append(world.log, refused(1))
    world.run().settle()
    world.turn(20)
    world.stop()
    world.catalogue = catalogue.load({"own.toml": ""})
    world.run()
    append(world.log, refused(2))
    world.settle()
    world.turn(20)
    assert world.failures() == 2
    assert len(world.lines()) == 12


def test_a_loop_of_crashes(world: World) -> None:
    """An agent that lives for a turn at a time, or for none, comes to the end and counts no line twice."""
    world.most = 2000
    world.write(1000)
    for number in range(60):
        world.run()
        world.turn(number % 3 > 0)
        world.kill()
    world.run()
    assert world.settle() == lines(0, 1000)
    assert text(world.lines()) == world.log.read_text()
