"""Fuzzes one target, guided by coverage, for some seconds; or replays inputs, which needs no atheris.

usage: python -m tests.fuzz TARGET [--seconds 60] [--folder .fuzz] [INPUT...]

An input that breaks an invariant, or takes longer than `SLOW`, ends the run and is left in the folder as
`crash-*` or `timeout-*`; when it is understood and mended, its shortest form becomes a file in
`tests/fuzz/findings/`, named after the target and what was wrong.
"""

import argparse
import sys
from pathlib import Path

TARGETS = ("jsse", "jsse_legacy", "ibm", "iaik", "framing")

LONGEST = 12_000
"""Bytes of an input: room for some records of each kind."""

SLOW = 20
"""Seconds after which an input counts as hanging: thousands of times what one takes."""


def fuzz(target: str, seconds: int, folder: Path) -> None:
    """Fuzz until the time is over or something is found; prints libFuzzer's progress, does not return."""
    import atheris  # noqa: PLC0415  (of the group `fuzz`, and only for this)

    with atheris.instrument_imports(include=["agent"]):  # nothing of it may be imported before
        from tests.fuzz import seeds, targets  # noqa: PLC0415

    corpus, dictionary = seeds.write(target, folder)
    arguments = {
        "dict": dictionary,
        "max_total_time": seconds,
        "max_len": LONGEST,
        "timeout": SLOW,
        "rss_limit_mb": 2048,
        "artifact_prefix": f"{folder}/",
        "print_final_stats": 1,
    }
    atheris.Setup(
        [sys.argv[0], str(corpus), *(f"-{name}={value}" for name, value in arguments.items())],
        targets.TARGETS[target],
    )
    atheris.Fuzz()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"))
    parser.add_argument("inputs", nargs="*", type=Path)
    args = parser.parse_args()
    if not args.inputs:
        fuzz(args.target, args.seconds, args.folder / args.target)
    from tests.fuzz import targets  # noqa: PLC0415  (only now: see above)

    for path in args.inputs:
        targets.TARGETS[args.target](path.read_bytes())
        sys.stdout.write(f"{path}: all invariants hold\n")


if __name__ == "__main__":
    main()
