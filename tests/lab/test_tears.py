"""Where another writer tore the lines of a log."""

from pathlib import Path

import pytest

from tests.lab.tears import Tear, tears

HEADER = "javax.net.ssl|ERROR|3C|worker|2026-11-25 08:09:53.866 UTC|TransportContext.java:375|"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{HEADER}Fatal (CERTIFICATE_UNKNOWN): no (\n", []),
        (f"no newline at the end of this piece; {HEADER}Fatal (X): no\n", []),
        ('jvm 1 | {"timestamp":"2026"}\njvm 1 | \tat Noise.print(Noise.java:44)\n', []),
        ('javax.net.ssl|ERROR|3C|worker|2026-{"timestamp":"2026"}\n', [Tear(1, 1, "3C")]),
        (f'{HEADER}Fatal (CERT{{"timestamp":"2026"}}\n', [Tear(1, 1, "3C")]),
        (f"{HEADER}Fatal (X): no (\n  javax.netPartner says: no\n", [Tear(2, 2, "3C")]),
        ("javax.net.ssl|ERR\n", [Tear(1, 1)]),
        ("Full thread dump OpenJDK\n\nJNI global refs: 9\n", [Tear(1, 3)]),
        ("one\nFull thread dump OpenJDK\n", [Tear(2, 2)]),
    ],
)
def test_what_is_torn(tmp_path: Path, text: str, found: list[Tear]) -> None:
    """Text at the beginning of a line tears nothing; amid a line, or in place of the rest of one, it does."""
    log = tmp_path / "wrapper.log"
    log.write_text(text, "utf-8")
    assert tears([log]) == found
