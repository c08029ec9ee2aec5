from dataclasses import replace

from agent.formats import plain
from agent.formats.message import message
from agent.model.incident import Incident
from tests.formats.samples import SETTING, samples


def test_a_message_without_markup(incident: Incident, storm: Incident, gap: Incident) -> None:
    """All that is said but the title, in order; what is to be copied stands in quotes."""
    told = samples(incident, storm, gap)["updated"]
    assert plain.text(message(told, SETTING)).splitlines() == [
        "With: is.example.com",
        "This side is: client (outbound call)",
        "Log: default",
        "Agent: is-prod-1",
        "Seen:",
        "  3 times since 2026-11-23 07:25:55+00:00, last 2026-11-23 07:30:55+00:00",
        "Why:",
        "  The certificate of is.example.com expired on 2026-11-23.",
        "  Cause: expired (certain: the log says so)",
        "  Or: Handshake interrupted, undetermined (possible)",
        "  To be sure: The certificate's dates.",
        "  Both ends of the connection are in this log.",
        "Who must act:",
        "  The other side",
        "What to change:",
        "  1. Ask the other side for a new certificate. (no restart needed)",
        (
            "  2. Emergency only, weakens security: Accept it anyway. "
            '"watt.security.ignoreExpiredChains=true" (version <=10.5, needs a restart)'
        ),
        "To send to the other side:",
        "  Dear colleagues,",
        "  ",
        "  your certificate expired. Please renew it.",
        "In the log:",
        "  wrapper.log:1 line 1",
        "  wrapper.log:2 line 2",
        "  wrapper.log:3 line 3",
        "Runbook: https://docs.example.com/wmtls/diagnoses.md#server_certificate_rejected-expired",
        "Dashboard: https://grafana.example.com/d/wmtls?var-log=default&var-issue=server_certificate_rejected",
        (
            '"server_certificate_rejected", issue 3 of the vendor\'s article - incident '
            '"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"'
        ),
    ]


def test_a_title_and_a_line_have_limits(incident: Incident) -> None:
    """The mark of a test is never cut off."""
    said = message(replace(incident, test=True), SETTING)
    assert plain.title(said, 20) == "TEST - Server cer..."
    assert plain.line("a\nbcdef", 6) == "a b..."
