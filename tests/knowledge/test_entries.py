import pytest

from agent.errors import ConfigError
from agent.knowledge.entries import CatalogueError, parse
from agent.model.diagnosis import Alternative, Remedy
from agent.model.vocabulary import ActingSide, Confidence, Issue, Role

ENTRY = """
[[entry]]
id = "own.rule"
issue = "sni"
cause = "name_not_sent"
confidence = "likely"
acting_side = "this_side"
summary = ["No name for {peer}.", "No name."]
[entry.when]
role = ["client"]
exception = ['gateway \\d+']
facts = ["server_name_absent"]
"""


def test_a_whole_entry() -> None:
    """Everything that an entry may hold is read."""
    text = ENTRY.replace(
        "[entry.when]",
        """acting_side_by_role = { server = "peer" }
alternatives = ["negotiation/undetermined"]
unknown_role = []
would_confirm = "A look."
remedies = ["named", { text = "Inline.", setting = "s", value = "v", applies_to = ">=10.7", restart = true }]
[entry.when]""",
    )
    (entry,) = parse({"mine.toml": text, "words.toml": '[remedy.named]\ntext = "Named."\nroles = ["client"]'})
    assert (entry.id, entry.file, entry.issue, entry.cause) == (
        "own.rule",
        "mine.toml",
        Issue.SNI,
        "name_not_sent",
    )
    assert (entry.confidence, entry.acting_side) == (Confidence.LIKELY, ActingSide.THIS_SIDE)
    assert entry.acting_side_by_role == {Role.SERVER: ActingSide.PEER}
    assert entry.alternatives == (Alternative(Issue.NEGOTIATION, "undetermined", Confidence.POSSIBLE),)
    assert entry.unknown_role == ()
    assert entry.would_confirm == "A look."
    assert [a.remedy for a in entry.advice] == [
        Remedy("Named."),
        Remedy("Inline.", "s", "v", ">=10.7", restart=True),
    ]
    assert [a.roles for a in entry.advice] == [{Role.CLIENT}, frozenset()]
    assert not entry.is_fallback


FAULTS = {
    "not TOML": ("[[entry", "mine.toml: not valid TOML"),
    "unknown table": ("[entri]\nx = 1", "mine.toml: unknown key 'entri'; known: entry, remedy"),
    "unknown key": (ENTRY.replace("id =", "colour = 1\nid ="), "unknown key 'colour'"),
    "missing key": (ENTRY.replace('cause = "name_not_sent"', ""), "'cause' is missing; add it"),
    "unknown issue": (ENTRY.replace('"sni"', '"snl"'), "unknown issue 'snl'"),
    "unknown cause": (ENTRY.replace('"name_not_sent"', '"expired"'), "unknown cause of sni 'expired'"),
    "unknown confidence": (ENTRY.replace('"likely"', '"sure"'), "unknown confidence 'sure'"),
    "unknown side": (ENTRY.replace('"this_side"', '"us"'), "unknown acting_side 'us'"),
    "unknown role": (ENTRY.replace('"client"', '"proxy"'), "unknown role 'proxy'"),
    "unknown condition": (ENTRY + 'phase = ["x"]', "when: unknown key 'phase'"),
    "unknown dialect": (ENTRY + 'dialect = ["gnutls"]', "unknown dialect 'gnutls'"),
    "unknown alert": (ENTRY + 'alert_received = ["bad_cert"]', "unknown alert_received 'bad_cert'"),
    "unknown fact": (ENTRY.replace("server_name_absent", "moon_full"), "unknown facts 'moon_full'"),
    "contradiction": (ENTRY + 'no_facts = ["server_name_absent"]', "could never fit"),
    "bad pattern": (ENTRY.replace("gateway \\d+", "(gateway"), "is no regular expression"),
    "not a list": (ENTRY.replace('["client"]', '"client"'), "'role' must be a list of texts"),
    "empty text": (ENTRY.replace('"own.rule"', '" "'), "'id' must be a text that is not empty"),
    "no summary": (ENTRY.replace('["No name for {peer}.", "No name."]', "[]"), "'summary' is empty"),
    "unknown placeholder": (ENTRY.replace("{peer}", "{pear}"), "unknown summary placeholder 'pear'"),
    "wrong brace": (ENTRY.replace("{peer}", "{peer"), "'summary' has a wrong brace"),
    "no plain placeholder": (ENTRY.replace("{peer}", "{peer.name}"), "plain names between braces only"),
    "no safe summary": (ENTRY.replace(', "No name."', ""), "the last summary must need no value"),
    "when is no table": (ENTRY.partition("[entry.when]")[0] + "when = 1", "'when' must be a table"),
    "unknown remedy": (ENTRY.replace("[entry.when]", 'remedies = ["pray"]\n[entry.when]'), "'pray'"),
    "remedies is no list": (ENTRY.replace("[entry.when]", "remedies = 1\n[entry.when]"), "must be a list"),
    "remedy without text": (
        ENTRY.replace("[entry.when]", 'remedies = [{ setting = "s" }]\n[entry.when]'),
        "'text' is missing",
    ),
    "bad version range": (
        ENTRY.replace("[entry.when]", 'remedies = [{ text = "t", applies_to = "10.5" }]\n[entry.when]'),
        "'applies_to': '10.5' is no bound",
    ),
    "bad flag": (
        ENTRY.replace("[entry.when]", 'remedies = [{ text = "t", restart = "yes" }]\n[entry.when]'),
        "must be true or false",
    ),
    "unknown alternative": (
        ENTRY.replace("[entry.when]", 'alternatives = ["sni/late"]\n[entry.when]'),
        "unknown cause of sni 'late'",
    ),
    "same alternative twice": (
        ENTRY.replace(
            "[entry.when]", 'alternatives = ["sni/undetermined", "sni/undetermined"]\n[entry.when]'
        ),
        "none of them twice",
    ),
    "same id twice": (ENTRY + ENTRY, "the id is taken by mine.toml; choose another"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_faulty_entry_is_refused(fault: str) -> None:
    """Each complaint begins with the file, names the entry where there is one, and says what to mend."""
    text, complaint = FAULTS[fault]
    with pytest.raises(CatalogueError) as refused:
        parse({"mine.toml": text})
    assert str(refused.value).startswith("mine.toml: ")
    assert complaint in str(refused.value)
    assert isinstance(refused.value, ConfigError)
    if fault not in {"not TOML", "unknown table", "empty text"}:
        assert "entry 'own.rule'" in str(refused.value)


def test_a_remedy_name_is_taken_once() -> None:
    """Remedies are named over all files."""
    with pytest.raises(CatalogueError, match=r"b\.toml: remedy 'x': the name is taken"):
        parse({"a.toml": '[remedy.x]\ntext = "1"', "b.toml": '[remedy.x]\ntext = "2"'})
