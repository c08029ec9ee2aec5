"""What is said of a log before it is followed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import preflight_logs
from agent.config import Log
from agent.model.vocabulary import Depth, Leak
from agent.preflight_logs import Finding, Level, check_log, file_mend
from agent.report.advice import Shown

NOBODY = 65_534
SUBJECT = 'log "a"'
FULL = Finding(Level.OK, SUBJECT, "the debug text shows handshake messages")
DEBUG = "-Djavax.net.debug=ssl,handshake,keymanager,trustmanager"


def shown_in(data: bytes) -> Shown:
    """Judge text that names its own depth last, and before it leaks and versions."""
    words = data.decode().split()
    return Shown(
        Depth(words[-1]) if words else Depth.NONE,
        tuple(leak for leak in Leak if leak in words),
        next((word for word in words if word[0].isdigit()), None),
    )


def look(path: Path, product_version: str | None = None) -> list[Finding]:
    """Return what is said of the log at a path."""
    return list(check_log(Log(name="a", path=path, product_version=product_version), shown_in))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that every user can reach, which those of pytest are not."""
    path = Path(tempfile.mkdtemp(prefix="wmtls-test-"))
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


@pytest.fixture
def nobody(folder: Path) -> Iterator[None]:
    """Run the test without rights: root lends its process to nobody, any other user already has none.

    The folder comes first, so that it is removed with the rights it was made with.
    """
    assert folder.is_dir()
    if os.geteuid() != 0:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([NOBODY])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)
    os.setegid(group)
    os.setgroups(groups)


def test_a_log_that_is_fine(folder: Path) -> None:
    """The log can be read, its rolled files too, and it shows enough."""
    (folder / "wrapper.log").write_text("x full\n")
    (folder / "wrapper.log.1").write_text("")
    (folder / "server.log").write_text("")
    assert look(folder / "wrapper.log") == [
        Finding(Level.OK, SUBJECT, f"{folder}/wrapper.log can be read, 7 bytes"),
        Finding(Level.OK, SUBJECT, "rolled files beside it: 1, all readable"),
        FULL,
    ]


def test_a_wrapper_that_writes_elsewhere(folder: Path) -> None:
    """Its log may be fine to read, and yet nothing comes."""
    for name in ("logs", "bin"):
        (folder / name).mkdir()
    log, written = folder / "logs" / "wrapper.log", folder / "bin" / "wrapper.log"
    log.write_text("x full\n")
    os.utime(log, (1, 1))
    written.write_text("WARN | Unable to write to the configured log file: ../logs/wrapper.log (No space)\n")
    assert look(log)[0] == Finding(
        Level.ERROR,
        SUBJECT,
        f"the wrapper cannot write {log} and writes {written} instead",
        f"give the server's user the right to write {log} and {log.parent}, restart the server, and read "
        f"{written} with wmtls explain",
    )


def test_a_log_of_days(folder: Path) -> None:
    """The files of a log that has one for each day are all looked at."""
    path = folder / "wrapper-YYYYMMDD.log"
    assert [one.text for one in look(path)] == [f"nothing in {folder} matches {path.name}"]
    for day in ("20261122", "20261123"):
        (folder / f"wrapper-{day}.log").write_text("x full\n")
    assert sorted(one.text for one in look(path) if "can be read" in one.text) == [
        f"{folder}/wrapper-20261122.log can be read, 7 bytes",
        f"{folder}/wrapper-20261123.log can be read, 7 bytes",
    ]


def test_a_log_that_is_not_there_yet(folder: Path) -> None:
    """A missing log is no error: the agent waits for it."""
    assert look(folder / "wrapper.log") == [
        Finding(
            Level.WARNING,
            SUBJECT,
            f"{folder}/wrapper.log does not exist; its directory {folder} does",
            "check the path, or start Integration Server to create it",
        )
    ]


def test_a_directory_that_is_not_there(folder: Path) -> None:
    """The directory is named, since it is what is wrong."""
    assert look(folder / "logs" / "wrapper.log") == [
        Finding(
            Level.WARNING,
            SUBJECT,
            f"the directory {folder}/logs does not exist",
            "check the path, or mount the directory here",
        )
    ]


def test_a_directory_that_is_a_file(folder: Path) -> None:
    """What the system says stands in the sentence."""
    (folder / "logs").write_text("")
    assert look(folder / "logs" / "wrapper.log") == [
        Finding(
            Level.ERROR,
            SUBJECT,
            f"the directory {folder}/logs cannot be listed (Not a directory)",
            "check the path",
        )
    ]


def test_what_is_no_regular_file_is_not_opened(folder: Path) -> None:
    """A pipe would hang the check; a link in a circle leads nowhere."""
    os.mkfifo(folder / "pipe")
    (folder / "dir").mkdir()
    (folder / "loop").symlink_to("loop")
    said = [(look(folder / name)[0].level, look(folder / name)[0].text) for name in ("pipe", "dir", "loop")]
    assert said == [
        (Level.ERROR, f"{folder}/pipe is a pipe"),
        (Level.ERROR, f"{folder}/dir is a directory"),
        (Level.ERROR, f"{folder}/loop cannot be looked at (Too many levels of symbolic links)"),
    ]


@pytest.mark.usefixtures("nobody")
def test_a_log_that_may_not_be_read(folder: Path) -> None:
    """Who asks, whose file it is, and the commands that mend it."""
    with _root():
        (folder / "wrapper.log").write_text("x full\n")
        (folder / "wrapper.log").chmod(0o600 if os.getuid() == 0 else 0o000)
    (found,) = look(folder / "wrapper.log")
    assert (found.level, found.subject) == (Level.ERROR, SUBJECT)
    assert found.text.startswith(f"{folder}/wrapper.log (owner ")
    assert f"cannot be read by uid {os.geteuid()} (" in found.text
    assert found.mend == (
        f"setfacl -m u:wmtls:r {folder}/wrapper.log && setfacl -d -m u:wmtls:r {folder}; then restart wmtls"
    )


@pytest.mark.usefixtures("nobody")
def test_a_rolled_file_that_may_not_be_read(folder: Path) -> None:
    """The log itself is fine, but what is rolled away unread would be lost."""
    with _root():
        (folder / "wrapper.log").write_text("x full\n")
        (folder / "wrapper.log.1").write_text("")
        (folder / "wrapper.log.1").chmod(0o000)
    assert look(folder / "wrapper.log")[1] == Finding(
        Level.WARNING,
        SUBJECT,
        f"1 of 1 rolled files cannot be read, {folder}/wrapper.log.1 for one",
        f"setfacl -m u:wmtls:r {folder}/wrapper.log.1 && setfacl -d -m u:wmtls:r {folder}; "
        "then restart wmtls",
    )


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(("mode", "doing"), [(0o311, "listing"), (0o000, "entering"), (0o444, "entering")])
def test_a_directory_that_may_not_be_listed_or_entered(mode: int, doing: str, folder: Path) -> None:
    """Rolled files are found by listing, so both rights are needed."""
    logs = folder / "logs"
    with _root():
        logs.mkdir()
        (logs / "wrapper.log").write_text("")
        logs.chmod(mode if os.getuid() == 0 else mode & 0o344)
    (found,) = look(logs / "wrapper.log")
    assert found.level is Level.ERROR
    assert found.text.startswith(f"{doing} {logs} (owner ")
    assert found.mend == f"setfacl -m u:wmtls:rx {logs}; then restart wmtls"
    with _root():
        logs.chmod(0o755)


@pytest.mark.usefixtures("nobody")
def test_a_folder_further_up_may_be_what_is_closed(folder: Path) -> None:
    """The outermost closed folder is named, which is the one to mend first."""
    with _root():
        (folder / "closed" / "logs").mkdir(parents=True)
        (folder / "closed").chmod(0o000)
    (found,) = look(folder / "closed" / "logs" / "wrapper.log")
    assert found.text.startswith(f"entering {folder}/closed (owner ")
    with _root():
        (folder / "closed").chmod(0o755)


class _root:  # noqa: N801 - reads as a word of the test
    """Hands the process back to root, where it came from there, for one block."""

    def __enter__(self) -> None:
        if os.getuid() == 0:
            os.seteuid(0)

    def __exit__(self, *_: object) -> None:
        if os.getuid() == 0:
            os.seteuid(NOBODY)


def test_the_group_comes_first_where_it_may_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group survives rolling; the root group is never handed out, and odd names are quoted."""
    monkeypatch.setattr(preflight_logs, "_group", {0: "root", 1724: "sag admin"}.__getitem__)
    path = folder / "my wrapper.log"
    path.write_text("")
    path.chmod(0o640)
    fields = list(path.stat())
    acl = f"setfacl -m u:wmtls:r '{path}' && setfacl -d -m u:wmtls:r {folder}; then restart wmtls"
    fields[5] = 1724
    assert file_mend(path, os.stat_result(fields)) == f"usermod -aG 'sag admin' wmtls, or {acl}"
    fields[5] = 0
    assert file_mend(path, os.stat_result(fields)) == acl


def test_names_that_the_system_does_not_know_are_numbers() -> None:
    """A container often has users without names."""
    assert (preflight_logs._user(4_000_000), preflight_logs._group(4_000_000)) == ("4000000", "4000000")


def test_shallow_debug_text_names_the_setting_and_its_file(folder: Path) -> None:
    """The file is derived from the place of the log, and the trap of the other setting is named."""
    log = folder / "IS_default" / "logs" / "wrapper.log"
    log.parent.mkdir(parents=True)
    log.write_text("x shallow\n")
    assert look(log)[-1] == Finding(
        Level.WARNING,
        SUBJECT,
        "the debug text in it shows alerts and exceptions only, so causes stay undetermined",
        f"set wrapper.java.additional.<n>={DEBUG} in {folder}/IS_default/configuration/custom_wrapper.conf, "
        f"in the line that sets javax.net.debug now if there is one (Microservices Runtime: {DEBUG} in "
        'JAVA_CUSTOM_OPTS; never "all"; take it out of watt.config.systemProperties, which wins and splits '
        "at commas), "
        "and restart Integration Server",
    )


@pytest.mark.parametrize(
    ("version", "iaik"), [(None, True), ("9.12", True), ("10.11.2", True), ("10.15", False), ("11.1", False)]
)
def test_a_log_without_debug_text_says_how_to_get_some(
    version: str | None,
    iaik: bool,  # noqa: FBT001 - a column of the table
    folder: Path,
) -> None:
    """Versions that still have the older library are told of its own switch."""
    (folder / "wrapper.log").write_text("")
    found = look(folder / "wrapper.log", version)[-1]
    assert (found.level, found.text) == (
        Level.WARNING,
        "there is no TLS debug text in it, so no handshake can be seen",
    )
    assert found.mend is not None
    assert "in custom_wrapper.conf," in found.mend
    assert found.mend.endswith("set watt.ssl.iaik.debug=true as well") is iaik


def test_only_the_end_of_a_long_log_is_judged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first, torn line of the piece that is read is left out."""
    monkeypatch.setattr(preflight_logs, "TAIL_BYTES", 12)
    (folder / "wrapper.log").write_text("x full\nx full\nx none\n")
    seen: list[bytes] = []

    def watch(data: bytes) -> Shown:
        seen.append(data)
        return Shown(Depth.NONE)

    found = list(check_log(Log(name="a", path=folder / "wrapper.log"), watch))
    assert seen == [b"x none\n"]
    assert found[-1].text == "there is no TLS debug text in the last 4 MiB, so no handshake can be seen"


@pytest.mark.parametrize(
    ("leak", "text"),
    [
        (Leak.PLAINTEXT, "the log holds decrypted data, passwords among it"),
        (Leak.KEYS, "the log holds master secrets, which decrypt recorded connections"),
    ],
)
def test_key_material_in_the_log_is_told(leak: Leak, text: str, folder: Path) -> None:
    """The log is a risk of its own then, whether the agent runs or not."""
    (folder / "wrapper.log").write_text(f"x {leak}\nx full\n")
    found = look(folder / "wrapper.log")
    assert found[1] == FULL
    assert [(one.level, one.text, bool(one.mend)) for one in found[2:]] == [(Level.WARNING, text, True)]


def test_the_version_that_the_log_names(folder: Path) -> None:
    """It chooses the remedies where the configuration does not; a configuration that says another is told."""
    (folder / "wrapper.log").write_text("x 10.5.0.3 none\n")
    named, debug = look(folder / "wrapper.log")[1:]
    assert named == Finding(
        Level.OK, SUBJECT, "the log names Integration Server 10.5.0.3; remedies are chosen by it"
    )
    assert "watt.ssl.iaik.debug=true" in (debug.mend or "")
    assert look(folder / "wrapper.log", "10.5")[1] == debug
    assert look(folder / "wrapper.log", "10.15")[1] == Finding(
        Level.WARNING,
        SUBJECT,
        "the log names Integration Server 10.5.0.3, product_version says 10.15",
        'write product_version = "10.5.0.3", or leave it out',
    )
    (folder / "wrapper.log").write_text("x 10.15.0.2 none\n")
    assert "watt.ssl.iaik.debug=true" not in (look(folder / "wrapper.log")[2].mend or "")


def test_a_glob_is_looked_at_file_by_file(folder: Path) -> None:
    """Each match is told of; the newest ten, if there are many."""
    for number in range(12):
        path = folder / f"wrapper-{number:02}.log"
        path.write_text("x full\n")
        os.utime(path, (number, number))
    found = look(folder / "wrapper-*.log")
    assert [one.text.split()[0] for one in found[::2]] == [
        f"{folder}/wrapper-{number:02}.log" for number in range(11, 1, -1)
    ]


def test_what_a_glob_matches_and_the_agent_would_pass_over(folder: Path) -> None:
    """A directory, a pipe, a rolled file and an archive are no logs, so nothing is said of them."""
    (folder / "wrapper-dir").mkdir()
    os.mkfifo(folder / "wrapper-pipe")
    for name in ("wrapper-a.log", "wrapper-a.log.1", "wrapper-a.log.2.gz"):
        (folder / name).write_text("x full\n")
    assert [one.text for one in look(folder / "wrapper-*")] == [
        f"{folder}/wrapper-a.log can be read, 7 bytes",
        "rolled files beside it: 2, all readable",
        FULL.text,
    ]
    shutil.rmtree(folder / "wrapper-dir")
    (folder / "wrapper-a.log").unlink()
    assert look(folder / "wrapper-*")[0].text == f"nothing in {folder} matches wrapper-*"


def test_a_glob_that_matches_nothing(folder: Path) -> None:
    """The directory, or the pattern of directories, is named."""
    (one,) = look(folder / "wrapper-*.log")
    (two,) = look(folder / "IS_*" / "logs" / "wrapper.log")
    assert (one.level, one.text) == (Level.WARNING, f"nothing in {folder} matches wrapper-*.log")
    assert (two.level, two.text) == (Level.WARNING, f"no folder matches {folder}/IS_*/logs")


def test_a_match_that_vanishes_is_no_trouble(folder: Path) -> None:
    """A file that was rolled away between listing and looking counts as old."""
    (folder / "a").write_text("")
    assert preflight_logs._newest([folder / "gone", folder / "a"]) == [folder / "a", folder / "gone"]


def test_a_device_that_fails_is_told_in_the_systems_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk error is no question of permissions."""
    (folder / "wrapper.log").write_text("x full\n")

    def fail(*_: object) -> object:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)
    assert look(folder / "wrapper.log") == [
        Finding(
            Level.ERROR,
            SUBJECT,
            f"{folder}/wrapper.log cannot be read (Input/output error)",
            "check the disk",
        )
    ]


@pytest.mark.usefixtures("nobody")
def test_a_rolled_file_that_leads_nowhere(folder: Path) -> None:
    """A dangling link beside the log cannot be read, and has no owner to name."""
    with _root():
        (folder / "wrapper.log").write_text("x full\n")
        (folder / "wrapper.log.1").symlink_to("gone")
    assert look(folder / "wrapper.log")[1].mend == "look at their permissions"
