import pytest

from agent.knowledge.names import normal_name, same_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=a, O=b, C=DE", "cn=a,o=b,c=DE"),
        ("CN=a, O=b, C=DE", "C=de, O=b, CN=A"),
        ('CN=a, O="Sun Microsystems, Inc."', r"CN=a,O=Sun Microsystems\, Inc."),
        ("EMAILADDRESS=x@y.z, CN=a", "1.2.840.113549.1.9.1=x@y.z, CN=a"),
        ("CN=a  b, S=Hessen", "CN=a b, ST=hessen"),
        ("no name at all", "No  name at all"),
        (r"CN=M\C3\BCller, O=\22X\22", 'CN=Müller, O="\\"X\\""'),
        ("CN=Mu\u0308ller", "CN=M\u00fcller"),
        ("2.5.4.5=#1305483132335a, CN=a", "SERIALNUMBER=H123Z, CN=a"),
        ("OID.2.5.4.97=#0c09564154444531323334, CN=a", "2.5.4.97=VATDE1234, CN=a"),
        ("CN=a+OU=b, O=c", "OU=b+CN=a,O=c"),
        ("cn=ca,ou=ca,o=ca,l=BLR,st=KA,c=IN", "C=IN, ST=KA, L=BLR, O=ca, OU=ca, CN=ca"),
        (
            "UID=x, DC=example, DC=com",
            "0.9.2342.19200300.100.1.1=x,0.9.2342.19200300.100.1.25=example,dc=com",
        ),
    ],
)
def test_names_of_different_libraries_are_equal(one: str, other: str) -> None:
    """Case, blanks, quotes, order and the spelling of attribute types do not count."""
    assert same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("CN=a, O=b", "CN=a"), ("CN=a", "CN=b"), (None, None), ("", ""), ("CN=a", None)]
)
def test_different_or_absent_names_are_not_equal(one: str | None, other: str | None) -> None:
    """A part more or less counts, and an absent name equals none."""
    assert not same_name(one, other)


@pytest.mark.parametrize("value", ["#", "#0", "#zz", "#1305", "#130561", "#3003020101", "#13ff6162"])
def test_a_hex_form_that_is_no_string_stays_what_it_is(value: str) -> None:
    """A value that is cut, of another type or too long is compared as it is printed."""
    assert normal_name(f"2.5.4.97={value}") == (("2.5.4.97", value),)
