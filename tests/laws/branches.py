"""Which branches of which patterns a reading has used: `python -m tests.laws.branches` prints them as JSON.

It runs in an interpreter of its own, for it takes the place of `re.compile` before the product is loaded:
each pattern of the rooms below becomes one that also matches a copy of itself, in which every branch of every
alternation is a group. Branches within what must not match cannot be seen and are left out.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

ROOMS = ("agent.framing", "agent.dialects", "agent.assembly", "agent.redaction")

_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")
_OPENING = re.compile(r"\((?:\?(?:P<\w+>|<?[=!]|[:>]|[aimsux-]+:))?")

_REPEATED = re.compile(r"\{\d+\}")
"""What differs in patterns that are made as the log needs them: they count as one."""

_compile = re.compile


@dataclass
class Frame:
    """A group that is open: where its branches begin and end, and whether it must not match."""

    begins: list[int]
    ends: list[int] = field(default_factory=list)
    negative: bool = False


def frames(pattern: str) -> Iterator[Frame]:
    """Yield the groups of a pattern, and the pattern itself, each when it ends."""
    flags = _FLAGS.match(pattern)
    at = flags.end() if flags else 0
    stack = [Frame([at])]
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            at = pattern.index("]", at + 2 + (pattern[at + 1] == "^"))
            while pattern[at - 1] == "\\" and pattern[at - 2] != "\\":
                at = pattern.index("]", at + 1)
        elif sign == "(":
            opening = _OPENING.match(pattern, at)
            assert opening is not None
            negative = stack[-1].negative or opening[0].endswith("!")
            stack.append(Frame([opening.end()], negative=negative))
            at = opening.end() - 1
        elif sign == "|":
            stack[-1].ends.append(at)
            stack[-1].begins.append(at + 1)
        elif sign == ")":
            stack[-1].ends.append(at)
            yield stack.pop()
        at += 1
    stack[-1].ends.append(len(pattern))
    yield stack.pop()


def marked(pattern: str) -> tuple[str, list[str]]:
    """Return a pattern with its branches as groups "b0", "b1" ..., and what the branches are.

    A pattern without alternatives is a branch of its own.
    """
    found = list(frames(pattern))
    spans = sorted(
        (begin, end)
        for frame in found
        if not frame.negative and (len(frame.begins) > 1 or frame is found[-1])
        for begin, end in zip(frame.begins, frame.ends, strict=True)
    )
    marks: dict[int, list[str]] = {}
    for number, (begin, end) in enumerate(spans):
        marks.setdefault(begin, []).append(f"(?P<b{number}>" + ")" * (begin == end))
        if begin != end:
            marks.setdefault(end, []).insert(0, ")")
    made = "".join("".join(marks.get(at, ())) + sign for at, sign in enumerate(pattern))
    return made + "".join(marks.get(len(pattern), ())), [pattern[begin:end] for begin, end in spans]


class Watched:
    """A pattern that remembers which of its branches have matched."""

    def __init__(self, real: Any, module: str) -> None:
        self.module, self._real = module, real
        self.text = real.pattern.decode("latin-1") if isinstance(real.pattern, bytes) else real.pattern
        copy, self.branches = marked(self.text)
        self._copy: Any = _compile(
            copy.encode("latin-1") if isinstance(real.pattern, bytes) else copy, real.flags
        )
        self.unseen = set(range(len(self.branches)))

    def _watch(self, found: "re.Match[Any] | None") -> None:
        if found is not None:
            self.unseen -= {n for n in self.unseen if found[f"b{n}"] is not None}

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if not callable(real):
            return real
        mirror = getattr(self._copy, name if name in {"search", "match", "fullmatch"} else "finditer")

        def call(*args: Any, **named: Any) -> Any:
            if self.unseen:
                where = args[1:] if name in {"sub", "subn"} else args
                where = where[:1] if name in {"sub", "subn", "split"} else where
                found = mirror(*where)
                for one in [found] if found is None or isinstance(found, re.Match) else found:
                    self._watch(one)
            return real(*args, **named)

        return call


def watch() -> list[Watched]:
    """Put watched patterns in place of those that the rooms compile; return them as they come."""
    made: dict[tuple[str, str | bytes, int], Watched] = {}

    def watched(pattern: Any, flags: int, module: str) -> Any:
        key = (module, pattern, int(flags))
        if key not in made:
            made[key] = Watched(_compile(pattern, flags), module)
            patterns.append(made[key])
        return made[key]

    def ours() -> str | None:
        module = str(sys._getframe(2).f_globals.get("__name__"))
        return module if module.startswith(ROOMS) else None

    def compile_(pattern: Any, flags: int = 0) -> Any:
        module = ours()
        return watched(pattern, flags, module) if module else _compile(pattern, flags)

    def function(name: str) -> Callable[..., Any]:
        real = getattr(re, name)

        def call(pattern: Any, *args: Any, **named: Any) -> Any:
            module = ours()
            if module is None:
                return real(pattern, *args, **named)
            return getattr(watched(pattern, named.pop("flags", 0), module), name)(*args, **named)

        return call

    patterns: list[Watched] = []
    for name in ("search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"):
        setattr(re, name, function(name))
    re.compile = compile_
    return patterns


def main() -> None:
    """Read all cases and samples; print each branch that was not used, by module and pattern."""
    patterns = watch()
    from tests.laws import cases, samples  # noqa: PLC0415  (not before the patterns are watched)

    for case in cases.CASES:
        cases.run(cases.blocks(cases.rows(case), []))
    for sample in samples.SAMPLES:
        cases.run(cases.blocks(cases.split(sample), []))
    unseen: dict[tuple[str, str], set[int]] = {}
    for p in patterns:
        shape = p.module, _REPEATED.sub("{n}", p.text)
        unseen[shape] = unseen.get(shape, p.unseen) & p.unseen
    branches = {(p.module, _REPEATED.sub("{n}", p.text)): p.branches for p in patterns}
    unused = [[*shape, [branches[shape][n] for n in sorted(left)]] for shape, left in unseen.items() if left]
    json.dump(
        {"patterns": len(unseen), "branches": sum(map(len, branches.values())), "unused": unused},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
