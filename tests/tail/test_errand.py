import threading
from pathlib import Path

import pytest

from agent.tail.errand import Errand, wait_all
from tests.hanging import hanging

AT_ONCE = 0.0
LONG = 30.0


def test_answers_come_one_by_one() -> None:
    """A question, its answer, and then the next question."""
    news = threading.Event()
    errand = Errand(str.upper, news)
    answers = []
    for question in ("a", "b"):
        errand.ask(question)
        assert news.wait(LONG)
        answers.append(errand.take())
    assert answers == ["A", "B"]
    assert not errand.out
    errand.end()


def test_no_second_question_before_the_answer_is_taken() -> None:
    """What was read is not lost because nobody fetched it."""
    errand = Errand(str.upper)
    errand.ask("a")
    assert errand.wait(LONG)
    with pytest.raises(ValueError, match="was not taken"):
        errand.ask("b")
    assert errand.take() == "A"
    with pytest.raises(ValueError, match="nothing was asked"):
        errand.take()
    errand.end()


def test_what_the_work_raises_is_raised_where_the_answer_is_taken() -> None:
    """A fault is no silence; the thread lives on."""
    errand = Errand(int)
    errand.ask("no number")
    with pytest.raises(ValueError, match="invalid literal"):
        errand.take()
    errand.ask("7")
    assert errand.take() == 7
    errand.end()


def test_a_disk_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """The call hangs in the kernel; who asked goes on, and has an error once the disk is gone."""
    errand = Errand(Path.stat)
    other = Errand(str.upper)
    with hanging(tmp_path):
        errand.ask(tmp_path / "wrapper.log")
        other.ask("a")
        assert not wait_all((errand, other), 0.01)
        assert other.wait(LONG)
        assert errand.out
        assert not errand.answered
        assert not errand.wait(AT_ONCE)
        errand.end()
    with pytest.raises(OSError, match="not connected"):
        errand.take()
    other.end()
