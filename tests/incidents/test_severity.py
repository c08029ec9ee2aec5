import pytest

from agent.incidents.severity import RANKS, TROUBLES, severity_of
from agent.model.vocabulary import CAUSES, Issue, Severity, Trouble


@pytest.mark.parametrize(
    ("issue", "cause", "severity"),
    [
        (Issue.LOCAL_CONFIGURATION, "truststore_empty", Severity.CRITICAL),
        (Issue.SERVER_CERTIFICATE_REJECTED, "expired", Severity.ERROR),
        (Issue.INTERRUPTED, "reset", Severity.WARNING),
        (Issue.INTERRUPTED, "probe", Severity.INFO),
    ],
)
def test_how_severe_a_failure_is(issue: Issue, cause: str, severity: Severity) -> None:
    """What stops every connection comes before what stops one, and a health check after all."""
    assert severity_of(issue, cause) is severity


def test_every_issue_and_every_trouble_has_its_severity() -> None:
    """The tables know the whole of the closed sets."""
    assert all(severity_of(issue, cause) for issue, causes in CAUSES.items() for cause in causes)
    assert set(TROUBLES) == set(Trouble)


def test_severities_are_ranked() -> None:
    """From what can wait to what cannot."""
    assert sorted(Severity, key=RANKS.__getitem__) == [
        Severity.INFO,
        Severity.WARNING,
        Severity.ERROR,
        Severity.CRITICAL,
    ]
