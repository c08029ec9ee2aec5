"""The house rules: who may import whom, which door each library has, what pure rooms leave alone."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
AGENT = ROOT / "agent"
TESTS = ROOT / "tests"

MAY_IMPORT: dict[str, set[str]] = {
    # what stages say to each other, and what anybody may use
    "model": set(),
    "redaction": set(),
    "errors": set(),
    "codec": {"model"},
    "metrics": {"model"},
    "metrics_seen": {"model"},
    # the stages, from bytes to requests: they know the model, never one another
    "framing": {"model", "redaction"},
    "dialects": {"framing", "model", "redaction", "codec"},
    "assembly": {"model", "codec"},
    "knowledge": {"model", "errors"},
    "incidents": {"model", "codec"},
    "formats": {"model"},
    "report": {"formats", "model", "codec"},
    # the only one that knows the order of the stages
    "pipeline": {"framing", "dialects", "assembly", "knowledge", "codec", "model"},
    # doors
    "tail": {"model", "errors"},
    "outbox": {"model", "codec"},
    "store": {"model", "errors", "outbox", "tally"},
    "telemetry": {"metrics", "model", "errors"},
    "delivery": {"formats", "store", "outbox", "incidents", "model", "codec", "errors"},
    "config_values": set(),
    "config_receiver": {"config_values", "errors", "model"},
    "config": {"config_values", "config_receiver", "errors"},
    # what puts them together
    "explain": {"pipeline", "knowledge", "report", "tail", "model", "errors"},
    "tally": set(),
    "tallying": {"codec", "model", "pipeline", "tail", "tally"},
    "feed": {"model", "pipeline", "tail", "tallying"},
    "rounds": {"feed", "tail"},
    "roster": {"config", "feed", "model", "tail", "telemetry"},
    "telling": {"incidents", "model"},
    "feed_log": {"feed", "model", "tail", "telemetry"},
    "notices": {"feed", "model", "tail"},
    "saved": {"codec", "errors", "metrics_seen", "pipeline", "store", "tail", "telling"},
    "engine": {
        *("config_receiver", "doors", "feed", "feed_log", "notices"),
        *("assembly", "codec", "config", "delivery", "errors", "incidents", "knowledge", "metrics"),
        *("metrics_seen", "model", "pipeline", "roster", "rounds", "saved", "store", "tail"),
        *("tallying", "telemetry", "telling"),
    },
    "doors": {"model", "telemetry"},
    "store_look": {"errors", "store", "tally"},
    "audit": {"codec", "errors", "model", "pipeline", "tail", "tally"},
    "audit_report": {"assembly", "audit", "codec", "config", "knowledge", "pipeline", "store_look"},
    "preflight_logs": {"config", "report", "model", "tail"},
    "preflight_state": {"errors", "preflight_logs", "store", "store_look"},
    "preflight_receivers": {"config_receiver", "delivery", "errors", "preflight_logs"},
    "preflight": {
        *("config", "knowledge", "preflight_logs", "preflight_receivers", "preflight_state", "report"),
        *("telemetry", "errors"),
    },
    "outbox_command": {"codec", "errors", "formats", "model", "outbox", "store"},
    "app": {
        *("config", "config_receiver", "delivery", "engine", "errors", "formats", "knowledge"),
        *("outbox_command", "saved", "store", "tail"),
        "telemetry",
    },
    # imports what a subcommand needs when that is called
    "cli": {"errors"},
    "__main__": {"cli"},
}
"""A room, and the other rooms that it may import when it is loaded."""

LAZILY: dict[str, set[str]] = {
    "cli": {"app", "audit_report", "config", "config_values", "explain", "formats", "preflight"}
}
"""A room, and the rooms that it may import within a function."""

NARROWED: dict[tuple[str, str], set[str]] = {
    ("delivery", "store"): {"agent.store"},
    ("delivery", "incidents"): {"agent.incidents.compaction"},
    ("engine", "assembly"): {"agent.assembly.assembler"},
    ("audit_report", "assembly"): {"agent.assembly.assembler"},
    ("engine", "delivery"): {"agent.delivery.retry"},
    ("feed_log", "tail"): {"agent.tail.gap", "agent.tail.lookout"},
    ("notices", "tail"): {"agent.tail.gap"},
    ("explain", "tail"): {"agent.tail.source"},
    ("app", "formats"): {"agent.formats", "agent.formats.setting"},
    ("preflight_receivers", "delivery"): {"agent.delivery.destination", "agent.delivery.trust"},
    ("preflight_logs", "tail"): {*("agent.tail.discovery", "agent.tail.fallback", "agent.tail.naming")},
    ("telemetry", "metrics"): {"agent.metrics"},
    ("assembly", "codec"): {"agent.codec"},
}
"""Of some rooms, the modules that another one may import."""

PURE = {
    *("model", "redaction", "errors", "codec", "metrics", "metrics_seen", "framing", "dialects", "assembly"),
    *("knowledge", "incidents", "formats", "report", "pipeline", "telling"),
}
"""Rooms without file, socket, clock, thread, log or environment."""

PURE_LIBRARY = {
    *(
        "base64",
        "bisect",
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "functools",
        "hashlib",
        "html",
        "ipaddress",
        "itertools",
    ),
    *("json", "math", "operator", "re", "string", "textwrap", "types", "typing", "unicodedata", "xml"),
}
"""The standard library as far as pure rooms use it."""

PURE_EXCEPTIONS = {
    ("formats/links.py", "urllib"): "quotes what stands in a URL",
    ("knowledge/catalogue.py", "importlib"): "the catalogue's own files are part of the package",
    ("knowledge/entries.py", "tomllib"): "reads text that it is given",
    ("knowledge/reference.py", "tomllib"): "likewise",
}

FORBIDDEN_CALLS = {"open", "print", "input", "eval", "exec", "breakpoint", "__import__"}
FORBIDDEN_METHODS = {"now", "today", "utcnow", "read_bytes", "write_bytes", "write_text"}

DOORS: dict[str, tuple[str, ...]] = {
    "httpx": ("delivery/courier.py",),
    "msgspec": ("codec.py",),
    "prometheus_client": ("telemetry/http.py", "telemetry/metrics.py"),
    "sqlite3": ("outbox.py", "store.py", "store_look.py"),
    "structlog": ("telemetry/log.py",),
    "tqdm": ("cli.py",),
    "watchdog": ("tail/waker.py",),
    # of the standard library, what reaches out of the process
    "logging": ("delivery/courier.py", "tail/waker.py"),
    "random": ("app.py",),
    "socket": ("delivery/destination.py", "delivery/exchange.py", "preflight.py", "telemetry/http.py"),
    "ssl": ("delivery/courier.py", "delivery/trust.py", "preflight_receivers.py"),
    "time": ("app.py", "telemetry/http.py"),
}
"""A library, and the only modules that import it."""

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "tools"}

LONG = 350
"""Lines above which a module says why."""

UNTESTED: dict[str, str] = {}
"""Modules with logic that have no test file of their own, and why."""

NO_MODULE = {
    "test_architecture.py": "reads all modules",
    "test_corpus.py": "runs the real logs",
    "test_docs.py": "reads the documentation",
    "tail/test_days.py": "follows a log that has a file for each day",
    "report/test_page_in_browser.py": "looks at the HTML report with a real browser",
    "dialects/test_iaik_traps.py": "reads IAIK conversations to the end",
    "knowledge/test_rules.py": "the rules by which a failure is read, each under its name",
    "dialects/test_jsse_torn.py": "tears records of JSSE at every byte",
    "formats/test_goldens.py": "every format, with an incident of each event, as it was once read",
    "formats/test_hostile.py": "every format, with logs that were written to do harm",
    "delivery/test_alertmanager_itself.py": "the real Alertmanager, from Debian",
    "delivery/test_vendors.py": "every format, before a server that checks it as its vendor documents",
}
"""Test files that mirror no module, and what they are."""

APART = ("laws/", "lab/", "following/", "schedules/", "killing/")
"""Folders of tests that mirror no room: what holds of all, a tool with its own, what befalls logs."""

MODULES = sorted(path.relative_to(AGENT).as_posix() for path in AGENT.rglob("*.py"))

modules = pytest.mark.parametrize("module", MODULES)


@cache
def tree(module: str) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse((AGENT / module).read_text("utf-8"))


def room(module: str) -> str:
    """Return the room of a file of the package: its folder, or its own stem."""
    return module.partition("/")[0].removesuffix(".py")


def imports(module: str, *, lazy: bool) -> set[str]:
    """Return the full names that a module imports when loaded, or (lazy) within its functions."""
    found = {False: set[str](), True: set[str]()}

    def visit(node: ast.AST, *, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found[inside] |= {alias.name for alias in child.names}
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "imports are absolute"
                found[inside] |= {f"{child.module}.{alias.name}" for alias in child.names}
            visit(child, inside=inside or isinstance(child, ast.FunctionDef))

    visit(tree(module), inside=False)
    return found[lazy]


def rooms_of(names: set[str]) -> dict[str, set[str]]:
    """Return the rooms behind imported names, each with the modules that were meant."""
    found: dict[str, set[str]] = {}
    for name in names:
        parts = name.split(".")
        if parts[0] != "agent" or parts[1:] == ["__version__"]:
            continue
        path = AGENT.joinpath(*parts[1:])
        target = name if path.is_dir() or path.with_suffix(".py").exists() else name.rpartition(".")[0]
        found.setdefault(parts[1], set()).add(target)
    return found


def libraries(module: str) -> set[str]:
    """Return the top names of everything imported from outside of the package."""
    return {name.partition(".")[0] for lazy in (False, True) for name in imports(module, lazy=lazy)} - {
        "agent"
    }


@modules
def test_directions(module: str) -> None:
    """A room imports the rooms that the table allows it, and of some of them only the modules named."""
    own = room(module)
    if module == "__init__.py":
        assert rooms_of(imports(module, lazy=False)) == {}
        return
    assert own in MAY_IMPORT, f"{own} is a new room: add it to the table"
    for lazy, allowed in ((False, MAY_IMPORT[own]), (True, MAY_IMPORT[own] | LAZILY.get(own, set()))):
        used = rooms_of(imports(module, lazy=lazy))
        assert set(used) - {own} <= allowed
        for other, meant in used.items():
            assert meant <= NARROWED.get((own, other), meant)


def test_the_table_is_no_wider_than_the_code() -> None:
    """Every permission is used, so that the table tells what is."""
    for table, lazy in ((MAY_IMPORT, False), (LAZILY, True)):
        used: dict[str, set[str]] = {own: set() for own in table}
        for module in MODULES:
            if room(module) in used:
                used[room(module)] |= set(rooms_of(imports(module, lazy=lazy)))
        spare = {own: allowed - used[own] for own, allowed in table.items() if allowed - used[own]}
        assert spare == {}


def test_no_circles() -> None:
    """Rooms can be put in an order in which each imports only earlier ones."""
    left = {own: set(allowed) for own, allowed in MAY_IMPORT.items()}
    while left:
        free = {own for own, allowed in left.items() if not allowed & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {own: allowed for own, allowed in left.items() if own not in free}


@modules
def test_doors(module: str) -> None:
    """A library is imported by its door alone, and there is none besides those with a door."""
    used = libraries(module)
    assert {name for name in used if name in DOORS and module not in DOORS[name]} == set()
    assert used - set(sys.stdlib_module_names) - set(DOORS) == set()


def test_doors_are_used() -> None:
    """Each door named in the table is one."""
    assert [
        (name, door) for name, doors in DOORS.items() for door in doors if name not in libraries(door)
    ] == []


@pytest.mark.parametrize("module", [module for module in MODULES if room(module) in PURE])
def test_pure_rooms(module: str) -> None:
    """A pure room imports nothing, and calls nothing, that reaches outside of its arguments."""
    outside = libraries(module) - PURE_LIBRARY - set(DOORS)
    assert {name for name in outside if (module, name) not in PURE_EXCEPTIONS} == set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else None
            method = node.func.attr if isinstance(node.func, ast.Attribute) else None
            assert name not in FORBIDDEN_CALLS, f"line {node.lineno}"
            assert method not in FORBIDDEN_METHODS, f"line {node.lineno}"


@modules
def test_names(module: str) -> None:
    """No module is named after nothing in particular."""
    assert not set(module.removesuffix(".py").split("/")) & BANNED_NAMES


@modules
def test_module_docstrings(module: str) -> None:
    """A module says what it is, and a long one why it is long."""
    text = ast.get_docstring(tree(module)) or ""
    assert text
    lines = len((AGENT / module).read_text("utf-8").splitlines())
    assert lines <= LONG or "longer than" in text, f"{lines} lines, and the docstring does not say why"


def has_logic(module: str) -> bool:
    """Return whether a module has a function or a method: not only values, tables and names."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree(module)))


def mirror(module: str) -> str:
    """Return the test file of a module."""
    folder, _, name = module.rpartition("/")
    test = f"test_{name.strip('_') if name != '__init__.py' else 'init.py'}"
    return f"{folder}/{test}" if folder else test


@pytest.mark.parametrize("module", [module for module in MODULES if has_logic(module)])
def test_every_module_has_its_test(module: str) -> None:
    """A module with logic has a test file of its name, or stands in the table with a reason."""
    assert (TESTS / mirror(module)).exists() or UNTESTED.get(module)


def test_every_test_has_its_module() -> None:
    """A test file mirrors a module, or stands in the table with a reason."""
    known = {mirror(module) for module in MODULES} | set(NO_MODULE)
    found = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    apart = {path for path in found if path.startswith(APART)}
    assert sorted(found - known - apart) == []
