"""Demonstrations as a reader has them: served by ``kdtheory lab``, opened in Debian's Chromium, driven by Playwright."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlparse

import pytest

import kdtheory
from tests.browser.pictures import Picture

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PATIENCE = 20_000  # milliseconds until an answer counts as missing
LOCAL = ("data", "blob")


def missing() -> str:
    """What is missing for these tests, or nothing."""
    try:
        import marimo  # noqa: F401
        import playwright  # noqa: F401
    except ImportError as error:
        return f"{error}: pip install '.[lab,test]'"
    return "" if os.access(CHROMIUM, os.X_OK) else "no Chromium: apt-get install chromium"


@pytest.fixture(scope="session")
def browser():
    """Chromium without a screen. Where it is missing these tests are skipped, but in CI they fail."""
    lacking = missing()
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(f"browser tests cannot run: {lacking}")
    if lacking:
        pytest.skip(lacking)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # Without a sandbox, since CI runs as root; nothing but our own pages is opened.
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        # One context, so that what the server's page consists of is fetched once.
        yield opened.new_context(viewport={"width": 1280, "height": 800})
        opened.close()


@pytest.fixture(scope="session")
def served():
    """Addresses of demonstrations by name; each is served once."""
    running, addresses = [], {}

    def address(name: str) -> str:
        if name not in addresses:
            command = [sys.executable, "-m", "kdtheory", "lab", name, "--port", "0", "--json"]
            environment = {**os.environ, "PYTHONPATH": str(Path(kdtheory.__file__).parent.parent)}
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
            running.append(process)
            said = ""
            while not said.rstrip().endswith("}"):
                line = process.stdout.readline()
                assert line, f"kdtheory lab {name} ended with {process.wait()} after saying {said!r}"
                said += line
            addresses[name] = json.loads(said)["address"]
        return addresses[name]

    yield address
    for process in running:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class Open:
    """An open demonstration: its knobs by name, its numbers by name, and what its pictures show."""

    def __init__(self, page):
        self.page = page
        self.pictures = 0  # sent so far
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, message) -> None:
        self.pictures += "data:image/svg" in (message if isinstance(message, str) else message.decode())

    def press(self, knob: str, key: str, times: int = 1) -> None:
        """Move a slider by its keys; each press is seen before the next."""
        from playwright.sync_api import expect

        slider = self.page.locator("marimo-slider").filter(has_text=knob).get_by_role("slider")
        for _ in range(times):
            before = slider.get_attribute("aria-valuenow")
            slider.press(key)
            expect(slider).not_to_have_attribute("aria-valuenow", str(before), timeout=PATIENCE)

    def choose(self, option: str) -> None:
        self.page.get_by_role("radio", name=option, exact=True).click()

    def select(self, knob: str, option: str) -> None:
        self.page.locator("marimo-dropdown").filter(has_text=knob).get_by_role("combobox").select_option(option)

    def click(self, button: str, position: int = 0) -> None:
        self.page.get_by_role("button", name=button, exact=True).nth(position).click()

    def has(self, name: str) -> bool:
        return self.page.locator(f"data#{name}").count() > 0

    def number(self, name: str) -> float:
        return float(self.page.locator(f"data#{name}").get_attribute("value"))

    def text(self, name: str) -> str:
        return self.page.locator(f"data#{name}").inner_text()

    def await_number(self, name: str, wanted: float, tolerance: float = 1e-9) -> None:
        """Wait until a number is what the library says; it also reads so, as rounded as it stands there."""
        close = "([id, want, off]) => Math.abs(parseFloat(document.getElementById(id)?.value) - want) <= off"
        try:
            self.page.wait_for_function(close, arg=[name, wanted, tolerance], timeout=PATIENCE)
        except Exception:
            found = self.number(name) if self.has(name) else "nothing"
            pytest.fail(f"{name}: the library says {wanted!r}, the page {found!r}")
        shown = self.text(name)
        digits = len(shown.partition(".")[2]) if "e" not in shown else None
        if digits is not None:
            assert abs(float(shown) - wanted) <= 0.5 * 10.0**-digits + tolerance

    def await_drawn(self, check, position: int = 0) -> None:
        """Wait until a picture passes a check, which asserts; the last failure counts."""
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            try:
                check(Picture(self.page.locator(".lab img").nth(position).get_attribute("src")))
                return
            except (AssertionError, KeyError):
                if time.monotonic() > deadline:
                    raise
                self.page.wait_for_timeout(100)


@pytest.fixture
def opened(browser, served):
    """Open a demonstration; afterwards nothing outside this machine was asked for, and no error was met."""
    outside, errors, pages = [], [], []

    def note(address: str) -> None:
        parts = urlparse(address)
        if parts.scheme not in LOCAL and parts.hostname != "127.0.0.1":
            outside.append(address)

    def open_(name: str) -> Open:
        page = browser.new_page()
        pages.append(page)
        page.on("request", lambda request: note(request.url))
        page.on("websocket", lambda socket: note(socket.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        shown = Open(page)
        page.goto(served(name))
        page.wait_for_selector(".lab img", timeout=2 * PATIENCE)
        return shown

    yield open_
    for page in pages:
        assert page.get_by_text("Traceback").count() == 0
        page.close()
    assert pages
    assert outside == []
    assert errors == []
