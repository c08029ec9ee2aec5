"""Makes labelled corpora of real logs, and scores them.

usage: python -m tests.lab make DIR [--size tiny|small|full] [--jdk HOME]... [--only TEXT] [--seed N]
                                [--jobs N]
       python -m tests.lab score DIR [--only TEXT] [--show N] [--jobs N] [--cmd COMMAND]
"""

import argparse
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.lab import bar, openssl_peers, pki, sessions
from tests.lab import jdk as java
from tests.lab import score as scoring
from tests.lab.stage import Workshop, play
from tests.lab.wrapper import JAR, LIBRARIES, WRAPPER

SOURCES = Path(__file__).parent / "java"


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def missing() -> list[str]:
    """Return what this machine lacks for the lab, each with the way to get it."""
    lacks = []
    if not all(path.exists() for path in (WRAPPER, JAR, LIBRARIES / "libwrapper.so")):
        lacks.append("the Tanuki wrapper: apt-get install service-wrapper")
    if not shutil.which("openssl"):
        lacks.append("the openssl command: apt-get install openssl")
    if not java.find():
        lacks.append("a Java: apt-get install openjdk-17-jdk-headless")
    elif not java.compiler([]):
        lacks.append("a Java compiler (javac 9 or later): apt-get install openjdk-17-jdk-headless")
    return lacks


def compiled(javac: Path, classes: Path) -> None:
    """Compile the program of the ends for Java 8."""
    sources = sorted(str(path) for path in SOURCES.glob("*.java"))
    command = [str(javac), "-nowarn", "-Xlint:-options", "--release", "8", "-d", str(classes), *sources]
    subprocess.run(command, check=True)


def make(args: argparse.Namespace) -> int:
    """Make a corpus; 1 if an end saw something that its scenario is not made for."""
    lacks = missing()
    if lacks:
        raise SystemExit("the lab needs " + "; ".join(lacks))
    jdks = [found for home in args.jdk if (found := java.at(home))] if args.jdk else java.find()
    seed = secrets.randbelow(10**6) if args.seed is None else args.seed
    chosen = sessions.only(sessions.SIZES[args.size](seed), args.only)
    say(f"seed {seed}, {len(chosen)} sessions with each of {', '.join(jdk.name for jdk in jdks)}")
    if len({jdk.major for jdk in jdks}) == 1:
        say(f"only one version of Java plays; {java.HOMES} can name the homes of more")
    javac = java.compiler(jdks)
    assert javac is not None
    began, failed, rows = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="wmtls-lab-") as name:
        workshop = Workshop(Path(name, "classes"), Path(name, "certificates"), args.corpus, seed)
        compiled(javac, workshop.classes)
        pki.make(workshop.certificates)
        openssl_peers.configure(workshop.certificates)
        with ThreadPoolExecutor(args.jobs) as pool:
            playing = {
                pool.submit(play, session, jdk, workshop): f"{jdk.name} {session.name}.{session.label}"
                for jdk in jdks
                for session in chosen
            }
            for done, future in enumerate(as_completed(playing), 1):
                made = future.result()
                rows += made.rows
                failed += len(made.surprises)
                seconds = time.monotonic() - began
                say(f"[{done}/{len(playing)} {seconds:4.0f} s] {playing[future]}: {made.rows} rows")
                for surprise in made.surprises:
                    say(f"    NOT AS PLANNED {surprise}")
    say(f"{rows} rows in {args.corpus}")
    return 1 if failed else 0


def score(args: argparse.Namespace) -> int:
    """Score the product on a corpus; 1 if it is below the bar."""
    command = [sys.executable, "-m", "agent"] if args.cmd is None else shlex.split(args.cmd)
    folders = list(scoring.cases(args.corpus, args.only))
    if not folders:
        raise SystemExit(f"no case in {args.corpus}")
    total = scoring.Score()
    with ThreadPoolExecutor(args.jobs) as pool:
        for one in pool.map(lambda case: scoring.score(command, case), folders):
            total.add(one)
    for line in (total.unsure if args.unsure else total.off)[: args.show]:
        say(line)
    say(bar.table(total.counts))
    complaints = bar.below(total.counts)
    for complaint in complaints:
        say(f"BELOW THE BAR {complaint}")
    return 1 if complaints else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make")
    making.add_argument("corpus", type=Path)
    making.add_argument("--jdk", type=Path, action="append", default=[])
    making.add_argument("--only", default="")
    making.add_argument("--seed", type=int)
    making.add_argument("--size", choices=tuple(sessions.SIZES), default="small")
    making.add_argument("--jobs", type=int, default=4)
    making.set_defaults(command=make)
    scored = commands.add_parser("score")
    scored.add_argument("corpus", type=Path)
    scored.add_argument("--only", default="")
    scored.add_argument("--show", type=int, default=20)
    scored.add_argument("--unsure", action="store_true", help="show what is listed or soft instead")
    scored.add_argument("--jobs", type=int, default=2)
    scored.add_argument("--cmd", help="another command than this project's own `wmtls`")
    scored.set_defaults(command=score)
    args = parser.parse_args(argv)
    code: int = args.command(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
