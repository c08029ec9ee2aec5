from dataclasses import replace
from datetime import UTC, datetime

from agent.knowledge import chains
from agent.model.events import Certificate
from tests.knowledge.conftest import CERTIFICATES


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


def test_what_every_current_jdk_refuses() -> None:
    """A signature by MD5 or a short key; a root's own signature is never checked."""
    named = {name: CERTIFICATES[name] for name in ("leaf", "md5", "md5root", "short")}
    assert {name: chains.weakness(one) for name, one in named.items()} == {
        "leaf": None,
        "md5": "a signature by MD5withRSA",
        "md5root": None,
        "short": "an RSA key of 768 bits",
    }
    assert chains.weakness(replace(named["leaf"], key="DSA 512")) == "a DSA key of 512 bits"
    assert chains.weak((named["leaf"], named["short"])) is named["short"]
    assert chains.weak((named["leaf"], named["md5root"])) is None
