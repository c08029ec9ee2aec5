from dataclasses import replace
from html.parser import HTMLParser

from agent.model.vocabulary import Depth
from agent.report.findings import Findings
from agent.report.html import render


class _Seen(HTMLParser):
    """Notes elements and text, and that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; its attributes are ours."""
        assert {name for name, _ in attrs} <= {"lang", "charset", "http-equiv", "content", "class"}
        self.elements.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        if data.strip():
            self.texts.append(data.strip())


def seen(findings: Findings) -> _Seen:
    """Return what a browser would see of a report."""
    parser = _Seen()
    parser.feed(render(findings))
    parser.close()
    assert parser.open == []
    return parser


OURS = {
    *("html", "head", "meta", "title", "style", "body", "section", "h1", "h2", "h3", "p", "code"),
    *("dl", "dt", "dd", "table", "tr", "th", "td", "ol", "ul", "li"),
}


def test_a_whole_report(findings: Findings) -> None:
    """The page holds what the other formats hold."""
    page = seen(replace(findings, depth=Depth.SHALLOW, ungrouped=7))
    assert page.elements <= OURS
    for text in (
        "TLS handshakes in wrapper.log",
        "Deeper debug output would tell more. To switch it on:",
        "1. Server certificate rejected (expired): is.example.com",
        "Emergency only, weakens security: Accept it anyway.",
        "watt.old=true",
        "wrapper.log:412: Produced ClientHello handshake message",
        "own: none was sent",
        "Handshakes that did not fail",
    ):
        assert text in page.texts


def test_a_quiet_log(quiet: Findings) -> None:
    """There is a verdict and no empty list."""
    page = seen(quiet)
    assert "No handshake failed." in page.texts
    assert not page.elements & {"ol", "table", "section"}


def test_text_of_the_log_is_never_an_element(hostile: Findings) -> None:
    """Nothing that the log says makes an element, an attribute or a script."""
    assert seen(hostile).elements <= OURS
    assert "\x1b" not in render(hostile)
