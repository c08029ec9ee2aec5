import json
from dataclasses import replace

from agent.formats.mattermost import render
from agent.model.incident import Failure, Incident
from tests.formats.samples import SETTING


def text(incident: Incident) -> str:
    """Return the Markdown of a message."""
    parsed: str = json.loads(render(incident, SETTING).body)["text"]
    return parsed


def test_a_message_begins_with_what_failed(incident: Incident) -> None:
    """A headline, the facts as a list, then each paragraph under its label."""
    assert text(incident).split("\n")[:9] == [
        r"#### Server certificate rejected (expired): is.example.com",
        "",
        "- With: `is.example.com`",
        "- This side is: client (outbound call)",
        "- Log: `default`",
        "- Agent: `is-prod-1`",
        "",
        "**Seen**",
        "3 times since 2026-11-23 07:25:55+00:00, last 2026-11-23 07:30:55+00:00",
    ]


def test_names_are_text_and_no_markup(incident: Incident, failure: Failure) -> None:
    """Markdown is escaped where it runs; mentions and Slack's links are look-alikes everywhere."""
    handshake = replace(failure.handshake, server_name="@all <!here> *x* `y` [z](w)")
    lines = text(replace(incident, failure=replace(failure, handshake=handshake))).split("\n")
    assert lines[0].endswith(": \uff20all \u2039\\!here> \\*x\\* \\`y\\` \\[z\\](w)")
    assert lines[2] == "- With: `\uff20all \u2039!here> *x* \u02cby\u02cb [z](w)`"


def test_commands_can_be_copied(incident: Incident, failure: Failure) -> None:
    """A redirection begins no link, and stays what it is."""
    command = "openssl s_client -connect a:1 </dev/null"
    diagnosis = replace(failure.diagnosis, would_confirm=f"Ask it.\n{command}")
    assert f"`{command}`" in text(replace(incident, failure=replace(failure, diagnosis=diagnosis)))


def test_a_link_ends_where_it_ends(incident: Incident) -> None:
    """A parenthesis in a URL would end it."""
    setting = replace(SETTING, runbook=None, dashboard="https://g.example.com/(x)?a={log}")
    last = json.loads(render(incident, setting).body)["text"].split("\n\n")[-2]
    assert last == "[Dashboard](https://g.example.com/%28x%29?a=default)"
