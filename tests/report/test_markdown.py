import re
from dataclasses import replace

from agent.model.vocabulary import Depth
from agent.report.findings import Findings
from agent.report.markdown import escaped, render

GOLDEN = r"""# TLS handshakes in wrapper.log

2 handshakes failed, all in the same way. As far as the log tells, the other side has to act.

- **Time:** 2026-11-23 07:25:55+00:00 to 2026-11-23 08:25:56+00:00
- **Handshakes:** 2 failed, 1 completed, 0 incomplete
- **Debug output:** full: handshake messages are in the log
- **Read:** 1,200 bytes, 34 lines
- **TLS library:** JSSE

| Count | Distinct | Article | Issue |
|---|---|---|---|
| 2 | 1 | 3 | Server certificate rejected \[server\_certificate\_rejected\] |

## 1. Server certificate rejected \(expired\): is.example.com

- **With:** is.example.com at 192.0.2.7:443
- **This side:** client \(outbound call\)
- **Seen:** 2 times, from 2026-11-23 07:25:55+00:00 to 2026-11-23 08:25:56+00:00
- **Why:** The certificate of is.example.com expired on 2026-11-23, nine days after it was issued.
- **How sure:** likely: it follows from what the log shows
- **Or else:** possible: Handshake interrupted
- **Who must act:** The other side

**What to change**

1. Ask the other side for a new certificate. (no restart needed)
2. Try again with `watt.again=yes`
3. Emergency only, weakens security: Accept it anyway. `watt.old=true` (version &lt;=10.5, needs a restart)

**To be sure**

The certificate's dates.

- `openssl s_client -connect 192.0.2.7:443 </dev/null | openssl x509 -noout -dates`

**To send to the other side**

Your certificate expired. Please renew it.

**Certificates**

- peer 1: CN=is.example.com; expires within a day of the failure; issued by CN=Example CA; serial 01:02; X.509 v3; valid 2026-11-14 to 2026-11-23
- peer 2: CN=Example CA; expires within a day of the failure; self-issued; X.509 v1; valid to 2026-11-23
- own: none was sent

**Details**

- **Issue:** server\_certificate\_rejected, cause expired, number 3 of the vendor's article
- **Alert:** sent fatal certificate\_expired
- **Exception:** NotAfter: Mon Nov 23
- **Agreed:** TLSv1.2
- **Issuers asked:** CN=A; CN=B; CN=C and 1 more
- **Steps:** sent ClientHello; received ServerHello; received Certificate \[It probably broke here: expired\]; sent alert certificate\_expired \(fatal\)

**Evidence**

- wrapper.log:412: Produced ClientHello handshake message
- wrapper.log:440: Fatal \(CERTIFICATE\_EXPIRED\): NotAfter: Mon Nov 23

## Handshakes that did not fail

| Count | Outcome | Role | Protocol | Cipher suite | With |
|---|---|---|---|---|---|
| 1 | completed | client | TLSv1.2 | - | is.example.com |
"""  # noqa: E501  (Markdown joins no lines)


def test_a_whole_report(findings: Findings) -> None:
    """The same content as the text, ready for a ticket."""
    assert render(findings) == GOLDEN


def test_nothing_of_the_log_is_markup() -> None:
    """HTML, code, emphasis, tables, links and bare addresses all come out as they went in."""
    assert escaped("<b>&amp; `c` *d* _e_ |f| [g](https://h) www.i.j\n# k \x1b[1m") == (
        r"&lt;b&gt;&amp;amp; \`c\` \*d\* \_e\_ \|f\| \[g\]\(https\://h\) www\.i.j \# k  \[1m"
    )


def test_a_hostile_report_has_no_markup_but_ours(hostile: Findings) -> None:
    """Every character with a meaning is escaped wherever the log's text stands, settings included."""
    shown = render(hostile)
    own = re.sub(r"\\.", "", shown)  # without what is escaped
    assert not re.search(r"[<>`\x1b\r\u202e]|https://|www\.", own)
    assert {line.count("|") for line in own.splitlines() if line.startswith("|")} == {5, 7}
    assert [line for line in own.splitlines() if line.startswith("# ")] == [own.splitlines()[0]]


def test_advice_is_told(quiet: Findings) -> None:
    """Where debug output is missing, and where it is shallow."""
    setting = "`wrapper.java.additional.<n>=-Djavax.net.debug=ssl,handshake,keymanager,trustmanager`"
    none = render(replace(quiet, depth=Depth.NONE))
    shallow = render(replace(quiet, depth=Depth.SHALLOW))
    assert ("No TLS debug output was found, so" in none, setting in none) == (True, True)
    assert ("No handshake failed." in shallow, setting in shallow) == (True, True)


def test_shallow_failures_and_those_not_listed(findings: Findings) -> None:
    """The sentences stand before and after the failures."""
    shown = render(replace(findings, depth=Depth.SHALLOW, ungrouped=7, peaceful=()))
    assert "\n\nDeeper debug output would tell more. To switch it on:\n\n1. " in shown
    assert shown.endswith("--format jsonl lists every one.\n")
