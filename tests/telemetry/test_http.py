"""The HTTP server, over real connections."""

import http.client
import socket
import socketserver
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from agent import metrics
from agent.errors import ConfigError
from agent.telemetry import http as telemetry_http
from agent.telemetry.http import CONNECTIONS, Pages, Server
from agent.telemetry.metrics import Metrics, Snapshot


class Agent:
    """The rest of the agent, as far as the server asks it."""

    def __init__(self) -> None:
        self.metrics = Metrics(version="1.2.3", revision="abc")
        self.turning = True
        self.reasons: list[str] = []

    def healthy(self) -> bool:
        """Tell whether the pipeline turns."""
        return self.turning

    def ready(self) -> list[str]:
        """Return what stands in the way; a reason of None is a fault of the agent."""
        if "broken" in self.reasons:
            raise RuntimeError(self.reasons)
        return self.reasons

    def pages(self) -> Pages:
        """Return what the server shows of this agent."""
        return Pages(
            registry=self.metrics.registry, healthy=self.healthy, ready=self.ready, version="<1.2.3>"
        )


@pytest.fixture
def agent() -> Agent:
    """Return an agent that is well."""
    return Agent()


@pytest.fixture
def server(agent: Agent) -> Iterator[Server]:
    """Return a server on a free port."""
    one = Server("127.0.0.1", 0, agent.pages())
    one.start()
    yield one
    one.close()


def ask(
    server: Server, path: str, *, method: str = "GET", accept: str = ""
) -> tuple[int, dict[str, str], str]:
    """Return status, headers and text of an answer."""
    connection = http.client.HTTPConnection(*server.address, timeout=10)
    try:
        connection.request(method, path, headers={"Accept": accept} if accept else {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def test_prometheus_reads_the_metrics(server: Server, agent: Agent) -> None:
    """A scrape in the text format gives every series, with type and help."""
    start = metrics.initial(["a"], ["ops"], ["timeout"])
    agent.metrics.publish(Snapshot(counters=start, gauges=metrics.initial_gauges(["a"], ["ops"])))
    status, headers, text = ask(server, "/metrics")
    families = {family.name: family for family in parse_text(text)}
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    shown = {
        name
        for name, metric in metrics.METRICS.items()
        if "subject" not in metric.labels
        and families[name.removesuffix("_total")].documentation == metric.help
        and families[name.removesuffix("_total")].type == metric.kind.value
    }
    assert shown == set(metrics.METRICS) - {"wmtls_peer_certificate_not_after_timestamp_seconds"}
    samples = [sample for family in families.values() for sample in family.samples]
    assert sum(sample.name.startswith("wmtls_") for sample in samples) == 1 + len(start) + len(
        metrics.initial_gauges(["a"], ["ops"])
    )
    assert "process_resident_memory_bytes" in families
    assert not [name for name in families if name.startswith("python_")]


def test_openmetrics_is_given_when_asked_for(server: Server, agent: Agent) -> None:
    """The stricter parser takes it too."""
    agent.metrics.publish(
        Snapshot(counters=metrics.initial(["a"], [], []), gauges=metrics.initial_gauges(["a"], []))
    )
    _, headers, text = ask(server, "/metrics", accept="application/openmetrics-text; version=1.0.0")
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    families = parse_openmetrics(text)  # type: ignore[no-untyped-call] # the library's
    names = {family.name for family in families}
    assert {"wmtls_handshakes", "wmtls_handshake_duration_seconds", "wmtls_build_info"} <= names


def test_health_follows_the_pipeline(server: Server, agent: Agent) -> None:
    """A pipeline that stands still turns health from 200 to 503."""
    assert ask(server, "/-/healthy")[::2] == (200, "wmtls is healthy\n")
    agent.turning = False
    assert ask(server, "/-/healthy")[::2] == (
        503,
        "wmtls is not healthy: the log pipeline stands still\n",
    )


def test_readiness_names_what_stands_in_the_way(server: Server, agent: Agent) -> None:
    """Each reason is a line."""
    assert ask(server, "/-/ready?x=1")[::2] == (200, "wmtls is ready\n")
    agent.reasons = ["log a: not there yet", "log b: 5 bytes behind"]
    assert ask(server, "/-/ready")[::2] == (503, "log a: not there yet\nlog b: 5 bytes behind\n")


def test_a_broken_page_is_an_internal_error(
    server: Server, agent: Agent, capsys: pytest.CaptureFixture[str]
) -> None:
    """The caller learns nothing of the inside, and the server goes on."""
    agent.reasons = ["broken"]
    assert ask(server, "/-/ready")[::2] == (500, "internal error\n")
    assert ask(server, "/-/healthy")[0] == 200
    capsys.readouterr()


def test_the_landing_page_links_and_is_escaped(server: Server) -> None:
    """A person who opens the port finds the three pages; no script could run."""
    status, headers, text = ask(server, "/")
    assert status == 200
    assert "&lt;1.2.3&gt;" in text
    assert [path for path in ("/metrics", "/-/healthy", "/-/ready") if f'href="{path}"' not in text] == []
    assert {name: headers.get(name) for name in ("Content-Security-Policy", "X-Content-Type-Options")} == {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    assert headers["Server"] == "wmtls"


def test_head_has_no_body(server: Server) -> None:
    """HEAD tells the length that GET would have."""
    status, headers, text = ask(server, "/-/healthy", method="HEAD")
    assert (status, headers["Content-Length"], text) == (200, "17", "")


@pytest.mark.parametrize("path", ["/favicon.ico", "/metrics/", "/..", "/-/"])
def test_any_other_path_is_not_found(path: str, server: Server) -> None:
    """There are four pages and no more."""
    assert ask(server, path)[::2] == (404, "not found\n")


def test_a_target_that_cannot_be_split_is_not_found(server: Server) -> None:
    """A request line may hold anything."""
    with socket.create_connection(server.address, timeout=10) as caller:
        caller.sendall(b"GET http://[x HTTP/1.1\r\n\r\n")
        assert caller.recv(4096).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("method", ["POST", "DELETE", "BREW"])
def test_any_other_method_is_refused(method: str, server: Server) -> None:
    """Nothing can be changed from outside."""
    status, headers, text = ask(server, "/metrics", method=method)
    assert (status, headers["Allow"], text) == (405, "GET, HEAD", "method not allowed\n")


def test_what_is_no_http_gets_a_short_answer(server: Server) -> None:
    """A TLS client on this port does not disturb the server, nor gets its own bytes back."""
    with socket.create_connection(server.address, timeout=10) as caller:
        caller.sendall(b"\x16\x03\x01 <script> x y\r\n\r\n")
        assert b"script" not in caller.recv(4096)
    assert ask(server, "/-/healthy")[0] == 200


def test_too_many_callers_are_turned_away(server: Server) -> None:
    """Callers that only hold a connection open cannot take all of the machine's threads."""
    held = [socket.create_connection(server.address, timeout=10) for _ in range(CONNECTIONS)]
    try:
        with socket.create_connection(server.address, timeout=10) as late:
            assert late.recv(4096).startswith(b"HTTP/1.1 503 ")
    finally:
        for one in held:
            one.close()


def test_a_caller_that_dawdles_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not keep a connection alive beyond its time."""
    with socket.create_connection(server.address, timeout=10) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        monkeypatch.setattr(telemetry_http, "CONNECTION_SECONDS", -1.0)
        assert slow.recv(4096) == b""


def test_a_machine_without_threads_to_spare_drops_the_caller(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller is let go, its place is given back, and the server goes on."""

    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(socketserver.ThreadingMixIn, "process_request", refuse)
        for _ in range(CONNECTIONS + 1):
            with socket.create_connection(server.address, timeout=10) as caller:
                assert caller.recv(4096) == b""
    assert ask(server, "/-/healthy")[0] == 200


def test_an_address_in_use_names_the_mend(server: Server, agent: Agent) -> None:
    """The second agent on one port ends with a sentence."""
    host, port = server.address
    with pytest.raises(ConfigError) as caught:
        Server(host, port, agent.pages())
    assert str(caught.value) == (
        f"http.listen {host}:{port} is in use by another program; stop that program or choose another port"
    )


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("192.0.2.1", "http.listen 192.0.2.1:1 is no address of this machine; name one of its addresses"),
        (
            "2001:db8::1",
            "http.listen [2001:db8::1]:1 is no address of this machine; name one of its addresses",
        ),
        ("a..b", "http.listen a..b:1 has a host name that cannot be resolved; write an IP address instead"),
    ],
)
def test_an_address_of_another_machine_names_the_mend(host: str, message: str, agent: Agent) -> None:
    """Addresses from the documentation ranges are nobody's."""
    with pytest.raises(ConfigError) as caught:
        Server(host, 1, agent.pages())
    assert str(caught.value) == message


def test_an_odd_error_of_the_system_is_passed_on() -> None:
    """Whatever the system says stands in the sentence."""
    assert str(telemetry_http.bind_error("h", 1, OSError(5, "Input/output error"))) == (
        "http.listen h:1 cannot be bound (Input/output error); choose another address"
    )


def test_closing_frees_the_address(agent: Agent) -> None:
    """A server that was closed, started or not, leaves its port to the next one."""
    one = Server("127.0.0.1", 0, agent.pages())
    host, port = one.address
    one.close()
    two = Server(host, port, agent.pages())
    two.start()
    two.close()
    Server(host, port, agent.pages()).close()
