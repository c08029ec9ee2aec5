"""The Java installations of this machine, found by looking, and what each prints."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

HOMES = "LAB_JAVA_HOMES"
"""An environment variable with more homes, parted as PATH is."""

OLDEST_COMPILER = 9
"""The first javac that knows `--release`."""


@dataclass(frozen=True, slots=True)
class Jdk:
    """One Java: its home and its version as `java.version` says it, for example 17.0.15 or 1.8.0_462."""

    home: Path
    version: str

    @property
    def java(self) -> Path:
        """Return its launcher."""
        return self.home / "bin" / "java"

    @property
    def major(self) -> int:
        """Return 8 of 1.8.0_462 and 17 of 17.0.15."""
        parts = [int(part) for part in re.findall(r"\d+", self.version)]
        return parts[1] if parts[0] == 1 else parts[0]

    @property
    def name(self) -> str:
        """Return the name of the folder of its cases."""
        return f"jdk{self.version}"

    def thread_id(self, number: int) -> str:
        """Return a thread's id as the debug log of this Java prints it.

        sun.security.ssl.SSLLogger prints whole bytes in hex; since 17 the digits come lowest first
        (sun.security.ssl.Utilities.toHexString), so that thread 16 is `10` before and `01` after.
        """
        if self.major < 17:
            digits = f"{number:X}"
            return digits if len(digits) % 2 == 0 else f"0{digits}"
        digits = f"{number:X}"[::-1]
        return digits if len(digits) % 2 == 0 else f"{digits}0"


def at(home: Path) -> Jdk | None:
    """Return the Java at a home, or None if there is none that runs."""
    java = home / "bin" / "java"
    if not java.is_file():
        return None
    command = [str(java), "-XshowSettings:properties", "-version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    version = re.search(r"^\s*java\.version = (\S+)", said, re.MULTILINE)
    return Jdk(home, version[1]) if version else None


def find() -> list[Jdk]:
    """Return every Java found in the usual places, the oldest first, each version once."""
    homes = [Path(home) for home in os.environ.get(HOMES, "").split(os.pathsep) if home]
    if os.environ.get("JAVA_HOME"):
        homes.append(Path(os.environ["JAVA_HOME"]))
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    found: dict[str, Jdk] = {}
    for home in dict.fromkeys(path.resolve() for path in homes):
        jdk = at(home)
        if jdk:
            found.setdefault(jdk.version, jdk)
    return sorted(found.values(), key=lambda jdk: jdk.major)


def compiler(jdks: list[Jdk]) -> Path | None:
    """Return a javac that can compile for Java 8: of those given, or of any Java of this machine."""
    for jdk in [*jdks, *find()]:
        javac = jdk.home / "bin" / "javac"
        if javac.is_file() and jdk.major >= OLDEST_COMPILER:
            return javac
    return None
