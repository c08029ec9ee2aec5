from datetime import UTC

from agent.knowledge import catalogue
from agent.model.block import Block, Where
from agent.pipeline import Pipeline
from agent.tail.follower import TailState
from agent.tail.generation import Generation
from agent.tail.identity import Fingerprint
from agent.tally import Tally
from agent.tallying import Tallying

FIRST = (
    b"jvm 1    | ssl_debug(1): SSLException while handshaking: Server certificate rejected by ChainVerifier\n"
)


def block(identity: str, offset: int, data: bytes) -> Block:
    """Return lines of a file."""
    return Block(Where(f"{identity}.log", identity, offset, 1), data)


def test_lines_and_what_came_of_them_are_counted_by_file() -> None:
    """Two files, the first of them read on when the second was begun; silence belongs to the last read."""
    pipeline = Pipeline(catalogue.load(), UTC)
    tallying = Tallying(None, fresh=True, version="1.2")
    for one in (block("a", 0, b"one\ntwo\n"), block("b", 5, FIRST), block("a", 8, b"late\n")):
        tallying.read(one, pipeline.feed(one))
    tallying.silent(2.5, pipeline.quiet(2.5))
    tallying.silent(2.75, pipeline.quiet(2.75))
    assert tallying.since_commit() == [
        Tally(
            identity="a",
            file="a.log",
            first=0,
            end=13,
            read_bytes=13,
            lines=3,
            failed=1,
            fresh=True,
            mixed=True,
            version="1.2",
            silences=((13, 2.5),),
        ),
        Tally(
            identity="b",
            file="b.log",
            first=5,
            end=5 + len(FIRST),
            read_bytes=len(FIRST),
            lines=1,
            version="1.2",
        ),
    ]
    tallying.committed()
    assert tallying.since_commit() == []


def test_what_is_gone_on_from_is_known() -> None:
    """After a restart the files keep their order, and silence belongs to the last one."""
    saved = TailState(
        begun=True,
        generations=[Generation(Fingerprint(n, 0), identity=name, offset=9) for n, name in enumerate("ab")],
    )
    pipeline = Pipeline(catalogue.load(), UTC)
    pipeline.feed(block("b", 0, FIRST))
    tallying = Tallying(saved, fresh=False, version="1")
    tallying.silent(2.5, pipeline.quiet(2.5))
    tallying.read(block("a", 9, b"late\n"), [])
    tallying.known_by([Generation(Fingerprint(1, 0), identity="a", offset=14)])
    b, a = tallying.since_commit()
    assert (b.identity, b.file, b.silences, b.failed) == ("b", "", ((9, 2.5),), 1)
    assert (a.identity, a.mixed, a.fresh) == ("a", True, False)
    assert a.position is not None
