"""Where a log is read changes nothing: not the machine's zone, nor its language, nor the directory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.cases import CASES, whole

ROOT = Path(__file__).resolve().parents[2]

READ = "from tests.laws.cases import CASES, whole; print(*map(repr, map(whole, CASES)), sep='\\n')"


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "PYTHONUTF8": "1"},
    ],
    ids=lambda elsewhere: elsewhere["TZ"],
)
def test_elsewhere(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """All cases give the same in another zone, language and directory, and with other hashes of strings."""
    environment = {**os.environ, **elsewhere, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(  # noqa: S603  (this very interpreter)
        [sys.executable, "-c", READ], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().splitlines() == [repr(whole(case)) for case in CASES]
