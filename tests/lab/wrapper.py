"""A JVM under the real Tanuki wrapper, with a configuration written for one run."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

WRAPPER = Path("/usr/sbin/wrapper")
JAR = Path("/usr/share/java/wrapper.jar")
LIBRARIES = Path("/usr/lib/jni")
"""Where Debian's packages service-wrapper, libservice-wrapper-java and -jni put it."""

PATIENCE = 20.0
"""Seconds that a wrapper has to end after it was told to."""


@dataclass(frozen=True, slots=True)
class Logging:
    """How the wrapper writes its log: properties `wrapper.logfile.*`; `size` 0 never rolls."""

    format: str = "LPTM"
    size: str = "0"
    files: int = 0
    name: str = "wrapper.log"


@dataclass(frozen=True, slots=True)
class Launch:
    """What one wrapper runs: a Java, its options, the arguments of the program, and how it is logged."""

    java: Path
    classes: Path
    options: Sequence[str]
    arguments: Sequence[str]
    logging: Logging = field(default_factory=Logging)
    restarts: bool = False


def configuration(launch: Launch, folder: Path) -> str:
    """Return the text of the wrapper.conf."""
    pairs = [
        ("wrapper.java.command", launch.java),
        ("wrapper.java.mainclass", "org.tanukisoftware.wrapper.WrapperSimpleApp"),
        ("wrapper.java.classpath.1", JAR),
        ("wrapper.java.classpath.2", launch.classes),
        ("wrapper.java.library.path.1", LIBRARIES),
        ("wrapper.java.pidfile", folder / "java.pid"),
        ("wrapper.console.loglevel", "NONE"),
        ("wrapper.logfile", folder / launch.logging.name),
        ("wrapper.logfile.format", launch.logging.format),
        ("wrapper.logfile.loglevel", "INFO"),
        ("wrapper.logfile.maxsize", launch.logging.size),
        ("wrapper.logfile.maxfiles", launch.logging.files),
        # on a busy machine a slow start is not a hung JVM
        ("wrapper.startup.timeout", 120),
        ("wrapper.ping.timeout", 120),
        ("wrapper.on_exit.default", "SHUTDOWN"),
        ("wrapper.on_exit.7", "RESTART"),
        ("wrapper.disable_restarts", "FALSE" if launch.restarts else "TRUE"),
        ("wrapper.restart.delay", 1),
    ]
    pairs += [(f"wrapper.java.additional.{n}", option) for n, option in enumerate(launch.options, 1)]
    pairs += [(f"wrapper.app.parameter.{n}", text) for n, text in enumerate(("Lab", *launch.arguments), 1)]
    return "".join(f"{key}={value}\n" for key, value in pairs)


class Wrapper:
    """A running wrapper. It is ended with everything that it started."""

    def __init__(self, launch: Launch, folder: Path) -> None:
        """Start it; its log and configuration are in the folder."""
        self._folder = folder
        conf = folder / "wrapper.conf"
        conf.write_text(configuration(launch, folder), "utf-8")
        self._process = subprocess.Popen(
            [str(WRAPPER), "-c", str(conf)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # a line that is not valid in the wrapper's locale would be replaced as a whole
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )

    def signal_java(self, number: int) -> bool:
        """Send a signal to the JVM; False if there is none."""
        try:
            os.kill(int((self._folder / "java.pid").read_text("ascii")), number)
        except (OSError, ValueError):
            return False
        return True

    @property
    def running(self) -> bool:
        """Return whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False if it had to be ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            return False
        return True

    def stop(self) -> None:
        """End it, politely at first."""
        if not self.running:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def rolled(folder: Path, name: str) -> list[Path]:
    """Return the files of a log in a folder, the oldest first."""
    stem, _, suffix = name.partition("ROLLNUM")
    if suffix:
        # the live file is called without the number and the character before it
        live, older = folder / (stem.rstrip("_-.") + suffix), list(folder.glob(f"{stem}[0-9]*{suffix}"))
        number = {path: int(path.name[len(stem) : len(path.name) - len(suffix)]) for path in older}
    else:
        live, older = folder / name, list(folder.glob(f"{name}.[0-9]*"))
        number = {path: int(path.name.rpartition(".")[2]) for path in older}
    return [*sorted(older, key=lambda path: number[path], reverse=True), live]
