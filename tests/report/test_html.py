import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.block import Where
from agent.model.diagnosis import Alternative, Diagnosis, Remedy
from agent.model.events import AlertSeen, Certificate, Failed, Throwable
from agent.model.handshake import Evidence, Handshake, Step
from agent.model.vocabulary import Confidence, Depth, Issue, Outcome
from agent.report.findings import MAX_GROUPS, Collector, Findings, Group
from agent.report.html import render
from agent.report.markup import shown
from agent.report.outline import CHAPTERS
from tests.report import conftest

MEGABYTE = 1_000_000

EMPTY = {"meta", "br", "hr", "img", "input", "link"}  # elements that HTML never closes

ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "div", "span"),
    *("h1", "h2", "h3", "h4", "p", "a", "b", "strong", "small", "code", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "details", "summary"),
    *("svg", "defs", "pattern", "path", "rect", "line", "circle", "g", "text"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "scope", "role", "tabindex"),
    *("aria-label", "aria-labelledby", "aria-hidden", "data-label"),
    *("d", "fill", "r", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "viewbox", "patternunits"),
    *("overflow", "text-anchor"),
}
"""What a page is made of: whatever else turned up would come from the log."""


@dataclass
class Seen(HTMLParser):
    """Notes what a browser would see, and that every element is closed in its order."""

    elements: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the parser."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, its attributes, its id and where it leads to."""
        named = dict(attrs)
        assert len(named) == len(attrs), "an attribute stands twice"
        self.elements.add(tag)
        self.attributes |= set(named)
        if named.get("id"):
            self.ids.append(named["id"] or "")
        if "href" in named:
            self.links.add(named["href"] or "")
        for paint in (named.get("fill") or "",):
            self.links |= {"#" + name for name in re.findall(r"url\(#(.*)\)", paint)}
        if named.get("aria-labelledby"):
            self.links.add(f"#{named['aria-labelledby']}")
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        if data.strip() and self.open[-1] != "style":
            self.texts.append(data.strip())


def seen(findings: Findings) -> Seen:
    """Return what a browser would see of a report whose structure is sound."""
    page = render(findings)
    page.encode()  # there is nothing that UTF-8 cannot say
    parser = Seen()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert parser.elements <= ELEMENTS
    assert parser.attributes <= ATTRIBUTES
    assert len(parser.ids) == len(set(parser.ids))
    assert parser.links <= {f"#{name}" for name in parser.ids}
    assert parser.headings[0] == 1
    assert all(
        deeper - level <= 1 for level, deeper in zip(parser.headings, parser.headings[1:], strict=False)
    )
    return parser


def test_a_whole_report(findings: Findings) -> None:
    """Figures, times, the table of failures, the failure, and what did not fail."""
    page = seen(replace(findings, depth=Depth.SHALLOW, ungrouped=7))
    for text in (
        "TLS handshakes in wrapper.log",
        "Deeper debug output would tell more. To switch it on:",
        "Failed handshakes per 5 minutes, by issue; times are UTC",
        "Server certificate rejected: 2",
        "Server certificate rejected: expired",
        "1+",
        "2026-11-23 07:25:55",
        "1. Server certificate rejected (expired): is.example.com",
        "watt.old=true",
        "wrapper.log:412",
        "Handshakes that did not fail",
    ):
        assert text in page.texts


def test_the_page_allows_itself_its_own_style_sheet_and_nothing_else(findings: Findings) -> None:
    """The hash in the policy is that of the sheet; there is no inline style, script or address."""
    page = render(findings)
    sheet = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)
    assert sheet is not None
    assert policy is not None
    digest = b64encode(hashlib.sha256(sheet[1].encode()).digest()).decode()
    assert (
        policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?:|<script|\sstyle=|\son\w+=|\ssrc=", page)


def test_a_quiet_log(quiet: Findings) -> None:
    """There is a verdict, and nothing about failures."""
    page = seen(quiet)
    assert "No handshake failed." in page.texts
    assert not page.elements & {"table", "section", "figure", "svg"}


def test_a_log_without_debug_output(quiet: Findings) -> None:
    """The page says how to switch it on."""
    page = seen(replace(quiet, depth=Depth.NONE, outcomes=dict.fromkeys(Outcome, 0)))
    setting = "wrapper.java.additional.<n>=-Djavax.net.debug=ssl,handshake,keymanager,trustmanager"
    assert setting in page.texts
    assert "failed" not in page.texts  # a nought would look like good news


def test_failures_of_one_second_need_no_picture(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """The table says when it was."""
    collector = Collector()
    collector.add(replace(handshake, ended_at=handshake.started_at), diagnosis)
    assert "figcaption" not in seen(conftest.told(collector)).elements


def test_failures_without_a_clock_are_owned_up_to(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """The picture lacks them, the table does not."""
    assert handshake.started_at is not None
    collector = Collector()
    for minutes in (0, 5):
        moved = handshake.started_at + timedelta(minutes=minutes)
        collector.add(replace(handshake, started_at=moved, ended_at=moved), diagnosis)
    collector.add(replace(handshake, server_name="b", started_at=None, ended_at=None), diagnosis)
    page = seen(conftest.told(collector))
    assert [text for text in page.texts if "not drawn" in text] == [
        "Failed handshakes per 10 seconds, by issue; times are UTC; 1 without a time are not drawn"
    ]
    assert page.texts.count("no clock") == 2


def poisoned(handshake: Handshake, diagnosis: Diagnosis, text: str) -> Findings:
    """Return a failure, and a handshake that went well, with that text wherever a log's text can stand."""
    place = Where(text, "1", 1, 1)
    failed = replace(
        handshake,
        first=place,
        server_name=text,
        peer=text,
        protocol=text,
        cipher_suite=text,
        offered_versions=(text,),
        own_chain=(Certificate(text, text, text, 3),),
        peer_chain=(Certificate(text, text + ".", text, 3),),
        authorities=(text,),
        steps=(Step(text, sent=True, at=place),),
        alerts=(AlertSeen(sent=True, level=text, description=text),),
        failures=(Failed((Throwable(text, text),)),),
        evidence=(Evidence(place, text),),
    )
    said = replace(
        diagnosis,
        cause=text,
        summary=text,
        would_confirm=f"{text}\n{text}",
        partner_message=text,
        remedies=(Remedy(text, text, text, text, weakens_security=True), Remedy(text, text, where=text)),
        alternatives=(Alternative(Issue.SNI, text, Confidence.POSSIBLE),),
    )
    collector = Collector(keep_peaceful=True)
    collector.add(failed, said)
    collector.add(replace(failed, outcome=Outcome.COMPLETED), None)
    return conftest.told(collector, files=(text,))


def test_text_of_the_log_is_never_an_element(hostile: Findings) -> None:
    """Nothing that the log says makes an element, an attribute, a link or a script."""
    page = render(hostile)
    assert "<script" not in page
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page)
    assert shown(conftest.POISON) in seen(hostile).texts


HANDSHAKE: Handshake = conftest.handshake.__wrapped__()  # type: ignore[attr-defined]  # pytest's own wrapper
DIAGNOSIS: Diagnosis = conftest.diagnosis.__wrapped__()  # type: ignore[attr-defined]  # pytest's own wrapper


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="<>&'\"/=! scriptonlayezx-\x00\n;#")))
def test_any_text_appears_only_as_text(text: str) -> None:
    """Wherever it comes from: the page has no element, attribute or link but ours."""
    page = seen(poisoned(HANDSHAKE, DIAGNOSIS, text))
    assert shown(text) in (*page.texts, "")


def test_a_page_of_ten_thousand_kinds_of_failure_stays_small(
    handshake: Handshake, diagnosis: Diagnosis
) -> None:
    """The most frequent are told, with long names cut, and the others counted."""
    collector = Collector(keep_peaceful=True)
    name = "CN=" + "x" * 20_000
    worst = replace(
        handshake,
        peer_chain=(Certificate(name, name, name, 3),) * 9,
        own_chain=(Certificate(name, name, name, 3),) * 9,
        steps=tuple(Step(f"alert_{n}", sent=True, at=conftest.place(n)) for n in range(64)),
        evidence=(Evidence(conftest.place(1), "x" * 300),) * 8,
    )
    for number in range(10_000):
        one = replace(worst, server_name=f"host-{number}.example")
        collector.add(one, diagnosis)
        collector.add(replace(one, outcome=Outcome.COMPLETED), None)
    found = conftest.told(collector)
    page = render(found)
    assert len(page.encode()) < 8 * MEGABYTE
    assert page.count("<section") == CHAPTERS
    assert (
        f"{10_000 - CHAPTERS:,} failures of less frequent kinds are counted above and not listed; "
        "--format jsonl lists every one."
    ) in seen(found).texts
    usual = replace(found, groups=(Group(2, None, None, handshake, diagnosis),) * MAX_GROUPS, peaceful=())
    assert len(render(usual).encode()) < MEGABYTE
