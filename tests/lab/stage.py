"""Plays one session: starts the JVMs and the other ends, lets them meet, keeps logs and notes as cases."""

import json
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.lab import labels, notes, openssl_peers, peers
from tests.lab.jdk import Jdk
from tests.lab.labels import Surprise
from tests.lab.relay import Relaying
from tests.lab.scenario import Jsse, Openssl, Raw, Scenario, client
from tests.lab.sessions import Session, Side
from tests.lab.wrapper import Launch, Logging, Wrapper, rolled

SECONDS = 90
"""What one session may take at most."""

POLL = 0.02

TRIES = 3
"""Now and then the wrapper fails to launch a JVM ("Unable to set JVM's stdin"): a session is begun anew."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all sessions share: compiled classes, certificates, and the folder that takes the cases."""

    classes: Path
    certificates: Path
    cases: Path
    seed: int


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a session: how many rows its cases have, and what did not go as it should."""

    rows: int
    surprises: tuple[str, ...]


def plan(session: Session, side: Side, seed: int) -> Iterator[dict[str, str]]:
    """Yield the steps of one JVM, as `java/Step.java` reads them."""
    half = len(session.scenarios) // 2
    for number, scenario in enumerate(session.scenarios):
        called = {"thread": session.threads[number % len(session.threads)]} if session.threads else {}
        if isinstance(scenario.server, Jsse) and side != "client":
            yield {"role": "server", "name": scenario.name, **called, **scenario.server.fields}
        if isinstance(scenario.client, Jsse) and side != "server":
            via = f"{scenario.name}.via" if scenario.relay else scenario.name
            order = {"wave": str(number // session.at_once), "parallel": str(session.parallel)}
            launch = {"launch": "2"} if session.crash and number >= half else {}
            step = {"role": "client", "name": scenario.name, "connect": via, **order, **launch, **called}
            yield {**step, **scenario.client.fields}
    if session.crash and side == "client":
        yield {"role": "client", "name": "hanging", "connect": "hanging", "timeout": "30000", "wave": "crash"}
        yield {"role": "crash", "name": "crash", "wave": "crash", "after": "800"}
    if session.noise:
        yield {"role": "noise", "name": "noise", "seed": str(seed), "pause": str(session.noise)}


def fitting(session: Session, jdk: Jdk) -> Session:
    """Return the session without what a Java cannot play, and with its network between all the rest."""
    some = tuple(s for s in session.scenarios if s.since <= jdk.major)
    if session.network:
        some = tuple(s if s.relay else replace(s, relay=session.network) for s in some)
    return replace(session, scenarios=some)


class Run:
    """One session with one Java, in a folder of its own."""

    def __init__(self, session: Session, jdk: Jdk, workshop: Workshop, place: Path) -> None:
        """Prepare; nothing runs yet."""
        self._session = fitting(session, jdk)
        self._jdk = jdk
        self._workshop = workshop
        self._place = place
        self._meeting = place / "meeting"
        self._meeting.mkdir()
        self._running: dict[Side, Wrapper] = {}
        self._pause = threading.Event()

    def play(self) -> list[str]:
        """Play it; return what did not end by itself."""
        with ExitStack() as stack:
            for side, logging in self._session.sides().items():
                self._running[side] = Wrapper(self._launch(side, logging), self._place / side)
                stack.callback(self._running[side].stop)
            for scenario in self._session.scenarios:
                self._open(scenario, stack)
            if self._session.crash:
                self._open(Scenario("hanging", client(), Raw("mute")), stack)
            self._dump()
            for side in self._running:
                self._wait(f"{side}.notes.done")
            for scenario in self._session.scenarios:
                self._call(scenario)
            (self._meeting / "stop").touch()
            return [side for side, wrapper in self._running.items() if not wrapper.wait(SECONDS)]

    @property
    def launched(self) -> bool:
        """Return whether every JVM came to run the program."""
        return all((self._meeting / f"{side}.notes.launch1").exists() for side in self._running)

    def _launch(self, side: Side, logging: Logging) -> Launch:
        """Write a JVM's plan; return how it is launched."""
        folder = self._place / side
        folder.mkdir()
        steps = plan(self._session, side, self._workshop.seed)
        text = "".join("\t".join(f"{k}={v}" for k, v in step.items()) + "\n" for step in steps)
        (folder / "plan").write_text(text, "utf-8")
        language, _, country = self._session.locale.partition("-")
        options = (
            *(f"-Djavax.net.debug={self._session.debug}", f"-Duser.timezone={self._session.zone}"),
            *(f"-Duser.language={language}", f"-Duser.country={country}"),
            *("-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8", "-Xmx128m"),
            # a run is short: the quick compiler and the simplest collector leave more to the others
            *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
            *(
                o.format(certificates=self._workshop.certificates)
                for o in self._session.options.get(side, ())
            ),
        )
        places = (folder / "plan", self._workshop.certificates, self._meeting)
        arguments = (*map(str, places), f"{side}.notes", str(SECONDS))
        java, classes = self._jdk.java, self._workshop.classes
        return Launch(java, classes, options, arguments, logging, restarts=self._session.crash)

    def _dump(self) -> None:
        """Ask the JVMs for thread dumps, once they can take it: earlier it would end them."""
        for number in range(self._session.dumps):
            for side, wrapper in self._running.items():
                if number or self._wait(f"{side}.notes.launch1"):
                    wrapper.signal_java(signal.SIGQUIT)
            self._pause.wait(0.5)

    def _wait(self, name: str) -> bool:
        """Wait for a file to meet by; False if it can no longer come."""
        path = self._meeting / name
        for _ in range(int(SECONDS / POLL)):
            if path.exists() or not all(wrapper.running for wrapper in self._running.values()):
                return path.exists()
            self._pause.wait(POLL)
        return False

    def _port(self, name: str) -> int:
        if not self._wait(f"{name}.port"):
            raise OSError(f"{name} never listened")
        return int((self._meeting / f"{name}.port").read_text("ascii"))

    def _publish(self, name: str, port: int) -> None:
        """Make a port known; others never see half a file."""
        written = self._meeting / f"{name}.tmp"
        written.write_text(str(port), "ascii")
        written.rename(self._meeting / f"{name}.port")

    def _open(self, scenario: Scenario, stack: ExitStack) -> None:
        """Start the server of a scenario if no JVM is it, and what stands between the ends."""
        if isinstance(scenario.server, Raw):
            raw = peers.Listening(scenario.server.kind)
            stack.callback(raw.close)
            self._publish(scenario.name, raw.port)
        elif isinstance(scenario.server, Openssl):
            listening = openssl_peers.Listening(scenario.server.arguments, self._workshop.certificates)
            stack.callback(listening.close)
            self._publish(scenario.name, listening.port)
        if scenario.relay:
            relaying = Relaying(scenario.relay, partial(self._port, scenario.name))
            stack.callback(relaying.close)
            self._publish(f"{scenario.name}.via", relaying.port)

    def _call(self, scenario: Scenario) -> None:
        """Be the client of a scenario if no JVM is it."""
        if isinstance(scenario.client, Raw):
            peers.call(scenario.client.kind, self._port(scenario.name))
        elif isinstance(scenario.client, Openssl):
            port = self._port(scenario.name)
            openssl_peers.call(scenario.client.arguments, port, self._workshop.certificates)

    def keep(self, side: Side) -> Made:
        """Write the case of one JVM. Where nothing can be claimed, it is kept without labels."""
        logging = self._session.sides()[side]
        noted = self._meeting / f"{side}.notes"
        files = rolled(self._place / side, logging.name)
        case = self._workshop.cases / self._jdk.name / self._session.case(side)
        shutil.rmtree(case, ignore_errors=True)
        case.mkdir(parents=True)
        for path in (*files, self._place / side / "wrapper.conf", self._place / side / "plan", noted):
            if path.exists():
                shutil.copy(path, case / path.name)
        faults = {scenario.name: scenario.fault for scenario in self._session.scenarios}
        seen = notes.read(noted)
        wrong = [] if seen else ["no connection was noted"]
        for note in seen:
            try:
                labels.verdicts(note, faults[note.step], dim=False)
            except Surprise as surprise:
                wrong.append(str(surprise))
        if wrong:
            return Made(0, tuple(wrong))
        rows = labels.rows(seen, faults, files, self._jdk, ZoneInfo(self._session.zone))
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (case / "expected.jsonl").write_text(text, "utf-8")
        return Made(len(rows), ())


def play(session: Session, jdk: Jdk, workshop: Workshop) -> Made:
    """Play a session with a Java and write its cases."""
    for tries in range(1, TRIES + 1):
        with tempfile.TemporaryDirectory(prefix="wmtls-lab-") as name:
            run = Run(session, jdk, workshop, Path(name))
            rows, surprises = 0, [f"{side} had to be ended" for side in run.play()]
            if not run.launched and tries < TRIES:
                continue
            for side in session.sides():
                made = run.keep(side)
                rows += made.rows
                surprises += [f"{session.case(side)}: {text}" for text in made.surprises]
            break
    return Made(rows, tuple(surprises))
