import json
from dataclasses import replace
from typing import Any

from agent.formats.google_chat import BYTES, render
from agent.formats.setting import Setting
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import IncidentEvent
from tests.formats.samples import SETTING


def body(incident: Incident) -> dict[str, Any]:
    """Return the message."""
    parsed: dict[str, Any] = json.loads(render(incident, SETTING).body)
    return parsed


def test_messages_of_an_incident_are_in_one_thread(incident: Incident) -> None:
    """The key is the same for all of them, and another one for another agent's."""
    later = replace(incident, id="2" * 32, event=IncidentEvent.UPDATED)
    key = "is-prod-1/" + "e" * 32
    assert [body(one)["thread"] for one in (incident, later)] == [{"threadKey": key}] * 2
    other = json.loads(render(incident, Setting("is-prod-2")).body)
    assert other["thread"] == {"threadKey": "is-prod-2/" + "e" * 32}
    assert render(incident, SETTING).query == {"messageReplyOption": "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"}


def test_names_are_text_and_no_markup(incident: Incident, failure: Failure) -> None:
    """Entities in the card; look-alikes where a title or a telephone has no escape."""
    handshake = replace(failure.handshake, server_name="<users/all> & *x*")
    said = body(replace(incident, failure=replace(failure, handshake=handshake)))
    card = said["cardsV2"][0]["card"]
    assert card["sections"][0]["widgets"][0]["decoratedText"]["text"] == "&lt;users/all&gt; &amp; *x*"
    assert card["header"]["title"].endswith("\u2039users/all\u203a & *x*")
    assert said["fallbackText"].endswith("\u2039users/all\u203a & \u2217x\u2217")


def test_a_full_message_is_below_the_limit(incident: Incident, failure: Failure) -> None:
    """However many bytes a character needs when it is escaped."""
    long = replace(failure.diagnosis, summary="'" * 5000, partner_message="\U0001f525" * 5000)
    full = render(replace(incident, failure=replace(failure, diagnosis=long)), SETTING)
    assert len(full.body) <= BYTES
