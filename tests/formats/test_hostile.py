"""Logs that were written to do harm: every format stays harmless and inside its vendor's limits."""

from dataclasses import replace

import pytest

from agent.formats import FORMATS
from agent.formats.setting import Setting
from agent.model.block import Where
from agent.model.diagnosis import Alternative, Remedy
from agent.model.events import Certificate
from agent.model.handshake import Evidence
from agent.model.incident import Failure, Incident, Notice, Part, Summary
from agent.model.vocabulary import Confidence, Issue, Resolution, Trouble
from tests.formats import vendors
from tests.formats.samples import SETTING

SHOWN = sorted(set(FORMATS) - {"generic"})

POISONS = {
    "mentions": "@channel @here @all <!channel> <!here> <!everyone> <users/all> <@U123> <at>all</at> ",
    "markup": "*b* _i_ ~s~ `c` ```d``` **e** # f [g](http://evil.example) <http://evil.example|h> <b>i</b> ",
    "cards": "${x} {{DATE(2026-01-01T00:00:00Z)}} @{body('x')} &lt;script&gt; &#60;a&#62; ",
    "control": "a\x00b\x1b[2Jc\r\nd\x7fe\x9bf\u2028g",
    "bidi": "\u202eevil\u202c \u2066x\u2069 \u200b\u200f\ufeff",
    "halves": "\udcff\ud800x",
    "ampersands": "&",
    "quotes": '"\\',
    "wide": "\U0001f525",
    "backticks": "`",
    "blank": " ",
    "empty": "",
}


def poisoned(incident: Incident, failure: Failure, poison: str) -> list[Incident]:
    """Return incidents of each kind of which every text is poison."""
    handshake = replace(
        failure.handshake,
        server_name=poison,
        peer=poison,
        peer_chain=(Certificate(subject=poison, issuer=poison, serial=poison),),
        evidence=tuple(Evidence(Where(poison, "x", 1, 1), poison) for _ in range(9)),
    )
    diagnosis = replace(
        failure.diagnosis,
        cause=poison,
        summary=poison,
        would_confirm=f"{poison}\n{poison}\n{poison}",
        partner_message=f"{poison}\n\n{poison}",
        alternatives=(Alternative(Issue.SNI, poison, Confidence.POSSIBLE),) * 3,
        remedies=(Remedy(poison, poison, poison, poison, True, True, poison, True),) * 30,  # noqa: FBT003  (as in the model)
    )
    details = tuple((f"{poison}{number}", poison) for number in range(30))
    parts = (Part(Issue.SNI, poison, 3, 3, (poison,) * 3),) * 30
    one = replace(incident, log=poison, count=2, failure=Failure(handshake, diagnosis, both_ends=True))
    return [
        one,
        replace(one, resolution=Resolution.QUIET),
        replace(one, failure=None, summary=Summary(9, 9, parts)),
        replace(one, failure=None, notice=Notice(Trouble.LOG_GAP, poison, poison, poison, details)),
    ]


@pytest.mark.parametrize("times", [1, 400, 100_000])
@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_no_vendor_would_refuse_it(incident: Incident, failure: Failure, poison: str, times: int) -> None:
    """No mention, no markup, no control character, nothing too long, nothing empty that may not be."""
    text = (poison * (times // max(len(poison), 1) + 1))[: max(times, len(poison))]
    for one in poisoned(incident, failure, text):
        for name in SHOWN:
            for setting in (SETTING, replace(Setting(), routing_key=SETTING.routing_key)):
                assert vendors.faults(name, FORMATS[name](one, setting).body) == []


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_said_first_is_there_however_much_there_is(
    name: str, incident: Incident, failure: Failure
) -> None:
    """A message that had to be cut says what failed, who must act, and the first change."""
    full = poisoned(incident, failure, "\U0001f525" * 100_000)[0]
    body = FORMATS[name](full, SETTING).body.decode()
    for words in ("Server certificate rejected", "The other side", "What to change", "1. "):
        assert words.replace(" ", "") in body.replace("\\", "").replace(" ", "")
