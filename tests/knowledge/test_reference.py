import re
import tomllib
from pathlib import Path

from agent.knowledge import catalogue, reference
from agent.knowledge.facts import FACTS
from agent.knowledge.values import VALUES
from agent.model.vocabulary import CAUSES, Issue

PAGE = Path(__file__).parents[2] / "docs" / "diagnoses.md"


def test_the_page_is_up_to_date() -> None:
    """After a change of the catalogue `make docs` makes it anew."""
    assert PAGE.read_text(encoding="utf-8") == reference.page()


def test_each_issue_and_each_cause_has_its_anchor() -> None:
    """Once, as incidents link to it; and every link within the page leads somewhere."""
    anchors = re.findall(r'<a id="([^"]+)"></a>', reference.page())
    wanted = [reference.anchor(issue) for issue in Issue]
    wanted += [reference.anchor(issue, cause) for issue in Issue for cause in CAUSES[issue]]
    assert sorted(anchors) == sorted([*wanted, "article", "own"])
    assert (
        reference.anchor(Issue.SERVER_CERTIFICATE_REJECTED, "expired")
        == "server_certificate_rejected-expired"
    )
    assert set(re.findall(r"\]\(#([^)]+)\)", reference.page())) <= set(anchors)


def test_nothing_of_the_catalogue_is_left_out() -> None:
    """Every entry, remedy, probe and message, every fact and every value stands on the page."""
    page = reference.page()
    said = page.replace(r"\|", "|")
    for entry in catalogue.load().entries:
        assert f"`{entry.id}`" in page
        assert all(one.remedy.text in said for one in entry.advice if not one.dialects)
    assert all(f"| `{name}` |" in page for name in (*FACTS, *VALUES))


def test_a_blank_is_told_by_its_name() -> None:
    """No brace is left of a sentence or a command."""
    outside = re.sub(r"`[^`]*`|^    .*$", "", reference.page(), flags=re.MULTILINE)
    assert not re.search("[{}]", outside)


def test_words_are_there_for_the_closed_sets_and_no_more() -> None:
    """A cause that is new, or gone, shows here."""
    words = tomllib.loads(catalogue.file("reference.toml"))
    assert words["issue"].keys() == {issue.value for issue in Issue}
    certificate = words["causes"].pop("certificate")
    for issue in (Issue.SERVER_CERTIFICATE_REJECTED, Issue.CLIENT_CERTIFICATE_REJECTED):
        assert set(certificate) == set(CAUSES[issue])
    others = {issue.value: set(causes) for issue, causes in CAUSES.items() if issue.value in words["causes"]}
    assert {name: set(told) for name, told in words["causes"].items()} == others
    assert len(others) == len(Issue) - 2


def test_the_example_of_an_entry_is_one() -> None:
    """What the page shows can be put into a file as it stands."""
    example = "\n".join(
        re.findall(r"^    (.*)$", reference.page().partition('<a id="own"></a>')[2], re.MULTILINE)
    )
    (entry,) = [one for one in catalogue.load({"acme.toml": example}).entries if one.of_user]
    assert entry.id == "acme.gateway_restarts"
