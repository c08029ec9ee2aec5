"""Receivers that do not answer, limits that are reached, disks that fail, and floods."""

import errno
import gc
import json
import os
import resource
import threading
import tracemalloc
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import StateError
from agent.telemetry.http import Pages, Server
from agent.telemetry.metrics import Metrics
from tests.following.handshakes import FAILURES, refused
from tests.following.process import Process
from tests.following.world import World, append, lines, text

LATE = datetime(2027, 1, 1, tzinfo=UTC)
NOBODY = 65534


def test_a_receiver_that_is_dead_while_the_log_rolls(world: World) -> None:
    """Nothing is sent for hours: lines and counters are exact, and every message waits on disk, once."""
    world.write(1)
    world.run().settle()
    for number in range(60):
        append(world.log, refused(number))
        world.roll(keep=3)
        world.turn(2)
        world.seconds += 20
        if number % 20 == 19:
            world.restart(kill=True)
    world.turn(40)
    assert world.store is not None
    waiting = [json.loads(one.incident) for one in world.store.due("ops", LATE, 1000)]
    assert world.failures() == 60
    assert len({one["id"] for one in waiting}) == len(waiting)
    assert max(one["count"] for one in waiting) <= 60
    assert (world.counter("lines_read"), world.gaps) == (361, 0)


def test_a_slow_reader_while_files_roll_off(world: World) -> None:
    """Thirty files roll off before they are read: all are held and read, however long it takes."""
    world.most = 500
    world.write(1)
    world.run().turn()
    for _ in range(30):
        world.write(100)
        world.roll(keep=3)
        world.turn()
    assert world.gauge("lag_bytes") > 0
    world.turn(40)
    world.most = 5000
    assert world.settle() == lines(0, 3001)
    assert world.gaps == 0


def test_no_descriptor_is_free(world: World) -> None:
    """The new file cannot be opened: that is told, nothing is forgotten, and all is read when it can be."""
    world.write(10)
    world.run().settle()
    for _ in range(3):
        world.write(10)
        world.roll()
        with no_descriptors():
            world.turn(4)
    world.write(10)
    with no_descriptors():
        world.turn(4)
        (problem,) = world.agent.obstacles()
        assert "too many files open; raise LimitNOFILE" in problem
    assert world.settle() == lines(0, 50)
    assert (world.gaps, world.agent.obstacles()) == (0, [])


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let this process open no file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)  # the lowest number that is free
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be nobody, whom permissions stop; whoever is not root is stopped anyway."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_new_file_that_may_not_be_read(world: World) -> None:
    """For half a minute its permission is missing: that is told with the mend, then all is read, once."""
    for folder in (world.folder, *world.folder.parents[:3]):
        folder.chmod(0o755)
    world.write(10)
    world.run().settle()
    world.roll()
    world.write(10)
    world.log.chmod(0)
    with as_nobody():
        world.turn(120)
        (problem,) = world.agent.obstacles()
        assert "permission denied" in problem
        assert "setfacl" in problem
    world.log.chmod(0o644)
    with as_nobody():
        assert world.settle() == lines(0, 20)
    assert (world.gaps, world.agent.obstacles()) == (0, [])


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EINTR, errno.ENOMEM])
def test_reads_that_fail_three_times(world: World, number: int) -> None:
    """The file is found again by what it is; the position stays."""
    world.write(10)
    world.run().settle()
    world.write(10)
    failing, pread = [3], os.pread

    def broken(fd: int, size: int, offset: int) -> bytes:
        if failing[0]:
            failing[0] -= 1
            raise OSError(number, os.strerror(number))
        return pread(fd, size, offset)

    world.tap.setattr(os, "pread", broken)
    world.turn()
    world.roll()
    world.write(10)
    assert world.settle() == lines(0, 30)
    assert (failing, world.gaps) == ([0], 0)


def test_a_reader_that_gets_little_time(world: World) -> None:
    """A turn a minute: the lag that is shown is what waits, to the byte, and goes down to nothing."""
    world.most = 1000
    world.write(1)
    world.run().turn()
    for _ in range(10):
        world.write(100)
        world.seconds += 60
        world.turn()
        unread = len(text(lines(0, world.written))) - len(text(world.lines()))
        assert world.gauge("lag_bytes") == unread > 0
    world.most = 1 << 20
    world.settle()
    world.turn(8)
    assert world.gauge("lag_bytes") == 0
    assert world.lines() == lines(0, 1001)


def test_a_long_life(world: World) -> None:
    """Hundreds of rolls, failures and cuts: descriptors, threads, memory and the state's size stay."""
    world.keep_read = False
    world.more = "[limits]\nopen_handshakes = 50\n"
    world.run()
    sizes: list[tuple[int, ...]] = []
    for number in range(61):
        append(world.log, refused(number % 20))
        world.write(50)
        world.turn()
        world.roll(keep=3) if number % 7 else world.cut()
        if number in (20, 60):
            world.turn(8)
            gc.collect()
            threads, held = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
            sizes.append((threads, held, len(world.tail().generations)))
            assert world.store is not None
            state = world.store.load()
            sizes.append((len(state.counters), max(len(one) for one in state.tails.values()) < 20_000))
    assert sizes[0] == sizes[2]
    assert sizes[1] == sizes[3]
    assert sizes[1][1]


def test_memory_over_a_long_life(world: World) -> None:
    """What the agent keeps does not grow with what it has read."""
    world.keep_read = False
    world.run()
    for number in range(40):
        append(world.log, text(lines(0, 500)))
        world.turn()
        world.roll(keep=3)
        world.shown.clear()
        if number == 10:
            tracemalloc.start()
            before = tracemalloc.take_snapshot()
    grown = sum(
        one.size_diff
        for one in tracemalloc.take_snapshot().compare_to(before, "filename")
        if "/agent/" in one.traceback[0].filename
    )
    tracemalloc.stop()
    assert grown < 200_000


@pytest.mark.parametrize(
    "line", [b"a" * 100_000, b"ssl_debug(" * 10_000, b"jvm 1    | " * 9_000, b"|" * 100_000]
)
def test_a_line_made_to_be_slow(world: World, line: bytes) -> None:
    """Long lines that look like the beginning of much are passed; what comes behind them is read right."""
    append(world.log, (line + b"\n") * 20 + refused(1))
    world.run().settle()
    world.turn(20)
    assert world.counted(FAILURES) == 1
    assert world.counter("lines_read") == 26


def test_a_storm_of_scrapes(world: World) -> None:
    """Many who read /metrics at once see committed values, and delay no line."""
    metrics = Metrics(version="0", revision="0")
    pages = Pages(registry=metrics.registry, healthy=lambda: True, ready=world.obstacles, version="0")
    server = Server("127.0.0.1", 0, pages)
    server.start()
    host, port = server.address
    world.run()
    world.publish = metrics.publish
    scraped: list[float] = []
    stopping = threading.Event()

    def scrape() -> None:
        while not stopping.is_set():
            with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=30) as answer:
                rows = answer.read().decode().splitlines()
            values = [row for row in rows if row.startswith('wmtls_log_lines_read_total{log="is"}')]
            scraped.extend(float(row.rpartition(" ")[2]) for row in values)

    scrapers = [threading.Thread(target=scrape) for _ in range(4)]
    for one in scrapers:
        one.start()
    for _ in range(50):
        world.write(20)
        world.turn()
    world.settle()
    stopping.set()
    for one in scrapers:
        one.join()
    server.close()
    assert world.lines() == lines(0, 1000)
    assert set(scraped) <= {float(number) for number in range(0, 1001, 20)}


def test_an_unwritable_state_directory(world: World, tmp_path: Path) -> None:
    """The agent refuses to start, with the directory and the mend."""
    (tmp_path / "file").touch()
    world.state = tmp_path / "file" / "state"
    with pytest.raises(StateError, match=f"{world.state} cannot be made"):
        world.run()


def test_a_backlog_in_little_memory(tmp_path: Path) -> None:
    """A process that catches up with a quarter of a gigabyte needs less memory than half of that."""
    process = Process(tmp_path)
    block = text(lines(0, 20_000)).encode()
    for _ in range(240):
        append(process.log, block)
    try:
        process.start()
        process.wait_for_lines(240 * 20_000)
        status = Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.end()
    (most,) = (int(row.split()[1]) << 10 for row in status.splitlines() if row.startswith("VmHWM"))
    assert most < len(block) * 240 // 2
