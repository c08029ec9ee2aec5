from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from agent.report.markup import LONGEST, element, shown, style, written


def test_elements_and_attributes() -> None:
    """Trailing underscores free a word of Python's, others become hyphens; None leaves out."""
    tree = element(
        "p", "a ", element("b", "c"), " d", None, ["e", element("br")], class_="x", aria_label="y", id=None
    )
    assert written(tree) == '<p class="x" aria-label="y">a <b>c</b> de<br></p>'


def test_numbers_are_short() -> None:
    """Places of a drawing."""
    assert written(element("line", x1=4.0, y1=1.5, x2="3%")) == '<line x1="4" y1="1.5" x2="3%"></line>'


def test_text_is_text() -> None:
    """In an element and in an attribute."""
    tree = element("p", "<b>&\"'", title='"><script>&')
    assert written(tree) == '<p title="&quot;&gt;<script&gt;&amp;">&lt;b&gt;&amp;"\'</p>'


def test_a_style_sheet_is_not_escaped() -> None:
    """HTML would not turn it back."""
    assert written(style("a>b{c:'d'}")) == "<style>a>b{c:'d'}</style>"


def test_long_text_is_cut() -> None:
    """A page's size is bounded whatever a certificate says."""
    assert (len(shown("x" * 9_999)), shown("x" * LONGEST), shown("xx\n")) == (LONGEST, "x" * LONGEST, "xx")
    assert shown("x" * 9_999).endswith("x…")


class _Heard(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.heard.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_any_text_comes_out_as_it_went_in(inside: str, value: str) -> None:
    """As one line without control characters, and as nothing but text."""
    parser = _Heard()
    parser.feed(written(element("p", element("b", inside), title=value)))
    parser.close()
    assert parser.heard == [("p", [("title", shown(value))]), ("b", [])]
    assert parser.text.strip(" ") == shown(inside)
