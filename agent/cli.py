"""The `wmtls` command: run, explain, check, audit, notify, outbox.

Every subcommand imports what it needs when it is called, so that `explain` loads no HTTP client and no
metrics. Exit codes: 0 fine, 1 for `explain --exit-code` that found failures and for `audit` that found a
difference, 130 for Ctrl-C, and those of `agent.errors`.

The module is longer than most because it holds what every subcommand says of itself.
"""

import argparse
import io
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, Self

from agent import __version__
from agent.errors import ConfigError, UsageError, WmtlsError

if TYPE_CHECKING:
    from types import TracebackType

    from tqdm import tqdm

BAR_BYTES = 20_000_000
"""Input that is read in the blink of an eye gets no progress bar."""

INTERRUPTED = 130  # 128 + SIGINT, as shells say
_FAULT = 70  # EX_SOFTWARE of sysexits.h

_DESCRIPTION = """\
Follows the wrapper.log of webMethods Integration Server, puts TLS handshakes together out of its debug
output, and tells which failed, why, who must act and what to change."""

_EXAMPLES = """\
examples:
  wmtls explain wrapper.log                        what failed in a finished log, and why
  wmtls check --config /etc/wmtls/config.toml      is everything in place to follow it?
  wmtls run --config /etc/wmtls/config.toml        follow it: metrics, and incidents to receivers

"wmtls COMMAND --help" tells more of each."""

_EXPLAIN_EXAMPLES = """\
examples:
  wmtls explain wrapper.log
  wmtls explain wrapper.log wrapper.log.1 wrapper.log.2.gz    rotated files, in any order
  kubectl logs my-pod | wmtls explain -                       standard input
  wmtls explain --format jsonl wrapper.log | jq .summary      for programs
  wmtls explain --format markdown wrapper.log > ticket.md     for a ticket
  wmtls explain --format html wrapper.log > report.html       for a browser, paper, or mail
  wmtls explain --exit-code wrapper.log || echo failures      for scripts

Nothing is changed, stored or sent."""

_RUN_EXAMPLE = """\
example:
  wmtls run --config /etc/wmtls/config.toml

Runs in the foreground until SIGTERM or SIGINT; systemd or a container restarts it."""

_CHECK_EXAMPLE = """\
example:
  sudo -u wmtls wmtls check --config /etc/wmtls/config.toml

Looks at the configuration, the permissions on logs and state, the receivers' URLs and the depth of the
debug output. Changes and sends nothing. Exit code 78 when something would keep the agent from its work."""

_AUDIT_EXAMPLES = """\
examples:
  wmtls audit --config /etc/wmtls/config.toml
  wmtls audit --format jsonl --config /etc/wmtls/config.toml | jq 'select(.verdict == "different")'

Reads the log files that are still there, up to where the agent has read them, and compares lines, bytes and
handshakes with what the agent has counted of each. Changes nothing, and may run while the agent runs. Exit
code 1 when a file holds other than was counted."""

_NOTIFY_EXAMPLE = """\
example:
  wmtls notify --config /etc/wmtls/config.toml --test

Sends a sample of every event, clearly marked as a test, to every receiver, and tells what each answered. With
--dry-run prints the requests instead."""


_OUTBOX_EXAMPLE = """\
examples:
  sudo -u wmtls wmtls outbox list --config /etc/wmtls/config.toml
  sudo -u wmtls wmtls outbox retry --config /etc/wmtls/config.toml            all that was given up
  sudo -u wmtls wmtls outbox drop --config /etc/wmtls/config.toml 17 18       these two

Works beside a running agent. A message keeps its id, however often it is tried."""


class _Parser(argparse.ArgumentParser):
    """Complains in one sentence, with the exit code of all other wrong calls."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    code = _answer(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        # let the interpreter flush what is left to nowhere, or it would complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if code == 0 and not isinstance(error, BrokenPipeError):
            return _told(f"the output cannot be written ({error.strerror}); make room for it", _FAULT)
    return code


def _answer(arguments: Sequence[str] | None) -> int:
    debug = False
    try:
        options = _parser().parse_args(arguments)
        debug = getattr(options, "debug", False)
        act: Callable[[argparse.Namespace], int] = options.act
        return act(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    except WmtlsError as error:
        return _told(str(error), error.exit_code, debug=debug)
    except OSError as error:
        named = f"{error.filename}: " if isinstance(error.filename, str) else ""
        said = (error.strerror or type(error).__name__).lower()
        return _told(f"{named}{said}; run it again with --debug to see where", _FAULT, debug=debug)
    except Exception as error:  # noqa: BLE001  (the last door; the text of a fault of ours may hold a secret)
        return _told(
            f"internal fault ({type(error).__name__}); run it again with --debug and report what it prints",
            _FAULT,
            debug=debug,
        )


def _told(sentence: str, code: int, *, debug: bool = False) -> int:
    from agent.formats.words import printable  # noqa: PLC0415  (only where needed)

    if debug:
        traceback.print_exc()
    sys.stderr.write(f"wmtls: {printable(sentence)}\n")
    return code


# -- arguments ---------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False)
    shared.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
    )
    parser = _Parser(
        prog="wmtls",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
    )
    parser.add_argument("--version", action="version", version=f"wmtls {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def command(name: str, words: str, example: str, act: Callable[[argparse.Namespace], int]) -> _Parser:
        made = commands.add_parser(
            name,
            help=words,
            description=f"{words[0].upper()}{words[1:]}.",
            epilog=example,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[shared],
        )
        made.set_defaults(act=act)
        return made

    _config(command("run", "follow the logs, count, and post incidents", _RUN_EXAMPLE, _run))
    _explain_options(
        command("explain", "read finished logs once and tell what failed", _EXPLAIN_EXAMPLES, _explain)
    )
    _config(command("check", "try everything that run would need", _CHECK_EXAMPLE, _check))
    audit = command("audit", "count the logs again and compare with the state", _AUDIT_EXAMPLES, _audit)
    _config(audit)
    audit.add_argument(
        "--format", choices=("text", "jsonl"), default="text", help="how to tell it (default: text)"
    )
    notify = command("notify", "send a test of every event to every receiver", _NOTIFY_EXAMPLE, _notify)
    _config(notify)
    notify.add_argument("--test", action="store_true", required=True, help="yes, send them")
    notify.add_argument(
        "--dry-run", action="store_true", help="print the requests, credentials hidden, and send nothing"
    )
    _outbox_options(
        command("outbox", "see what waits or was given up, try it again or drop it", _OUTBOX_EXAMPLE, _outbox)
    )
    return parser


def _config(parser: _Parser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, required=True, help="the configuration, TOML")


def _outbox_options(parser: _Parser) -> None:
    parser.add_argument("action", choices=("list", "retry", "drop"), help="what to do")
    parser.add_argument(
        "numbers", metavar="NUMBER", nargs="*", type=int, help="messages as list has them (default: given up)"
    )
    parser.add_argument("--receiver", metavar="NAME", help="only messages for this receiver")
    _config(parser)


def _explain_options(parser: _Parser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a log, plain or .gz; - is standard input")
    parser.add_argument(
        "--format",
        choices=("text", "jsonl", "markdown", "html"),
        default="text",
        help="how to tell it (default: text)",
    )
    parser.add_argument("--all", action="store_true", help="tell of handshakes that did not fail, too")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 when a handshake failed")
    parser.add_argument(
        "--product-version",
        metavar="VERSION",
        help="of Integration Server, as 10.5: tell only remedies that fit it (default: the one that the log "
        "names, else remedies for all)",
    )
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        help="of log times that name none, as Europe/Berlin (default: this machine's)",
    )
    parser.add_argument(
        "--catalogue", metavar="DIR", type=Path, help="a directory with diagnoses of your own, TOML files"
    )


# -- commands ----------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    from agent import app  # noqa: PLC0415  (only where needed)

    return app.run(options.config)


def _notify(options: argparse.Namespace) -> int:
    from agent import app  # noqa: PLC0415  (only where needed)

    return app.notify_test(options.config, dry_run=options.dry_run)


def _outbox(options: argparse.Namespace) -> int:
    from agent import app  # noqa: PLC0415  (only where needed)

    told = app.outbox(options.config, options.action, options.numbers or None, options.receiver)
    sys.stdout.write("".join(f"{line}\n" for line in told))
    return 0


def _check(options: argparse.Namespace) -> int:
    from agent import config, preflight  # noqa: PLC0415  (only where needed)
    from agent.explain import shown_in  # noqa: PLC0415  (only where needed)

    found = preflight.check(config.load(options.config, os.environ), shown_in=shown_in)
    sys.stdout.write("".join(f"{line}\n" for line in preflight.render(found)))
    return ConfigError.exit_code if preflight.failed(found) else 0


def _audit(options: argparse.Namespace) -> int:
    from agent import audit_report, config  # noqa: PLC0415  (only where needed)

    settings = config.load(options.config, os.environ)
    zone = config.machine_zone(os.environ)
    return 0 if audit_report.tell(settings, sys.stdout, zone=zone, format=options.format) else 1


def _explain(options: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  (only where needed)

    from agent import config_values  # noqa: PLC0415  (only where needed)
    from agent.config import Catalogue, machine_zone  # noqa: PLC0415  (only where needed)
    from agent.explain import explain  # noqa: PLC0415  (only where needed)

    try:
        option, version = "--product-version", options.product_version
        version = None if version is None else config_values.product_version(version)
        option, zone = "--time-zone", options.time_zone
        zone = machine_zone(os.environ) if zone is None else ZoneInfo(config_values.time_zone(zone))
    except config_values.WrongError as wrong:
        raise UsageError(f"{option} {wrong.what}; {wrong.mend}") from None
    terminal = sys.stdout.isatty()
    shown = sys.stderr.isatty() and not (terminal and options.format == "jsonl")
    with _Bar(shown=shown) as bar, _binary_stdout() as out:
        failed = explain(
            options.paths,
            out=out,
            zone=zone,
            format=options.format,
            all_handshakes=options.all,
            progress=bar.move,
            product_version=version,
            entries=Catalogue(directory=options.catalogue).files(),
            colour=terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
            width=shutil.get_terminal_size((100, 24)).columns,
            encoding=sys.stdout.encoding,
        )
    return 1 if failed and options.exit_code else 0


@contextmanager
def _binary_stdout() -> Iterator[BinaryIO]:
    """Give standard output as a buffered stream, which it is not under PYTHONUNBUFFERED."""
    if not isinstance(sys.stdout.buffer, io.RawIOBase):
        yield sys.stdout.buffer
        return
    stream = open(sys.stdout.fileno(), "wb", closefd=False)  # noqa: SIM115  (a descriptor, no path)
    try:
        yield stream
    finally:
        with suppress(OSError):  # told already when it was written
            stream.close()


class _Bar:
    """A progress bar on stderr, once there is something to wait for."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._bar: tqdm[NoReturn] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: "TracebackType | None"
    ) -> None:
        self._close()

    def move(self, done: int, total: int | None) -> None:
        """Show how far it is."""
        if self._bar is None and self._shown and max(done, total or 0) > BAR_BYTES and done != total:
            from tqdm import tqdm  # noqa: PLC0415  (only where needed)

            self._bar = tqdm(total=total, unit="B", unit_scale=True, file=sys.stderr, leave=False)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        if done == total:
            self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
