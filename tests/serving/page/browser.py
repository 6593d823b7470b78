"""A real Chromium without a window, steered by its DevTools protocol."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

SECONDS = 60.0


def find_chromium() -> str | None:
    """Returns the path of a Chromium, if one is installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


class Browser:
    """One page of a browser of its own."""

    def __init__(self, profile: Path) -> None:
        chromium = find_chromium()
        assert chromium is not None
        self._process = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._numbers = itertools.count(1)
        self.problems: list[str] = []
        self._socket: ClientConnection = connect(self._address(), max_size=1 << 24)
        (page,) = [
            target
            for target in self._send("Target.getTargets")["targetInfos"]
            if target["type"] == "page"
        ]
        attached = self._send("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if match := re.search(r"DevTools listening on (ws://\S+)", line):
                return match[1]
        raise AssertionError("Chromium did not start")

    def _send(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer = json.loads(self._socket.recv(timeout=SECONDS))
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        """Remembers what a console shows in red, dialogs, and requests to other servers."""
        name, facts = event.get("method", ""), event.get("params", {})
        if name == "Log.entryAdded" and facts["entry"]["level"] == "error":
            self.problems.append(facts["entry"]["text"])
        elif name in ("Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
            self.problems.append(json.dumps(facts)[:500])
        elif name == "Network.requestWillBeSent":
            url = facts["request"]["url"]
            if not re.match(r"(http://127\.0\.0\.1:|data:|about:)", url):
                self.problems.append(f"a request to {url}")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a command to the page."""
        return self._send(method, self._session, **parameters)

    def size(self, width: int, height: int, dark: bool = False) -> None:
        """Sets the window's size, and whether the person prefers a dark page."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, url: str) -> None:
        """Opens an address."""
        self.send("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Returns the value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)  # fmt: skip
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, script: str) -> Any:
        """Waits until an expression is true in the page; returns its value.

        One that fails is not true yet: the page may have no such element so far.
        """
        guarded = f"(() => {{ try {{ return ({script}) }} catch {{ return false }} }})()"
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if value := self.run(guarded):
                return value
            time.sleep(0.05)
        raise AssertionError(f"{script} did not become true: {self.problems}")

    def type(self, text: str) -> None:
        """Types into what has the focus."""
        self.send("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Presses and releases a key, as Tab, Enter or Escape."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=codes[key], **text)  # fmt: skip
            text = {}

    def close(self) -> None:
        """Ends the browser."""
        self._socket.close()
        self._process.kill()
        self._process.wait()
