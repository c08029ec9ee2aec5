"""A report as one HTML page that loads nothing and runs nothing.

The page allows itself nothing but its own style sheet, by its hash: even markup that got past the escaping
could load, run, send or restyle nothing.
"""

import hashlib
from base64 import b64encode
from xml.etree.ElementTree import Element

from agent import __version__
from agent.formats.words import ACTING, CERTAINTY, TITLES, cause_words
from agent.model.vocabulary import Depth, Issue, Outcome
from agent.report import chart, failure_html, style
from agent.report.findings import Findings, Group
from agent.report.markup import Content, element, written
from agent.report.markup import style as style_element
from agent.report.outline import Outline, Rows, outline
from agent.report.phrases import with_whom

_SHEET = style.sheet()
_HASH = b64encode(hashlib.sha256(_SHEET.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"


_HEADS = (
    ("What failed", None),
    ("Count", "number"),
    ("With", None),
    ("First seen", None),
    ("Last seen", None),
    ("Who must act", None),
    ("How sure", None),
)


def render(findings: Findings) -> str:
    """Return the report."""
    said = outline(findings)
    page = element("html", _head(said), _body(said, findings), lang="en")
    return f"<!DOCTYPE html>\n{written(page)}\n"


def _head(said: Outline) -> Element:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", said.title),
        style_element(_SHEET),
    )


def _body(said: Outline, findings: Findings) -> Element:
    issues = tuple(findings.failures)
    groups = findings.groups[: len(said.chapters)]
    return element(
        "body",
        element("a", "Skip to what failed", href="#failures", class_="skip") if groups else None,
        chart.patterns(issues) if issues else None,
        element("header", element("h1", said.title), element("p", said.verdict, class_="verdict")),
        element(
            "main",
            _figures(findings),
            failure_html.facts(fact for fact in said.facts if fact[0] != "Handshakes"),  # the figures say so
            *_notices(said),
            _timeline(findings, issues),
            _failures(groups, said),
            (
                failure_html.failure(number, chapter, group)
                for number, (chapter, group) in enumerate(zip(said.chapters, groups, strict=True), start=1)
            ),
            _rows("Certificates that passed by", said.certificates),
            _rows("Handshakes that did not fail", said.others),
        ),
        element(
            "footer", f"Made by wmtls {__version__} from the log alone. This page loads and sends nothing."
        ),
    )


# -- the whole ---------------------------------------------------------------------------------------------


def _figures(findings: Findings) -> Element | None:
    if findings.depth is Depth.NONE:
        return None  # a nought would look like good news
    outcomes = findings.outcomes
    failed = outcomes[Outcome.FAILED]
    more = "+" if findings.ungrouped else ""
    figures = (
        (f"{failed:,}", "failed", "bad" if failed else "good" if findings.depth is Depth.FULL else None),
        (f"{outcomes[Outcome.COMPLETED]:,}", "completed", None),
        (f"{outcomes[Outcome.INCOMPLETE]:,}", "incomplete: no end in the log", None),
        (f"{len(findings.groups):,}{more}", "distinct failures", None),
    )
    return element(
        "ul",
        (element("li", element("b", number), words, class_=kind) for number, words, kind in figures),
        class_="figures",
        aria_label="Handshakes",
    )


def _notices(said: Outline) -> list[Element]:
    return [
        element("div", element("strong", text), failure_html.changes(changes), class_="notice")
        for text, changes in said.notices
    ]


def _timeline(findings: Findings, issues: tuple[Issue, ...]) -> Content:
    timeline = findings.timeline
    if timeline is None:
        return None
    if len(timeline.spans) == 1:
        return None  # all within one second: the table says when
    caption = f"Failed handshakes per {chart.width_words(timeline.width)}, by issue"
    zone = chart.zone_words(timeline.start)
    untimed = f"; {timeline.untimed:,} without a time are not drawn" if timeline.untimed else ""
    return (
        element("h2", "When"),
        element(
            "figure",
            element("figcaption", f"{caption}; times are {zone}{untimed}"),
            chart.chart(timeline, issues),
            element("ul", (_legend(issue, findings) for issue in issues), class_="legend"),
            element(
                "details",
                element("summary", "The same in numbers"),
                element(
                    "div",
                    chart.numbers(timeline, issues),
                    class_="wide",
                    tabindex="0",
                    role="region",
                    aria_label="Failures over time, in numbers",
                ),
            ),
            class_="timeline",
        ),
    )


def _legend(issue: Issue, findings: Findings) -> Element:
    return element("li", chart.swatch(issue), f"{TITLES[issue]}: {findings.failures[issue]:,}")


def _failures(groups: tuple[Group, ...], said: Outline) -> Content:
    if not groups:
        return None
    return (
        element("h2", "What failed", id="failures"),
        element(
            "table",
            element(
                "thead",
                element("tr", (element("th", head, scope="col", class_=kind) for head, kind in _HEADS)),
            ),
            element("tbody", (_row(number, group) for number, group in enumerate(groups, start=1))),
            class_="cards failures",
        ),
        element("p", said.left_out) if said.left_out is not None else None,
    )


def _row(number: int, group: Group) -> Element:
    diagnosis = group.diagnosis
    cause = "" if diagnosis.cause == "undetermined" else f": {cause_words(diagnosis.cause)}"
    link = element("a", f"{TITLES[diagnosis.issue]}{cause}", href=f"#failure-{number}")
    first, last = (
        chart.stamp(time) if time is not None else "no clock" for time in (group.first_seen, group.last_seen)
    )
    return element(
        "tr",
        element("td", chart.swatch(diagnosis.issue), link),
        _cell("Count", f"{group.count:,}", class_="number"),
        _cell("With", with_whom(group.handshake)),
        _cell("First seen", first, class_="when"),
        _cell("Last seen", last, class_="when"),
        _cell("Who must act", _short(ACTING[diagnosis.acting_side])),
        _cell("How sure", _short(CERTAINTY[diagnosis.confidence])),
    )


def _short(words: str) -> str:
    return words.partition(":")[0]


def _cell(label: str, text: str, class_: str | None = None) -> Element:
    return element("td", text, data_label=label, class_=class_)


def _rows(title: str, rows: Rows) -> Content:
    if not rows:
        return None
    head, *body = rows
    return (
        element("h2", title),
        element(
            "table",
            element("thead", element("tr", (element("th", text, scope="col") for text in head))),
            element(
                "tbody",
                (
                    element("tr", (_cell(label, text) for label, text in zip(head, row, strict=True)))
                    for row in body
                ),
            ),
            class_="cards others",
        ),
    )
