import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.dialects.distinguished_names import NAMES_LIMIT, split_names

LISTS = {
    "one": ("CN=Root CA, O=Trust GmbH, C=DE", ["CN=Root CA, O=Trust GmbH, C=DE"]),
    "two": ("CN=a, O=b, C=DE, CN=c, O=d, C=FR", ["CN=a, O=b, C=DE", "CN=c, O=d, C=FR"]),
    "two with nothing but a common name": ("CN=a, CN=b", ["CN=a", "CN=b"]),
    "one without a common name": (
        "OU=x, OU=y, O=z, C=US, CN=b, O=z, C=US",
        ["OU=x, OU=y, O=z, C=US", "CN=b, O=z, C=US"],
    ),
    "an attribute that may repeat": ("CN=a, OU=b, OU=c, DC=d, DC=e", ["CN=a, OU=b, OU=c, DC=d, DC=e"]),
    "a comma in quotes": ('CN=a, O="b, CN=c", C=DE', ['CN=a, O="b, CN=c", C=DE']),
    "a quote in quotes": (r'CN=a, O="b \"c\", d", C=DE', [r'CN=a, O="b \"c\", d", C=DE']),
    "an escaped comma": (r"CN=a\, b, O=c, CN=d, O=e", [r"CN=a\, b, O=c", "CN=d, O=e"]),
    "an object identifier": ("OID.2.5.4.5=123, CN=a", ["OID.2.5.4.5=123, CN=a"]),
    "printed the other way round": (
        "C=DE, O=b, CN=a, C=FR, O=d, CN=c",
        ["C=DE, O=b, CN=a", "C=FR, O=d, CN=c"],
    ),
    "nothing": ("", []),
    "no name": ("<empty list>", []),
}


@pytest.mark.parametrize(("listed", "names"), LISTS.values(), ids=LISTS)
def test_lists(listed: str, names: list[str]) -> None:
    """A list of names is taken apart where the next one begins."""
    assert split_names(listed) == names


def test_limit() -> None:
    """A list of a whole trust store is cut."""
    assert len(split_names(", ".join(f"CN={n}, O=x" for n in range(NAMES_LIMIT + 5)))) == NAMES_LIMIT


ATTRIBUTE = (
    st.text(st.characters(codec="utf-8", exclude_characters=',"\\='), min_size=1).map(str.strip).filter(bool)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(ATTRIBUTE, ATTRIBUTE), max_size=5))
def test_put_together_and_split(pairs: list[tuple[str, str]]) -> None:
    """Names that begin with a common name and end with a country come back as they were."""
    names = [f"CN={name}, O={organisation}, C=DE" for name, organisation in pairs]
    assert split_names(", ".join(names)) == names


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=100))
def test_total(listed: str) -> None:
    """Any text gives names, perhaps none."""
    assert all("=" in name for name in split_names(listed))
