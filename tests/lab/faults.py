"""What is wrong in a scenario, and what each end can honestly say of it.

The words are those of `agent.model.vocabulary`. A fault is known beforehand; which end saw what of it, and
whether an alert arrived, is only known from the notes of the ends (`tests.lab.labels`).
"""

from dataclasses import dataclass, replace
from typing import Literal

Pair = tuple[str, str]
"""Issue and cause; the cause `*` takes any."""

Decider = Literal["client", "server", "peer", "nobody"]

ANY = "*"

CHAIN_CAUSES = ("untrusted_issuer", "self_signed", "missing_intermediate")
"""One and the same text of JSSE; only the certificates, where they are printed, tell these apart."""

SERVER, CLIENT, MISSING = (
    "server_certificate_rejected",
    "client_certificate_rejected",
    "client_certificate_missing",
)
V1 = "x509_v1_certificate"

AFTER_HELLO = ("local_configuration", "negotiation", "policy", "sni")
"""What a bare alert right after the hello can mean to the end that receives it."""

UNPRINTED = (SERVER, CLIENT, MISSING, "negotiation")
"""What a received alert can mean as well where the messages of the handshake are not printed."""

UNTOLD: tuple[Pair, ...] = (("interrupted", ANY), ("unclassified", ANY))
"""What is right as well where an end was told nothing."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, by who finds it out."""

    by: Decider
    """`peer` is an end whose log nobody sees, `nobody` the network."""
    right: tuple[Pair, ...]
    """What is right for the end that finds it out; with more than one, the log cannot tell."""
    shallow: tuple[Pair, ...] = ()
    """What is right too where no messages are printed."""
    also: tuple[str, ...] = ()
    """Issues that the end that finds it out may list, since the log alone cannot decide."""
    also_shallow: tuple[str, ...] = ()
    told: tuple[Pair, ...] = ()
    """What is right for the other end; by default any cause of the same issues."""
    also_told: tuple[str, ...] = ()
    unseen: bool = False
    """The log need not show it: no byte of a handshake has passed."""
    engine: bool = False
    """The ends are engines, which never hear what becomes of the connection: the log need not show that."""
    late: bool = False
    """Found out after a handshake that was completed: a renegotiation, which fails on its own."""
    riddle: tuple[str, ...] = ()
    """Issues that the other end may list if what it got was no alert that it could read."""

    @property
    def issues(self) -> tuple[str, ...]:
        """Return the issues, each once."""
        return tuple(dict.fromkeys(issue for issue, _ in self.right))

    @property
    def others(self) -> tuple[Pair, ...]:
        """Return what is right for the end that did not find it out."""
        return self.told or tuple((issue, ANY) for issue in self.issues)


def _refused(issue: str, by: Decider, causes: tuple[str, ...]) -> Fault:
    shallow = ("undetermined", *CHAIN_CAUSES) if causes[0] in CHAIN_CAUSES else ()
    return Fault(by, tuple((issue, c) for c in causes), tuple((issue, c) for c in shallow))


def server_refused(*causes: str) -> Fault:
    """Return the fault of a server certificate that the client refuses."""
    return _refused(SERVER, "client", causes)


def client_refused(*causes: str) -> Fault:
    """Return the fault of a client certificate that the server refuses."""
    return _refused(CLIENT, "server", causes)


def v1_issuer(refused: Fault) -> Fault:
    """Return the fault of a chain over a certificate of version 1, from that of a refusal."""
    issue = refused.issues[0]
    return replace(
        refused,
        right=((V1, "issuer_is_v1"),),
        shallow=((issue, "not_a_ca"), (issue, "undetermined")),
        also_shallow=(V1,),
        told=((issue, ANY), (V1, ANY)),
    )


def not_ca(refused: Fault) -> Fault:
    """Return the fault of an intermediate without the right to issue, which is told like version 1."""
    issue = refused.issues[0]
    return replace(refused, shallow=((issue, "undetermined"),), also_shallow=(V1,))


def missing(own: str, *, more: tuple[Pair, ...] = ()) -> Fault:
    """Return the fault of a client that sends none: the server cannot know why, the client may."""
    return Fault(
        "server",
        ((MISSING, "undetermined"), *more),
        told=((MISSING, own), (MISSING, "undetermined")),
    )


def negotiation(by: Decider, *causes: str, also: tuple[str, ...] = ()) -> Fault:
    """Return the fault of ends that have nothing in common."""
    return Fault(by, tuple(("negotiation", c) for c in causes), also=also, also_told=AFTER_HELLO)


SERVER_KEY_MISSING = Fault(
    "server",
    (
        ("local_configuration", "server_key_missing"),
        ("negotiation", "cipher_suite"),
        ("negotiation", "signature_algorithm"),
    ),
    also=("local_configuration", "negotiation"),
    also_told=AFTER_HELLO,
)

TRUST_STORE_EMPTY = Fault(
    "client",
    (("local_configuration", "truststore_empty"), (SERVER, "undetermined")),
    also=("local_configuration",),
    told=((SERVER, ANY), ("local_configuration", ANY), ("unclassified", ANY)),
    also_told=("local_configuration", SERVER),
)

NAME_UNKNOWN = Fault(
    "server",
    (("sni", "name_not_recognized"),),
    also=("sni",),
    also_told=("interrupted", "negotiation", "sni"),
)

NAME_NOT_SENT = Fault(
    "client",
    (("sni", "name_not_sent"), (SERVER, "name_mismatch")),
    also=("sni",),
    also_told=("interrupted", "negotiation", "sni"),
)

INTERRUPTED = Fault("nobody", (("interrupted", ANY),), also=("interrupted",))

PROBE = replace(INTERRUPTED, unseen=True)


# without messages nothing tells whether it is a request or a reply: the role is not in the text
PLAIN_REQUEST = Fault("server", (("not_tls", "plaintext_request"),), (("not_tls", "undetermined"),))
PLAIN_REPLY = Fault("client", (("not_tls", "plaintext_reply"),), (("not_tls", "undetermined"),))


def policy(by: Decider, cause: str, *, late: bool = False) -> Fault:
    """Return the fault of something that an end could do and must not."""
    return Fault(by, (("policy", cause),), also_told=AFTER_HELLO, late=late)


def integrity(by: Decider, *causes: str) -> Fault:
    """Return the fault of bytes that were changed on the way, or never were right."""
    return Fault(by, tuple(("integrity", c) for c in causes), also_told=("integrity", "unclassified"))
