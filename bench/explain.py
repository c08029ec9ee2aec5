"""MB/s of `wmtls explain` on a dense log, beside `grep -c` and, where installed, mtail on the same file.

    python bench/explain.py [--megabytes 100] [--rounds 3] [LOG]

Without LOG one is made: captured JSSE handshakes at `ssl:handshake`, one after the other, as a busy server
would print them. What each found is printed beside its speed: mtail and grep count lines that speak of a
failure, wmtls counts handshakes that failed, each once.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = sorted((ROOT / "demo" / "captures").glob("1*-jsse-*.log"))


def make(path: Path, megabytes: int) -> int:
    """Write a log of about so many megabytes; return how often the captures were repeated."""
    whole = b"".join(capture.read_bytes() for capture in CAPTURES)
    times = max(1, megabytes * 1_000_000 // len(whole))
    with path.open("wb") as file:
        for _ in range(times):
            file.write(whole)
    return times


def timed(command: Sequence[str], rounds: int) -> tuple[float, str]:
    """Return the median wall time in seconds of a command, and what it printed last."""
    seconds, printed = [], ""
    for _ in range(rounds):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        seconds.append(time.perf_counter() - start)
        if done.returncode not in {0, 1}:
            raise SystemExit(f"{command[0]} failed: {done.stderr.strip()[-300:]}")
        printed = done.stdout
    return sorted(seconds)[len(seconds) // 2], printed


def explain(log: Path, rounds: int) -> tuple[float, dict[str, int], int]:
    """Return seconds, failures by issue and peak resident kilobytes of `wmtls explain`."""
    command = [sys.executable, "-m", "agent", "explain", "--format", "jsonl", str(log)]
    seconds, printed = timed(command, rounds)
    summary = json.loads(printed.splitlines()[-1])
    meter = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
    meter += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    _, peak = timed([sys.executable, "-c", meter, *command], 1)
    return seconds, dict(summary["failures"]), int(peak)


def report(name: str, size: int, seconds: float, found: object) -> None:
    """Print one row."""
    print(f"{name:<28}{size / 1e6 / seconds:>10.0f} MB/s{seconds:>9.2f} s   {found}")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", nargs="?", type=Path)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wmtls-bench-") as name:
        log, times = args.log, 0
        if log is None:
            log = Path(name) / "wrapper.log"
            times = make(log, args.megabytes)
        size = log.stat().st_size
        print(f"{log.name}: {size / 1e6:.0f} MB, median of {args.rounds} runs, whole processes")
        seconds, failures, peak = explain(log, args.rounds)
        report("wmtls explain", size, seconds, f"{sum(failures.values())} failed handshakes")
        print(f"{'':<28}{peak / 1024:>10.0f} MB resident at most; {failures}")
        ours = seconds
        seconds, printed = timed(["grep", "-c", "-F", "|Fatal (", str(log)], args.rounds)
        report("grep -c -F '|Fatal ('", size, seconds, f"{printed.strip()} lines")
        print(f"{'':<28}{ours / seconds:>10.1f} times the time of grep")
        if shutil.which("mtail"):
            program = str(ROOT / "bench" / "failures.mtail")
            seconds, printed = timed(
                ["mtail", "--one_shot", "--progs", program, "--logs", str(log)], max(1, args.rounds // 2)
            )
            report("mtail --one_shot", size, seconds, "reports of failure by line")
            print(f"{'':<28}{seconds / ours:>10.1f} times the time of wmtls")
        else:
            print("mtail is not installed: not compared")
        if times:
            once = sum(explained_once().values())
            right = sum(failures.values()) == once * times
            print(f"work done: {times} times the captures with {once} failures each: {right}")
            return 0 if right else 1
    return 0


def explained_once() -> dict[str, int]:
    """Return the failures of the captures read once, for the check that all work was done."""
    command = [sys.executable, "-m", "agent", "explain", "--format", "jsonl", "-"]
    whole = b"".join(capture.read_bytes() for capture in CAPTURES)
    done = subprocess.run(command, input=whole, capture_output=True, cwd=ROOT, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1])["failures"])


if __name__ == "__main__":
    sys.exit(main())
