"""Resident memory against bytes read, of logs that try to make the agent remember without end.

    python -m bench.growth [--megabytes 32] [FLOOD...]

Each flood of bench/floods.py is fed to a pipeline of its own process with the default limits. Printed are the
megabytes that the process has grown by after a quarter, a half and all of the flood, the megabytes that one
commit would save, and the speed. What is bounded does not grow from half to all by more than a little.
"""

import argparse
import os
import subprocess
import sys
import time
from datetime import UTC
from pathlib import Path

from agent.knowledge import catalogue
from agent.model.block import Block, Where
from agent.pipeline import Pipeline
from bench.floods import floods

BLOCK = 1 << 20
"""Bytes of a block: what the reader of a log takes at once."""

_PAGES = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGES


def measure(name: str, megabytes: int) -> str:
    """Return one row: what a flood does to this process."""
    pipeline, unit = Pipeline(catalogue.load(), UTC), floods()[name]
    for i in range(20):  # what is loaded or compiled on the way is no growth
        pipeline.feed(Block(Where("wrapper.log", "0", 0, 1), unit(-1 - i).encode()))
    start, offset, line, i = resident(), 0, 1, 0
    whole, spent, grown, told = megabytes << 20, 0.0, [], 0
    for end in (whole // 4, whole // 2, whole):
        while offset < end:
            parts, size = [], 0
            while size < BLOCK:
                parts.append(unit(i))
                i, size = i + 1, size + len(parts[-1])
            data = "".join(parts).encode()
            before = time.process_time()
            told += len(pipeline.feed(Block(Where("wrapper.log", "1", offset, line), data)))
            spent += time.process_time() - before
            offset, line = offset + len(data), line + data.count(b"\n")
        del data, parts
        grown.append((resident() - start) / 1e6)
    saved = len(pipeline.save()) / 1e6
    quarter, half, all_of_it = grown
    return (
        f"{name:<31}{quarter:>8.1f}{half:>8.1f}{all_of_it:>8.1f}{saved:>8.1f}"
        f"{offset / 1e6 / max(spent, 1e-3):>8.1f}{told:>10,}{pipeline.evicted:>10,}"
    )


def main() -> int:
    """Run the benchmark, each flood in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("floods", nargs="*", metavar="FLOOD", help="names of floods; all without one")
    parser.add_argument("--megabytes", type=int, default=32)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        print(measure(args.floods[0], args.megabytes))
        return 0
    print(f"{args.megabytes} MB of each flood; MB of growth after 1/4, 1/2 and all, MB saved, MB/s")
    print(f"{'':<31}{'1/4':>8}{'1/2':>8}{'all':>8}{'saved':>8}{'MB/s':>8}{'told':>10}{'given up':>10}")
    for name in args.floods or floods():
        command = [sys.executable, "-m", "bench.growth", "--here", "--megabytes", str(args.megabytes), name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        print(done.stdout.rstrip() or f"{name:<31} failed: {done.stderr.strip()[-200:]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
