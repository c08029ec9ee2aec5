"""Which files a configured path means."""

from pathlib import Path

from agent.tail.discovery import Sighting, expand, sighted


def test_plain_path_is_meant_also_when_absent(tmp_path: Path) -> None:
    """A log may come later."""
    assert expand(str(tmp_path / "wrapper.log")) == [tmp_path / "wrapper.log"]


def test_path_that_looks_like_a_glob_but_exists(tmp_path: Path) -> None:
    """Brackets in a name that is there are just brackets."""
    path = tmp_path / "wrapper[1].log"
    path.touch()
    assert expand(str(path)) == [path]


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    """It is a path like that of a file which is not there yet; the reader says what is wrong with it."""
    path = tmp_path / "wrapper.log"
    path.symlink_to("wrapper.log")
    assert sighted(str(path)) == Sighting([(path, path)])


def test_glob_means_live_files_only(tmp_path: Path) -> None:
    """Rolled, compressed and editor's files, directories and hidden files are left out."""
    live = [
        "wrapper.log",
        "wrapper with spaces.log",
        "wrapper.log.txt",
        "other-1.5.log",
    ]
    others = [
        "wrapper.log.1",
        "wrapper.log.12",
        "wrapper_1.log",
        "wrapper.2.log",
        "wrapper.log.1.gz",
        "wrapper.log.gz",
        "wrapper.log.zst",
        "wrapper.log-20261123",
        "wrapper_20261123.log",
        "wrapper.log.2026-11-23",
        "wrapper.log-2026112313",
        "wrapper.log~",
        "wrapper.log.swp",
        "wrapper.log.bak",
        ".wrapper.log",
        "#wrapper.log#",
    ]
    for name in live + others:
        (tmp_path / name).touch()
    (tmp_path / "wrapper.d").mkdir()
    assert expand(str(tmp_path / "*")) == sorted(tmp_path / name for name in live)
    assert expand(str(tmp_path / "*.log.1")) == []


def test_glob_over_directories(tmp_path: Path) -> None:
    """One pattern names the log of each instance."""
    for name in ("IS_default", "IS_other"):
        (tmp_path / name / "logs").mkdir(parents=True)
        (tmp_path / name / "logs" / "wrapper.log").touch()
    assert expand(str(tmp_path / "IS_*" / "logs" / "wrapper.log")) == [
        tmp_path / "IS_default" / "logs" / "wrapper.log",
        tmp_path / "IS_other" / "logs" / "wrapper.log",
    ]


def test_symbolic_link_beside_its_file_is_one_log(tmp_path: Path) -> None:
    """A file that two names lead to is followed once, by its own name; a dangling link not at all."""
    (tmp_path / "wrapper.log").touch()
    (tmp_path / "current.log").symlink_to(tmp_path / "wrapper.log")
    (tmp_path / "dangling.log").symlink_to(tmp_path / "gone")
    assert expand(str(tmp_path / "*.log")) == [tmp_path / "wrapper.log"]
    assert expand(str(tmp_path / "cur*.log")) == [tmp_path / "current.log"]


def test_the_files_of_days_are_one_log(tmp_path: Path) -> None:
    """What a glob finds with dates in its name is one log, however many days there are."""
    for name in ("wrapper_20261122.log", "wrapper_20261123.log", "other-20261123.log", "build-20269923.log"):
        (tmp_path / name).touch()
    days = [tmp_path / "other-YYYYMMDD.log", tmp_path / "wrapper_YYYYMMDD.log"]
    assert expand(str(tmp_path / "*.log")) == [tmp_path / "build-20269923.log", *days]
    assert expand(str(tmp_path / "wrapper_YYYYMMDD.log")) == days[1:]
    assert expand(str(tmp_path / "w*_YYYYMMDD.log")) == days[1:]


def test_where_a_path_leads_is_told_and_a_circle_is_no_fault(tmp_path: Path) -> None:
    """Links are followed as far as they lead."""
    (tmp_path / "wrapper.log").touch()
    (tmp_path / "link").symlink_to("wrapper.log")
    (tmp_path / "loop").symlink_to("loop")
    assert sighted(str(tmp_path / "link")) == Sighting([(tmp_path / "link", tmp_path / "wrapper.log")])
    assert sighted(str(tmp_path / "loop")).files[0][0] == tmp_path / "loop"
    assert sighted(str(tmp_path / "l*p")) == Sighting([])


def test_a_folder_that_may_not_be_listed_is_told_with_its_mend(nobody: Path) -> None:
    """A glob finds nothing in it, which is not the same as nothing being there."""
    (nobody / "logs").mkdir()
    (nobody / "logs" / "wrapper.log").touch()
    (nobody / "logs").chmod(0o300)
    problem = sighted(str(nobody / "logs" / "*.log")).problem
    assert problem is not None
    assert problem.startswith(f"cannot list {nobody}/logs: permission denied; run: setfacl -m u:")
    assert problem.endswith(f":rx {nobody}/logs")
    assert sighted(str(nobody / "none" / "*.log")) == Sighting([])
    (nobody / "logs").chmod(0o700)


def test_a_file_that_may_not_be_looked_at_is_one(nobody: Path) -> None:
    """In a folder that may be listed and not entered there are only names: who reads them says why not."""
    (nobody / "logs").mkdir()
    (nobody / "logs" / "wrapper.log").touch()
    (nobody / "logs").chmod(0o400)
    assert expand(str(nobody / "logs" / "*.log")) == [nobody / "logs" / "wrapper.log"]
    (nobody / "logs").chmod(0o700)
