"""How the page looks: colours for light, dark and paper, and the rules that use them."""

from collections.abc import Mapping
from types import MappingProxyType

from agent.model.vocabulary import Issue
from agent.report import ladder

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#ffffff",
        "panel": "#f4f6f8",
        "ink": "#1b1f24",
        "muted": "#57606a",
        "line": "#c3cbd4",
        "link": "#0a53be",
        "bad": "#b3261e",
        "good": "#1a6b34",
        "warn": "#7a4700",
        "warned": "#fff3dd",
    }
)
"""Colours on white, and on paper."""

DARK: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#14181d",
        "panel": "#1e242b",
        "ink": "#e7eaee",
        "muted": "#a7b0bb",
        "line": "#454e59",
        "link": "#82b6ff",
        "bad": "#ff8f85",
        "good": "#74d090",
        "warn": "#f3bd6a",
        "warned": "#33280f",
    }
)
"""Colours for eyes that want it dark."""

MARKS: Mapping[Issue, tuple[str, str, str]] = MappingProxyType(
    {
        Issue.NEGOTIATION: ("#0a62b0", "#5aa9f0", "solid"),
        Issue.SNI: ("#8a6100", "#e0b040", "dots"),
        Issue.SERVER_CERTIFICATE_REJECTED: ("#c2410c", "#ff9557", "rising"),
        Issue.CLIENT_CERTIFICATE_MISSING: ("#8e3b93", "#dc92e0", "level"),
        Issue.CLIENT_CERTIFICATE_REJECTED: ("#0b7a5c", "#3fc9a0", "falling"),
        Issue.X509_V1_CERTIFICATE: ("#59626d", "#b4bec9", "upright"),
        Issue.NOT_TLS: ("#0a62b0", "#5aa9f0", "level"),
        Issue.INTERRUPTED: ("#59626d", "#b4bec9", "solid"),
        Issue.LOCAL_CONFIGURATION: ("#8e3b93", "#dc92e0", "dots"),
        Issue.POLICY: ("#0b7a5c", "#3fc9a0", "upright"),
        Issue.INTEGRITY: ("#c2410c", "#ff9557", "dots"),
        Issue.UNCLASSIFIED: ("#8a6100", "#e0b040", "falling"),
    }
)
"""An issue's colour on light and on dark, and its pattern, which tells it apart without the colour."""


def sheet() -> str:
    """Return the style sheet."""
    light, dark = (_variables(colours) + _marks(side) for side, colours in ((0, LIGHT), (1, DARK)))
    return (
        f":root{{{light}color-scheme:light dark}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"{_RULES}{_paints()}{ladder.STYLE}{_WIDE}{_NARROW}{_PRINT}"
    )


def _variables(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


def _marks(side: int) -> str:
    return "".join(f"--{issue.replace('_', '-')}:{mark[side]};" for issue, mark in MARKS.items())


def _paints() -> str:
    return "".join(f".paint-{issue}{{fill:var(--{issue.replace('_', '-')})}}" for issue in MARKS)


_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.5rem 4rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:2.5rem 0 .75rem;overflow-wrap:anywhere}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0;overflow-wrap:anywhere}
a{color:var(--link)}
:is(a,summary,[tabindex]):focus-visible{outline:3px solid var(--link);outline-offset:2px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem}
.muted,.place{color:var(--muted)}
.verdict{font-size:1.125rem;margin:.75rem 0 1.25rem}
.figures{display:flex;flex-wrap:wrap;gap:.75rem;margin:0 0 1.25rem;padding:0;list-style:none}
.figures li{flex:1 1 8rem;padding:.75rem 1rem;background:var(--panel);border-radius:.5rem;
border-top:4px solid var(--line)}
.figures b{display:block;font-size:2rem;line-height:1.2;font-variant-numeric:tabular-nums}
.figures .bad{border-top-color:var(--bad)}.figures .bad b{color:var(--bad)}
.figures .good{border-top-color:var(--good)}.figures .good b{color:var(--good)}
dl{display:grid;grid-template-columns:9rem 1fr;gap:.35rem 1rem;margin:0}
dt{font-weight:600;color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere;min-width:0}
table{border-collapse:collapse;width:100%}
th,td{padding:.45rem 1rem .45rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
th{color:var(--muted);font-size:.875rem;overflow-wrap:normal}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.cards th,.cards td{padding-right:.75rem}
.when{font-variant-numeric:tabular-nums}
.swatch{width:.9rem;height:.9rem;vertical-align:-.1rem;margin-right:.5rem;flex:none}
.wide{overflow-x:auto}
figure{margin:1rem 0}
figcaption{color:var(--muted);font-size:.875rem;margin-bottom:.5rem}
.patterns{position:absolute}
.patterns path{fill:none;stroke:var(--paper);stroke-width:1.6}
.patterns .dots{fill:var(--paper);stroke:none}
.timeline svg.plot{display:block;width:100%;font-size:.75rem;overflow:visible}
.timeline .grid{stroke:var(--line);stroke-width:1}
.timeline text{fill:var(--muted)}
.timeline .bar{stroke:var(--paper);stroke-width:1}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;margin:.5rem 0;padding:0;
font-size:.875rem}
.legend li{display:flex;align-items:center}
details{margin:.5rem 0}
summary{cursor:pointer;color:var(--link)}
section.failure{border-top:2px solid var(--line);margin-top:3rem;scroll-margin-top:1rem}
section.failure h2{margin-top:1.25rem}
.why{font-size:1.125rem}
.parts{display:grid;grid-template-columns:minmax(0,1fr);gap:0 2.5rem}
.changes{padding-left:1.5rem;margin:.25rem 0}
.changes li{margin:.5rem 0;overflow-wrap:anywhere}
.changes code{display:block;background:var(--panel);border-radius:.35rem;padding:.4rem .6rem;margin:.25rem 0;
overflow-wrap:anywhere}
.commands{list-style:none;padding:0}
.commands li{margin:0}
.changes small{color:var(--muted)}
.notice,.emergency{background:var(--warned);border-left:4px solid var(--warn);border-radius:.35rem;
padding:.6rem 1rem;margin:1rem 0}
.emergency h4,.notice strong{color:var(--warn)}
.emergency h4{margin:0;font-size:1rem}
.notice .changes code,.emergency .changes code{background:var(--paper)}
.letter{background:var(--panel);border-radius:.35rem;padding:.75rem 1rem;margin:.5rem 0;user-select:all}
.chain{display:grid;gap:.75rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));padding:0;
margin:.5rem 0;list-style:none}
.chain li{border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;min-width:0;
overflow-wrap:anywhere}
.chain .spoilt{border-color:var(--bad);border-width:2px}
.chain p{margin:0 0 .35rem}
.chain small{color:var(--muted);display:block}
.remark{font-weight:600}.spoilt .remark{color:var(--bad)}
.evidence{list-style:none;padding:0;margin:.5rem 0;font-size:.875rem}
.evidence li{padding:.35rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:1rem;font-size:.875rem;color:var(--muted)}
"""

_WIDE = """
@media (min-width:44.01rem),print{
.cards{table-layout:fixed}
.failures th:nth-child(2),.others th:nth-child(1){width:5rem}
.failures th:nth-child(n+4){width:6.75rem}
.failures th:last-child{width:5rem}
.others th:nth-child(n+2):nth-child(-n+4){width:8rem}
}
@media (max-width:60rem),print{
.fine{display:none}
}
@media (min-width:60rem),print{
.parts.two>div>:first-child{margin-top:0}
}
@media (min-width:60rem){
.parts.two{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
}
"""

_NARROW = """
@media (max-width:44rem){
body{padding:1rem 1rem 3rem}
.figures{display:grid;grid-template-columns:1fr 1fr}
.figures li{padding:.5rem .75rem}
.figures b{font-size:1.5rem}
dl{grid-template-columns:minmax(0,1fr);gap:0}
dd{margin-bottom:.5rem}
.ladder ol.steps{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.cards,.cards tbody,.cards tr,.cards td{display:block;width:auto}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem;margin-bottom:.75rem}
.cards td{border:0;min-width:0;padding:.1rem 0;text-align:left;white-space:normal}
.cards td[data-label]::before{content:attr(data-label)": ";color:var(--muted);font-weight:600}
}
"""

_PRINT = """
@media print{
@page{margin:14mm}
html{font-size:12px}
body{max-width:none;padding:0}
h2{margin-top:1.5rem}
.parts.two{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 1.5rem}
.parts dl{grid-template-columns:5.5rem 1fr}
section.failure{margin-top:1.5rem}
.skip,.top,details{display:none}
section.failure{break-inside:avoid}
h2,h3,h4,.why{break-after:avoid}
figure,.why,.chain li,.emergency,.letter,tr,.changes li{break-inside:avoid}
a{color:inherit;text-decoration:none}
.figures li,.emergency,.notice,.letter,.changes code,.timeline,.swatch,.ladder{
-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
"""
