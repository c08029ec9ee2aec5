"""The agent's own log lines."""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from agent.config_values import Secret
from agent.telemetry import log

HUSH = "https://user:hush@hooks.example.com/T0/hush?sig=hush"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Leave structlog as it was found."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Return the JSON lines of a stream, their times checked and taken off."""
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    for line in found:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("timestamp"))
    return found


def test_a_line_is_json_where_no_one_watches() -> None:
    """An event has its dotted name, its level, its component and its keys."""
    stream = io.StringIO()
    log.configure("auto", "info", stream)
    log.get("tail").info("tail.rotated", log="a", path=Path("/x"), count=2, ratio=0.5, old=None, ok=True)
    log.get("tail").debug("tail.polled")
    assert lines(stream) == [
        {
            "component": "tail",
            "event": "tail.rotated",
            "level": "info",
            "log": "a",
            "path": "/x",
            "count": 2,
            "ratio": 0.5,
            "old": None,
            "ok": True,
        }
    ]


def test_a_line_is_for_people_on_a_terminal() -> None:
    """The console form names the event and its keys."""
    stream = Terminal()
    log.configure("auto", "debug", stream)
    log.get("tail").warning("tail.rotated", log="a")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert "warning" in plain
    assert "tail.rotated" in plain
    assert "log=a" in plain


def test_the_form_can_be_chosen() -> None:
    """JSON on a terminal and console off it, for those who ask for it."""
    on, off = Terminal(), io.StringIO()
    log.configure("json", "info", on)
    log.get("x").info("a.b")
    log.configure("console", "info", off)
    log.get("x").info("a.b")
    assert lines(on) == [{"component": "x", "event": "a.b", "level": "info"}]
    assert off.getvalue().endswith("component=x\n")


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_hidden(form: str) -> None:
    """Keys that name a secret, URLs in any text, nested values and exceptions show nothing."""
    stream = io.StringIO()
    log.configure(form, "info", stream)
    logger = log.get("delivery")
    logger.info(
        "delivery.failed",
        url=HUSH,
        webhook_url="hush",
        token="hush",  # noqa: S106 - a secret is what the test is about
        client_secret=b"hush",
        headers={"Authorization": "Bearer hush", "X-Token": "hush", "Accept": "json"},
        attempts=[{"secret": "hush"}, f"POST {HUSH} gave 500"],
        address=Secret("hush"),
        error=OSError(f"cannot reach {HUSH}"),
        text=f'see "{HUSH}"',
    )
    logger.error("delivery.broke", exc_info=ValueError(f"bad answer from {HUSH}"))
    text = stream.getvalue()
    assert "hush" not in text
    assert "hooks.example.com" not in text
    assert "https://***" in text
    assert "bad answer from" in text
    assert "json" in text


def test_the_name_of_a_url_file_is_shown() -> None:
    """Where a secret lies is what the operator needs to know."""
    assert log.hide({"url_file": "/run/x", "url": "x"}) == {"url_file": "/run/x", "url": "***"}


def test_a_value_cannot_steer_the_terminal_nor_nest_for_ever() -> None:
    """Text from a log may hold escape sequences; a value may hold itself."""
    endless: list[object] = []
    endless.append(endless)
    assert log.hide("a\x1b[2Jb\nc\x9b") == "a?[2Jb\nc?"
    assert "***" in str(log.hide(endless))
    assert log.hide({(1, 2): {3}}) == {"(1, 2)": [3]}


@pytest.mark.parametrize("kind", ["closed", "full", "absent"])
def test_a_line_that_cannot_be_written_harms_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed standard error, a full disk or none at all loses the line and no more."""

    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    stream = Full() if kind == "full" else io.StringIO()
    if kind == "closed":
        stream.close()
    if kind == "absent":
        monkeypatch.setattr(sys, "stderr", None)
    log.configure("auto", "info", None if kind == "absent" else stream)
    log.get("x").error("a.b")


def test_before_it_is_set_up_only_warnings_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A command's own output stays clean: nothing on standard output, little on standard error."""
    log.get("x").info("a.quiet")
    log.get("x").warning("a.loud")
    out, err = capsys.readouterr()
    assert out == ""
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["a.loud"]
