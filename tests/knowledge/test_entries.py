import pytest

from agent.errors import ConfigError
from agent.knowledge.checks import CatalogueError
from agent.knowledge.entries import parse
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
would_confirm = { text = "A look.", commands = ["look {connect}"] }
partner = "letter"
remedies = ["named", { text = "In.", setting = "s", where = "port", applies_to = ">=10.7", restart = true }]
[entry.when]""",
    )
    named = """
[remedy.named]
text = "Named."
roles = ["client"]
[partner.letter]
text = "Please."
[words]
gateways = ["gateway 1", "gateway 2"]
"""
    text = text.replace("gateway \\d+", "@gateways")
    (entry,) = parse({"mine.toml": text, "words.toml": named})
    assert entry.when.exception == ("gateway 1", "gateway 2")
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
    (probe,) = entry.probes
    assert (probe.wordings, probe.commands) == (("A look.",), ("look {connect}",))
    assert entry.letter is not None
    assert entry.letter.wordings == ("Please.",)
    assert [a.remedy for a in entry.advice] == [
        Remedy("Named."),
        Remedy("In.", "s", None, ">=10.7", restart=True, where="Security > Ports, the port's own page"),
    ]
    assert [a.roles for a in entry.advice] == [{Role.CLIENT}, frozenset()]
    assert not entry.is_fallback


FAULTS = {
    "not TOML": ("[[entry", "mine.toml:1: not valid TOML: Expected ']]' at the end of an array declaration"),
    "unknown table": (
        "[entri]\nx = 1",
        "mine.toml:1: file: unknown key 'entri'; known: entry, mirrored, partner, probe, remedy, words",
    ),
    "unknown key": (
        ENTRY.replace("id =", "colour = 1\nid ="),
        "mine.toml:3: entry 'own.rule': unknown key 'colour'",
    ),
    "missing key": (
        ENTRY.replace('cause = "name_not_sent"', ""),
        "mine.toml:2: entry 'own.rule': 'cause' is missing; add it",
    ),
    "unknown issue": (
        ENTRY.replace('"sni"', '"snl"'),
        "mine.toml:4: entry 'own.rule': unknown issue 'snl'; use a word of the vocabulary",
    ),
    "unknown cause": (
        ENTRY.replace('"name_not_sent"', '"expired"'),
        "mine.toml:5: entry 'own.rule': unknown cause of sni 'expired'",
    ),
    "unknown confidence": (
        ENTRY.replace('"likely"', '"sure"'),
        "mine.toml:6: entry 'own.rule': unknown confidence 'sure'; use a word of the vocabulary",
    ),
    "unknown side": (
        ENTRY.replace('"this_side"', '"us"'),
        "mine.toml:7: entry 'own.rule': unknown acting_side 'us'; use a word of the vocabulary",
    ),
    "unknown role": (
        ENTRY.replace('"client"', '"proxy"'),
        "mine.toml:10: entry 'own.rule': unknown role 'proxy'; use a word of the vocabulary",
    ),
    "unknown condition": (
        ENTRY + 'phase = ["x"]',
        "mine.toml:13: entry 'own.rule': unknown key 'phase'; known: alert_received, alert_sent",
    ),
    "unknown dialect": (
        ENTRY + 'dialect = ["gnutls"]',
        "mine.toml:13: entry 'own.rule': unknown dialect 'gnutls'; use a word of the vocabulary",
    ),
    "unknown alert": (
        ENTRY + 'alert_received = ["bad_cert"]',
        "mine.toml:13: entry 'own.rule': unknown alert_received 'bad_cert'",
    ),
    "unknown fact": (
        ENTRY.replace("server_name_absent", "moon_full"),
        "mine.toml:12: entry 'own.rule': unknown facts 'moon_full'; the ",
    ),
    "contradiction": (
        ENTRY + 'no_facts = ["server_name_absent"]',
        "mine.toml:13: entry 'own.rule': 'server_name_absent' is asked for and ruled out",
    ),
    "bad pattern": (
        ENTRY.replace("gateway \\d+", "(gateway"),
        "mine.toml:11: entry 'own.rule': exception '(gateway' is no regular expression",
    ),
    "not a list": (
        ENTRY.replace('["client"]', '"client"'),
        "mine.toml:10: entry 'own.rule': 'role' must be a list of texts",
    ),
    "empty text": (
        ENTRY.replace('"own.rule"', '" "'),
        "mine.toml:3: entry ' ': 'id' must be a text that is not empty",
    ),
    "no summary": (
        ENTRY.replace('["No name for {peer}.", "No name."]', "[]"),
        "mine.toml:8: entry 'own.rule': 'summary' is empty; write a sentence",
    ),
    "unknown placeholder": (
        ENTRY.replace("{peer}", "{pear}"),
        "mine.toml:8: entry 'own.rule': unknown summary placeholder 'pear'",
    ),
    "wrong brace": (
        ENTRY.replace("{peer}", "{peer"),
        "mine.toml:8: entry 'own.rule': 'summary' has a wrong brace: expected '}' before end of string",
    ),
    "no plain placeholder": (
        ENTRY.replace("{peer}", "{peer.name}"),
        "mine.toml:8: entry 'own.rule': 'summary' may hold plain names between braces only",
    ),
    "no safe summary": (
        ENTRY.replace(', "No name."', ""),
        "mine.toml:8: entry 'own.rule': the last summary must need no value, so that one always fits",
    ),
    "when is no table": (
        ENTRY.partition("[entry.when]")[0] + "when = 1",
        "mine.toml:9: entry 'own.rule': 'when' must be a table",
    ),
    "unknown remedy": (
        ENTRY.replace("[entry.when]", 'remedies = ["pray"]\n[entry.when]'),
        "mine.toml:9: entry 'own.rule': unknown remedies 'pray'; known: none",
    ),
    "remedies is no list": (
        ENTRY.replace("[entry.when]", "remedies = 1\n[entry.when]"),
        "mine.toml:9: entry 'own.rule': 'remedies' must be a list of tables or names",
    ),
    "remedy without text": (
        ENTRY.replace("[entry.when]", 'remedies = [{ setting = "s" }]\n[entry.when]'),
        "mine.toml:9: entry 'own.rule': 'text' is missing; add it",
    ),
    "bad version range": (
        ENTRY.replace("[entry.when]", 'remedies = [{ text = "t", applies_to = "10.5" }]\n[entry.when]'),
        "mine.toml:9: entry 'own.rule': 'applies_to': '10.5' is no bound such as '>=10.7'",
    ),
    "bad flag": (
        ENTRY.replace("[entry.when]", 'remedies = [{ text = "t", restart = "yes" }]\n[entry.when]'),
        "mine.toml:9: entry 'own.rule': 'restart' must be true or false",
    ),
    "unknown alternative": (
        ENTRY.replace("[entry.when]", 'alternatives = ["sni/late"]\n[entry.when]'),
        "mine.toml:9: entry 'own.rule': unknown cause of sni 'late'",
    ),
    "same alternative twice": (
        ENTRY.replace(
            "[entry.when]", 'alternatives = ["sni/undetermined", "sni/undetermined"]\n[entry.when]'
        ),
        "mine.toml:9: entry 'own.rule': 'alternatives' holds at most 3, none of them twice",
    ),
    "same id twice": (
        ENTRY + ENTRY,
        "mine.toml:15: entry 'own.rule': the id is taken by mine.toml; choose another",
    ),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_faulty_entry_is_refused(fault: str) -> None:
    """Each complaint begins with file and line, names the entry where there is one, and says what to mend."""
    text, complaint = FAULTS[fault]
    with pytest.raises(CatalogueError) as refused:
        parse({"mine.toml": text})
    assert str(refused.value).startswith(complaint)
    assert isinstance(refused.value, ConfigError)


MIRRORED = """
[[mirrored]]
id = "late"
cause = "expired"
confidence = "certain"
acting_side = "peer"
summary = "{Us} does not like it."
[mirrored.when]
exception = ['too late']
"""


def test_a_mirrored_entry_is_two() -> None:
    """One is for the client's log, and for one that shows no role, the other for the server's."""
    client, server = parse({"mine.toml": MIRRORED})
    assert (client.id, client.issue, client.when.role) == (
        "server_certificate_rejected.late",
        Issue.SERVER_CERTIFICATE_REJECTED,
        frozenset({Role.CLIENT, Role.UNKNOWN}),
    )
    assert client.unknown_role == (
        Alternative(Issue.CLIENT_CERTIFICATE_REJECTED, "expired", Confidence.POSSIBLE),
    )
    assert (server.id, server.issue, server.when.role, server.unknown_role) == (
        "client_certificate_rejected.late",
        Issue.CLIENT_CERTIFICATE_REJECTED,
        frozenset({Role.SERVER}),
        None,
    )
    assert client.when.exception == server.when.exception == ("too late",)


MIRRORED_FAULTS = {
    "issue": (
        MIRRORED.replace("cause =", 'issue = "sni"\ncause ='),
        "mine.toml:4: mirrored 'late': 'issue' is told by being mirrored; remove it",
    ),
    "role": (
        MIRRORED + 'role = ["client"]',
        "mine.toml:10: mirrored 'late': 'role' is told by being mirrored; remove it",
    ),
    "no id": (MIRRORED.replace('id = "late"', ""), "mine.toml:2: mirrored 1: 'id' must be a text"),
    "single brackets": ("[mirrored]\n", "mine.toml:1: mirrored: write [[mirrored]] in double brackets"),
    "cause of another issue": (
        MIRRORED.replace('"expired"', '"late"'),
        "mine.toml:4: mirrored 'late': unknown cause of server_certificate_rejected 'late'",
    ),
}


@pytest.mark.parametrize("fault", sorted(MIRRORED_FAULTS))
def test_a_faulty_mirrored_entry_is_refused(fault: str) -> None:
    """What being mirrored tells is not told again."""
    text, complaint = MIRRORED_FAULTS[fault]
    with pytest.raises(CatalogueError) as refused:
        parse({"mine.toml": text})
    assert str(refused.value).startswith(complaint)


NAMED_FAULTS = {
    "remedy": ('[remedy.x]\nsetting = "s"\n', "mine.toml:1: remedy 'x': 'text' is missing; add it"),
    "remedy without a place": (
        '[remedy.x]\ntext = "t"\nsetting = "s"\n',
        "mine.toml:3: remedy 'x': 'where' is missing beside 'setting'; add it",
    ),
    "remedy in an unknown place": (
        '[remedy.x]\ntext = "t"\nwhere = "attic"\n',
        "mine.toml:3: remedy 'x': unknown where 'attic'; known: certificates, extended",
    ),
    "probe in single brackets": ('[probe.x]\ntext = "t"\n', "mine.toml:1: probe 'x': write [[probe.x]]"),
    "probe with an unknown value": (
        '[[probe.x]]\ntext = "t"\ncommands = ["rm {exception}"]\n',
        "mine.toml:3: probe 'x': unknown commands placeholder 'exception'; known: connect",
    ),
    "message that tells of our stores": (
        '[partner.x]\ntext = ["{alias}", "t"]\n',
        "mine.toml:2: partner 'x': unknown text placeholder 'alias'",
    ),
    "message that shows something else": (
        '[partner.x]\ntext = "t"\nshows = "all"\n',
        "mine.toml:3: partner 'x': unknown shows 'all'; known: nothing, own, peer",
    ),
    "words": ("[words]\na = 'b'\n", "mine.toml:2: words 'a': 'a' must be a list of texts"),
}


@pytest.mark.parametrize("fault", sorted(NAMED_FAULTS))
def test_a_faulty_row_is_refused(fault: str) -> None:
    """Remedies, probes, messages and words are checked whether an entry names them or not."""
    text, complaint = NAMED_FAULTS[fault]
    with pytest.raises(CatalogueError) as refused:
        parse({"mine.toml": text})
    assert str(refused.value).startswith(complaint)


def test_a_remedy_name_is_taken_once() -> None:
    """Remedies are named over all files."""
    with pytest.raises(CatalogueError, match=r"b\.toml:1: remedy 'x': the name is taken"):
        parse({"a.toml": '[remedy.x]\ntext = "1"', "b.toml": '[remedy.x]\ntext = "2"'})
