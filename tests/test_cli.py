import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent import __version__, cli
from agent.explain import FORMATS

FAILED = b"""\
jvm 1    | ssl_debug(3): Starting handshake (iSaSiLk 3.03)...
jvm 1    | ssl_debug(3): Received certificate handshake message with server certificate.
jvm 1    | ssl_debug(3): Sending alert: Alert Fatal: bad certificate
jvm 1    | ssl_debug(3): SSLException while handshaking: Server certificate rejected by ChainVerifier
jvm 1    | ssl_debug(3): Closing transport...
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log with one failed call."""
    path = tmp_path / "wrapper.log"
    path.write_bytes(FAILED)
    return path


def run(*arguments: str | Path, stdin: bytes | None = None, **environ: str) -> tuple[int, bytes, bytes]:
    """Run the command in a process of its own: exit code, output, errors."""
    done = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "agent", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        env=os.environ | environ,
    )
    return done.returncode, done.stdout, done.stderr


def test_failures_change_the_exit_code_only_where_asked(
    log: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A report that tells of failures is a success of its own."""
    assert cli.main(["explain", str(log)]) == 0
    assert cli.main(["explain", "--exit-code", str(log)]) == 1
    assert capsysbinary.readouterr().out.count(b"Handshakes     1 failed") == 2
    log.write_bytes(b"")
    assert cli.main(["explain", "--exit-code", str(log)]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND; see wmtls --help"),
        (["explain"], "the following arguments are required: PATH; see wmtls explain --help"),
        (["run"], "the following arguments are required: --config; see wmtls run --help"),
        (
            ["notify", "--config", "x"],
            "the following arguments are required: --test; see wmtls notify --help",
        ),
        (["explain", "--nope", "x"], "unrecognized arguments: --nope; see wmtls --help"),
        (
            ["explain", "--product-version", "ten", "x"],
            '--product-version is "ten"; write the version of Integration Server in quotes, like "10.5"',
        ),
    ],
)
def test_wrong_calls(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence that says where to read on, and the exit code for usage."""
    assert cli.main(arguments) == 64
    assert capsys.readouterr() == ("", f"wmtls: {words}\n")


def test_an_unknown_time_zone(capsys: pytest.CaptureFixture[str]) -> None:
    """A near one is named."""
    assert cli.main(["explain", "--time-zone", "Europe/Berlim", "x"]) == 64
    assert capsys.readouterr().err.endswith('write an IANA name (did you mean "Europe/Berlin"?)\n')
    assert cli.main(["explain", "--time-zone", "?", "x"]) == 64
    assert capsys.readouterr().err.endswith('write an IANA name like "Europe/Berlin"\n')


def test_a_missing_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, on stderr, without a traceback."""
    path = tmp_path / "nope.log"
    assert cli.main(["explain", str(path)]) == 66
    assert capsys.readouterr() == (
        "",
        f"wmtls: {path} does not exist; name a file that does, or - for stdin\n",
    )


@pytest.mark.parametrize("arguments", [["--debug", "explain", "x"], ["explain", "--debug", "x"]])
def test_a_traceback_only_where_asked(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before or behind the command; the exit code stays the same."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 66
    assert capsys.readouterr().err.startswith("Traceback")


def test_an_error_never_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A file's name may hold anything."""
    assert cli.main(["explain", "\x1b[2J\n\udcff"]) == 66
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "check", "notify"])
def test_a_missing_configuration(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command that needs one says so in the same way."""
    path = tmp_path / "nope.toml"
    assert cli.main([command, "--config", str(path), *(["--test"] if command == "notify" else [])]) == 78
    assert capsys.readouterr().err == (
        f"wmtls: there is no configuration file {path}; name yours with --config FILE\n"
    )


def test_check_tells_everything_it_found(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors make the exit code, whatever else is fine."""
    config = tmp_path / "config.toml"
    state = tmp_path / "state"
    tables = f'[[log]]\nname = "a"\npath = "{log}"\n[state]\ndirectory = "{state}"\n'
    config.write_text(f'{tables}[http]\nlisten = "127.0.0.1:0"\n')
    assert cli.main(["check", "--config", str(config)]) == 0
    shown = capsys.readouterr().out
    assert 'ok       log "a": the debug text shows handshake messages\n' in shown
    assert not state.exists()
    state.write_text("in the way")
    assert cli.main(["check", "--config", str(config)]) == 78
    assert "error    state: " in capsys.readouterr().out


@pytest.mark.parametrize("command", [[], ["run"], ["explain"], ["check"], ["notify"]])
def test_help_teaches_by_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command shows a call that works."""
    with pytest.raises(SystemExit, match="0"):
        cli.main([*command, "--help"])
    assert f"wmtls {' '.join(command)}" in capsys.readouterr().out.partition("\nexample")[2]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the package's."""
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"wmtls {__version__}\n"


def test_standard_input(log: Path) -> None:
    """A pipe is read like a file, and a clock the log lacks is not made up."""
    code, out, err = run("explain", "-", stdin=log.read_bytes())
    assert (code, err) == (0, b"")
    assert out.startswith(b"TLS handshakes in standard input\nOne handshake failed. ")
    assert (
        b"\n\nTime           not told: the lines have no clock\n"
        b"Handshakes     1 failed, 0 completed, 0 incomplete\n"
    ) in out


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_reader_that_goes_away(form: str, unbuffered: str, log: Path) -> None:
    """Nothing is said about it, and the exit code is that of a whole reading."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, "-m", "agent", "explain", "--exit-code", "--format", form, str(log)],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )
    assert (done.returncode, done.stderr) == (1, b"")


class _Impatient(io.BytesIO):
    """Standard input that is still being written when somebody presses Ctrl-C."""

    def read(self, _size: int | None = -1) -> bytes:
        """Be interrupted."""
        raise KeyboardInterrupt


def test_interrupted_by_hand(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with the shell's number and without a word."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(_Impatient()))
    assert cli.main(["explain", "-"]) == 130
    assert capsys.readouterr() == ("", "")


def test_explain_imports_nothing_of_the_agent_that_runs(log: Path) -> None:
    """It starts fast because it leaves HTTP, metrics, the watcher and the progress bar alone."""
    program = (
        "import sys\nfrom agent.cli import main\nassert main(['explain', sys.argv[1]]) == 0\n"
        "print({'httpx', 'prometheus_client', 'watchdog', 'structlog', 'sqlite3', 'tqdm'} & set(sys.modules))"
    )
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program, str(log)], capture_output=True, check=True
    )
    assert done.stdout.endswith(b"set()\n")


def test_the_bar_shows_itself_for_large_inputs_only(capsys: pytest.CaptureFixture[str]) -> None:
    """Small ones are read before it could be looked at; it is gone when all is read."""
    large = 2 * cli.BAR_BYTES
    with cli._Bar(shown=True) as bar:
        bar.move(10, 20)
        bar.move(20, 20)
        assert capsys.readouterr().err == ""
        bar.move(large // 2, large)
        assert "40.0M" in capsys.readouterr().err
        bar.move(large, large)
        assert bar._bar is None
    with cli._Bar(shown=False) as bar:
        bar.move(large // 2, large)
        assert bar._bar is None


def test_a_fault_of_ours_keeps_its_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text of an unforeseen exception may hold a receiver's URL."""

    def fail(_path: Path) -> int:
        raise RuntimeError("https://secret.example")

    monkeypatch.setattr("agent.app.run", fail)
    assert cli.main(["run", "--config", "x"]) == 70
    assert capsys.readouterr().err == (
        "wmtls: internal fault (RuntimeError); run it again with --debug and report what it prints\n"
    )


def test_trouble_of_the_system_is_told_in_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the file's name where there is one."""

    def fail(_path: Path, *, dry_run: bool) -> int:
        assert not dry_run
        raise OSError(5, "Input/output error", "/x")

    monkeypatch.setattr("agent.app.notify_test", fail)
    assert cli.main(["notify", "--test", "--config", "x"]) == 70
    assert capsys.readouterr().err == (
        "wmtls: /x: input/output error; run it again with --debug to see where\n"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_can_be_asked_for(
    form: str, log: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The command names them itself, because it loads the renderers late."""
    assert cli.main(["explain", "--format", form, str(log)]) == 0
    assert b"server_certificate_rejected" in capsysbinary.readouterr().out.replace(b"\\", b"")


ENTRY = """
[[entry]]
id = "mine.partner"
issue = "server_certificate_rejected"
cause = "untrusted_issuer"
confidence = "possible"
acting_side = "peer"
summary = "The partner's test system has a certificate of its own again."
[entry.when]
role = ["client", "unknown"]
exception = ['rejected by ChainVerifier']
"""


def test_explain_takes_diagnoses_of_ones_own(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that fits as well as the product's goes before it; one that is wrong is told with its line."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "partner.toml").write_text(ENTRY)
    assert cli.main(["explain", "--catalogue", str(folder), str(log)]) == 0
    assert "has a certificate of its own again." in capsys.readouterr().out
    (folder / "partner.toml").write_text(ENTRY.replace('"possible"', '"perhaps"'))
    assert cli.main(["explain", "--catalogue", str(folder), str(log)]) == 78
    said = f"wmtls: {folder / 'partner.toml'}:6: entry 'mine.partner': unknown confidence 'perhaps'"
    assert capsys.readouterr() == ("", f"{said}; use a word of the vocabulary\n")


def test_run_refuses_a_faulty_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is begun: no state, no server."""
    (tmp_path / "bad.toml").write_text("[[entry]]\n")
    config = tmp_path / "config"
    config.write_text(f'[[log]]\nname = "a"\npath = "x.log"\n[catalogue]\ndirectory = "{tmp_path}"\n')
    assert cli.main(["run", "--config", str(config)]) == 78
    assert capsys.readouterr().err == f"wmtls: {tmp_path / 'bad.toml'}:1: entry 1: 'id' is missing; add it\n"
    assert not (tmp_path / "state").exists()
