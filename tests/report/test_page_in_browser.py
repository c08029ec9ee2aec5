"""The HTML report in a real browser: at a desk and on a telephone, by day and by night, and on paper."""

import io
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from agent.explain import explain
from agent.report.findings import Findings
from agent.report.html import render
from tests.corpus import accept
from tests.report.browser import CHROMIUM, Page, chromium

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (Debian: apt install chromium)")

DESK, TELEPHONE = 1280, 390
REPORTS = {
    "many": (
        *("iaik/article-issue-1", "iaik/article-issue-3", "iaik/article-issue-4", "iaik/sap-missing-sni"),
        *("jsse/25.srv-v1-intermediate.client.ssl-handshake", "jsse/25.x-alpn.client.ssl-handshake"),
        *(
            "jsse/25.cli-issuer-not-in-list.server.ssl-handshake",
            "jsse/8.srv-not-yet-valid.client.ssl-handshake",
        ),
        *("jsse/8.x-plaintext-to-tls.server.ssl-handshake", "jsse/17.x-peer-gone-hello.client.ssl"),
        *(
            "jsse_legacy/clicert_expired.server",
            "jsse_legacy/clicert_none.client",
            "jsse_legacy/peer_reset.client",
        ),
        *("jsse_legacy/mt_both_unknown_ca.both", "jsse_legacy/reneg_client_rejected.server"),
    ),
    "quiet": ("jsse/25.ok-mtls.server.ssl-handshake",),
    "shallow": ("jsse/17.cli-none.client.ssl",),
    "nothing": (),
}
"""Reports on real logs, and the cases whose logs are in each."""

widths = pytest.mark.parametrize("width", [DESK, TELEPHONE])
kinds = pytest.mark.parametrize("kind", ["many", "quiet", "shallow", "nothing", "hostile"])

WIDER_THAN_THE_PAGE = """
[...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect(), edge = document.documentElement.clientWidth + 1;
    const outside = box.width && box.height && (box.right > edge || box.left < -1);
    return outside && !one.closest('.wide, .skip, .cards thead')
}).map(one => one.outerHTML.slice(0, 200))
"""

WORDS_CUT_OFF = """
[...document.querySelectorAll('.ladder > svg, svg.plot')].flatMap(svg => {
    const room = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        const wide = box.left < room.left - 1 || box.right > room.right + 1;
        return box.width && (wide || box.bottom > room.bottom + 1)
    }).map(text => text.textContent)
})
"""

WORDS_ON_WORDS = """
[...document.querySelectorAll('.ladder > svg, svg.plot')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')]
        .map(text => [text.textContent, text.getBoundingClientRect()]).filter(([_, box]) => box.width);
    return boxes.flatMap(([words, a], i) => boxes.slice(i + 1).filter(([_, b]) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3
    ).map(([others, _]) => `${words} / ${others}`))
})
"""

DEAD_LINKS = """
[...document.querySelectorAll('a')].filter(link => {
    link.click();
    const id = decodeURIComponent(location.hash.slice(1)), target = document.getElementById(id);
    const at = target && target.getBoundingClientRect();
    return !target || link.hash !== '#' + id || at.bottom < 0 || at.top > innerHeight
}).map(link => link.outerHTML)
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Give one browser for all of these tests."""
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of reports on real logs: all there are in one, and single ones."""
    folder = tmp_path_factory.mktemp("reports")
    for name, cases in REPORTS.items():
        path, out = folder / f"{name}.log", io.BytesIO()
        path.write_bytes(b"".join(log for case in cases for log in accept.logs(case)))
        explain([str(path)], out=out, zone=UTC, format="html", all_handshakes=True)
        path.with_suffix(".html").write_bytes(out.getvalue())
    return folder


@pytest.fixture
def report(kind: str, reports: Path, hostile: Findings) -> Path:
    """Return the file of one report."""
    path = reports / f"{kind}.html"
    if not path.exists():
        path.write_text(render(hostile), "utf-8")
    return path


@kinds
@widths
def test_the_page_fits(browser: Page, report: Path, width: int) -> None:
    """Nothing is wider than the window, no words of a drawing are cut off, and none lie on others."""
    browser.open(report, width=width)
    assert (
        browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    )
    assert browser.evaluate(WIDER_THAN_THE_PAGE) == []
    assert browser.evaluate(WORDS_CUT_OFF) == []
    assert browser.evaluate(WORDS_ON_WORDS) == []


@kinds
@widths
def test_the_page_loads_and_runs_nothing(browser: Page, report: Path, width: int) -> None:
    """The browser fetches the file and no more, finds no script, and has nothing to complain of."""
    browser.open(report, width=width)
    asked = [event["request"]["url"] for event in browser.heard("Network.requestWillBeSent")]
    assert asked == [report.as_uri()]
    assert browser.evaluate("document.scripts.length") == 0
    complaints = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    assert browser.heard(*complaints) == []


@kinds
@widths
def test_links_lead_to_where_they_say(browser: Page, report: Path, width: int) -> None:
    """Each one brings its target into view."""
    browser.open(report, width=width)
    assert browser.evaluate(DEAD_LINKS) == []


@widths
@pytest.mark.parametrize(("dark", "paper"), [(False, "rgb(255, 255, 255)"), (True, "rgb(20, 24, 29)")])
def test_day_and_night(browser: Page, reports: Path, width: int, dark: bool, paper: str) -> None:  # noqa: FBT001  (a column)
    """The page is in the colours that the reader's system asks for, its own sheet in force."""
    browser.open(reports / "many.html", width=width, dark=dark)
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == paper


def test_keys_are_enough(browser: Page, reports: Path) -> None:
    """The first stop skips to the failures, the next ones open the numbers and follow the table's links."""
    browser.open(reports / "many.html", width=DESK)
    stops = []
    for _ in range(3):
        browser.press("Tab")
        stops.append(browser.evaluate("document.activeElement.textContent"))
        browser.press("Enter")
        if len(stops) == 1:
            assert browser.evaluate("location.hash") == "#failures"
            browser.open(reports / "many.html", width=DESK)
            browser.press("Tab")
    assert stops[:2] == ["Skip to what failed", "The same in numbers"]
    assert browser.evaluate("document.querySelector('details').open") is True


def test_the_list_of_steps_is_there_for_those_who_hear(browser: Page, reports: Path) -> None:
    """On a telephone the drawing stands alone, but the list is not hidden from a screen reader."""
    browser.open(reports / "shallow.html", width=TELEPHONE)
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    names = [node.get("name", {}).get("value", "") for node in tree if not node["ignored"]]
    assert any(name.startswith("Received alert bad_certificate") for name in names)
    assert "Ladder diagram of the steps that the list has in words" in names


@widths
def test_a_picture_of_the_page(browser: Page, reports: Path, width: int, tmp_path: Path) -> None:
    """For eyes: it is where pytest keeps the files of its last runs."""
    browser.open(reports / "many.html", width=width)
    browser.screenshot(tmp_path / f"many-{width}.png")
    assert (tmp_path / f"many-{width}.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_on_paper(browser: Page, reports: Path, tmp_path: Path) -> None:
    """It prints, and what is for the screen alone stays there."""
    browser.open(reports / "many.html", width=DESK)
    browser.pdf(tmp_path / "many.pdf")
    assert (tmp_path / "many.pdf").read_bytes().startswith(b"%PDF-")
    browser.call("Emulation.setEmulatedMedia", media="print")
    hidden = browser.evaluate(
        "[...document.querySelectorAll('.top, .skip, details')].filter(one => one.offsetWidth).length"
    )
    browser.call("Emulation.setEmulatedMedia", media="")
    assert hidden == 0
