"""What a single value of the configuration may be."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from agent import config_values as check
from agent.config_values import Secret, WrongError


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ("x", "text"),
        ([], "a list"),
        ({}, "a table"),
        (date(2026, 11, 23), "a date"),
    ],
)
def test_each_toml_type_has_words(value: object, kind: str) -> None:
    """True is told apart from the number that it is in Python."""
    assert check.kind_of(value) == kind


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("middle", '"middle"'),
        ('a"b\n', '"a\\"b\\n"'),
        ("https://hush", "something else"),
        ("hooks.example.com/services/T0/B0/hush", "something else"),
    ],
)
def test_a_value_is_shown_unless_it_could_be_a_url(text: str, shown: str) -> None:
    """A credential in the wrong key is not repeated."""
    assert check.shown(text) == shown


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.example.com/x?y=z", True),
        ("http://[::1]:8080", True),
        ("https://user:hush@host", True),
        ("HTTPS://host", True),
        ("https://", False),
        ("https://host:0", False),
        ("https://host:99999", False),
        ("https://ho st", False),
        ("https://host/\n", False),
        ("file:///etc/passwd", False),
        ("host/path", False),
    ],
)
def test_a_url_is_whole_or_none(url: str, good: bool) -> None:  # noqa: FBT001 - a column of the table
    """Scheme and host are there, and nothing that could break a request."""
    assert check.is_url(url) is good


def test_paths_and_names_are_kept_as_they_are() -> None:
    """A check returns what is to be kept."""
    assert check.path("logs/*.log") == Path("logs/*.log")
    assert check.name("is-1_b") == "is-1_b"
    assert check.product_version("10.15") == "10.15"
    assert check.variable("OPS_URL") == "OPS_URL"
    assert check.flag(value=True) is True
    assert check.label(" is-prod-1 ") == "is-prod-1"
    assert check.link(" https://host/d?x={log} ") == "https://host/d?x={log}"


@pytest.mark.parametrize(
    ("accept", "value", "what"),
    [
        (check.flag, "true", "is text"),
        (check.label, "a" * 101, "is too long"),
        (check.label, "a\nb", "holds a control character"),
        (check.link, "https://me:hush@host/", "is not a public http or https URL"),
        (check.link, "host", "is not a public http or https URL"),
    ],
)
def test_what_is_no_flag_label_or_link(accept: Callable[[object], object], value: object, what: str) -> None:
    """A credential has no place in a link that everybody gets."""
    with pytest.raises(WrongError) as caught:
        accept(value)
    assert caught.value.what == what


def test_a_refusal_says_what_and_the_mend() -> None:
    """Both halves of the sentence come from the check."""
    with pytest.raises(WrongError) as caught:
        check.path("a\0b")
    assert (caught.value.what, caught.value.mend) == (
        "holds a NUL character",
        "write the full path of a file or directory",
    )


def test_secrets_compare_by_their_text() -> None:
    """Equal texts are equal and hash alike, so that configurations can be compared."""
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


@pytest.mark.parametrize(
    ("value", "what", "mend"),
    [
        ("sni", "is text", 'write a list, like ["sni"]'),
        ([], "is empty", 'write a list, like ["sni"], or leave the key out for all'),
        ([1], "holds a number", 'use "sni" or "not_tls"'),
        (["snni"], 'holds "snni"', 'did you mean "sni"? There are "sni" or "not_tls"'),
    ],
)
def test_what_is_no_list_of_words(value: object, what: str, mend: str) -> None:
    """A word that is not known comes with the nearest one."""
    with pytest.raises(WrongError) as caught:
        check.some_of(("sni", "not_tls"))(value)
    assert (caught.value.what, caught.value.mend) == (what, mend)


def test_lists_of_words_and_names() -> None:
    """Their order does not count; a single word is told as such."""
    assert check.some_of(("sni", "not_tls"))(["not_tls", "sni"]) == {"sni", "not_tls"}
    assert check.names(["a", "b"]) == {"a", "b"}
    for value, what in (("a", "is text"), ([], "is empty"), (["A"], 'is "A"')):
        with pytest.raises(WrongError) as caught:
            check.names(value)
        assert caught.value.what == what
    with pytest.raises(WrongError, match="did you mean"):
        check.known("x", ("a",))
