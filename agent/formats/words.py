"""The words in which failures are told to people: one wording for chat messages and reports."""

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from agent.model.diagnosis import Diagnosis, Remedy
from agent.model.handshake import Handshake
from agent.model.incident import Incident
from agent.model.vocabulary import ActingSide, Confidence, IncidentEvent, Issue, Resolution, Role, Trouble

TITLES: Mapping[Issue, str] = MappingProxyType(
    {
        Issue.NEGOTIATION: "No common TLS parameters",
        Issue.SNI: "Server name missing or not known",
        Issue.SERVER_CERTIFICATE_REJECTED: "Server certificate rejected",
        Issue.CLIENT_CERTIFICATE_MISSING: "Client certificate missing",
        Issue.CLIENT_CERTIFICATE_REJECTED: "Client certificate rejected",
        Issue.X509_V1_CERTIFICATE: "X.509 version 1 certificate in the way",
        Issue.NOT_TLS: "One end does not speak TLS",
        Issue.INTERRUPTED: "Handshake interrupted",
        Issue.LOCAL_CONFIGURATION: "Own key store or trust store unusable",
        Issue.POLICY: "Refused by TLS policy",
        Issue.INTEGRITY: "Cryptographic check failed",
        Issue.UNCLASSIFIED: "Handshake failed, reason not known",
    }
)
"""What went wrong, as a headline."""

TROUBLES: Mapping[Trouble, str] = MappingProxyType(
    {
        Trouble.LOG_UNREADABLE: "log cannot be read",
        Trouble.LOG_GAP: "part of a log was gone before it could be read",
        Trouble.DEBUG_OFF: "TLS debug output is off",
        Trouble.DEBUG_SHALLOW: "TLS debug output is too shallow",
        Trouble.DEBUG_LEAKING: "TLS debug output holds secrets",
        Trouble.STATE_FULL: "state cannot be written",
        Trouble.RECEIVER_FAILING: "receiver does not take messages",
    }
)
"""Troubles of the agent itself, as headlines."""

ACTING: Mapping[ActingSide, str] = MappingProxyType(
    {
        ActingSide.THIS_SIDE: "This side: the Integration Server that wrote the log",
        ActingSide.PEER: "The other side",
        ActingSide.EITHER: "Either side",
        ActingSide.ISSUING_CA: "The authority that issued the certificate",
        ActingSide.NETWORK: "Whoever runs the network between the two",
        ActingSide.NOBODY: "Nobody",
    }
)
"""Who must change something."""

CERTAINTY: Mapping[Confidence, str] = MappingProxyType(
    {
        Confidence.CERTAIN: "certain: the log says so",
        Confidence.LIKELY: "likely: it follows from what the log shows",
        Confidence.POSSIBLE: "possible: the log allows for more than one reading",
    }
)
"""How sure a diagnosis is."""

ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.CLIENT: "client (outbound call)",
        Role.SERVER: "server (inbound call)",
        Role.UNKNOWN: "not known",
    }
)
"""What this side was in the handshake."""

ENDINGS: Mapping[Resolution, str] = MappingProxyType(
    {
        Resolution.SUCCESS: "A later handshake with the same other side succeeded.",
        Resolution.QUIET: "It has not happened again for some time.",
        Resolution.MENDED: "It is mended.",
        Resolution.FORGOTTEN: "It is no longer followed, to make room for others; it may go on.",
    }
)
"""Why an incident is over."""

EVENTS: Mapping[IncidentEvent, str] = MappingProxyType(
    {
        IncidentEvent.OPENED: "",
        IncidentEvent.UPDATED: "Still: ",
        IncidentEvent.RESOLVED: "Over: ",
        IncidentEvent.REOPENED: "Again: ",
        IncidentEvent.OPERATIONAL: "",
    }
)
"""What stands in front of a title."""

LETTER = "To send to the other side"
"""Heads a message that is ready to be sent."""

EMERGENCY = "Emergency only, weakens security"


_NAMED = 1000
"""Characters of a name that are looked at for a headline."""


def other_side(handshake: Handshake) -> str | None:
    """Return what names the other end best, or None.

    A client knows the server by the name it asked for; a server knows a client by its certificate, and the
    name that was asked for is its own.
    """
    subject = handshake.peer_chain[0].subject if handshake.peer_chain else None
    if handshake.role is Role.SERVER:
        return subject or handshake.peer
    return handshake.server_name or handshake.peer or subject


def cause_words(cause: str) -> str:
    """Return a cause as words: "untrusted_issuer" is "untrusted issuer", "not_a_ca" is "not a CA"."""
    return " ".join("CA" if word == "ca" else word for word in cause.split("_"))


def headline(handshake: Handshake, diagnosis: Diagnosis) -> str:
    """Return what failed, why and with whom, in one line without control characters."""
    cause = "" if diagnosis.cause == "undetermined" else f" ({cause_words(diagnosis.cause)})"
    with_whom = (other_side(handshake) or "")[:_NAMED]
    return printable(f"{TITLES[diagnosis.issue]}{cause[:_NAMED]}{f': {with_whom}' if with_whom else ''}")


def title(incident: Incident) -> str:
    """Return what a message is about, in one line without control characters."""
    over = EVENTS[incident.event if incident.resolution is None else IncidentEvent.RESOLVED]
    if incident.failure is not None:
        return over + headline(incident.failure.handshake, incident.failure.diagnosis)
    if incident.notice is not None:
        subject = f": {incident.notice.subject[:_NAMED]}" if incident.notice.subject else ""
        return printable(f"{over}wmtls: {TROUBLES[incident.notice.trouble]}{subject}")
    kinds = incident.summary.kinds if incident.summary else 0
    return printable(f"{over}{kinds} kinds of TLS failures within a short time: log {incident.log[:_NAMED]}")


def in_order(remedies: Iterable[Remedy]) -> list[Remedy]:
    """Return remedies as given, those that weaken security last."""
    return sorted(remedies, key=lambda remedy: remedy.weakens_security)


def setting_text(remedy: Remedy) -> str | None:
    """Return the exact change, "setting=value", or None where the remedy names no setting."""
    if remedy.setting is None:
        return None
    return remedy.setting if remedy.value is None else f"{remedy.setting}={remedy.value}"


def conditions(remedy: Remedy) -> str | None:
    """Return where a remedy is made, for which versions it is and what it takes, or None."""
    parts = [remedy.where] if remedy.where is not None else []
    if remedy.applies_to is not None:
        parts.append(f"version {remedy.applies_to}")
    if remedy.restart is not None:
        parts.append("needs a restart" if remedy.restart else "no restart needed")
    elif remedy.port_restart:
        parts.append("disable and enable the port afterwards")
    return ", ".join(parts) or None


def printable(text: str) -> str:
    """Return text of a log as one harmless line.

    Control characters (line ends, terminal escapes) become spaces; formatting characters (zero width,
    changes of writing direction) and halves of characters become U+FFFD.
    """
    if text.isprintable():  # most text is, and knowing so is quicker than looking at each character
        return text.strip()
    return "".join(_REPLACED.get(unicodedata.category(char), char) for char in text).strip()


_REPLACED = MappingProxyType({"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "\ufffd", "Cs": "\ufffd"})
