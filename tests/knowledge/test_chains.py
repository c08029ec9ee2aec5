from datetime import UTC, datetime

import pytest

from agent.knowledge import chains
from agent.model.events import Certificate


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=a, O=b, C=DE", "cn=a,o=b,c=DE"),
        ("CN=a, O=b, C=DE", "C=de, O=b, CN=A"),
        ('CN=a, O="Sun Microsystems, Inc."', r"CN=a,O=Sun Microsystems\, Inc."),
        ("EMAILADDRESS=x@y.z, CN=a", "1.2.840.113549.1.9.1=x@y.z, CN=a"),
        ("CN=a  b, S=Hessen", "CN=a b, ST=hessen"),
        ("no name at all", "No  name at all"),
    ],
)
def test_names_of_different_libraries_are_equal(one: str, other: str) -> None:
    """Case, blanks, quotes, order and the spelling of attribute types do not count."""
    assert chains.same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("CN=a, O=b", "CN=a"), ("CN=a", "CN=b"), (None, None), ("", ""), ("CN=a", None)]
)
def test_different_or_absent_names_are_not_equal(one: str | None, other: str | None) -> None:
    """A part more or less counts, and an absent name equals none."""
    assert not chains.same_name(one, other)


def test_dates_are_compared_where_both_can_be() -> None:
    """A date without a zone, or no date, proves nothing."""
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    late = Certificate(subject="CN=a", not_after=datetime(2026, 11, 22, tzinfo=UTC))
    naive = Certificate(subject="CN=b", not_after=datetime(2026, 11, 22))  # noqa: DTZ001 - the very case
    early = Certificate(subject="CN=c", not_before=datetime(2027, 1, 1, tzinfo=UTC))
    assert chains.expired((Certificate(), naive, late), noon) is late
    assert chains.expired((late,), None) is None
    assert chains.not_yet_valid((late, early), noon) is early
    assert chains.not_yet_valid((late,), noon) is None


def test_only_intermediates_can_be_unfit_issuers() -> None:
    """A leaf and a self-signed root of version 1 are accepted by Java; an intermediate is not."""
    leaf = Certificate(subject="CN=leaf", issuer="CN=ca", version=1, ca=False)
    v1 = Certificate(subject="CN=ca", issuer="CN=root", version=1)
    v3 = Certificate(subject="CN=ca", issuer="CN=root", version=3, ca=False)
    root = Certificate(subject="CN=root", issuer="CN=root", version=1)
    assert chains.v1_issuer((leaf, v1, root)) is v1
    assert chains.v1_issuer((leaf, root)) is None
    assert chains.unfit_issuer((leaf, v3)) is v3
    assert chains.unfit_issuer((leaf, v1)) is None


def test_a_chain_is_matched_by_name() -> None:
    """An anchor or a named authority fits by the issuer of any certificate of the chain, or by itself."""
    chain = (
        Certificate(subject="CN=leaf", issuer="CN=ca"),
        Certificate(subject="CN=ca", issuer="CN=root"),
    )
    assert chains.anchored(chain, [Certificate(subject="cn=ROOT")])
    assert not chains.anchored(chain, [Certificate(subject="CN=other"), Certificate()])
    assert chains.accepted(chain, ["CN=ca"])
    assert not chains.accepted(chain, ["CN=other", ""])
    assert not chains.accepted((Certificate(),), [""])
