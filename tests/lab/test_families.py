"""The table of scenarios."""

import re
from collections import Counter

from tests.lab import families, pki
from tests.lab.pki import CERTIFICATES
from tests.lab.scenario import Jsse
from tests.lab.sessions import SIZES

ALL = [scenario for family in families.ALL.values() for scenario in family]


def test_names_are_given_once() -> None:
    """A note names its scenario, so no two have the same name."""
    assert [name for name, times in Counter(scenario.name for scenario in ALL).items() if times > 1] == []


def test_every_certificate_is_used() -> None:
    """No certificate is made for nothing, and none is used that is not made."""
    made = {certificate.name for certificate in CERTIFICATES}
    ends = [end for scenario in ALL for end in (scenario.client, scenario.server)]
    named = {name for certificate in CERTIFICATES for name in (*certificate.sends, certificate.issuer)}
    for end in ends:
        if isinstance(end, Jsse):
            named |= {n for key in ("key", "trust") for n in end.fields.get(key, "").split(",")}
        else:
            text = " ".join(getattr(end, "arguments", ()))
            named |= set(re.findall(r"(\S+?)(?:\.key)?\.pem", text))
    assert made - named == set()
    assert named - made <= {None, "", "empty", "nobody", "anybody", "dh1536"}
    assert set(pki.REVOKED) <= made


def test_every_scenario_is_played() -> None:
    """A full corpus has all of them, a small one every kind, a tiny one a few."""
    played = {size: {s.name for session in SIZES[size](1) for s in session.scenarios} for size in SIZES}
    assert played["full"] == {scenario.name for scenario in ALL}
    assert {name.partition(".")[0] for name in played["small"]} == {s.name.partition(".")[0] for s in ALL}
    assert len(played["tiny"]) == 5


def test_cases_are_named_once() -> None:
    """No case takes the place of another one."""
    cases = [session.case(side) for session in SIZES["full"](1) for side in session.sides()]
    assert [case for case, times in Counter(cases).items() if times > 1] == []
