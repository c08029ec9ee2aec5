"""What following a log costs, and proof that it loses nothing: the figures of one machine.

    python -m bench.follow [--schedules 10000] [--seconds 60] [--handshakes 400] [--samples 100]

Prints the random schedules played and failed; of real processes that are killed while a log is written and
rolled (three rolled files stay), by the wrapper, by `mv` and by logrotate's copytruncate, the lines lost and
read twice; the same for handshakes; how long it takes from a line's end to the counter on /metrics, with and
without inotify; the CPU of an idle agent; and the cost of one commit. Ends with 1 if a line was lost, doubled
or miscounted.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from agent import codec
from agent.knowledge import catalogue
from agent.model.block import Block, Where
from agent.pipeline import Pipeline
from agent.store import Commit, Store
from agent.tail.follower import Follower
from tests.killing import handshakes, storm, writer
from tests.killing.process import ROOT, Agent, pause

LINES = "wmtls_log_lines_read_total"
COMMITS = 500


def schedules(number: int) -> bool:
    """Play random schedules; False if one fails."""
    command = [sys.executable, "-m", "tests.schedules", "--schedules", str(number)]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, check=False)
    print(f"  in {time.perf_counter() - start:.0f} s")
    return done.returncode == 0


def storms(pace: writer.Pace) -> bool:
    """Write, roll and kill in each style; False if a line is lost, doubled or miscounted."""
    right = True
    for style in writer.STYLES:
        if style == "copytruncate" and writer.LOGROTATE is None:
            print("copytruncate   not played: logrotate is not installed")
            continue
        with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as place:
            one = storm.play(Path(place), style, pace)
        print(
            f"{style:<14} {one.written} lines, {one.rolls} rolls, {one.kills} kills survived: "
            f"{len(one.lost)} lost, {len(one.doubled)} doubled; "
            f"{one.scrapes} scrapes, {len(one.fell)} counters fell; {one.gaps} gaps told"
            f", {one.gone} lines gone that nobody can have"
        )
        right = right and one.exact
    return right


def conversations(copies: int, kills: int) -> bool:
    """Kill amid handshakes; False if a failure is not counted once or not told under one id."""
    with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as place:
        one = handshakes.play(Path(place), copies=copies, kills=kills)
    print(
        f"handshakes     {sum(one.written.values())} failed, {one.rolls} rolls, {one.kills} kills survived: "
        f"{one.failures} counted; {sum(one.opened.values())} incidents of {len(one.written)} servers opened, "
        f"{one.ids} ids in {one.posts} posts; {len(one.fell)} counters fell"
    )
    return one.exact


def latencies(module: str, samples: int) -> list[float]:
    """Return the seconds from the end of a line until /metrics shows it."""
    dice, found = random.Random(0), []  # noqa: S311 - dice, no secret
    with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as place:
        agent = Agent(Path(place), module=module)
        agent.log.touch()
        agent.start()
        for number in range(1, samples + 1):
            pause(dice.uniform(0.3, 0.6))
            with agent.log.open("a") as log:
                log.write("INFO   | jvm 1    | 2026/11/23 12:00:00 | a line\n")
            start = time.perf_counter()
            while agent.total(LINES) < number:
                pause(0.001)
            found.append(time.perf_counter() - start)
        agent.end(signal.SIGTERM)
    return found


def idle(seconds: float) -> float:
    """Return the share of one processor that an agent takes that has nothing to do."""
    with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as place:
        agent = Agent(Path(place))
        agent.log.write_text("INFO   | jvm 1    | 2026/11/23 12:00:00 | a line\n")
        agent.start()
        pause(3)
        before = spent(agent.pid)
        pause(seconds)
        after = spent(agent.pid)
        agent.end(signal.SIGTERM)
    return (after - before) / seconds


def spent(pid: int) -> float:
    """Return the seconds of processor time that a process has used (proc(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def commits() -> list[float]:
    """Return the seconds that commits take which hold a position, a memory and some counters."""
    found = []
    with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as place:
        log = Path(place) / "wrapper.log"
        log.write_bytes(handshakes.stream(1))
        follower = Follower(log, start="beginning")
        pipeline = Pipeline(catalogue.load(), UTC)
        follower.poll(1 << 20)
        pipeline.feed(Block(Where("wrapper.log", "", 0, 1), log.read_bytes()[:30_000]))
        with Store.open(Path(place) / "state") as store:
            for _ in range(COMMITS):
                start = time.perf_counter()
                store.commit(
                    Commit(
                        at=datetime.now(UTC),
                        tails={"log": codec.encode(follower.state)},
                        assemblies={"log": pipeline.save()},
                        increments={(f"wmtls_bench_{one}_total", ("is",)): 1 for one in range(10)},
                    )
                )
                found.append(time.perf_counter() - start)
        follower.close()
    return found


def spread(seconds: Sequence[float]) -> str:
    """Return median and p99 in milliseconds."""
    return f"median {1000 * statistics.median(seconds):.1f} ms, p99 {1000 * quantile(seconds, 0.99):.1f} ms"


def quantile(seconds: Sequence[float], share: float) -> float:
    """Return the value below which so large a share is."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.follow")
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--handshakes", type=int, default=400)
    parser.add_argument("--samples", type=int, default=100)
    args = parser.parse_args()
    right = [
        schedules(args.schedules),
        storms(writer.Pace(seconds=args.seconds)),
        conversations(args.handshakes // 2, max(1, args.handshakes // 20)),
    ]
    print(f"to the counter {spread(latencies('agent', args.samples))} with inotify")
    print(f"               {spread(latencies('bench.without_inotify', args.samples))} without")
    print(f"idle           {100 * idle(args.seconds):.2f} % of a processor over {args.seconds:.0f} s")
    print(f"a commit       {spread(commits())}")
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
