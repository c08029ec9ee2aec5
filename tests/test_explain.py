import gzip
import io
import json
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from agent.errors import InputMissingError, WmtlsError
from agent.explain import FORMATS, explain, shown_in
from agent.model.vocabulary import Depth

GONE = b"".join(
    b"jvm 1    | 2026/11/23 07:25:0" + line + b"\n"
    for line in (
        b"1 | ssl_debug(7): Starting handshake (iSaSiLk 3.03)...",
        b"1 | ssl_debug(7): Remote client:192.0.2.7:443, Timestamp:Mon Nov 23 07:25:01 UTC 2026",
        b"1 | ssl_debug(7): Received certificate handshake message with server certificate.",
        b"2 | ssl_debug(7): Sending alert: Alert Fatal: bad certificate",
        b"2 | ssl_debug(7): SSLException while handshaking: Server certificate rejected by ChainVerifier",
        b"2 | ssl_debug(7): Shutting down SSL layer...",
        b"2 | ssl_debug(7): Closing transport...",
    )
)
HELLO = """\
{head}|ClientHello.java:641|Produced ClientHello handshake message (
"ClientHello": {{
  "client version"      : "TLSv1.2",
  "cipher suites"       : "[TLS_AES_128_GCM_SHA256(0x1301)]",
  "extensions"          : [
    "server_name (0)": {{
      type=host_name (0), value={name}
    }},
  ]
}}
)
"""
REFUSED = """\
{head}|TransportContext.java:363|Fatal (HANDSHAKE_FAILURE): Received fatal alert: handshake_failure (
"throwable" : {{
  javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure
  \tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)}}

)
"""


def hello(*, name: str = "is.example.com", thread: str = "10") -> bytes:
    """Return how a client begins."""
    head = f"javax.net.ssl|DEBUG|{thread}|thread-{thread}|2026-11-23 07:25:55.932 UTC"
    return HELLO.format(head=head, name=name).encode()


def end() -> bytes:
    """Return how the hello of thread 10 is refused."""
    return REFUSED.format(head="javax.net.ssl|ERROR|10|thread-10|2026-11-23 07:25:55.990 UTC").encode()


def refused(*, name: str = "is.example.com") -> bytes:
    """Return the whole log of one such client."""
    return hello(name=name) + end()


def told(*paths: Path | str, **options: object) -> tuple[int, str]:
    """Return the number of failures, and what was written."""
    out = io.BytesIO()
    settings = {"zone": UTC, "width": 100} | options
    count = explain([str(path) for path in paths], out=out, **settings)  # type: ignore[arg-type]  # a table of options
    return count, out.getvalue().decode()


def records(*paths: Path | str, **options: object) -> list[dict[str, object]]:
    """Return the JSON lines."""
    _, written = told(*paths, format="jsonl", **options)
    return [json.loads(line) for line in written.splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log with one failed call."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(GONE)
    return path


def test_a_small_log_as_text(log: Path) -> None:
    """What the catalogue says may change its words; all that stands around it is here."""
    count, shown = told(log)
    assert count == 1
    assert shown.startswith("TLS handshakes in wrapper.log\nOne handshake failed. ")
    head, rest = shown.index("\n\n") + 2, shown.index("Why ")
    assert shown[head:rest] == (
        "Time           2026-11-23 07:25:01+00:00 to 2026-11-23 07:25:02+00:00\n"
        "Handshakes     1 failed, 0 completed, 0 incomplete\n"
        "Debug output   full: handshake messages are in the log\n"
        f"Read           {len(GONE):,} bytes, 7 lines\n"
        "TLS library    Entrust IAIK\n"
        "\n"
        "  Count  Distinct  Article  Issue\n"
        "      1         1        3  Server certificate rejected [server_certificate_rejected]\n"
        "\n"
        "1. Server certificate rejected: 192.0.2.7:443\n"
        "   With           192.0.2.7:443\n"
        "   This side      client (outbound call)\n"
        "   Seen           once, from 2026-11-23 07:25:01+00:00 to 2026-11-23 07:25:02+00:00\n"
        "   "
    )
    assert shown[shown.index("   Evidence\n") :] == (
        "   Evidence\n"
        "   - wrapper.log:2  Remote client:192.0.2.7:443, Timestamp:Mon Nov 23 07:25:01 UTC 2026\n"
        "   - wrapper.log:4  Sending alert: Alert Fatal: bad certificate\n"
        "   - wrapper.log:5  SSLException while handshaking: Server certificate rejected by ChainVerifier\n"
    )


def test_json_lines_are_handshakes_and_a_summary(log: Path) -> None:
    """The keys of the summary are exactly those that were promised."""
    handshake, summary = records(log)
    assert [handshake[key] for key in ("kind", "outcome", "issue", "peer", "started_at")] == [
        "handshake",
        "failed",
        "server_certificate_rejected",
        "192.0.2.7:443",
        "2026-11-23T07:25:01.000+00:00",
    ]
    assert summary == {
        "kind": "summary",
        "files": 1,
        "bytes": len(GONE),
        "lines": 7,
        "depth": "full",
        "product_version": None,
        "dialects": ["iaik"],
        "handshakes": {"completed": 0, "failed": 1, "incomplete": 0},
        "failures": {"server_certificate_rejected": 1},
        "evicted": 0,
        "leaks": [],
        "certificates": [],
    }


def test_what_did_not_fail_is_told_where_asked(log: Path) -> None:
    """A handshake without an end is one of those."""
    log.write_bytes(refused() + hello(thread="11"))
    assert [one.get("outcome") for one in records(log)] == ["failed", None]
    assert sorted(str(one.get("outcome")) for one in records(log, all_handshakes=True)) == [
        "None",
        "failed",
        "incomplete",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_something_of_nothing(form: str, tmp_path: Path) -> None:
    """An empty log is ordinary input."""
    (tmp_path / "empty.log").write_bytes(b"")
    count, shown = told(tmp_path / "empty.log", format=form)
    assert count == 0
    assert '"depth":"none"' in shown if form == "jsonl" else "No TLS debug output was found" in shown


def test_rotated_files_are_one_log(tmp_path: Path) -> None:
    """Oldest first in whatever order they are given; a handshake may begin in one and end in the next."""
    whole = refused()
    (tmp_path / "wrapper.log.1").write_bytes(hello())
    (tmp_path / "wrapper.log").write_bytes(end())
    handshake, summary = records(tmp_path / "wrapper.log", tmp_path / "wrapper.log.1")
    first, last = handshake["span"]["first"], handshake["span"]["last"]  # type: ignore[index]  # JSON
    assert (first["file"], first["line"], last["file"], last["line"]) == (
        "wrapper.log.1",
        1,
        "wrapper.log",
        1,
    )
    assert handshake["server_name"] == "is.example.com"
    assert (summary["files"], summary["bytes"], summary["lines"]) == (2, len(whole), whole.count(b"\n"))


def test_standard_input_and_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are read as plain files are; the last line may lack its end."""
    (tmp_path / "old.log.gz").write_bytes(gzip.compress(GONE[:-1]))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(refused())))
    *_, summary = records(tmp_path / "old.log.gz", "-")
    assert (summary["files"], summary["bytes"]) == (2, len(GONE) - 1 + len(refused()))
    assert summary["lines"] == 7 + refused().count(b"\n")
    assert summary["handshakes"] == {"completed": 0, "failed": 2, "incomplete": 0}


def test_times_without_a_zone_are_read_in_the_zone_given(log: Path) -> None:
    """The offset shows in what is told."""
    handshake, _ = records(log, zone=timezone(timedelta(hours=5, minutes=30)))
    assert handshake["started_at"] == "2026-11-23T07:25:01.000+05:30"


def test_remedies_fit_the_version_given(log: Path) -> None:
    """A setting that a version does not know is not recommended for it."""
    log.write_bytes(refused())

    def settings(version: str) -> set[str]:
        remedies = records(log, product_version=version)[0]["remedies"]
        return {one["setting"] for one in remedies}  # type: ignore[attr-defined]  # JSON

    assert settings("10.5") != settings("11.1")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """Before anything is written."""
    out = io.BytesIO()
    with pytest.raises(InputMissingError, match="does not exist"):
        explain([str(tmp_path / "nope.log")], out=out, zone=UTC)
    assert out.getvalue() == b""


def test_a_damaged_archive_does_not_hide_what_is_readable(log: Path, tmp_path: Path) -> None:
    """All is told that can be, then the error; where nothing can, the error alone."""
    (tmp_path / "a.log.gz").write_bytes(gzip.compress(refused())[:-20])
    out = io.BytesIO()
    with pytest.raises(InputMissingError, match="damaged"):
        explain([str(tmp_path / "a.log.gz"), str(log)], out=out, zone=UTC, format="jsonl")
    *_, summary = out.getvalue().splitlines()
    assert json.loads(summary)["failures"]["server_certificate_rejected"] == 1
    (tmp_path / "b.log").write_bytes(b"\xff\xfeT\0")
    out = io.BytesIO()
    with pytest.raises(InputMissingError, match="UTF-16"):
        explain([str(tmp_path / "b.log")], out=out, zone=UTC)
    assert out.getvalue() == b""


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_text_in_a_log(form: str, tmp_path: Path) -> None:
    """Neither escape sequences nor markup get through, in any format."""
    path = tmp_path / "wrapper.log"
    hostile = b"\x1b[2J<img src=x>`|[a](https://b)"
    path.write_bytes(refused().replace(b"Received fatal alert: handshake_failure", hostile))
    _, shown = told(path, format=form)
    assert "img" in shown
    assert "\x1b" not in shown
    if form in {"markdown", "html"}:
        assert "<img" not in shown
    if form == "markdown":
        assert "[a](" not in shown


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are shown as numbers."""
    path = tmp_path / "w\udcff.log"
    path.write_bytes(GONE)
    handshake, _ = records(path)
    assert handshake["span"]["first"]["file"] == "w\\udcff.log"  # type: ignore[index]  # JSON


class _Closed(io.BytesIO):
    """A pipe whose reader has gone, or a full disk."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, _data: object) -> int:
        """Refuse."""
        raise self._error


@pytest.mark.parametrize("form", FORMATS)
def test_a_closed_pipe_ends_quietly(form: str, log: Path) -> None:
    """`| head` has seen enough; a full disk is told of."""
    assert explain([str(log)], out=_Closed(BrokenPipeError()), zone=UTC, format=form) == 1
    with pytest.raises(WmtlsError, match=r"the output cannot be written \(No space left on device\)"):
        explain([str(log)], out=_Closed(OSError(28, "No space left on device")), zone=UTC, format=form)


def test_letters_that_the_terminal_lacks(log: Path) -> None:
    """They are replaced in text and never in JSON."""
    log.write_bytes(refused().replace(b"Received fatal alert: handshake_failure", "M\u00fcller".encode()))
    out = io.BytesIO()
    explain([str(log)], out=out, zone=UTC, encoding="ascii")
    assert b"M?ller" in out.getvalue()


def test_progress_ends_where_it_said(log: Path, tmp_path: Path) -> None:
    """All bytes are known before for plain files, and not for archives."""
    seen: list[tuple[int, int | None]] = []
    told(log, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(len(GONE), len(GONE)), (len(GONE), len(GONE))]
    seen.clear()
    (tmp_path / "a.gz").write_bytes(gzip.compress(GONE))
    told(tmp_path / "a.gz", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(len(GONE), None), (len(GONE), len(GONE))]


def test_what_a_piece_of_log_shows() -> None:
    """It is what preflight asks."""
    assert [shown_in(data).depth for data in (b"", b"nothing\n", end(), refused())] == [
        Depth.NONE,
        Depth.NONE,
        Depth.SHALLOW,
        Depth.FULL,
    ]


OLD = refused().replace(b"TLSv1.2", b"TLSv1")
STARTED = b"jvm 1    | 2026/11/23 07:24:00 | [ISS.0025.0001I] Integration Server %s Build 9\n"


def settings_named(*paths: Path, **options: object) -> tuple[str | None, set[object]]:
    """Return the product's version of the summary, and the settings that the remedies name."""
    handshake, summary = records(*paths, **options)
    remedies = handshake["remedies"]
    assert isinstance(remedies, list)
    return summary["product_version"], {one["setting"] for one in remedies}  # type: ignore[return-value]


def test_the_version_that_the_log_names_chooses_the_remedies(tmp_path: Path) -> None:
    """Without one those for all versions are told; the option goes before the log."""
    old, new = "watt.net.jsse.client.enabledProtocols", "watt.net.jsse.client.disabledProtocols"
    path = tmp_path / "wrapper.log"
    path.write_bytes(OLD)
    version, settings = settings_named(path)
    assert (version, {old, new} <= settings) == (None, True)
    path.write_bytes(STARTED % b"10.3.0.0" + OLD)
    version, settings = settings_named(path)
    assert (version, old in settings, new in settings) == ("10.3.0.0", True, False)
    version, settings = settings_named(path, product_version="10.11")
    assert (version, old in settings, new in settings) == ("10.11", False, True)
    for said, options in (
        ("Integration Server 10.3.0.0, by its own word in the log", {}),
        ("Integration Server 10.11, as given; the log names 10.3.0.0", {"product_version": "10.11"}),
    ):
        assert f"\nProduct        {said}" in told(path, **options)[1]


def test_a_version_holds_from_its_line_on(tmp_path: Path) -> None:
    """A server that was upgraded between two failures had other settings before."""
    path = tmp_path / "wrapper.log"
    launch = b"wrapper  | 2026/11/23 07:26:00 | Launching a JVM...\n"
    path.write_bytes(STARTED % b"10.3.0.0" + OLD + launch + STARTED % b"10.15.0.0" + OLD)
    first, second, summary = records(path)
    ranges = [
        {remedy["applies_to"] for remedy in one["remedies"]}  # type: ignore[attr-defined]
        for one in (first, second)
    ]
    assert ("<=10.5" in ranges[0], "<=10.5" in ranges[1]) == (True, False)
    assert summary["product_version"] == "10.15.0.0"
