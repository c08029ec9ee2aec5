"""`explain --format jsonl`: one JSON object per line, a handshake each, then one summary."""

from agent.codec import encode
from agent.formats.record import handshake_record
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.report.findings import Findings
from agent.report.inventory import records


def handshake_line(handshake: Handshake, diagnosis: Diagnosis | None) -> bytes:
    """Return the line of one handshake."""
    return encode(handshake_record(handshake, diagnosis)) + b"\n"


def summary_line(findings: Findings) -> bytes:
    """Return the last line."""
    return encode(summary_record(findings)) + b"\n"


def summary_record(findings: Findings) -> dict[str, object]:
    """Return the summary; keys may be added, never renamed."""
    return {
        "kind": "summary",
        "files": len(findings.files),
        "bytes": findings.bytes,
        "lines": findings.lines,
        "depth": findings.depth.value,
        "product_version": findings.product_version,
        "dialects": [dialect.value for dialect in findings.dialects],
        "handshakes": {outcome.value: count for outcome, count in findings.outcomes.items()},
        "failures": {issue.value: count for issue, count in findings.failures.items()},
        "evicted": findings.evicted,
        "leaks": [leak.value for leak in findings.leaks],
        "certificates": records(findings.certificates),
    }
