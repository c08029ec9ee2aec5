import os
import ssl
from pathlib import Path

import pytest
import trustme

from agent.delivery.trust import Trust
from agent.errors import ConfigError


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority of a company's own."""
    return trustme.CA()


def test_own_authorities_stand_alone(authority: trustme.CA, tmp_path: Path) -> None:
    """With `ca_file` nothing else is believed; names and certificates are checked."""
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.cert_pem.bytes())
    made = Trust(ca_file=file).context(ssl.create_default_context)
    assert [one["serialNumber"] for one in made.get_ca_certs()] == [
        f"{authority._certificate.serial_number:040X}"
    ]
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_without_files_the_public_ones_are_believed() -> None:
    """What the HTTP library knows, and the system's."""
    made = Trust().context(ssl.create_default_context)
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert Trust().stamp() == ()


def test_a_changed_file_changes_the_stamp(authority: trustme.CA, tmp_path: Path) -> None:
    """A renewed certificate is seen, also where it replaces the file within the same moment."""
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.cert_pem.bytes())
    trust = Trust(ca_file=file)
    before = trust.stamp()
    (tmp_path / "new").write_bytes(authority.cert_pem.bytes())
    os.utime(tmp_path / "new", ns=(before[0][1], before[0][1]))
    (tmp_path / "new").replace(file)
    assert trust.stamp() != before


def test_a_certificate_of_its_own(authority: trustme.CA, tmp_path: Path) -> None:
    """In one file with the key, or in two."""
    made = authority.issue_cert("wmtls")
    made.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    both = Trust(client_certificate=tmp_path / "both.pem")
    apart = Trust(client_certificate=tmp_path / "certificate.pem", client_key=tmp_path / "key.pem")
    for trust in (both, apart):
        trust.context(ssl.create_default_context)


def test_files_that_are_of_no_use_are_named(authority: trustme.CA, tmp_path: Path) -> None:
    """The sentence has the key of the configuration, the file and the mend; no password is asked for."""
    absent, wrong, locked = tmp_path / "absent", tmp_path / "wrong", tmp_path / "locked"
    wrong.write_text("hush")
    locked.write_bytes(
        authority.issue_cert("wmtls").cert_chain_pems[0].bytes()
        + b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    with pytest.raises(ConfigError) as refused:
        Trust(ca_file=absent).stamp()
    assert str(refused.value) == (
        f"ca_file {absent} cannot be read (No such file or directory); create it or mend its permissions"
    )
    with pytest.raises(ConfigError) as refused:
        Trust(ca_file=wrong).context(ssl.create_default_context)
    assert str(refused.value) == f"ca_file {wrong} holds no certificate in PEM; write the authority's there"
    for trust in (Trust(client_certificate=wrong, client_key=locked), Trust(client_certificate=locked)):
        with pytest.raises(ConfigError, match=r"^client_certificate .*: no certificate with its own key"):
            trust.context(ssl.create_default_context)
