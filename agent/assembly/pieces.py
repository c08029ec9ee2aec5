"""Which handshake a piece goes on with, and what is certain of it then: see `relay`."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from agent.assembly.draft import Common, Draft, within
from agent.assembly.order import agree, asked, awaits, first_of, heard, placed, shown
from agent.assembly.transitions import State
from agent.assembly.triggers import LATE_VERDICT_SECONDS
from agent.model.events import Fact, FactKind
from agent.model.handshake import Shared
from agent.model.tls import CERTIFICATE_ALERTS, Message
from agent.model.vocabulary import Role

CANDIDATES_LIMIT = 256
"""Handshakes that are looked at for a piece, the ones heard of last."""

PIECES_LIMIT = 16
"""Later pieces that are looked at for what they need."""

_HELLO_ALERTS = frozenset(
    {"protocol_version", "unrecognized_name", "no_application_protocol", "inappropriate_fallback"}
)
"""Alerts that a server answers a hello with, and nothing that comes later."""


def candidates(
    piece: Draft, drafts: Iterable[Draft], turning: Iterable[str], later: Iterable[Draft] = ()
) -> list[Draft]:
    """Return the handshakes that a piece can be of, first the one to take.

    `drafts` are those heard of last, first; `turning` are threads known to take turns, which leave no doubt
    that others are not meant; `later` are pieces that have to be joined too. Taken is what waits for longest,
    unless a later piece can only be of that one.
    """
    seen = list(islice(drafts, CANDIDATES_LIMIT))
    able = _able(piece, seen)
    if len(able) > 1:
        same = [draft for draft in able if _same_session(draft, piece)]
        known = {*turning, piece.thread}
        able = same or [draft for draft in able if draft.thread in known] or able
    if len(able) > 1:
        needs = [able, *(_able(other, seen) for other in islice(later, PIECES_LIMIT))]
        taken = _match(needs)
        able.sort(key=lambda draft: draft is not taken)
    return able


def _able(piece: Draft, drafts: Iterable[Draft]) -> list[Draft]:
    """Return the handshakes that a piece fits, the one that waits for longest first.

    An alert is the likeliest answer to a Certificate message without a certificate.
    """
    told_off = alone(piece)
    able = [draft for draft in drafts if _fits(draft, piece)]
    if told_off and _on_socket(piece):
        return sorted(able, key=lambda draft: draft.spoke)[-1:]  # which its thread spoke of last
    return sorted(able, key=lambda draft: (not (told_off and shown(draft, empty=True)), draft.spoke))


def _match(needs: list[list[Draft]]) -> Draft:
    """Return what the first piece takes when as many as possible get one each (augmenting paths)."""
    taken: dict[int, int] = {}

    def find(piece: int, tried: set[int]) -> bool:
        for draft in needs[piece]:
            if id(draft) in tried:
                continue
            tried.add(id(draft))
            if id(draft) not in taken or find(taken[id(draft)], tried):
                taken[id(draft)] = piece
                return True
        return False

    for piece in range(len(needs)):
        find(piece, set())
    return next(draft for draft in needs[0] if taken.get(id(draft)) == 0)


def gone(draft: Draft, pieces: Iterable[Draft]) -> bool:
    """Return whether a handshake may have gone on with one of the pieces that are not joined yet."""
    return bool(fitting(draft, pieces))


def fitting(draft: Draft, pieces: Iterable[Draft]) -> list[Draft]:
    """Return those of the pieces with a message of their own that a handshake can go on with, two at most."""
    some = islice(pieces, CANDIDATES_LIMIT)
    return list(islice((piece for piece in some if not alone(piece) and _fits(draft, piece)), 2))


def proven(piece: Draft, drafts: Iterable[Draft]) -> bool:
    """Return whether the session id, or a renegotiation asked for, tells which handshake a piece is of."""
    return any(
        _fits(draft, piece) and (piece.renegotiation or _same_session(draft, piece)) for draft in drafts
    )


def _fits(head: Draft, piece: Draft) -> bool:
    """Return whether a handshake can go on with a piece."""
    if head is piece or head.spoke >= piece.began or head.speaker.dialect is not piece.speaker.dialect:
        return False
    first = first_of(piece)
    if first is None:
        return _refused(head, piece)
    if head.state is not State.TALKING or not agree(head, piece) or first.name not in awaits(head):
        return False
    if first.name == Message.CLIENT_HELLO:
        return piece.renegotiation if head.renegotiation else _same_session(head, piece)
    return first.name != Message.SERVER_HELLO or _chosen(head, piece)


def _chosen(head: Draft, piece: Draft) -> bool:
    """Return whether a ServerHello chooses what a ClientHello offers."""
    hello = head.hello
    if hello is not None:
        if hello.versions and piece.protocol and piece.protocol not in hello.versions:
            return False
        if hello.suites and piece.cipher_suite and piece.cipher_suite not in hello.suites:
            return False
    echoed = piece.modern and head.session and piece.session
    return not echoed or head.session == piece.session


def _same_session(head: Draft, piece: Draft) -> bool:
    first = first_of(piece)
    hello = first is not None and first.name in {Message.SERVER_HELLO, Message.CLIENT_HELLO}
    return hello and head.session is not None and head.session == piece.session


def _refused(head: Draft, piece: Draft) -> bool:
    """Return whether an alert, alone on its thread, can be of a handshake."""
    if not piece.alerts or not piece.failures or not answers(piece.alerts[0].description, head):
        return False
    if head.state is State.TALKING:
        if _on_socket(piece):
            return head.thread == piece.thread
        return piece.failures[0].engine is True and bool(awaits(head))
    return (
        head.state is State.FINISHED
        and head.role is Role.CLIENT
        and head.protocol == "TLSv1.3"
        and asked(head)
        and not head.ticketed
        and piece.alerts[0].description in CERTIFICATE_ALERTS
        and within(head.ended_at, piece.started_at, LATE_VERDICT_SECONDS)
    )


def _on_socket(piece: Draft) -> bool:
    """Return whether stack frames show that a failure is that of a socket: its handshake is one thread's."""
    return bool(piece.failures) and piece.failures[0].engine is False


def answers(alert: str, head: Draft) -> bool:
    """Return whether an alert can be an answer to what was sent last.

    Some are answers to a client's hello, some to a certificate; and a client says what it thinks of the
    server's certificate before anything else.
    """
    if alert in _HELLO_ALERTS:
        return head.role is Role.CLIENT and not heard(head)
    if alert not in CERTIFICATE_ALERTS:
        return True
    return shown(head) and not (head.role is Role.SERVER and heard(head))


def join(piece: Draft, rivals: list[Draft]) -> Draft:
    """Return the handshake that goes on with a piece: the first of `rivals`, which all can be it."""
    head = rivals[0]
    common = _own(head)
    for rival in rivals[1:]:
        common = _meet(common, _own(rival))
    if len(rivals) > 1:
        for rival in rivals:
            rival.common = common
    elif _same_session(head, piece):
        head.common = None
    if head.common is not None:
        _reduce(head, head.common, piece)
    _append(head, piece)
    return head


def alone(piece: Draft) -> bool:
    """Return whether a piece has no message, but an alert."""
    return first_of(piece) is None


def verdict_on(finished: Draft, pieces: Iterable[Draft]) -> bool:
    """Return whether one of the pieces can be the server's verdict on a client that has finished."""
    return any(_fits(finished, piece) for piece in pieces if alone(piece))


def _own(draft: Draft) -> Common:
    hello = draft.hello and replace(draft.hello, session=None)
    seen = Common(
        role=draft.role,
        hello=hello,
        protocol=draft.protocol,
        cipher_suite=draft.cipher_suite,
        own_chain=draft.own_chain,
        peer_chain=draft.peer_chain,
        authorities=draft.authorities,
        steps=[step for step in draft.steps if placed(step)],
        facts=list(draft.facts),
    )
    return _meet(seen, draft.common) if draft.common else seen


def _meet(one: Common, other: Common) -> Common:
    """Return what two have in common; of two hellos nothing unless they are equal, absences included."""
    names = [(step.name, step.sent, step.empty) for step in one.steps]
    return Common(
        role=one.role if one.role is other.role else Role.UNKNOWN,
        hello=one.hello if one.hello == other.hello else None,
        protocol=one.protocol if one.protocol == other.protocol else None,
        cipher_suite=one.cipher_suite if one.cipher_suite == other.cipher_suite else None,
        own_chain=one.own_chain if one.own_chain == other.own_chain else None,
        peer_chain=one.peer_chain if one.peer_chain == other.peer_chain else None,
        authorities=one.authorities if one.authorities == other.authorities else None,
        steps=one.steps if names == [(step.name, step.sent, step.empty) for step in other.steps] else [],
        facts=[fact for fact in one.facts if fact in other.facts],
    )


def _reduce(head: Draft, common: Common, piece: Draft) -> None:
    """Take from a handshake what is not certain to be its own; where it began is not certain either."""
    head.mingled = True
    head.speaker, head.first, head.started_at = piece.speaker, piece.first, piece.started_at
    head.role, head.protocol, head.cipher_suite = common.role, common.protocol, common.cipher_suite
    head.hello = common.hello
    head.own_chain, head.peer_chain = common.own_chain, common.peer_chain
    head.authorities = common.authorities
    head.steps = list(common.steps)
    head.facts = [*common.facts] if common.steps else [*common.facts, Fact(FactKind.UNDER_WAY)]
    head.shared = [Shared(line.at, line.text) for line in head.evidence]
    head.evidence, head.read_at = [], {}
    head.session = head.common = head.clocks = None


def _append(head: Draft, piece: Draft) -> None:
    """Let a handshake go on with a piece."""
    head.last, head.thread, head.spoke = piece.last, piece.thread, piece.spoke
    head.started_at = head.started_at or piece.started_at
    head.ended_at = piece.ended_at or head.ended_at
    head.heard = piece.heard or head.heard
    head.clocks = head.clocks or piece.clocks
    if head.role is Role.UNKNOWN:
        head.role = piece.role
    for side in piece.finished_sides:
        head.finish(side)
    head.hello = piece.hello or head.hello
    head.session = piece.session or head.session
    head.protocol = piece.protocol or head.protocol
    head.modern = head.modern if piece.modern is None else piece.modern
    head.cipher_suite = piece.cipher_suite or head.cipher_suite
    head.renegotiation = head.renegotiation or piece.renegotiation
    head.own_chain = head.own_chain if piece.own_chain is None else piece.own_chain
    head.peer_chain = head.peer_chain if piece.peer_chain is None else piece.peer_chain
    head.authorities = head.authorities if piece.authorities is None else piece.authorities
    head.received = piece.received if piece.hello else [*head.received, *piece.received]
    head.extend(piece)
    if piece.state is not State.TALKING:
        head.state = piece.state
    elif head.both_finished:
        head.state = State.FINISHED
