"""Plays schedules by the thousand and prints those that fail, each as short as it can be; or plays one again.

usage: python -m tests.schedules [--schedules 10000] [--seed 0] [--play SCHEDULE]
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from tqdm import tqdm

from tests.schedules import play

_SHOWN = 10
"""Failing schedules that are shortened and printed; the others are only counted."""


def tried(seed: int) -> tuple[int, str]:
    """Return a seed, and what is broken in its schedule."""
    return seed, play.play(play.draw(seed))


def main() -> int:
    """Run the command; 1 if a schedule fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.schedules")
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=4 * (os.cpu_count() or 1))
    parser.add_argument("--play", metavar="SCHEDULE")
    args = parser.parse_args()
    if args.play:
        broken = play.play(play.parse(args.play))
        sys.stdout.write(f"{broken or 'holds'}\n")
        return 1 if broken else 0
    seeds = range(args.seed, args.seed + args.schedules)
    failed = []
    with ProcessPoolExecutor(args.jobs) as pool:
        results = tqdm(
            pool.map(tried, seeds, chunksize=20), total=args.schedules, unit="", leave=False, disable=None
        )
        for seed, broken in results:
            if broken:
                failed.append(seed)
                results.set_postfix(failed=len(failed))
    for seed in failed[:_SHOWN]:
        short = play.shortened(play.draw(seed))
        sys.stdout.write(f"seed {seed}: {play.play(short)}\n  {short}\n")
    sys.stdout.write(f"schedules run {args.schedules}, failed {len(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
