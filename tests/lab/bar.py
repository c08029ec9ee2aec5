"""The bar that a score has to reach, and the table that shows it."""

from collections import Counter
from dataclasses import dataclass

KINDS = ("own", "peer-alert", "transport-only")


@dataclass(frozen=True, slots=True)
class Least:
    """The least shares, in percent; None where nothing is asked."""

    issue: float | None
    cause: float | None
    fair: float


BAR = {"own": Least(99, 96, 100), "peer-alert": Least(92, None, 98), "transport-only": Least(None, None, 97)}

NEVER = ("overclaim", "overclaim cause", "false alarm", "leak", "crash")

COMPLETED_OFF = 1.0
"""By how many percent the number of completed handshakes may be off."""


def share(good: int, of: int) -> float | None:
    """Return a share in percent, or None of nothing."""
    return 100 * good / of if of else None


def shares(counts: Counter[str], kind: str) -> tuple[float | None, float | None, float | None]:
    """Return the shares of rows with the issue right, with the cause right too, and answered fairly."""
    rows = counts[f"{kind} rows"]
    cause = counts[f"{kind} cause"]
    exact = cause + counts[f"{kind} exact"]
    fair = exact + counts[f"{kind} listed"] + counts[f"{kind} soft"]
    return share(exact, rows), share(cause, rows), share(fair, rows)


def below(counts: Counter[str]) -> list[str]:
    """Return what does not reach the bar, a sentence each."""
    said = []
    for kind, least in BAR.items():
        for name, asked, has in zip(
            ("issue", "cause", "fair"),
            (least.issue, least.cause, least.fair),
            shares(counts, kind),
            strict=True,
        ):
            if asked is not None and has is not None and has < asked:
                said.append(f"{kind}: {name} {has:.1f} % is below {asked:g} %")
    said += [f"{name}: {counts[name]}, and none is allowed" for name in NEVER if counts[name]]
    off = share(counts["completed off"], counts["completed counted"])
    if off is not None and off > COMPLETED_OFF:
        said.append(f"completed handshakes are off by {off:.1f} %, above {COMPLETED_OFF:g} %")
    return said


def table(counts: Counter[str]) -> str:
    """Return the score as lines of text."""
    heads = (("rows", 6), ("issue %", 9), ("cause %", 9), ("fair %", 8), ("listed", 8), ("soft", 6))
    lines = [" " * 16 + "".join(f"{name:>{width}}" for name, width in (*heads, ("wrong", 7), ("missed", 8)))]
    for kind in KINDS:
        figures = "".join(
            f"{'-' if figure is None else format(figure, '.1f'):>{width}}"
            for figure, width in zip(shares(counts, kind), (9, 9, 8), strict=True)
        )
        rest = "".join(
            f"{counts[f'{kind} {name}']:>{width}}"
            for name, width in (("listed", 8), ("soft", 6), ("wrong", 7), ("missed", 8))
        )
        lines.append(f"{kind:<16}{counts[f'{kind} rows']:>6}{figures}{rest}")
    lines.append(", ".join(f"{name} {counts[name]}" for name in NEVER))
    lines.append(
        f"completed {counts['completed rows']}, off by {counts['completed off']} of"
        f" {counts['completed counted']} where the log shows all; {counts['cases']} cases"
    )
    return "\n".join(lines)
