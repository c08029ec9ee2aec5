"""The section of one kind of failure on the HTML page."""

from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from agent.formats.words import LETTER
from agent.report import certificates
from agent.report.findings import Group
from agent.report.ladder import ladder
from agent.report.markup import element
from agent.report.outline import Change, Chapter

_WHOSE = {"peer": "Shown by the other end", "own": "Shown by this server"}
_ELSEWHERE = frozenset({"Why", "Steps"})  # facts with a place of their own on the page


def failure(number: int, chapter: Chapter, group: Group) -> Element:
    """Return the section, with the id that the table of failures links to."""
    drawn = ladder(group.handshake, group.diagnosis)
    return element(
        "section",
        element("h2", f"{number}. {chapter.title}", id=f"failure-{number}"),
        element("p", group.diagnosis.summary, class_="why"),
        element(
            "div",
            element(
                "div",
                facts(fact for fact in chapter.facts if fact[0] not in _ELSEWHERE),
                _to_change(chapter.changes),
                _letter(chapter.letter),
            ),
            element("div", _happened(drawn), _confirm(chapter.confirm)),
            class_="parts" if drawn is None else "parts two",
        ),
        _certificates(group),
        _evidence(chapter),
        element("p", element("a", "Back to all failures", href="#failures"), class_="top"),
        class_="failure",
        aria_labelledby=f"failure-{number}",
    )


def facts(told: Iterable[tuple[str, str]]) -> Element:
    """Return facts as a list of labels and texts."""
    return element("dl", ((element("dt", label), element("dd", text)) for label, text in told))


def changes(told: Sequence[Change]) -> Element:
    """Return what to change as an ordered list, settings to be copied as they stand."""
    return element("ol", (_change(change) for change in told), class_="changes")


def _change(change: Change) -> Element:
    return element(
        "li",
        change.text,
        element("code", change.setting) if change.setting is not None else None,
        element("small", f" {change.note}") if change.note is not None else None,
    )


def _to_change(told: Sequence[Change]) -> Iterator[Element]:
    lasting = [change for change in told if not change.emergency]
    emergency = [change for change in told if change.emergency]
    if lasting:
        yield element("h3", "What to change")
        yield changes(lasting)
    if emergency:
        yield element(
            "div",
            element("h4", "Only in an emergency: this weakens security"),
            changes(emergency),
            class_="emergency",
        )


def _confirm(told: Sequence[str]) -> Iterator[Element]:
    if told:
        yield element("h3", "To be sure")
        yield element("p", told[0])
    if told[1:]:
        yield element(
            "ul", (element("li", element("code", command)) for command in told[1:]), class_="changes commands"
        )


def _letter(told: str | None) -> Iterator[Element]:
    if told is not None:
        yield element("h3", LETTER)
        yield element("p", told, class_="letter")


def _happened(drawn: Element | None) -> Iterator[Element]:
    yield element("h3", "What happened")
    missing = element("p", "The log shows no step of this handshake.", class_="muted")
    yield missing if drawn is None else drawn


def _certificates(group: Group) -> Iterator[Element]:
    chains = certificates.chains(group.handshake)
    if chains:
        yield element("h3", "Certificates")
    for chain in chains:
        yield element("h4", _WHOSE[chain.of])
        if not chain.certificates:
            yield element("p", "None: the Certificate message was empty.")
            continue
        yield element("ul", (_certificate(one) for one in chain.certificates), class_="chain")
        if chain.more:
            yield element("p", f"{chain.more} more in the chain", class_="muted")


def _certificate(one: certificates.Shown) -> Element:
    issuer = None
    if one.issuer is not None:
        issuer = element("p", "Issued by itself" if one.self_issued else f"Issued by {one.issuer}")
    return element(
        "li",
        element("p", element("b", one.subject)),
        element("p", one.remark, class_="remark") if one.remark is not None else None,
        issuer,
        (element("small", fact) for fact in one.facts),
        class_="spoilt" if one.spoilt else None,
    )


def _evidence(chapter: Chapter) -> Iterator[Element]:
    if chapter.details or chapter.evidence:
        yield element("h3", "Details and evidence")
    yield facts(fact for fact in chapter.details if fact[0] not in _ELSEWHERE)
    if chapter.evidence:
        yield element(
            "ul",
            (
                element("li", element("span", place, class_="place"), " ", element("code", text))
                for place, text in chapter.evidence
            ),
            class_="evidence",
        )
