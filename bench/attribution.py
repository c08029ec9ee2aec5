"""How much is told of each thread when many threads of legacy JSSE print at once, against what is true.

    python -m bench.attribution [--logs 40]

Of that dialect few lines name their thread. Logs of one thread each, from the corpus, are mixed line by line
and, in a second row, up to each named line at once, as threads take turns on an idle machine. Printed are the
shares of handshakes whose outcome, issue and cause, and certificates are told as each log tells them alone,
and the claims that are not true, of which there must be none.
"""

import argparse
import sys
from collections import Counter

from agent.pipeline import Ended
from tests.laws.cases import blocks, run, split
from tests.laws.interleaved import choose, mixed, of
from tests.laws.test_interleaved import untrue

THREADS = (1, 2, 3, 4, 8, 16)
PARTS = ("outcome", "issue", "cause", "chain")


def alike(one: Ended, other: Ended, part: str) -> bool:
    """Tell whether two handshakes agree in a part."""
    if part == "outcome":
        return one.handshake.outcome is other.handshake.outcome
    if part == "issue":
        return (one.diagnosis and one.diagnosis.issue) == (other.diagnosis and other.diagnosis.issue)
    if part == "cause":
        return (one.diagnosis and one.diagnosis.cause) == (other.diagnosis and other.diagnosis.cause)
    return one.handshake.peer_chain == other.handshake.peer_chain


def measure(threads: int, logs: int, *, by_record: bool) -> tuple[Counter[str], list[str]]:
    """Return counts over so many logs, and what was claimed and is not true."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in range(logs):
        voices = choose(seed, threads)
        told = run(blocks(split(mixed(voices, seed, by_record=by_record, torn=0.2)), []))
        for voice in voices:
            mine = of(voice, told)
            wrong += untrue(voice, mine)
            counts["all"] += len(voice.true)
            counts["shared"] += sum(one.handshake.ambiguous for one in mine)
            for one, true in zip(mine, voice.true, strict=False):
                counts.update(
                    part for part in ("outcome", "issue", "cause", "chain") if alike(one, true, part)
                )
    return counts, wrong


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logs", type=int, default=40)
    args = parser.parse_args()
    failed = False
    print(f"{'mixed':<12}{'threads':>8}{'handshakes':>12}", end="")
    print(
        "".join(f"{part:>10}" for part in ("outcome", "issue", "cause", "chain", "shared")), "  untrue claims"
    )
    for by_record in (False, True):
        for threads in THREADS:
            counts, wrong = measure(threads, max(1, args.logs // threads), by_record=by_record)
            shares = [
                counts[part] / counts["all"] for part in ("outcome", "issue", "cause", "chain", "shared")
            ]
            print(f"{'by record' if by_record else 'by line':<12}{threads:>8}{counts['all']:>12}", end="")
            print("".join(f"{share:>10.1%}" for share in shares), f"  {len(wrong)}")
            for claim in wrong[:3]:
                print(f"    {claim[:200]}")
            failed = failed or bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
