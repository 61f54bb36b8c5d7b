"""A repository with one tiny registered study, whose units take as long as they are told to."""

import json
import os
import subprocess

REGISTRATION = {
    "title": "A tiny study",
    "question": "Is the number large?",
    "claim": "It is.",
    "verdict": "By t tests.",
    "overturned_by": "Small numbers.",
    "seeds": 6,
    "settings": {"means": {"one": 1.0, "two": 2.0, "none": 0.0}, "pause": 0.0},
    "predictions": [
        {
            "id": "large",
            "words": "means are above 0",
            "measure": "gain",
            "direction": "above",
            "where": {"kind": "yes"},
        },
        {
            "id": "small",
            "words": "means are below 0",
            "measure": "gain",
            "direction": "below",
            "where": {"kind": "yes"},
        },
        {"id": "nothing", "words": "none is above 0", "measure": "gain", "direction": "above", "where": {"kind": "no"}},
    ],
    "ratios": [{"id": "half", "part": "part", "whole": "gain"}],
    "check": {"cell": "one", "tolerance": 0.01},
}

MODULE = """
import os
import time
import numpy as np


def cells(registered):
    means = registered.settings["means"]
    pause = registered.settings["pause"]
    return [{"name": n, "kind": "yes" if m else "no", "mean": m, "pause": pause} for n, m in means.items()]


def run(cell, seed):
    with open(os.environ.get("TINY_LOG", os.devnull), "a") as log:
        log.write(f"{cell['name']} {seed}\\n")
    time.sleep(cell["pause"])
    noise = np.random.default_rng([seed, len(cell["name"])]).normal(size=2) / 10
    return {"gain": cell["mean"] + noise[0], "part": cell["mean"] / 2 + noise[1]}
"""


def git(folder, *arguments):
    given = ("-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "commit.gpgsign=false")
    # Seeds derive from the commit, and that from its date: the same numbers in every run.
    dated = {**os.environ, "GIT_COMMITTER_DATE": "2026-01-02T00:00:00+0000"}
    command = ["git", "-C", str(folder), *given, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=dated).stdout.strip()


def write(folder, registration=REGISTRATION, module=MODULE):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.json").write_text(json.dumps(registration))
    (folder / "tiny.py").write_text(module)
    return folder / "tiny.json"


def repository(root, pause=0.0, **changed):
    """Path of the committed registration."""
    settings = {**REGISTRATION["settings"], "pause": pause}
    path = write(root / "studies", {**REGISTRATION, "settings": settings, **changed})
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "register", "--date=2026-01-02T00:00:00+0000")
    return path


def timeless(summary):
    """A summary without the times at which it was made."""
    return {name: value for name, value in summary.items() if name not in ("finished", "minutes")}
