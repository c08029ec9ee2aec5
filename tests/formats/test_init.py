import json

from agent.config_receiver import FORMATS as CONFIGURED
from agent.formats import FORMATS
from agent.formats.request import Request
from agent.formats.setting import Setting
from agent.model.incident import Incident


def test_every_format_renders_every_incident(
    incident: Incident, bare: Incident, hostile: Incident, storm: Incident, gap: Incident
) -> None:
    """Each entry of the table makes JSON of the ordinary, the empty and the hostile."""
    assert set(FORMATS) == set(CONFIGURED)
    for render in FORMATS.values():
        for one in (incident, bare, hostile, storm, gap):
            request = render(one, Setting())
            assert isinstance(request, Request)
            assert json.loads(request.body)
            assert request.headers["Content-Type"].startswith("application/json")
