"""Fields of printed certificates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from agent.dialects.jsse_legacy_certificates import certificate, java_date, read_field
from agent.model.events import Certificate


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Wed Jan 01 00:00:00 UTC 2020", datetime(2020, 1, 1, tzinfo=UTC)),
        (
            "Sat Feb 29 23:59:59 CET 2020",
            datetime(2020, 2, 29, 23, 59, 59, tzinfo=timezone(timedelta(hours=1))),
        ),
        ("Sun Feb 30 00:00:00 UTC 2020", None),
        ("Wed Foo 01 00:00:00 UTC 2020", None),
        ("", None),
    ],
)
def test_dates(printed: str, expected: datetime | None) -> None:
    """A date is read in UTC where it says so, else in the zone given; rubbish is no date."""
    assert java_date(printed, timezone(timedelta(hours=1))) == expected


def test_the_first_value_of_a_field_stays() -> None:
    """What follows a dump cannot change it."""
    fields: dict[str, str] = {}
    for line in (
        "  Subject: CN=a",
        "  CA:false",
        "  Subject: CN=b",
        "CA:true",
        "rubbish",
        "SerialNumber: [    -7f]",
    ):
        read_field(line.strip(), fields)
    assert certificate(fields, UTC) == Certificate(subject="CN=a", serial="-7f", ca=False)


def test_usages_and_key() -> None:
    """Extended key usages stand one to a line; the key's size stands with its algorithm."""
    fields: dict[str, str] = {}
    for line in ("Key:  Sun EC public key, 256 bits", "serverAuth", "clientAuth", "DigitalSignature"):
        read_field(line, fields)
    told = certificate(fields, UTC)
    assert (told.key, told.extended_key_usage) == ("EC 256", ("serverAuth", "clientAuth"))
