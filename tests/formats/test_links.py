"""Where messages lead."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from agent.formats.links import dashboard, harmless, runbook
from agent.formats.setting import Setting
from agent.model.incident import Failure, Incident
from agent.model.vocabulary import CAUSES, Issue

PAGE = Path(__file__).parents[2] / "docs" / "diagnoses.md"
SETTING = Setting(
    runbook="https://docs.example.com/d.md#top",
    dashboard="https://g.example.com/d?l={log}&i={issue}&c={cause}",
)


def test_the_runbook_is_the_page_of_the_diagnosis(incident: Incident, storm: Incident, gap: Incident) -> None:
    """Of a storm that of its greatest part; the agent's own troubles are no diagnoses."""
    assert [runbook(one, SETTING) for one in (incident, storm, gap)] == [
        "https://docs.example.com/d.md#server_certificate_rejected-expired",
        "https://docs.example.com/d.md#sni-name_not_sent",
        None,
    ]
    assert runbook(incident, Setting()) is None


@pytest.mark.parametrize("issue", Issue)
def test_every_anchor_is_on_the_page(issue: Issue, incident: Incident, failure: Failure) -> None:
    """No issue and cause leads to a place that docs/diagnoses.md does not have."""
    anchors = set(re.findall(r'<a id="([^"]+)">', PAGE.read_text()))
    for cause in CAUSES[issue]:
        one = replace(
            incident,
            failure=replace(failure, diagnosis=replace(failure.diagnosis, issue=issue, cause=cause)),
        )
        assert str(runbook(one, SETTING)).partition("#")[2] in anchors


def test_the_dashboard_is_told_what_to_show(incident: Incident, hostile: Incident, gap: Incident) -> None:
    """Values stand in the URL as they have to, whatever they hold; what is not known is empty."""
    assert dashboard(incident, SETTING) == (
        "https://g.example.com/d?l=default&i=server_certificate_rejected&c=expired"
    )
    assert dashboard(gap, SETTING) == "https://g.example.com/d?l=default&i=&c="
    assert re.fullmatch(r"[!-~]+", dashboard(hostile, SETTING) or "")
    assert dashboard(incident, Setting()) is None


def test_a_url_is_made_harmless() -> None:
    """What could end a link in some markup is encoded, what belongs to a URL is not."""
    url = "https://h.example.com:1/p@x?a=b&c=%20{x}#f"
    assert harmless(url) == "https://h.example.com:1/p%40x?a=b&c=%20%7Bx%7D#f"
    assert harmless('a<b>|"\n\udcff`') == "a%3Cb%3E%7C%22%0A?%60"
