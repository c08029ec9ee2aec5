"""A handshake as a ladder diagram: two ends, an arrow for each message, and a cross where it broke.

The drawing is SVG that stretches with the page: places across it are shares of its width, so that text keeps
its size on a telephone. It needs `STYLE`, and loads nothing. A list says the same in words, for those who
hear a page and for paper.
"""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from xml.etree.ElementTree import Element

from agent.formats.words import other_side
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.model.vocabulary import Role
from agent.report.markup import element
from agent.report.rungs import Kind, Rung, rungs, told

STYLE = """
.ladder{margin:1rem 0}
.ladder>svg{display:block;width:100%;font-size:.875rem;overflow:visible}
.ladder .ends{display:flex;justify-content:space-between;gap:1rem;margin-bottom:.5rem}
.ladder .ends div{max-width:48%;overflow-wrap:anywhere;line-height:1.3}
.ladder .ends div:last-child{text-align:right}
.ladder .ends{font-size:.875rem}
.ladder .ends b{display:block;font-size:1rem}
.ladder .ends small{display:block;color:var(--muted)}
.ladder text{fill:var(--ink);text-anchor:middle}
.ladder line{stroke:var(--ink);stroke-width:1.5}
.ladder path{fill:var(--ink)}
.ladder .life{stroke:var(--line);stroke-width:2}
.ladder .gap .life,.ladder .unknown .arrow{stroke-dasharray:3 5}
.ladder .gap text,.ladder .note{fill:var(--muted);font-style:italic}
.ladder .later text,.ladder .notice text{fill:var(--muted)}
.ladder .later .arrow,.ladder .notice .arrow{stroke:var(--muted);stroke-width:1}
.ladder .later path,.ladder .notice path{fill:var(--muted)}
.ladder .later .arrow{stroke-dasharray:2 3}
.ladder .alert text,.ladder .broke{fill:var(--bad);font-weight:600}
.ladder .alert .arrow{stroke:var(--bad);stroke-width:2.5}
.ladder .alert path{fill:var(--bad)}
.ladder .cross circle{fill:var(--paper);stroke:var(--bad);stroke-width:2}
.ladder .cross path{fill:none;stroke:var(--bad);stroke-width:2.5}
.ladder ol{margin:0;padding-left:2rem;font-size:.875rem}
.ladder li{overflow-wrap:anywhere}
.ladder li strong{color:var(--bad)}
.ladder li .place{color:var(--muted)}
.ladder .quiet{color:var(--muted)}
"""
"""Rules for the drawing; they use the variables --ink, --muted, --line, --paper and --bad."""

_LEFT, _RIGHT = "3%", "97%"  # this side and the other end
_ROW, _GAP_ROW, _LINE = 40, 34, 18  # pixels: a rung, a gap, a further line of text
_TEXT, _ARROW, _CROSSED = 16, 25, 33  # pixels from the top: foot of the text, arrow, arrow with a cross
_WIDEST = 42  # characters that fit side by side on a telephone

_ROLES = MappingProxyType(
    {
        Role.CLIENT: ("TLS client, outbound call", "TLS server"),
        Role.SERVER: ("TLS server, inbound call", "TLS client"),
        Role.UNKNOWN: ("role not in the log", "role not in the log"),
    }
)


def ladder(handshake: Handshake, diagnosis: Diagnosis | None) -> Element | None:
    """Return the figure of a handshake, or None where the log shows no step of it."""
    drawn = rungs(handshake, diagnosis)
    if not drawn:
        return None
    return element("figure", _ends(handshake), _drawing(drawn), _listed(handshake, drawn), class_="ladder")


def _ends(handshake: Handshake) -> Element:
    ours, theirs = _ROLES[handshake.role]
    name = other_side(handshake)
    return element(
        "div",
        element("div", element("b", "This side"), element("small", ours)),
        element(
            "div", element("b", "The other end"), element("small", theirs), name and element("span", name)
        ),
        class_="ends",
    )


def _listed(handshake: Handshake, drawn: Sequence[Rung]) -> Element:
    one_file = handshake.first.file == handshake.last.file
    return element("ol", (_item(rung, one_file=one_file) for rung in drawn), class_="steps")


def _item(rung: Rung, *, one_file: bool) -> Element:
    words = told(rung)
    place = None
    if rung.place is not None:
        at = f"line {rung.place.line}" if one_file else f"{rung.place.file}:{rung.place.line}"
        place = element("span", f" {at}", class_="place")
    broke = element("strong", rung.broke) if rung.broke else None
    return element(
        "li", words[:1].upper() + words[1:], place, " " if words and broke is not None else None, broke
    )


# -- the drawing -------------------------------------------------------------------------------------------


def _drawing(drawn: Sequence[Rung]) -> Element:
    rows: list[Element] = []
    top = 0
    for rung in drawn:
        height = _height(rung)
        rows.append(element("g", _row(rung, top, height), class_=_class(rung)))
        top += height
    return element(
        "svg",
        rows,
        height=top,
        role="img",
        aria_label="Ladder diagram of the steps that the list has in words",
    )


def _class(rung: Rung) -> str:
    if rung.kind is Kind.MESSAGE and rung.later:
        return "later"
    return f"{rung.kind} unknown" if rung.sent is None else rung.kind


def _broken_lines(rung: Rung) -> tuple[str, ...]:
    """Return what broke it as lines that fit on a telephone."""
    if rung.broke is None:
        return ()
    if len(rung.broke) <= _WIDEST:
        return (rung.broke,)
    said, _, why = rung.broke.partition(": ")
    return f"{said}:", why


def _height(rung: Rung) -> int:
    if rung.kind is Kind.GAP:
        return _GAP_ROW
    return _ROW + _arrow(rung) - _ARROW + _LINE * len(_broken_lines(rung))


def _arrow(rung: Rung) -> int:
    """Return how far below its top a rung has its arrow."""
    return _CROSSED if rung.broke is not None and rung.words else _ARROW


def _row(rung: Rung, top: int, height: int) -> Iterator[Element]:
    for x in (_LEFT, _RIGHT):
        yield element("line", x1=x, x2=x, y1=top, y2=top + height, class_="life")
    if rung.kind is Kind.GAP:
        yield _text(f"… {rung.words} …", top + height / 2 + 5)
        return
    arrow = top + _arrow(rung)
    if rung.kind is not Kind.BREAK:
        yield _text(_words(rung), top + _TEXT)
        yield element("line", x1=_LEFT, x2=_RIGHT, y1=arrow, y2=arrow, class_="arrow")
        if rung.sent is not None:
            yield _at(_RIGHT if rung.sent else _LEFT, arrow, _head(rung.sent))
    if rung.broke is not None:
        cross = (element("circle", r=9), element("path", d="M-4-4L4 4M4-4L-4 4"))
        yield _at("50%", arrow, *cross, class_="cross")
        for number, line in enumerate(_broken_lines(rung), start=1):
            yield _text(line, arrow + 6 + _LINE * number, class_="broke")


def _words(rung: Rung) -> str:
    what = rung.words if rung.kind is Kind.MESSAGE else f"Alert: {rung.words}"
    times = f" ×{rung.times}" if rung.times > 1 else ""  # noqa: RUF001  (the sign of multiplication)
    unknown = " (direction not in the log)" if rung.sent is None else ""
    return f"{what}{times}{unknown}"


def _text(words: str, y: float, class_: str | None = None) -> Element:
    return element("text", words, x="50%", y=y, class_=class_)


def _at(x: str, y: float, *content: Element, class_: str | None = None) -> Element:
    """Return what is drawn around a point whose place across is a share of the width."""
    return element("svg", content, x=x, y=y, width=1, height=1, overflow="visible", class_=class_)


def _head(sent: bool) -> Element:  # noqa: FBT001  (which way it points is all there is)
    return element("path", d="M0 0L-10-5V5Z" if sent else "M0 0L10-5V5Z")
