"""What each format makes of an incident of each event; `make goldens` writes it anew, to be read then."""

import json
import os
from pathlib import Path

import pytest

from agent.formats import FORMATS
from agent.model.incident import Incident
from agent.model.vocabulary import IncidentEvent
from tests.formats import vendors
from tests.formats.samples import SETTING, samples

GOLDEN = Path(__file__).parent / "golden"


def laid_out(value: object, depth: int = 0) -> str:
    """Return JSON for eyes: what fits on a line stands on one."""
    whole = json.dumps(value, ensure_ascii=False)
    if len(whole) + depth <= 110 or not isinstance(value, dict | list):
        return whole
    pad = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(key)}: {laid_out(part, depth + 1)}" for key, part in value.items()]
    else:
        rows = [f"{pad}{laid_out(part, depth + 1)}" for part in value]
    around = "{}" if isinstance(value, dict) else "[]"
    return around[0] + ",".join(rows) + "\n" + " " * depth + around[1]


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_as_it_was_read(name: str, incident: Incident, storm: Incident, gap: Incident) -> None:
    """Body, headers, path and query, for one canonical incident of each event."""
    made = {}
    for event, one in samples(incident, storm, gap).items():
        request = FORMATS[name](one, SETTING)
        assert vendors.faults(name, request.body) == []
        made[event] = {
            "path": request.path,
            "query": dict(request.query),
            "headers": request.headers,
            "body": json.loads(request.body),
        }
    file = GOLDEN / f"{name}.json"
    if os.environ.get("WMTLS_GOLDENS") == "write":
        file.write_text(laid_out(made) + "\n", "utf-8")
    assert made == json.loads(file.read_text("utf-8"))


def test_every_event_has_its_sample(incident: Incident, storm: Incident, gap: Incident) -> None:
    """No event of the vocabulary is without a golden."""
    assert {one.event for one in samples(incident, storm, gap).values()} == set(IncidentEvent)


def test_every_golden_has_its_format() -> None:
    """A format that is gone leaves nothing behind."""
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(FORMATS)
