import re
from dataclasses import replace

from agent.model.vocabulary import Depth, Outcome
from agent.report.findings import Findings
from agent.report.text import render

GOLDEN = """\
TLS handshakes in wrapper.log
2 handshakes failed, all in the same way. As far as the log tells, the other
side has to act.

Time           2026-11-23 07:25:55+00:00 to 2026-11-23 08:25:56+00:00
Handshakes     2 failed, 1 completed, 0 incomplete
Debug output   full: handshake messages are in the log
Read           1,200 bytes, 34 lines
TLS library    JSSE

  Count  Distinct  Article  Issue
      2         1        3  Server certificate rejected [server_certificate_rejected]

1. Server certificate rejected (expired): is.example.com
   With           is.example.com at 192.0.2.7:443
   This side      client (outbound call)
   Seen           2 times, from 2026-11-23 07:25:55+00:00 to 2026-11-23
                  08:25:56+00:00
   Why            The certificate of is.example.com expired on 2026-11-23, nine
                  days after it was issued.
   How sure       likely: it follows from what the log shows
   Or else        possible: Handshake interrupted
   Who must act   The other side
   What to change
   - Ask the other side for a new certificate. (no restart needed)
   - Try again with
       watt.again=yes
   - Emergency only, weakens security: Accept it anyway.
       watt.old=true   (version <=10.5, needs a restart)
   To be sure
   - The certificate's dates.
       openssl s_client -connect 192.0.2.7:443 </dev/null | openssl x509 -noout -dates
   To send to the other side
     Your certificate expired. Please renew it.
   Certificates
   - peer 1: CN=is.example.com; expires within a day of the failure; issued by
     CN=Example CA; serial 01:02; X.509 v3; valid 2026-11-14 to 2026-11-23
   - peer 2: CN=Example CA; expires within a day of the failure; self-issued;
     X.509 v1; valid to 2026-11-23
   - own: none was sent
   Details
   Issue          server_certificate_rejected, cause expired, number 3 of the
                  vendor's article
   Alert          sent fatal certificate_expired
   Exception      NotAfter: Mon Nov 23
   Agreed         TLSv1.2
   Issuers asked  CN=A; CN=B; CN=C and 1 more
   Steps          sent ClientHello; received ServerHello; received Certificate
                  [It probably broke here: expired]; sent alert
                  certificate_expired (fatal)
   Evidence
   - wrapper.log:412  Produced ClientHello handshake message
   - wrapper.log:440  Fatal (CERTIFICATE_EXPIRED): NotAfter: Mon Nov 23

Handshakes that did not fail
  Count  Outcome    Role    Protocol  Cipher suite  With
      1  completed  client  TLSv1.2   -             is.example.com
"""


def test_a_whole_report(findings: Findings) -> None:
    """Everything an operator needs, each thing in its place."""
    assert render(findings, width=80) == GOLDEN


def test_colour_adds_escape_sequences_and_nothing_else(findings: Findings) -> None:
    """Without them the text is the same."""
    coloured = render(findings, width=80, colour=True)
    assert coloured != GOLDEN
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == GOLDEN
    assert "\x1b[1;31mHandshakes     2 failed, 1 completed, 0 incomplete\x1b[0m\n" in coloured
    assert "\n       \x1b[33mwatt.old=true   (version <=10.5, needs a restart)\x1b[0m\n" in coloured


def test_nothing_failed(quiet: Findings) -> None:
    """One sentence says so."""
    assert render(quiet) == (
        "TLS handshakes in wrapper.log\n"
        "No handshake failed.\n"
        "\n"
        "Time           not told: the lines have no clock\n"
        "Handshakes     0 failed, 2 completed, 0 incomplete\n"
        "Debug output   full: handshake messages are in the log\n"
        "Read           1,200 bytes, 34 lines\n"
        "TLS library    JSSE\n"
    )


def test_no_debug_output(quiet: Findings) -> None:
    """The report says how to switch it on, in words that can be copied."""
    nothing = replace(
        quiet, depth=Depth.NONE, dialects=(), outcomes=dict.fromkeys(Outcome, 0), files=("a.log", "b.log")
    )
    assert render(nothing, width=60) == (
        "TLS handshakes in a.log, b.log\n"
        "No TLS debug output was found, so nobody can say whether a\n"
        "handshake failed.\n"
        "\n"
        "Handshakes     0 failed, 0 completed, 0 incomplete\n"
        "Debug output   none: there is no TLS debug output in the\n"
        "               log, so no handshake can be seen\n"
        "Read           1,200 bytes, 34 lines\n"
        "\n"
        "To switch it on, before the failure happens again:\n"
        "   - In custom_wrapper.conf of the profile, <n> being the\n"
        '     next free number. Never "all": it prints decrypted\n'
        "     data. Not in watt.config.systemProperties: it splits at\n"
        "     commas.\n"
        "       wrapper.java.additional.<n>=-Djavax.net.debug=ssl,handshake,keymanager,trustmanager"
        "   (needs a restart)\n"
        "   - In containers and on Microservices Runtime, instead: an\n"
        "     environment variable.\n"
        "       JAVA_CUSTOM_OPTS=-Djavax.net.debug=ssl,handshake,keymanager,trustmanager"
        "   (needs a restart)\n"
        "   - For connections that do not use JSSE, as well: an\n"
        "     extended setting.\n"
        "       watt.ssl.iaik.debug=true   (version <=10.11, needs a restart)\n"
    )


def test_shallow_debug_output(findings: Findings) -> None:
    """Failures are told, after how to see more of them."""
    lines = render(replace(findings, depth=Depth.SHALLOW)).splitlines()
    assert (
        lines[lines.index("TLS library    JSSE") + 2]
        == "Deeper debug output would tell more. To switch it on:"
    )
    assert lines.index("  Count  Distinct  Article  Issue") < lines.index(
        "1. Server certificate rejected (expired): is.example.com"
    )


def test_text_of_the_log_never_steers_the_terminal(hostile: Findings) -> None:
    """No control character, no change of writing direction, and no line that the log began."""
    shown = render(hostile)
    assert [char for char in shown if not char.isprintable() and char != "\n"] == []
    assert not [line for line in shown.splitlines() if line.startswith("#")]


def test_failures_that_are_not_listed_are_counted(findings: Findings) -> None:
    """The sentence comes after those that are."""
    shown = render(replace(findings, ungrouped=7, peaceful=()))
    assert shown.endswith(
        "\n\n7 failures of less frequent kinds are counted above and not listed; "
        "--format jsonl lists every one.\n"
    )
