from pathlib import Path

from agent.tail.follower import TailState
from agent.tail.lookout import Look, Lookout, counts, has_siblings


def test_a_position_is_taken_up_before_anything_is_read(tmp_path: Path) -> None:
    """Asked for no bytes, the end of the log is noted; what is written then is what is read."""
    log = tmp_path / "wrapper.log"
    log.write_bytes(b"old\n")
    lookout = Lookout(log, start="end")
    assert lookout.state is None
    lookout.errand.ask(None)
    assert lookout.errand.take().blocks == []
    with log.open("ab") as file:
        file.write(b"new\n")
    lookout.errand.ask(1 << 20)
    look = lookout.errand.take()
    assert [block.data for block in look.blocks] == [b"new\n"]
    assert look.moved == {"read_bytes": 4, "lines": 1, "rotations": 0, "truncations": 0, "gaps": 0}
    lookout.close()


def test_a_log_without_any_file_is_gone(tmp_path: Path) -> None:
    """Nothing is there, and nothing rolled away from it."""
    lookout = Lookout(tmp_path / "wrapper.log", start="end")
    lookout.errand.ask(1)
    nothing = {"read_bytes": 0, "lines": 0, "rotations": 0, "truncations": 0, "gaps": 0}
    assert lookout.errand.take() == Look(
        [], nothing, [], 0, drained=True, problem=None, missing=True, gone=True
    )
    lookout.close()


def test_rolled_files_are_siblings_and_archives_are_not(tmp_path: Path) -> None:
    """wrapper.log.1 will be followed by a new wrapper.log; wrapper.log.gz is the end of a story."""
    log = tmp_path / "wrapper.log"
    (tmp_path / "wrapper.log.gz").touch()
    assert not has_siblings(log)
    (tmp_path / "wrapper.log.1").touch()
    assert has_siblings(log)
    assert has_siblings(tmp_path / "gone" / "wrapper.log")  # what cannot be looked at proves nothing


def test_counters_of_a_new_tail() -> None:
    """Nothing was read yet."""
    assert counts(TailState()) == {"read_bytes": 0, "lines": 0, "rotations": 0, "truncations": 0, "gaps": 0}
