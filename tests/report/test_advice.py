import pytest

from agent.model.vocabulary import Depth, Dialect, Leak
from agent.report.advice import DEPTHS, LEAKS, debug_mend, debug_steps, may_use_iaik, notices

VALUE = "-Djavax.net.debug=ssl,handshake,keymanager,trustmanager"


def test_every_depth_has_words() -> None:
    """None is forgotten."""
    assert set(DEPTHS) == set(Depth)


@pytest.mark.parametrize(
    ("version", "iaik"), [(None, True), ("10.11", True), ("10.15", False), ("11.1", False), ("?", True)]
)
def test_only_old_versions_have_the_iaik_library(version: str | None, iaik: bool) -> None:  # noqa: FBT001  (a column of the table)
    """A version that nobody knows could be one of them."""
    assert may_use_iaik(version) is iaik


def test_steps_name_each_setting() -> None:
    """Wrapper, container, and the older library where nothing at all was seen."""
    steps = [(step.setting, step.value, step.restart) for step in debug_steps(Depth.NONE)]
    assert steps == [
        ("wrapper.java.additional.<n>", VALUE, True),
        ("JAVA_CUSTOM_OPTS", VALUE, True),
        ("watt.ssl.iaik.debug", "true", True),
    ]
    assert len(debug_steps(Depth.NONE, product_version="10.15")) == 2
    assert len(debug_steps(Depth.SHALLOW, dialects=[Dialect.JSSE])) == 2


def test_there_is_nothing_to_do_where_nothing_deeper_exists() -> None:
    """The older library has one depth only."""
    assert debug_steps(Depth.FULL) == ()
    assert debug_steps(Depth.SHALLOW, dialects=[Dialect.IAIK]) == ()


def test_the_mend_is_one_sentence() -> None:
    """It names the file that it is told, and the older library only where that may be in use."""
    jsse = (
        f"set wrapper.java.additional.<n>={VALUE} in /x/custom_wrapper.conf, <n> being the next free number "
        f'(Microservices Runtime: {VALUE} in JAVA_CUSTOM_OPTS; never "all"; not in '
        "watt.config.systemProperties, which splits at commas), and restart Integration Server"
    )
    conf = "/x/custom_wrapper.conf"
    assert (
        debug_mend(Depth.NONE, wrapper_conf=conf)
        == f"{jsse}; for connections that do not use JSSE set watt.ssl.iaik.debug=true as well"
    )
    assert debug_mend(Depth.NONE, product_version="10.15", wrapper_conf=conf) == jsse


def test_a_value_that_is_set_already_is_replaced() -> None:
    """A second line beside the first, or the property elsewhere, would leave it open which counts."""
    assert debug_mend(Depth.SHALLOW) == (
        f"set wrapper.java.additional.<n>={VALUE} in custom_wrapper.conf, in the line that sets "
        f"javax.net.debug now if there is one (Microservices Runtime: {VALUE} in JAVA_CUSTOM_OPTS; "
        'never "all"; take it out of '
        "watt.config.systemProperties, which wins and splits at commas), and restart Integration Server"
    )
    (step,) = debug_steps(Depth.SHALLOW, dialects=[Dialect.JSSE], wrapped=True)
    assert "in the line that sets javax.net.debug now" in step.text
    assert "Take it out of watt.config.systemProperties" in step.text


def test_secrets_in_the_log_are_the_first_thing_said() -> None:
    """Each kind has its own mend: a narrower value for data, another Java for keys."""
    data, keys = notices(Depth.FULL, dialects=[Dialect.JSSE_LEGACY], leaks=list(Leak), wrapped=True)
    assert "passwords among it" in data.text
    assert [(one.setting, one.value) for one in data.steps] == [
        ("wrapper.java.additional.<n>", "-Djavax.net.debug=ssl,handshake,keymanager,trustmanager")
    ]
    assert "decrypt recorded connections" in keys.text
    assert [one.setting for one in keys.steps] == [None, None]
    assert set(LEAKS) == set(Leak)


def test_a_shallow_log_that_leaks_needs_both_mends() -> None:
    """Too much of one thing does not make enough of another."""
    leaking, shallow = notices(Depth.SHALLOW, dialects=[Dialect.JSSE], leaks=[Leak.PLAINTEXT])
    assert leaking.steps == shallow.steps
    assert [one.setting for one in shallow.steps] == ["wrapper.java.additional.<n>", "JAVA_CUSTOM_OPTS"]


def test_nothing_is_said_of_a_log_that_is_as_it_should_be() -> None:
    """Full depth and no secret."""
    assert notices(Depth.FULL, dialects=[Dialect.JSSE]) == ()


def test_a_server_with_a_wrapper_has_a_file_for_the_value() -> None:
    """Where the wrapper's prefix stands, a container's variable does not matter."""
    assert [one.setting for one in debug_steps(Depth.SHALLOW, dialects=[Dialect.JSSE], wrapped=True)] == [
        "wrapper.java.additional.<n>"
    ]
