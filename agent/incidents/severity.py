"""How soon somebody has to look at an incident."""

from collections.abc import Mapping
from types import MappingProxyType

from agent.model.vocabulary import Issue, Severity, Trouble

_ISSUES: Mapping[Issue, Severity] = MappingProxyType(
    {
        Issue.NEGOTIATION: Severity.ERROR,
        Issue.SNI: Severity.ERROR,
        Issue.SERVER_CERTIFICATE_REJECTED: Severity.ERROR,
        Issue.CLIENT_CERTIFICATE_MISSING: Severity.ERROR,
        Issue.CLIENT_CERTIFICATE_REJECTED: Severity.ERROR,
        Issue.X509_V1_CERTIFICATE: Severity.ERROR,
        Issue.NOT_TLS: Severity.WARNING,
        Issue.INTERRUPTED: Severity.WARNING,
        Issue.LOCAL_CONFIGURATION: Severity.CRITICAL,
        Issue.POLICY: Severity.ERROR,
        Issue.INTEGRITY: Severity.ERROR,
        Issue.UNCLASSIFIED: Severity.WARNING,
    }
)
"""An error keeps one connection from its work, what is critical all; a warning may be nobody's loss."""

_CAUSES: Mapping[tuple[Issue, str], Severity] = MappingProxyType(
    {
        (Issue.INTERRUPTED, "probe"): Severity.INFO,
    }
)
"""Causes that differ from their issue: a health check is no failure of anybody's."""

TROUBLES: Mapping[Trouble, Severity] = MappingProxyType(
    {
        Trouble.LOG_UNREADABLE: Severity.CRITICAL,
        Trouble.LOG_GAP: Severity.WARNING,
        Trouble.DEBUG_OFF: Severity.WARNING,
        Trouble.DEBUG_SHALLOW: Severity.INFO,
        Trouble.DEBUG_LEAKING: Severity.CRITICAL,
        Trouble.STATE_FULL: Severity.CRITICAL,
        Trouble.RECEIVER_FAILING: Severity.ERROR,
    }
)
"""Of the agent's own troubles: critical is blindness, and secrets in a log."""

RANKS: Mapping[Severity, int] = MappingProxyType({one: rank for rank, one in enumerate(Severity)})
"""The order of severities, the least first."""


def severity_of(issue: Issue, cause: str) -> Severity:
    """Return how severe a failure is."""
    return _CAUSES.get((issue, cause), _ISSUES[issue])
