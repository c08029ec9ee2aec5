"""One attempt at a time: a request goes to a receiver, and what came back is judged.

The only door to httpx. A receiver's URL is a credential: it is in no error, log line or result of this
module, and the library's own log lines, which hold it, are turned off. Where a connection leads is looked at
when it stands and before a byte is sent, so that no change of the DNS in between can lead it elsewhere.
"""

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx

from agent import __version__
from agent.delivery.destination import ADVICE, RefusedAddressError, is_refused, literal
from agent.delivery.exchange import Exchange
from agent.delivery.posting import Posting, credentials, posting, shown
from agent.delivery.receiver import Receiver
from agent.delivery.retry import EXCEPTIONS, Failure, judge, wished
from agent.delivery.trial import trial_incident
from agent.errors import ConfigError
from agent.formats.setting import Setting
from agent.model.incident import Incident


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How one attempt went: `reason` is one of `REASONS` or None, `status` None without an answer.

    `retry_after` is what the answer asked for, in seconds.
    """

    ok: bool
    status: int | None
    reason: str | None
    seconds: float
    advice: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect, and for the whole of an attempt."""

    connect: float = 5.0
    total: float = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: no `failure` means that the message was taken."""

    failure: Failure | None
    status: int | None = None
    retry_after: str | None = None
    advice: str | None = None


class Courier:
    """Makes one attempt at a time.

    `setting` has the addresses that messages link to. `transport` takes the network's place in trials.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        setting: Setting | None = None,
        timeouts: Timeouts | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # noqa: TID251  (their lines hold URLs)
        self._clock = clock
        self._setting = setting or Setting()
        self._timeouts = timeouts or Timeouts()
        self._transport = transport
        self._client: httpx.Client | None = None
        self._made_of: object = None
        self._exchange: Exchange | None = None
        self.was_cut = False

    def post(self, receiver: Receiver, incident: Incident) -> Answer:
        """Send an incident to where its receiver is now, and wait for the answer's first lines.

        What fails on the way is in the answer; only an incident that its format cannot tell raises.
        """
        try:
            known = credentials(receiver)
            proxy = receiver.proxy()
        except ConfigError as error:  # the sentence names the file, never what is in it
            return Answer(EXCEPTIONS["connect"], advice=str(error))
        except Exception:  # noqa: BLE001  (it may hold a credential)
            return Answer(EXCEPTIONS["connect"])
        sent = posting(receiver, incident, self._setting, self._clock(), known)
        refused = None if receiver.allow_link_local else is_refused
        exchange = self._exchange = Exchange(self._timeouts.total, refused)
        try:
            url = httpx.URL(sent.url)
            if refused and refused(literal(url.host) or ""):
                raise RefusedAddressError  # noqa: TRY301  (as if the connection had been made)
            client = self._client_for(receiver, proxy)
            with (
                exchange,
                client.stream(
                    "POST",
                    url,
                    content=sent.body,
                    headers=sent.headers,
                    extensions={"trace": exchange.trace},
                ) as response,
            ):
                status = response.status_code
                return Answer(judge(status), status, response.headers.get("Retry-After"))
        except RefusedAddressError:
            return Answer(EXCEPTIONS["connect"], advice=ADVICE)
        except ConfigError as error:
            return Answer(EXCEPTIONS["tls"], advice=f'receiver "{receiver.name}": {error}')
        except Exception as error:  # noqa: BLE001  (any of them may hold the URL, none may end the thread)
            reason = "timeout" if exchange.cut_off else _reason(error)
            return Answer(EXCEPTIONS[reason])

    def send_now(self, receiver: Receiver, incident: Incident) -> ProbeResult:
        """Make one attempt outside of the outbox."""
        before = self._clock()
        answer = self.post(receiver, incident)
        seconds = (self._clock() - before).total_seconds()
        reason = None if answer.failure is None else answer.failure.reason
        wait = wished(answer.retry_after, self._clock())
        return ProbeResult(
            answer.failure is None,
            answer.status,
            reason,
            seconds,
            answer.advice,
            None if wait is None else wait.total_seconds(),
        )

    def shown(self, receiver: Receiver, incident: Incident) -> Posting:
        """Return what would be sent, credentials hidden; raises ConfigError where one cannot be had."""
        return shown(receiver, incident, self._setting, self._clock(), credentials(receiver))

    def probe(self, receiver: Receiver) -> ProbeResult:
        """Send a clearly marked test."""
        return self.send_now(receiver, trial_incident(self._clock()))

    def cut(self) -> None:
        """End the attempt that is under way in another thread, if there is one."""
        self.was_cut = True
        if self._exchange is not None:
            self._exchange.cut()

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()

    def _client_for(self, receiver: Receiver, proxy: str | None) -> httpx.Client:
        """Return a client that trusts what the receiver's files say now; raises ConfigError."""
        made_of = (receiver.trust, receiver.trust.stamp(), proxy)
        if self._client is None or made_of != self._made_of:
            context = receiver.trust.context(httpx.create_ssl_context)
            self.close()
            self._client = httpx.Client(
                headers={"User-Agent": f"wmtls/{__version__}"},
                timeout=httpx.Timeout(self._timeouts.total, connect=self._timeouts.connect),
                limits=httpx.Limits(max_keepalive_connections=0),
                follow_redirects=False,
                verify=context,
                proxy=proxy,
                transport=self._transport,
            )
            self._made_of = made_of
        return self._client


def _reason(error: BaseException) -> str:
    """Return the word for an exception; a TLS failure is told by what caused it, further down the chain."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return "tls"
        if isinstance(cause, httpx.TimeoutException):
            return "timeout"
        cause = cause.__cause__ or cause.__context__
    return "connect"
