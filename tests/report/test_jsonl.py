import json

from agent.formats.record import handshake_record
from agent.model.diagnosis import Diagnosis
from agent.model.handshake import Handshake
from agent.report.findings import Findings
from agent.report.jsonl import handshake_line, summary_line


def test_the_summary_has_the_keys_of_the_contract(findings: Findings) -> None:
    """One line, every outcome named, issues most frequent first."""
    assert summary_line(findings) == (
        b'{"kind":"summary","files":1,"bytes":1200,"lines":34,"depth":"full",'
        b'"product_version":null,"dialects":["jsse"],'
        b'"handshakes":{"completed":1,"failed":2,"incomplete":0},'
        b'"failures":{"server_certificate_rejected":2},"evicted":0,"leaks":[],"certificates":[]}\n'
    )


def test_a_handshake_is_one_line_of_json(handshake: Handshake, diagnosis: Diagnosis) -> None:
    """It is the record that receivers get, too."""
    line = handshake_line(handshake, diagnosis)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == handshake_record(handshake, diagnosis)
