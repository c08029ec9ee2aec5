import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from agent.knowledge import catalogue, partner
from agent.knowledge.checks import Place
from agent.knowledge.values import values
from agent.knowledge.view import view
from agent.model.events import Certificate
from agent.model.handshake import Handshake
from agent.model.vocabulary import ActingSide

Build = Callable[..., Handshake]

PLACE = Place("mine.toml", "", "partner.x", 1, "partner")


def _written(handshake: Handshake, **row: object) -> str:
    seen = view(handshake)
    letter = partner.read(PLACE, {"text": "Please mend {yours} for {ours}.", **row})
    return partner.dated(partner.write(letter, seen, values(seen)), handshake.ended_at)


def test_a_whole_message_to_a_server(build: Build) -> None:
    """What failed and when, what to change, and the certificate by which its owner finds it."""
    assert _written(build(">client_hello", peer="old ca")) == (
        "A TLS connection from our client to your server is.example.com failed on 2026-11-23 at 07:00:00 UTC."
        " Please mend your server for our client."
        " The certificate that your server sent: subject CN=old, O=Acme; serial number 01:02; issued by"
        " CN=Issuing CA, O=Acme; valid from 2026-01-27 07:00 UTC to 2026-10-24 07:00 UTC."
    )


def test_a_whole_message_to_a_client(build: Build) -> None:
    """A server does not tell its own name, and a log without a role says neither client nor server."""
    assert _written(build("<client_hello", role="server"), shows="nothing") == (
        "A TLS connection between your client and our server failed on 2026-11-23 at 07:00:00 UTC."
        " Please mend your client for our server."
    )
    assert _written(build(role="unknown")) == (
        "A TLS connection between your system and our system failed on 2026-11-23 at 07:00:00 UTC."
        " Please mend your system for our system."
    )


def test_our_certificate_is_shown_only_if_it_was_sent(build: Build) -> None:
    """A key in the store that did not go out is nobody's business."""
    assert "CN=leaf" in _written(build(">certificate", own="leaf"), shows="own")
    assert "CN=leaf" not in _written(build(keys="leaf"), shows="own")


def test_times_are_in_utc_where_the_zone_is_known() -> None:
    """A log whose lines have no clock, or no zone, is told as such."""
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    said = partner.dated("It failed \0.", noon)
    assert said == "It failed on 2026-11-23 at 11:00:00 UTC."
    assert partner.dated("It failed \0.", noon.replace(tzinfo=None)) == (
        "It failed on 2026-11-23 at 12:00:00 (our local time)."
    )
    assert partner.dated("It failed \0.", None) == "It failed recently."


def test_the_time_is_that_of_each_failure(build: Build) -> None:
    """What is said of a kind of failure is remembered, when it was is not."""
    words = {"text": "java.security.cert.CertificateExpiredException: NotAfter: yesterday"}
    first, second = build(**words), build(**words, ended_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC))
    messages = [catalogue.diagnose(one).partner_message or "" for one in (first, second)]
    assert ["2026-11-23 at 07:00:00 UTC" in messages[0], "2026-11-24 at 08:30:00 UTC" in messages[1]] == [
        True,
        True,
    ]


_OURS = "internal-host.corp.example"


def _marked(handshake: Handshake) -> Handshake:
    """Return the handshake with marks at all that the other end has not seen."""
    first = replace(handshake.first, file=f"/opt/{_OURS}/wrapper.log")
    mine = Certificate(subject=f"CN={_OURS}", issuer="CN=Our CA", serial="aa")
    return replace(
        handshake,
        thread=_OURS,
        first=first,
        stores=tuple(
            replace(s, alias=s.alias and _OURS, chain=(mine, *s.chain[1:])) for s in handshake.stores
        ),
        facts=tuple(replace(f, value=f"{_OURS}: {f.value}") for f in handshake.facts),
        server_name=handshake.server_name if handshake.role.value == "client" else _OURS,
    )


_PROPERTY = re.compile(r"watt\.|jdk\.|javax\.|wrapper|\.toml|\.conf|keytool|alias", re.IGNORECASE)


@pytest.mark.parametrize("name", sorted(entry.id for entry in catalogue.load().entries))
def test_no_message_tells_of_this_side(samples: dict[str, Handshake], name: str) -> None:
    """No host, thread, file, alias or property of ours is in any message, whatever the log holds."""
    diagnosis = catalogue.diagnose(_marked(samples[name]))
    message = diagnosis.partner_message
    written_to = {ActingSide.PEER, ActingSide.EITHER, ActingSide.ISSUING_CA}
    assert (message is not None) == (diagnosis.acting_side in written_to)
    if message is not None:
        assert _OURS not in message
        assert not _PROPERTY.search(message)
        assert "\0" not in message
