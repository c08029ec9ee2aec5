"""Lines of legacy JSSE that fit several threads: told to each of them as perhaps its own."""

from dataclasses import replace

from agent.assembly.engines import is_engine
from agent.assembly.threads import Thread
from agent.assembly.turns import direction
from agent.model.events import Event, Fact, FactKind, Perhaps, Said

_FACTS = frozenset(
    {
        *(FactKind.KEY_CHOSEN, FactKind.NO_CLIENT_CERTIFICATE, FactKind.NO_MATCHING_KEY),
        *(FactKind.ALIAS_IGNORED, FactKind.HANDSHAKE_ALERT),
    }
)
"""Facts that say something of a failure."""


def share(event: Event, threads: dict[str, Thread], names: list[str]) -> list[Event]:
    """Return an event as perhaps that of each thread; each is marked as one that may have said it.

    What says no more than its message's name, as a ServerHelloDone does, is left out.
    """
    what, told = event.what, []
    for name in names:
        thread = threads[name]
        speaker = replace(event.speaker, thread=None if is_engine(name) else name, key=name)
        if isinstance(what, Said):
            thread.unsure = True
            sent = direction(thread, what.message, empty=what.certificates == ())
            said = replace(what, sent=sent, role=thread.role)
            if said.hello or said.certificates is not None or said.authorities is not None:
                told.append(replace(event, speaker=speaker, what=Perhaps(said=said)))
        elif isinstance(what, Fact) and what.kind in _FACTS:
            told.append(replace(event, speaker=speaker, what=Perhaps(fact=what)))
    return told
