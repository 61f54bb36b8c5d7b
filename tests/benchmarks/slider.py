"""How long a slider's move takes to be answered in the browser: from the key to the new picture.

``python -m tests.benchmarks.slider`` opens every demonstration on its 500 digits (or, for ``break_the_theorem``, its two
modes) as a reader does, and moves one slider after another by its keys. Wanted: below 0.3 s, on a machine that does nothing
else.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

import psutil
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.timing import arguments, report

CHROMIUM = "/usr/bin/chromium"
REVEAL = {"eigenspace": "nobody", "gradient_denoising": "no", "break_the_theorem": None}
SLIDERS = {
    "eigenspace": ("teacher's time", "student's time", "rounds", "mixing", "switch", "lower mode"),
    "gradient_denoising": ("teacher's time", "noise of labels", "batch size", "student's way"),
    "break_the_theorem": ("teacher's time", "student's time", "lower / leading"),
}
CLOCK = """() => {
  const picture = () => document.querySelector('.lab img').src;
  window.before = picture(); window.answered = null; window.asked = null;
  document.addEventListener('keydown', () => { window.asked = performance.now(); }, {capture: true, once: true});
  new MutationObserver((_, own) => {
    if (window.asked !== null && picture() !== window.before) {
      window.answered = performance.now() - window.asked; own.disconnect();
    }
  }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


def served(name: str) -> tuple[subprocess.Popen[str], str]:
    """A running demonstration and its address."""
    command = [sys.executable, "-m", "kdtheory", "lab", name, "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = ""
    while not said.rstrip().endswith("}"):
        said += process.stdout.readline() if process.stdout else ""
    return process, json.loads(said)["address"]


def processor(process: psutil.Process) -> float:
    """Seconds that a server has computed: these do not grow while it waits for others."""
    used = process.cpu_times()
    return used.user + used.system


def moves(page: Page, slider: str, count: int) -> list[float]:
    """Seconds from key to picture, for moves onward to the farther end and back, so that most positions are new."""
    knob = page.locator("marimo-slider").filter(has_text=slider).get_by_role("slider")
    place, low, high = (int(knob.get_attribute(f"aria-value{each}") or 0) for each in ("now", "min", "max"))
    step = 1 if high - place >= place - low else -1
    seconds = []
    for _ in range(count):
        if not low <= place + step <= high:
            step = -step
        place += step
        page.wait_for_timeout(400)  # what came before has been answered
        page.evaluate(CLOCK)
        knob.press("ArrowRight" if step > 0 else "ArrowLeft")
        page.wait_for_function("window.answered !== null", timeout=20_000)
        seconds.append(page.evaluate("window.answered") / 1000)
    return seconds


def measured(name: str, address: str, count: int, server: psutil.Process) -> tuple[dict[str, list[float]], float]:
    """Seconds of every slider of one demonstration, and what one move costs its server."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.wait_for_selector(".lab img", timeout=60_000)
        option = REVEAL[name]
        if option is None:
            page.get_by_role("checkbox").click()
        else:
            page.get_by_role("radio", name=option, exact=True).click()
        page.wait_for_timeout(3000)
        before = processor(server)
        found = {slider: moves(page, slider, count) for slider in SLIDERS[name]}
        cost = (processor(server) - before) / (count * len(found))
        browser.close()
    return found, cost


def main() -> None:
    """Measure and print."""
    chosen = arguments("Seconds from a slider's key to the new picture", moves=6)
    # Above one, others were using the machine, and the times below are longer than they would be alone.
    facts: dict[str, object] = {"load per core before": os.getloadavg()[0] / (os.cpu_count() or 1)}
    for name in SLIDERS:
        process, address = served(name)
        try:
            found, cost = measured(name, address, chosen.moves, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait()
        for slider, seconds in found.items():
            facts[f"{name}, {slider}: median"] = statistics.median(seconds)
        facts[f"{name}: processor time of the server, mean of a move"] = cost
        facts[f"{name}: slowest move"] = max(max(seconds) for seconds in found.values())
    report(facts, chosen.json)


if __name__ == "__main__":
    main()
