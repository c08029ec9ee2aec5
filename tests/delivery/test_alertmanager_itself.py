"""The real Alertmanager: what it shows of alerts that we send, and what it tells others."""

import json
import queue
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from agent.delivery.courier import Courier
from agent.delivery.receiver import Receiver
from agent.delivery.rehearsal import Rehearsal
from agent.delivery.sender import Sender
from agent.formats.alertmanager import RESEND
from agent.model.incident import Incident
from agent.model.vocabulary import IncidentEvent, Resolution
from agent.store import Commit, Store
from tests.formats import conftest as incidents
from tests.formats.samples import SETTING

Serve = Callable[..., Any]  # FakeReceiver of conftest.py, which cannot be imported
ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
PATIENCE = 30.0

pytestmark = pytest.mark.skipif(
    ALERTMANAGER is None, reason="needs Alertmanager (Debian: apt install prometheus-alertmanager)"
)
incident, failure, storm, gap = incidents.incident, incidents.failure, incidents.storm, incidents.gap

CONFIG = """
route: {{receiver: us, group_by: [fingerprint], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: us
    webhook_configs: [{{url: "{url}", send_resolved: true}}]
"""


@dataclass
class Alertmanager:
    """One that runs, and the receiver that it tells."""

    url: str
    told: Any

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that fire."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=PATIENCE) as answer:  # noqa: S310  (loopback)
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def tells(self, status: str) -> dict[str, Any]:
        """Return the first alert of the next notification with a status."""
        while True:
            try:
                body = json.loads(self.told.take().body)
            except queue.Empty:
                pytest.fail(f"no notification is {status}")
            if body["status"] == status:
                alert: dict[str, Any] = body["alerts"][0]
                return alert


@pytest.fixture
def run_alertmanager(serve: Serve, tmp_path: Path) -> Iterator[Callable[[], Alertmanager]]:
    """Run Alertmanager, each with a receiver that it tells of alerts."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(running(serve(), Path(tempfile.mkdtemp(dir=tmp_path))))


@pytest.fixture
def alertmanager(run_alertmanager: Callable[[], Alertmanager]) -> Alertmanager:
    """Return one that runs."""
    return run_alertmanager()


@contextmanager
def running(told: Any, place: Path) -> Iterator[Alertmanager]:
    """Run Alertmanager until it is no longer needed."""
    (place / "config.yml").write_text(CONFIG.format(url=told.url))
    process = subprocess.Popen(  # noqa: S603  (found on this machine, with arguments of our own)
        [
            str(ALERTMANAGER),
            f"--config.file={place / 'config.yml'}",
            f"--storage.path={place / 'data'}",
            "--web.listen-address=127.0.0.1:0",
            "--cluster.listen-address=",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    impatient = Timer(PATIENCE, process.kill)
    impatient.start()
    try:
        address = address_of(process)
        impatient.cancel()
        yield Alertmanager(f"http://{address}", told)
    finally:
        impatient.cancel()
        process.terminate()
        process.communicate()


def address_of(process: "subprocess.Popen[str]") -> str:
    """Return where it listens, as it says when it does."""
    said = []
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        found = re.search(r'msg="Listening on" address=(\S+)', line)
        if found:
            return found[1]
    pytest.fail("".join(said))


@pytest.fixture
def now() -> datetime:
    """Return the time: Alertmanager has a clock of its own, and no way to give it another."""
    return datetime.now(UTC)  # noqa: TID251  (see above)


def test_an_alert_fires_and_is_resolved(
    alertmanager: Alertmanager, incident: Incident, now: datetime
) -> None:
    """Its API shows it with its labels and annotations, then no more; others are told of both."""
    courier = Courier(clock=lambda: now, setting=SETTING)
    ops = Receiver("ops", "alertmanager", lambda: alertmanager.url)
    begun = replace(incident, first_seen=now - timedelta(hours=1), last_seen=now, at=now)
    assert courier.post(ops, begun).failure is None
    (alert,) = alertmanager.alerts()
    assert alert["labels"] == {
        "alertname": "WmtlsHandshakesFail",
        "instance": "is-prod-1",
        "log": "default",
        "severity": "error",
        "fingerprint": "f" * 32,
        "issue": "server_certificate_rejected",
        "cause": "expired",
        "role": "client",
    }
    assert alert["annotations"]["summary"] == "Server certificate rejected (expired): is.example.com"
    assert datetime.fromisoformat(alert["startsAt"]) == begun.first_seen.replace(
        microsecond=begun.first_seen.microsecond // 1000 * 1000
    )
    assert alertmanager.tells("firing")["labels"] == alert["labels"]

    assert courier.post(ops, replace(begun, event=IncidentEvent.UPDATED, count=9)).failure is None
    assert len(alertmanager.alerts()) == 1
    over = replace(begun, event=IncidentEvent.RESOLVED, resolution=Resolution.SUCCESS)
    assert courier.post(ops, over).failure is None
    courier.close()
    assert alertmanager.alerts() == []
    assert alertmanager.tells("resolved")["labels"] == alert["labels"]


def test_every_sample_is_taken_and_nothing_is_left_open(alertmanager: Alertmanager, now: datetime) -> None:
    """`wmtls notify --test` leaves no alert behind."""
    courier = Courier(clock=lambda: now, setting=SETTING)
    rehearsal = Rehearsal(courier, lambda _: None)
    list(rehearsal.send([Receiver("ops", "alertmanager", lambda: alertmanager.url)], now))
    courier.close()
    assert rehearsal.failed == 0
    assert alertmanager.alerts() == []


def test_what_goes_on_is_shown_again_after_a_restart(
    run_alertmanager: Callable[[], Alertmanager], tmp_path: Path, incident: Incident, now: datetime
) -> None:
    """Alertmanager forgets alerts when it restarts: within a minute it knows again, until the end is told."""
    one, two = run_alertmanager(), run_alertmanager()
    clock = [now]
    answers: queue.Queue[str] = queue.Queue()
    urls = [two.url, one.url]
    ops = Receiver("ops", "alertmanager", lambda: urls[-1], again=RESEND)
    begun = replace(incident, first_seen=now, last_seen=now, at=now)
    over = replace(begun, id="2" * 32, event=IncidentEvent.RESOLVED, resolution=Resolution.SUCCESS)
    with Store.open(tmp_path / "state") as store:
        store.commit(Commit(at=now, outbox=[("ops", begun)]))
        sender = Sender([ops], store, lambda change: answers.put(change.happening), lambda: clock[0], float)
        sender.start()
        assert one.tells("firing")["annotations"]["with"] == "is.example.com"
        urls.pop()
        clock[0] = now + RESEND
        sender.notify()
        assert two.tells("firing")["labels"]["fingerprint"] == "f" * 32
        store.commit(Commit(at=now, outbox=[("ops", over)]))
        sender.notify()
        assert two.tells("resolved")["labels"]["fingerprint"] == "f" * 32
        sender.stop()
    assert two.alerts() == []
    assert answers.empty()
