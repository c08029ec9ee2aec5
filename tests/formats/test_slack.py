import json
import re
from dataclasses import replace
from typing import Any

import pytest

from agent.formats.setting import Setting
from agent.formats.slack import render
from agent.model.diagnosis import Remedy
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import Resolution


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


def test_an_incident_as_a_message(incident: Incident) -> None:
    """What and with whom, since when, why and how sure, who must act, the change, the proof, in order."""
    assert message(incident) == {
        "text": "Server certificate rejected (expired): is.example.com",
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": "Server certificate rejected (expired): is.example.com",
                    "emoji": False,
                },
            },
            {
                "type": "section",
                "fields": [
                    markdown("*With*\n`is.example.com`"),
                    markdown("*This side is*\nclient (outbound call)"),
                    markdown("*Log*\n`default`"),
                    markdown("*Server name*\n`is.example.com`"),
                ],
            },
            {
                "type": "section",
                "text": markdown(
                    "*Seen*\n3 times since 2026-11-23T07:25:55.932+00:00, last 2026-11-23T07:30:55.932+00:00"
                ),
            },
            {
                "type": "section",
                "text": markdown(
                    "*Why*\nThe certificate of is.example.com expired on 2026-11-23.\n"
                    "Cause: expired (certain: the log says so)\n"
                    "Or: Handshake interrupted, undetermined (possible)\n"
                    "To be sure: The certificate's dates."
                ),
            },
            {"type": "section", "text": markdown("*Who must act*\nThe other side")},
            {
                "type": "section",
                "text": markdown(
                    "*What to change*\n"
                    "1. Ask the other side for a new certificate. (no restart needed)\n"
                    "2. *Emergency only, weakens security:* Accept it anyway."
                    " `watt.security.ignoreExpiredChains=true` (version &lt;=10.5, needs a restart)"
                ),
            },
            {
                "type": "section",
                "text": markdown(
                    "*In the log*\n```wrapper.log:1 line 1\nwrapper.log:2 line 2\nwrapper.log:3 line 3```"
                ),
            },
            {
                "type": "context",
                "elements": [
                    markdown(
                        "`server_certificate_rejected`, issue 3 of the vendor's article"
                        " - incident `00000000000000000000000000000001`"
                    )
                ],
            },
        ],
    }


def test_an_incident_without_facts(bare: Incident) -> None:
    """Where little is known the message is short and leaves nothing blank."""
    blocks = message(bare)["blocks"]
    assert [block["type"] for block in blocks] == ["header", *["section"] * 4, "context"]
    assert [field["text"] for field in blocks[1]["fields"]] == [
        "*With*\n`unknown`",
        "*This side is*\nnot known",
        "*Log*\n`default`",
    ]
    assert blocks[2]["text"]["text"] == "*Seen*\nOnce, 2026-11-23T07:25:55.932+00:00"
    assert blocks[5]["elements"][0]["text"] == "`unclassified` - incident `00000000000000000000000000000001`"


def test_a_test_says_so(incident: Incident) -> None:
    """On the lock screen, in the headline and below it."""
    body = message(replace(incident, test=True))
    assert body["text"].startswith("TEST - ")
    assert body["blocks"][0]["text"]["text"].startswith("TEST - ")
    assert body["blocks"][-1]["elements"][0]["text"].endswith("Nothing failed.")


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
    remedies = tuple(Remedy(f"{number} {'x' * 480}") for number in range(9))
    diagnosis = replace(failure.diagnosis, remedies=remedies)
    body = message(replace(incident, failure=Failure(failure.handshake, diagnosis)))
    lines = body["blocks"][5]["text"]["text"].split("\n")
    assert [line[:4] for line in lines] == ["*Wha", "1. 0", "2. 1", "3. 2", "4. 3", "5. 4", "... "]
    assert lines[-1] == "... and 4 more"


def test_many_failures_as_one_message(storm: Incident) -> None:
    """How many, since when, and of what they are."""
    body = message(storm)
    assert body["text"] == "32 kinds of TLS failures within a short time: log default"
    assert [block["text"]["text"] for block in body["blocks"][1:]] == [
        "*Seen*\n304 times since 2026-11-23T07:25:55.932+00:00, last 2026-11-23T07:30:55.932+00:00",
        (
            "Server name missing or not known (name not sent): 300 failures of 30 kinds\n"
            "One end does not speak TLS (undetermined): 4 failures of 2 kinds"
        ),
    ]


def test_the_agents_own_trouble_as_a_message(gap: Incident) -> None:
    """What it is, its details, and what to change; once it is over there is nothing to change."""
    told = [block["text"]["text"] for block in message(gap)["blocks"][1:]]
    assert told == [
        (
            "Part of the log was gone before it could be read.\n"
            "file: `wrapper.log.3`\nfirst byte: `100`\nbytes: `900`"
        ),
        "*What to change*\nKeep more rolled files.",
    ]
    over = message(replace(gap, resolution=Resolution.MENDED))
    assert [block["text"]["text"] for block in over["blocks"][1:]] == told[:1]
