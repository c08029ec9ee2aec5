"""What is said of a failed handshake."""

from dataclasses import dataclass

from agent.model.vocabulary import ActingSide, Confidence, Issue


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else it could be."""

    issue: Issue
    cause: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to change.

    `setting` and `value` name a product property where there is one, `where` the page or file in which it is
    set. `applies_to` is a version range of the product (">=10.7", "<=10.5"), None for all. `restart` is True
    when the change needs a restart of the server, `port_restart` when disabling and enabling the port is
    enough; None when no source says. `weakens_security` marks an emergency measure: never first.
    """

    text: str
    setting: str | None = None
    value: str | None = None
    applies_to: str | None = None
    restart: bool | None = None
    weakens_security: bool = False
    where: str | None = None
    port_restart: bool | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Which issue, why, how sure, who must act, one sentence, and what to change.

    `entry` is the catalogue entry that said so. `alternatives` holds at most three, likeliest first.
    `would_confirm` says what would decide between them: a sentence, then a command for a shell on each
    further line. `partner_message` is ready to be sent to the other end's operator where that side must act;
    it tells nothing of this side but what the other end saw on the wire.
    """

    entry: str
    issue: Issue
    cause: str
    confidence: Confidence
    acting_side: ActingSide
    summary: str
    remedies: tuple[Remedy, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    would_confirm: str | None = None
    partner_message: str | None = None
