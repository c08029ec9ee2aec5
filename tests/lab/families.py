"""The scenarios by family: a session plays one or several of them."""

from tests.lab import agreement, certificates, foreign, transport
from tests.lab.scenario import Scenario

ALL: dict[str, tuple[Scenario, ...]] = {
    "srv": tuple(certificates.of_servers()),
    "cli": tuple(certificates.of_clients()),
    "neg": tuple(agreement.disagreements()),
    "ok": tuple(agreement.successes()),
    "engine": tuple(agreement.engines()),
    "policy": tuple(agreement.policies()),
    "groups": tuple(agreement.groups()),
    "old": tuple(agreement.old_versions()),
    "x": tuple(transport.cuts_and_strangers()),
    "ossl": tuple(foreign.openssl()),
}
"""What each is: the docstrings of these functions."""
