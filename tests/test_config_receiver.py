"""How a receiver's URL is had."""

from pathlib import Path

import pytest

from agent.config_receiver import Receiver
from agent.errors import ConfigError


def test_the_url_file_is_read_at_each_call(tmp_path: Path) -> None:
    """A rotated credential is picked up without a restart."""
    place = tmp_path / "url"
    receiver = Receiver(name="ops", url_file=place)
    place.write_text("https://one.example.com/x\n")
    assert receiver.url() == "https://one.example.com/x"
    place.write_text("https://two.example.com/x")
    assert receiver.url() == "https://two.example.com/x"


@pytest.mark.parametrize("data", [b"hush", b"", b"\xff", b"https://a/hush\nhttps://b/hush"])
def test_a_url_file_without_a_url_is_named_but_not_quoted(data: bytes, tmp_path: Path) -> None:
    """The message names the file and not its content."""
    place = tmp_path / "url"
    place.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        Receiver(name="ops", url_file=place).url()
    assert str(caught.value) == (
        f'receiver "ops": url_file {place} does not hold an http or https URL; '
        "write one there, on a line of its own"
    )


def test_a_missing_url_file_is_named(tmp_path: Path) -> None:
    """The message says what to do about it."""
    place = tmp_path / "url"
    with pytest.raises(ConfigError) as caught:
        Receiver(name="ops", url_file=place).url()
    assert str(caught.value) == (
        f'receiver "ops": url_file {place} cannot be read (No such file or directory); '
        "create it or mend its permissions"
    )


def test_a_receiver_built_without_a_url_says_so() -> None:
    """A receiver that did not come from a file can lack all three sources."""
    with pytest.raises(ConfigError, match="has no URL"):
        Receiver(name="ops").url()
