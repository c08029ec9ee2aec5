"""The catalogue as a page to read: docs/diagnoses.md, an anchor for each issue and each cause.

The anchor of a cause is "issue-cause", as in `docs/diagnoses.md#server_certificate_rejected-expired`.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from agent.knowledge import catalogue, partner
from agent.knowledge.entries import Entry
from agent.knowledge.facts import FACTS
from agent.knowledge.probes import SHELL, Probe, chosen
from agent.knowledge.remedies import WHERE, Advice
from agent.knowledge.sentences import placeholders
from agent.knowledge.values import ALWAYS, VALUES, ends
from agent.model.vocabulary import ARTICLE, CAUSES, ActingSide, Dialect, Issue, Role

_CERTIFICATE_ISSUES = frozenset({Issue.SERVER_CERTIFICATE_REJECTED, Issue.CLIENT_CERTIFICATE_REJECTED})

_ACTING = MappingProxyType(
    {
        ActingSide.THIS_SIDE: "this side, the Integration Server that wrote the log",
        ActingSide.PEER: "the other side",
        ActingSide.EITHER: "either side",
        ActingSide.ISSUING_CA: "the authority that issued the certificate",
        ActingSide.NETWORK: "whoever runs the network between the two",
        ActingSide.NOBODY: "nobody",
    }
)
_ROLES = MappingProxyType({Role.CLIENT: "a client's", Role.SERVER: "a server's", Role.UNKNOWN: "unknown"})

_TEXTS_SHOWN = 3
"""Patterns of one entry that the page shows; they are wordings of one text."""

_WRITTEN = MappingProxyType({"ca": "CA", "v1": "version 1"})

_SAMPLE = MappingProxyType({"connect": "HOST:PORT", "servername": "NAME", "version": "-tls1_2"})
"""What stands in a command where nothing is known."""


def page() -> str:
    """Return the whole page."""
    words = tomllib.loads(catalogue.file("reference.toml"))
    entries = catalogue.load().entries
    return "\n".join(line.rstrip() for line in _page(words, entries)).rstrip("\n") + "\n"


def anchor(issue: Issue, cause: str | None = None) -> str:
    """Return the anchor of an issue, or of a cause of it."""
    return issue.value if cause is None else f"{issue.value}-{cause}"


def _page(words: Mapping[str, Any], entries: Iterable[Entry]) -> Iterator[str]:
    entries = tuple(entries)
    yield words["page"]["intro"]
    yield ""
    yield "| issue | causes |"
    yield "|---|---|"
    for issue in Issue:
        causes = ", ".join(f"[{_spoken(c)}](#{anchor(issue, c)})" for c in CAUSES[issue])
        yield f"| [{words['issue'][issue.value]['title']}](#{anchor(issue)}) | {causes} |"
    yield "| | [The vendor's article](#article), [diagnoses of your own](#own) |"
    # what an end finds itself tells more than what it is told
    ordered = sorted(entries, key=lambda entry: entry.file != "certificates.toml")
    for issue in Issue:
        yield from _issue(issue, words, [entry for entry in ordered if entry.issue is issue])
    yield ""
    yield '<a id="article"></a>'
    yield "## The vendor's article, corrected"
    yield words["article"]["lead"]
    yield ""
    yield from (f"- {point}" for point in words["article"]["points"])
    yield ""
    yield '<a id="own"></a>'
    yield from _own(words["page"]["own"])


def _issue(issue: Issue, words: Mapping[str, Any], entries: list[Entry]) -> Iterator[str]:
    told = words["issue"][issue.value]
    number = f", number {ARTICLE[issue]} of the vendor's article" if issue in ARTICLE else ""
    yield ""
    yield f'<a id="{anchor(issue)}"></a>'
    yield f"## {told['title']}"
    yield f"`{issue.value}`{number}. {told['meaning']}"
    meanings = words["causes"]["certificate" if issue in _CERTIFICATE_ISSUES else issue.value]
    for cause in CAUSES[issue]:
        yield ""
        yield f'<a id="{anchor(issue, cause)}"></a>'
        yield f"### {told['title']}: {_spoken(cause)}"
        yield f"`{issue.value}`/`{cause}`. {meanings[cause]}"
        yield from _cause([entry for entry in entries if entry.cause == cause])


def _cause(entries: list[Entry]) -> Iterator[str]:
    if not entries:
        yield ""
        yield "Told as an alternative only: nothing in a log proves it."
        return
    sides = dict.fromkeys(s for e in entries for s in (e.acting_side, *e.acting_side_by_role.values()))
    yield ""
    yield f"**Who must act**: {', or '.join(_ACTING[side] for side in sides)}."
    yield from _changes(dict.fromkeys(one for entry in entries for one in _advice(entry)))
    yield from _probes(dict.fromkeys(probe for entry in entries for probe in _variants(entry)))
    letters = dict.fromkeys(_letter(entry) for entry in entries if entry.letter is not None)
    if letters:
        yield ""
        yield "**To send to the other side**, with the time and the certificate"
        yield ""
        yield from (f"- {text}" for text in letters)
    yield ""
    yield "**How it is told**"
    yield ""
    yield from (f"- {_told(entry)}" for entry in entries)


def _roles(entry: Entry) -> list[Role]:
    return [role for role in Role if not entry.when.role or role in entry.when.role]


def _dialects(entry: Entry) -> list[Dialect]:
    return [dialect for dialect in Dialect if not entry.when.dialect or dialect in entry.when.dialect]


def _advice(entry: Entry) -> Iterator[Advice]:
    """Yield the remedies that some handshake of the entry can get."""
    roles, dialects = _roles(entry), _dialects(entry)
    for one in entry.advice:
        role = Role.UNKNOWN in roles or not one.roles or one.roles & set(roles)
        if role and (not one.dialects or one.dialects & set(dialects)):
            yield one


def _variants(entry: Entry) -> Iterator[Probe]:
    """Yield the probes that some handshake of the entry can get."""
    for role in _roles(entry):
        for dialect in _dialects(entry):
            probe = chosen(entry.probes, role, dialect)
            if probe is not None:
                yield probe


def _letter(entry: Entry) -> str:
    """Return the message as the entry's role says it."""
    words = partner.ends(_roles(entry)[0])
    return _filled(entry.letter.wordings[0], words) if entry.letter is not None else ""


def _told(entry: Entry) -> str:
    """Return what an entry asks for and says, in words."""
    when = entry.when
    parts = []
    roles = when.role - {Role.UNKNOWN}
    if len(roles) == 1:
        (role,) = roles
        unknown = ", or one that does not show the role" if Role.UNKNOWN in when.role else ""
        parts.append(f"in {_ROLES[role]} log{unknown}")
    elif when.role:
        parts.append("in a log that does not show the role")
    if when.dialect:
        parts.append(f"by {_either(_codes(d for d in Dialect if d in when.dialect))}")
    if when.exception:
        few = _codes(when.exception[:_TEXTS_SHOWN])
        more = [] if len(few) == len(when.exception) else ["the like"]
        parts.append(f"the text holds {_either([*few, *more])}")
    for verb, alerts in (("came", when.alert_received), ("was sent", when.alert_sent)):
        if alerts:
            parts.append(f"the alert {_either(_codes(sorted(alerts)))} {verb}")
    if when.word:
        parts.append(f"the text names {_either(_codes(sorted(when.word)))}")
    parts += [FACTS[name] for name in sorted(when.facts)]
    if when.any_facts - when.facts:
        parts.append(_either(FACTS[name] for name in sorted(when.any_facts)))
    if when.no_facts:
        parts.append(f"and not: {'; '.join(FACTS[name] for name in sorted(when.no_facts))}")
    asked = "; ".join(parts) or "nothing else fits"
    alternatives = ", ".join(
        f"[{a.issue.value}/{a.cause}](#{anchor(a.issue, a.cause)})" for a in entry.alternatives
    )
    others = f" Or else: {alternatives}." if alternatives else ""
    said = _filled(entry.summaries[0], ends(_roles(entry)[0]))
    return f"`{entry.id}`, *{entry.confidence.value}*: {asked}. \u201c{said}\u201d{others}"


def _changes(advice: Iterable[Advice]) -> Iterator[str]:
    ordered = sorted(advice, key=lambda one: one.remedy.weakens_security)
    if not ordered:
        return
    yield ""
    yield "**What to change**"
    yield ""
    yield "| change | setting | where | versions | for |"
    yield "|---|---|---|---|---|"
    for one in ordered:
        remedy = one.remedy
        weak = "**Weakens security.** " if remedy.weakens_security else ""
        setting = remedy.setting or ""
        if remedy.setting is not None and remedy.value is not None:
            setting = f"{remedy.setting}={remedy.value}"
        shown = f"-D{setting}" if one.jvm_option else setting
        restart = " Restart the server." if remedy.restart or one.jvm_option else ""
        restart = " Disable and enable the port." if remedy.port_restart else restart
        cells = (
            f"{weak}{remedy.text}{restart}",
            f"`{shown}`" if shown else "",
            remedy.where or "",
            remedy.applies_to or "all",
            _for(one),
        )
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _for(one: Advice) -> str:
    """Return for whom a remedy is, in a word or two."""
    roles = [{Role.CLIENT: "outbound", Role.SERVER: "inbound"}.get(role, "") for role in one.roles]
    library = ["IAIK"] if one.dialects == {Dialect.IAIK} else ["JSSE"] if one.dialects else []
    return ", ".join([*sorted(filter(None, roles)), *library]) or "all"


def _probes(probes: Iterable[Probe]) -> Iterator[str]:
    listed = tuple(probes)
    if listed:
        yield ""
        yield "**To be sure**"
    for probe in listed:
        yield ""
        yield _filled(probe.wordings[0], {})
        if probe.commands:
            yield ""
            yield from dict.fromkeys(f"    {command.format_map(_SAMPLE)}" for command in probe.commands)


def _own(own: str) -> Iterator[str]:
    yield own
    yield "Facts that `facts`, `any_facts` and `no_facts` may ask for; what a log does not show never holds:"
    yield ""
    yield from _table("fact", FACTS)
    yield ""
    yield "Values that a `summary`, and the text of a probe, may hold between braces:"
    yield ""
    yield from _table("value", VALUES | ALWAYS)
    yield ""
    yield "A message to the other side may hold these of them, none of which tells of this side's stores:"
    yield ", ".join(_codes(sorted(partner.ALLOWED))) + "; and:"
    yield ""
    yield from _table("value", partner.ALWAYS)
    yield ""
    yield "A command of a probe may hold:"
    yield ""
    yield from _table("value", SHELL)
    yield ""
    yield "Places in `where` of a remedy:"
    yield ""
    yield from _table("place", WHERE)


def _table(head: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield f"| {head} | is |"
    yield "|---|---|"
    yield from (f"| `{name}` | {_cell(meaning)} |" for name, meaning in rows.items())


def _spoken(name: str) -> str:
    """Return a word of the vocabulary as one says it."""
    return re.sub(r"\b(ca|v1)\b", lambda found: _WRITTEN[found[1]], name.replace("_", " "))


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Return a sentence with words in its blanks, or, in italics, the names of the values."""
    blanks = {name: words.get(name, f"*{_spoken(name)}*") for name in placeholders(text)}
    return text.format_map(blanks)


def _codes(words: Iterable[str]) -> list[str]:
    return [f"`{word}`" for word in words]


def _either(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
