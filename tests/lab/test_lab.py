"""The lab end to end: a few real handshakes under the real wrapper, labelled and scored."""

from pathlib import Path

import pytest

from tests.lab import jdk
from tests.lab.__main__ import main, missing


@pytest.mark.skipif(bool(missing()), reason=f"the lab needs {'; '.join(missing())}")
def test_a_tiny_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Handshakes are made, the logs of both ends are labelled, and the product is right about all of them."""
    corpus, newest = str(tmp_path), str(jdk.find()[-1].home)
    assert main(["make", corpus, "--jdk", newest, "--size", "tiny"]) == 0
    assert main(["score", corpus]) == 0
    said = capsys.readouterr().out.splitlines()
    own = next(line.split() for line in said if line.startswith("own "))
    assert own[:5] == ["own", "4", "100.0", "100.0", "100.0"]
    assert "completed 2, off by 0" in said[-1]
