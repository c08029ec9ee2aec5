import json
import re
from dataclasses import replace
from typing import Any

import pytest

from agent.formats.setting import Setting
from agent.formats.slack import render
from agent.model.diagnosis import Remedy
from agent.model.incident import Failure, Incident
from tests.formats.samples import SETTING


def message(incident: Incident) -> dict[str, Any]:
    """Return the rendered message."""
    body: dict[str, Any] = json.loads(render(incident, Setting()).body)
    return body


def markdown(text: str) -> dict[str, object]:
    """Return a text object as all of ours are."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def texts(value: object) -> list[str]:
    """Return every text of a message that Slack shows."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for part in value.values() for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list) else []


def test_a_message_is_made_of_blocks(incident: Incident, bare: Incident) -> None:
    """A header, the facts side by side, a section for each paragraph, the links, and what it is of."""
    linked = json.loads(render(incident, SETTING).body)["blocks"]
    assert [block["type"] for block in linked] == ["header", *["section"] * 7, "context"]
    assert [len(block.get("fields", ())) for block in linked] == [0, 4, *[0] * 7]
    blocks = message(bare)["blocks"]
    assert [block["type"] for block in blocks] == ["header", *["section"] * 4, "context"]
    assert [field["text"] for field in blocks[1]["fields"]] == [
        "*With*\n`unknown`",
        "*This side is*\nnot known",
        "*Log*\n`default`",
        "*Agent*\n`wmtls`",
    ]
    assert blocks[2]["text"] == markdown("*Seen*\nOnce, 2026-11-23 07:25:55+00:00")
    assert blocks[5]["elements"][0]["text"] == f"`unclassified` - incident `{'e' * 32}`"


def test_a_test_says_so(incident: Incident) -> None:
    """On the lock screen, in the headline and below it."""
    body = message(replace(incident, test=True))
    assert body["text"].startswith("TEST - ")
    assert body["blocks"][0]["text"]["text"].startswith("TEST - ")
    assert body["blocks"][-1]["elements"][0]["text"].endswith("Nothing of this happened.")


def test_hostile_text_forms_no_markup(hostile: Incident) -> None:
    """No mention, link, line end, terminal escape or change of direction comes through, in any text."""
    whole = "\n".join(texts(message(hostile)))
    assert "<" not in whole
    assert ">" not in whole
    assert re.sub(r"&(amp|lt|gt);", "", whole).count("&") == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800-\udfff]", whole)
    assert "&lt;!channel&gt;" in whole


def test_hostile_text_stays_inside_its_code(hostile: Incident) -> None:
    """Code that is opened is closed where we close it: a backtick of the log is no backtick."""
    for block in message(hostile)["blocks"]:
        for text in texts(block):
            outside = re.sub(r"```[^`]*```|`[^`\n]*`", "", text)
            labels = re.sub(
                r"^\*[A-Z][A-Za-z ]+\*$|\*Emergency only, weakens security:\*",
                "",
                outside,
                flags=re.MULTILINE,
            )
            assert not set(labels) & set("`*_~@"), text


@pytest.mark.parametrize("character", ["&", "x", "\U0001f525", "\u202e", "`"])
def test_every_limit_of_slack_holds(hostile: Incident, character: str) -> None:
    """Header 150, section 3000, fields 2000, 50 blocks, 13 000 in all, whatever the log is full of."""
    flood = character * 5000
    assert hostile.failure is not None
    diagnosis = replace(
        hostile.failure.diagnosis, summary=flood, remedies=(Remedy(flood, flood, flood, flood),) * 50
    )
    handshake = replace(hostile.failure.handshake, server_name=flood)
    body = message(replace(hostile, failure=Failure(handshake, diagnosis)))
    blocks = body["blocks"]
    assert len(blocks) <= 50
    assert len(body["text"]) <= 140
    assert len(blocks[0]["text"]["text"]) <= 150
    for block in blocks[1:]:
        assert len(block.get("fields", [])) <= 10
        assert all(0 < len(field["text"]) <= 2000 for field in block.get("fields", []))
        assert all(0 < len(text) <= 3000 for text in texts(block))
    assert len(json.dumps(body, ensure_ascii=False)) < 13_000


def test_remedies_that_do_not_fit_are_counted(incident: Incident, failure: Failure) -> None:
    """A long list is cut between two remedies, never inside one."""
    remedies = tuple(Remedy(f"{number} {'x' * 480}") for number in range(7))
    diagnosis = replace(failure.diagnosis, remedies=remedies)
    body = message(replace(incident, failure=replace(failure, diagnosis=diagnosis)))
    lines = body["blocks"][5]["text"]["text"].split("\n")
    assert [line[:4] for line in lines] == ["*Wha", "1. 0", "2. 1", "3. 2", "4. 3", "... "]
    assert lines[-1] == "... and 3 more"
