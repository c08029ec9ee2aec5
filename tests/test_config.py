"""The configuration file: what it gives, and what it says of each mistake."""

import itertools
import re
import tomllib
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent import codec, config
from agent.config import Catalogue, Config, Http, Limits, Log, Logging, Messages, State
from agent.config_receiver import CREDENTIALS, FORMATS, Receiver
from agent.config_values import Secret
from agent.errors import ConfigError

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
LOG = '[[log]]\nname = "a"\npath = "/x/wrapper.log"\n'
OPS = '[[receiver]]\nname = "ops"\n'
SECRET = "whsec_" + "aHVzaC1" * 4 + "aHVzaC1odXNo"
ENVIRON = {"OPS_URL": "https://hooks.example.com/T0/B0/hush", "BAD_URL": "ftp://hush"}


def write(tmp_path: Path, text: str) -> Path:
    """Return a configuration file with this text."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_the_shortest_file_gets_every_default(tmp_path: Path) -> None:
    """One log with a name and a path is a whole configuration."""
    assert config.load(write(tmp_path, LOG), {}) == Config(
        logs=(Log(name="a", path=Path("/x/wrapper.log"), start="end", product_version=None, time_zone=None),),
        state=State(directory=Path("/var/lib/wmtls")),
        http=Http(listen="127.0.0.1:9846"),
        receivers=(),
        catalogue=Catalogue(directory=None),
        logging=Logging(level="info", format="auto"),
        limits=Limits(open_handshakes=10_000, handshake_seconds=300),
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    """Each key of each table arrives where it belongs, and relative paths start at the file's folder."""
    path = write(
        tmp_path,
        """
        [[log]]
        name = "is-1"
        path = "logs/wrapper*.log"
        start = "beginning"
        product_version = "10.5"
        time_zone = "Europe/Berlin"
        [[log]]
        name = "is-2"
        path = "/y/wrapper.log"
        [state]
        directory = "state"
        [http]
        listen = "[::1]:0"
        [[receiver]]
        name = "one"
        url = " https://h.example.com/x "
        [[receiver]]
        name = "two"
        format = "slack"
        url_env = "OPS_URL"
        [[receiver]]
        name = "three"
        url_file = "url"
        secret_env = "OPS_SECRET"
        token = "hush"
        proxy = "http://proxy:3128"
        ca_file = "ca.pem"
        client_certificate = "client.pem"
        client_key = "$CREDENTIALS_DIRECTORY/client-key"
        allow_link_local = true
        [messages]
        instance = "is-prod-1"
        runbook = "https://docs.example.com/diagnoses.html"
        dashboard = "https://grafana.example.com/d/x?var-log={log}"
        [logging]
        level = "debug"
        format = "json"
        [limits]
        open_handshakes = 7
        handshake_seconds = 8
        """,
    )
    unit = {**ENVIRON, "OPS_SECRET": SECRET, "CREDENTIALS_DIRECTORY": "/run/credentials/x"}
    assert config.load(path, unit) == Config(
        logs=(
            Log(
                name="is-1",
                path=tmp_path / "logs/wrapper*.log",
                start="beginning",
                product_version="10.5",
                time_zone="Europe/Berlin",
            ),
            Log(name="is-2", path=Path("/y/wrapper.log")),
        ),
        state=State(directory=tmp_path / "state"),
        http=Http(listen="[::1]:0"),
        receivers=(
            Receiver(name="one", url=Secret("https://h.example.com/x")),
            Receiver(name="two", format="slack", url=Secret(ENVIRON["OPS_URL"]), url_env="OPS_URL"),
            Receiver(
                name="three",
                url_file=tmp_path / "url",
                secret=Secret(SECRET),
                secret_env="OPS_SECRET",  # noqa: S106  (the name of a variable)
                token=Secret("hush"),
                proxy=Secret("http://proxy:3128"),
                ca_file=tmp_path / "ca.pem",
                client_certificate=tmp_path / "client.pem",
                client_key=Path("/run/credentials/x/client-key"),
                allow_link_local=True,
            ),
        ),
        messages=Messages(
            instance="is-prod-1",
            runbook="https://docs.example.com/diagnoses.html",
            dashboard="https://grafana.example.com/d/x?var-log={log}",
        ),
        logging=Logging(level="debug", format="json"),
        limits=Limits(open_handshakes=7, handshake_seconds=8),
    )


NAME = 'use at most 63 lower-case letters, digits, "-" and "_", beginning with a letter or digit'
VERSION = 'write the version of Integration Server in quotes, like "10.5"'
ZONE = 'write an IANA name (did you mean "Europe/Berlin"?)'
URL = 'write it like "https://host/path", or keep it in a file and name that in url_file'
VARIABLE = 'write the name of an environment variable, like "WMTLS_OPS_URL"'
LISTEN = 'write "host:port", port 0 to 65535, like "127.0.0.1:9846" ("0.0.0.0:9846" for all addresses)'
WORDS = 'use "generic", "slack", "mattermost", "teams", "google_chat", "pagerduty" or "alertmanager"'
MISTAKES = {
    "recievers": (
        LOG + "[[recievers]]\n",
        'unknown key "recievers" (did you mean "receiver"?) in {}',
    ),
    "key in a table": (
        '[[log]]\nname = "a"\npth = "/x"\n',
        'unknown key "log[1].pth" (did you mean "path"?) in {}',
    ),
    "key like none": (
        LOG + "[http]\nzzz = 1\n",
        'unknown key "http.zzz" in {}; there are listen',
    ),
    "key that is a URL": (
        LOG + '[http]\n"https://hush" = 1\n',
        'unknown key "something else" in {}; there are listen',
    ),
    "no log": ("", "log is missing in {}; add [[log]] with its name and path"),
    "empty log list": ("log = []", "log is empty in {}; add [[log]] with its name and path"),
    "log in single brackets": ("[log]\n", "log is a table in {}; write [[log]] in double brackets"),
    "state in double brackets": (LOG + "[[state]]\n", "state is a list in {}; write a [state] table"),
    "no path": ('[[log]]\nname = "a"\n', "log[1].path is missing in {}; add path"),
    "path is a number": (
        '[[log]]\nname = "a"\npath = 3\n',
        "log[1].path is a number in {}; write the full path of a file or directory, in quotes",
    ),
    "path is empty": (
        '[[log]]\nname = "a"\npath = " "\n',
        "log[1].path is empty in {}; write the full path of a file or directory",
    ),
    "start": (
        LOG + 'start = "middle"\n',
        'log[1].start is "middle" in {}; use "end" or "beginning"',
    ),
    "start is true": (
        LOG + "start = true\n",
        'log[1].start is true or false in {}; use "end" or "beginning"',
    ),
    "name": (
        '[[log]]\nname = "My Log"\npath = "/x"\n',
        'log[1].name is "My Log" in {}; ' + NAME,
    ),
    "long name": (
        f'[[log]]\nname = "{"a" * 64}"\npath = "/x"\n',
        "log[1].name is something else in {}; " + NAME,
    ),
    "name twice": (
        LOG + LOG.replace("/x", "/y"),
        "log[2].name is the same as log[1].name in {}; give each log a name of its own",
    ),
    "path twice": (
        LOG + LOG.replace('"a"', '"b"'),
        "log[2].path is the same as log[1].path in {}; follow each file once",
    ),
    "product version without quotes": (
        LOG + "product_version = 10.10\n",
        "log[1].product_version is a number in {}; " + VERSION,
    ),
    "product version": (
        LOG + 'product_version = "ten"\n',
        'log[1].product_version is "ten" in {}; ' + VERSION,
    ),
    "time zone": (
        LOG + 'time_zone = "Europa/Berlin"\n',
        'log[1].time_zone is "Europa/Berlin", which is no time zone known here in {}; ' + ZONE,
    ),
    "receiver twice": (
        LOG + (OPS + 'url = "https://hush/1"\n') * 2,
        "receiver[2].name is the same as receiver[1].name in {}; give each receiver a name of its own",
    ),
    "format": (
        LOG + OPS + 'format = "irc"\nurl = "https://hush/1"\n',
        'receiver[1].format is "irc" in {}; ' + WORDS,
    ),
    "format that is a URL": (
        LOG + OPS + 'format = "https://hush/1"\n',
        "receiver[1].format is something else in {}; " + WORDS,
    ),
    "no URL": (LOG + OPS, "receiver[1] has no URL in {}; add exactly one of url, url_file, url_env"),
    "two URLs": (
        LOG + OPS + 'url = "https://hush/1"\nurl_file = "/x"\n',
        "receiver[1] has both url and url_file in {}; keep exactly one of url, url_file, url_env",
    ),
    "scheme": (
        LOG + OPS + 'url = "ftp://hush/1"\n',
        "receiver[1].url is not an http or https URL in {}; " + URL,
    ),
    "no host": (
        LOG + OPS + 'url = "https:///hush"\n',
        "receiver[1].url is not an http or https URL in {}; " + URL,
    ),
    "URL that cannot be split": (
        LOG + OPS + 'url = "https://[hush/1"\n',
        "receiver[1].url is not an http or https URL in {}; " + URL,
    ),
    "URL as a file": (
        LOG + OPS + 'url_file = "https://hush/1"\n',
        "receiver[1].url_file is a URL in {}; write the full path of a file or directory",
    ),
    "URL as a variable": (
        LOG + OPS + 'url_env = "https://hush/1"\n',
        "receiver[1].url_env is no name of an environment variable in {}; " + VARIABLE,
    ),
    "variable not set": (
        LOG + OPS + 'url_env = "NOT_SET"\n',
        'receiver[1].url_env names "NOT_SET", which is not set, in {}; set that variable',
    ),
    "variable without a URL": (
        LOG + OPS + 'url_env = "BAD_URL"\n',
        'receiver[1].url_env names "BAD_URL", which holds no http or https URL, in {}; mend that variable',
    ),
    "secret": (
        LOG + OPS + 'url = "https://hush/1"\nsecret = "whsec_hush"\n',
        (
            "receiver[1].secret is not a secret of Standard Webhooks in {}; "
            'write "whsec_" and 24 to 64 random bytes in base64 (echo "whsec_$(openssl rand -base64 32)" '
            "makes one), or keep it in a file and name that in secret_file"
        ),
    ),
    "secret of another format": (
        LOG + OPS + f'format = "slack"\nurl = "https://hush/1"\nsecret = "{SECRET}"\n',
        "receiver[1].secret has no use in the format slack in {}; remove it",
    ),
    "no routing key": (
        LOG + OPS + 'format = "pagerduty"\n',
        (
            "receiver[1] has no routing key of PagerDuty in {}; "
            "add exactly one of routing_key, routing_key_file, routing_key_env"
        ),
    ),
    "routing key": (
        LOG + OPS + 'format = "pagerduty"\nrouting_key = "hush"\n',
        (
            "receiver[1].routing_key is not a routing key of PagerDuty in {}; copy the 32 characters of the "
            "service's Events API v2 integration, or keep it in a file and name that in routing_key_file"
        ),
    ),
    "key without a certificate": (
        LOG + OPS + 'url = "https://hush/1"\nclient_key = "/x"\n',
        "receiver[1] has a client_key and no client_certificate in {}; add client_certificate",
    ),
    "credential of no unit": (
        LOG + OPS + 'url_file = "$CREDENTIALS_DIRECTORY/ops-url"\n',
        (
            "receiver[1].url_file begins with $CREDENTIALS_DIRECTORY, which is not set, in {}; "
            "run it in a unit with LoadCredential=, or write the full path"
        ),
    ),
    "flag in quotes": (
        LOG + OPS + 'url = "https://hush/1"\nallow_link_local = "yes"\n',
        "receiver[1].allow_link_local is text in {}; write true or false, without quotes",
    ),
    "listen": (
        LOG + '[http]\nlisten = "localhost"\n',
        'http.listen is "localhost" in {}; ' + LISTEN,
    ),
    "level": (
        LOG + '[logging]\nlevel = "loud"\n',
        'logging.level is "loud" in {}; use "debug", "info", "warning" or "error"',
    ),
    "limit in quotes": (
        LOG + '[limits]\nopen_handshakes = "5"\n',
        "limits.open_handshakes is text in {}; write a whole number from 1 to 1000000",
    ),
    "limit of nought": (
        LOG + "[limits]\nhandshake_seconds = 0\n",
        "limits.handshake_seconds is 0 in {}; write a whole number from 1 to 86400",
    ),
    "limit beyond printing": (
        LOG + f"[limits]\nhandshake_seconds = 0x{'f' * 5000}\n",
        "limits.handshake_seconds is far out of range in {}; write a whole number from 1 to 86400",
    ),
    "not TOML": (
        LOG + "start end\n",
        "line 4 of {} is not TOML (Expected '=' after a key in a key/value pair); mend it there",
    ),
    "torn file": ('x = """', "the end of {} is not TOML (Unterminated string); mend it there"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_its_key_and_the_mend(text: str, message: str, tmp_path: Path) -> None:
    """Each mistake gets one sentence, and no sentence holds a URL."""
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.load(path, ENVIRON)
    assert str(caught.value) == message.format(path)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None or "hush" not in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    "listen",
    [
        "9846",
        ":9846",
        "host:",
        "host:65536",
        "host:-1",
        "ho st:1",
        "256.1.1.1:1",
        "[::g]:1",
        "::1:1",
        "h:\u0663",
    ],
)
def test_a_bad_address_to_listen_on_is_refused(listen: str, tmp_path: Path) -> None:
    """An address needs a host and a port within 0 to 65535; IPv6 wants brackets."""
    with pytest.raises(ConfigError, match=r"^http\.listen is "):
        config.load(write(tmp_path, f'{LOG}[http]\nlisten = "{listen}"\n'), {})


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [("127.0.0.1:9846", "127.0.0.1", 9846), ("localhost:0", "localhost", 0), ("[::1]:1", "::1", 1)],
)
def test_a_good_address_to_listen_on_is_split(listen: str, host: str, port: int) -> None:
    """The host comes without brackets, the port as a number."""
    assert (Http(listen=listen).host, Http(listen=listen).port) == (host, port)


def test_a_missing_file_names_the_option(tmp_path: Path) -> None:
    """The user learns which file was looked for and how to name another."""
    path = tmp_path / "config.toml"
    with pytest.raises(ConfigError) as caught:
        config.load(path, {})
    assert str(caught.value) == f"there is no configuration file {path}; name yours with --config FILE"


def test_an_unreadable_file_names_the_reason(tmp_path: Path) -> None:
    """A directory in the file's place is told apart from an absent file."""
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, {})
    assert str(caught.value) == (
        f"the configuration file {tmp_path} cannot be read (Is a directory); "
        "mend its permissions or name another with --config FILE"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"#\n# caf\xe9\n", "line 2 of {} is not UTF-8; save the file as UTF-8"),
        (b"x = " + b"[" * 20_000, "{} is nested too deeply for TOML; write it like config.example.toml"),
    ],
    ids=["latin-1", "nested"],
)
def test_odd_bytes_are_refused_with_a_sentence(data: bytes, message: str, tmp_path: Path) -> None:
    """A file in another encoding, or a hostile one, ends in a sentence as well."""
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        config.load(path, {})
    assert str(caught.value) == message.format(path)


def test_a_number_of_thousands_of_digits_is_not_toml(tmp_path: Path) -> None:
    """Python's own limit on numbers is told like any other syntax error."""
    with pytest.raises(ConfigError, match="is not TOML"):
        config.load(write(tmp_path, "x = " + "9" * 5000), {})


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Editors on Windows put one in front."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LOG.encode())
    assert config.load(path, {}).logs[0].name == "a"


def test_a_secret_is_shown_nowhere(tmp_path: Path) -> None:
    """The URL is in no repr of the configuration, and the codec will not write it."""
    loaded = config.load(write(tmp_path, LOG + OPS + 'url = "https://hush/1"\n'), {})
    assert "hush" not in repr(loaded)
    assert "hush" not in f"{loaded.receivers[0].url}"
    assert loaded.receivers[0].address() == "https://hush/1"
    with pytest.raises(TypeError):
        codec.encode(loaded.receivers)


def test_a_log_without_a_zone_uses_the_machines() -> None:
    """The zone of the log wins over the machine's."""
    log = Log(name="a", path=Path("/x"))
    assert log.zone(UTC) is UTC
    assert Log(name="a", path=Path("/x"), time_zone="Asia/Tokyo").zone(UTC) == ZoneInfo("Asia/Tokyo")


def test_the_machines_zone_is_tz_then_localtime_then_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that is no zone name falls through to the file, a missing file to UTC."""
    assert config.machine_zone({"TZ": ":Asia/Tokyo"}) == ZoneInfo("Asia/Tokyo")
    monkeypatch.setattr(config, "_LOCALTIME", tmp_path / "localtime")
    assert config.machine_zone({"TZ": "<+03>-3"}) is UTC
    (tmp_path / "localtime").write_bytes(b"TZif2" + b"\0" * 15 + b"\0\0\0\0" * 4 + b"\0\0\0\1\0\0\0\4")
    assert config.machine_zone({}) is UTC


def test_the_example_is_valid_and_shows_the_defaults() -> None:
    """The example gives the same as its log and receiver alone: all other keys stand at their defaults."""
    loaded = config.load(EXAMPLE, {})
    assert loaded == Config(
        logs=(Log(name="default", path=Path("/opt/softwareag/profiles/IS_default/logs/wrapper.log")),),
        receivers=(Receiver(name="ops", url_file=Path("/run/credentials/wmtls.service/ops-url")),),
    )


def test_the_example_shows_every_key(tmp_path: Path) -> None:
    """Each key of each table is there, in its table, set or commented out with a value that is valid."""
    text = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(), flags=re.MULTILINE)
    found = tomllib.loads(text)
    shown = {name: set(table[0] if isinstance(table, list) else table) for name, table in found.items()}
    kinds = {
        "log": Log,
        "state": State,
        "http": Http,
        "receiver": Receiver,
        "messages": Messages,
        "catalogue": Catalogue,
        "logging": Logging,
        "limits": Limits,
    }
    assert set(config.keys(Config)) == set(kinds)
    assert shown == {name: set(config.keys(kind)) for name, kind in kinds.items()}
    environ = {
        "WMTLS_OPS_URL": "https://hooks.example.com/x",
        "WMTLS_OPS_SECRET": SECRET,
        "WMTLS_OPS_TOKEN": "x",
        "WMTLS_OPS_ROUTING_KEY": "0" * 32,
        "WMTLS_OPS_PROXY": "http://proxy:3128",
    }
    for chosen, kept in itertools.product(("generic", "pagerduty"), ("", "_env", "_file")):
        ends = {name: {kept} if name in FORMATS[chosen] else set() for name in CREDENTIALS}
        others = "|".join(name + end for name in ends for end in {"", "_env", "_file"} - ends[name])
        one = re.sub(rf"^({others}) = .*$", "", text, flags=re.MULTILINE)
        config.load(write(tmp_path, one.replace('"generic"', f'"{chosen}"')), environ)


def test_the_example_says_why_above_each_key() -> None:
    """A comment that is a sentence stands above each key."""
    lines = EXAMPLE.read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"(# )?\w+ = ", line):
            assert lines[number - 1].startswith("# "), line
            assert lines[number - 1].endswith("."), line


def test_files_of_the_catalogue_are_read(tmp_path: Path) -> None:
    """TOML files alone, in the order of their names, with any line ends and a mark in front."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "b.toml").write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    (folder / "a.toml").write_text("y = 2\n")
    (folder / "notes.txt").write_text("no TOML")
    path = write(tmp_path, LOG + '[catalogue]\ndirectory = "mine"\n')
    assert config.load(path, {}).catalogue.files() == {
        str(folder / "a.toml"): "y = 2\n",
        str(folder / "b.toml"): "x = 1\n",
    }
    assert Catalogue().files() == {}


def test_a_catalogue_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """The directory, or the file, and the mend."""
    absent = tmp_path / "absent"
    with pytest.raises(ConfigError) as refused:
        Catalogue(directory=absent).files()
    assert str(refused.value) == (
        f"the catalogue {absent} cannot be read (No such file or directory); "
        "create it, mend its permissions, or name another directory"
    )
    (tmp_path / "a.toml").write_bytes(b"x = 1\ny = '\xff'\n")
    with pytest.raises(ConfigError) as refused:
        Catalogue(directory=tmp_path).files()
    assert str(refused.value) == f"{tmp_path / 'a.toml'}:2: not UTF-8; save the file as UTF-8"
    (tmp_path / "a.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigError, match="is larger than 1000000 bytes; split it"):
        Catalogue(directory=tmp_path).files()


def test_a_receiver_is_told_of_a_part(tmp_path: Path) -> None:
    """Filters by issue, role, log, severity and event; a log that there is not is told with the nearest."""
    url = 'url = "https://h/"\n'
    filters = 'issues = ["sni"]\nroles = ["client"]\nlogs = ["a"]\nseverity = "error"\nevents = ["opened"]\n'
    (receiver,) = config.load(write(tmp_path, LOG + OPS + url + filters), {}).receivers
    assert receiver == Receiver(
        name="ops",
        url=Secret("https://h/"),
        issues=frozenset({"sni"}),
        roles=frozenset({"client"}),
        logs=frozenset({"a"}),
        severity="error",
        events=frozenset({"opened"}),
    )
    for filters, said in (
        ('logs = ["aa"]', 'receiver[1].logs holds "aa" in {}; did you mean "a"? There are "a"'),
        (
            'events = ["open"]',
            'receiver[1].events holds "open" in {}; did you mean "opened"? There are "opened"',
        ),
    ):
        path = write(tmp_path, LOG + OPS + url + filters)
        with pytest.raises(ConfigError) as refused:
            config.load(path, {})
        assert str(refused.value).startswith(said.format(path))
