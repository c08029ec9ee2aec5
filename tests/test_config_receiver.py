"""How a receiver's credentials are had, and which ones it may have."""

from pathlib import Path

import pytest

from agent.config_receiver import Receiver, is_webhook_secret
from agent.config_values import Secret
from agent.errors import ConfigError


def test_the_url_file_is_read_at_each_call(tmp_path: Path) -> None:
    """A rotated credential is picked up without a restart."""
    place = tmp_path / "url"
    receiver = Receiver(name="ops", url_file=place)
    place.write_text("https://one.example.com/x\n")
    assert receiver.address() == "https://one.example.com/x"
    place.write_text("https://two.example.com/x")
    assert receiver.address() == "https://two.example.com/x"


@pytest.mark.parametrize("data", [b"hush", b"", b"\xff", b"https://a/hush\nhttps://b/hush"])
def test_a_url_file_without_a_url_is_named_but_not_quoted(data: bytes, tmp_path: Path) -> None:
    """The message names the file and not its content."""
    place = tmp_path / "url"
    place.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        Receiver(name="ops", url_file=place).address()
    assert str(caught.value) == (
        f'receiver "ops": url_file {place} does not hold an http or https URL; '
        'write it like "https://host/path" there, and nothing else'
    )


def test_a_missing_url_file_is_named(tmp_path: Path) -> None:
    """The message says what to do about it."""
    place = tmp_path / "url"
    with pytest.raises(ConfigError) as caught:
        Receiver(name="ops", url_file=place).address()
    assert str(caught.value) == (
        f'receiver "ops": url_file {place} cannot be read (No such file or directory); '
        "create it or mend its permissions"
    )


def test_a_receiver_built_without_a_url_says_so() -> None:
    """A receiver that did not come from a file can lack all three sources."""
    with pytest.raises(ConfigError, match="has no URL"):
        Receiver(name="ops").address()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("whsec_" + "A" * 32, True),
        ("whsec_" + "A" * 84 + "==", True),
        ("whsec_" + "A" * 32 + "\nwhsec_" + "B" * 32, True),
        ("A" * 32, False),
        ("whsec_" + "A" * 28, False),
        ("whsec_" + "A" * 88, False),
        ("whsec_" + "A" * 31 + "!", False),
        ("whsec_" + "A" * 32 + " hush", False),
        ("whsec_\u0660", False),
        ("", False),
    ],
)
def test_secrets_of_standard_webhooks(text: str, good: bool) -> None:  # noqa: FBT001 - a column of the table
    """24 to 64 bytes in base64 behind the mark, one or more of them."""
    assert is_webhook_secret(text) is good


def test_every_credential_may_come_from_a_file(tmp_path: Path) -> None:
    """What a file holds is checked as what stands in the configuration is; what is not given is None."""
    file = tmp_path / "token"
    receiver = Receiver(name="ops", token_file=file)
    file.write_text(" one \n")
    assert receiver.credential("token") == "one"
    file.write_text("two")
    assert receiver.credential("token") == "two"
    assert receiver.credential("secret") is None
    file.write_text("two words of hush")
    with pytest.raises(ConfigError) as refused:
        receiver.credential("token")
    assert str(refused.value) == (
        f'receiver "ops": token_file {file} does not hold a token; '
        "write it without blanks, as it stands behind Bearer there, and nothing else"
    )


def test_pagerduty_has_an_address_of_its_own() -> None:
    """It is the same for all; another region's can be given."""
    assert Receiver(name="ops", format="pagerduty").address() == "https://events.pagerduty.com/v2/enqueue"
    eu = Secret("https://events.eu.pagerduty.com/v2/enqueue")
    assert Receiver(name="ops", format="pagerduty", url=eu).address() == eu.reveal()
