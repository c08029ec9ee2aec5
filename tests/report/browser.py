"""A headless Chromium, driven over its own pipe: JSON messages, each ended by a zero byte.

The protocol is Chromium's DevTools protocol (`--remote-debugging-pipe` reads descriptor 3 and writes 4), so
neither a driver nor a port is needed.
"""

import json
import os
import shutil
import signal
import socket
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
)
_PATIENCE = 60.0  # seconds for one answer; a loaded machine starts a browser slowly
_PIECE = 1 << 16
_TALLEST = 8_000  # pixels of a picture; beyond 16,384 the browser refuses

Message = dict[str, Any]  # what the browser says, as its protocol documents it


class Page:
    """One page of the browser, and all that happened on it."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._heard = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[Message] = []

    def attach(self) -> None:
        """Open a page and listen to it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> Message:
        """Ask for something and return the answer; a refusal raises RuntimeError."""
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._pipe.sendall(json.dumps(message).encode() + b"\0")
        answer = self._until(lambda heard: heard.get("id") == self._number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: Message = answer["result"]
        return result

    def open(self, path: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Show a file in a window of that size, and wait until it is loaded."""
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._until(lambda heard: heard.get("method") == "Page.loadEventFired")

    def resize(self, width: int, height: int) -> None:
        """Give the window a size; below 500 pixels it is a telephone's."""
        narrow = width < 500
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=narrow,
        )

    def evaluate(self, script: str) -> Any:
        """Return what a script comes to on the page; a script that fails raises RuntimeError."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key that types nothing, as Tab, or Enter."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text
            )

    def screenshot(self, path: Path) -> None:
        """Write a picture of the page, or of its beginning where it is longer than a picture may be."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], _TALLEST), "scale": 1}
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(b64decode(taken["data"]))

    def pdf(self, path: Path) -> None:
        """Print the page on A4."""
        printed = self.call(
            "Page.printToPDF",
            paperWidth=8.27,
            paperHeight=11.69,
            preferCSSPageSize=True,
            printBackground=False,
        )
        path.write_bytes(b64decode(printed["data"]))

    def heard(self, *methods: str) -> list[Message]:
        """Return what happened since the page was opened, of some kinds."""
        return [event["params"] for event in self.events if event["method"] in methods]

    def _until(self, wanted: Callable[[Message], bool]) -> Message:
        while True:
            while b"\0" not in self._heard:
                piece = self._pipe.recv(_PIECE)
                if not piece:
                    raise RuntimeError("the browser has gone")
                self._heard += piece
            line, _, self._heard = self._heard.partition(b"\0")
            message: Message = json.loads(line)
            if "method" in message:
                self.events.append(message)
            if wanted(message):
                return message


@contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """Start the browser with a fresh profile, give its page, and end it."""
    assert CHROMIUM is not None
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = os.posix_spawn(
                CHROMIUM,
                (CHROMIUM, *_FLAGS, f"--user-data-dir={profile}"),
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 3),
                    (os.POSIX_SPAWN_DUP2, 3, 4),
                    *((os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)),
                ],
                setpgroup=0,
            )
        ours.settimeout(_PATIENCE)
        try:
            page = Page(ours)
            page.attach()
            yield page
        finally:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
