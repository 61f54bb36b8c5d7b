"""A study runs every cell with every seed, once, and ends with the same numbers however often it was stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import kdtheory
from kdtheory import experiments
from kdtheory.errors import InvalidArgument
from kdtheory.experiments import units
from tests.unit.experiments.repositories import MODULE, REGISTRATION, git, repository, timeless

UNITS = 3 * REGISTRATION["seeds"]


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Lines that units leave when they run."""
    path = tmp_path / "log"
    monkeypatch.setenv("TINY_LOG", str(path))
    return lambda: path.read_text().split("\n")[:-1] if path.exists() else []


def test_every_cell_runs_with_every_seed_of_the_commit_and_never_twice(tmp_path, log):
    path = repository(tmp_path / "r")
    first = experiments.run(str(path), cache=tmp_path / "cache")
    drawn = experiments.seeds("tiny", git(tmp_path / "r", "rev-parse", "HEAD"), 6)
    assert sorted(log()) == sorted(f"{name} {seed}" for name in ("one", "two", "none") for seed in drawn)
    assert first["seeds"] == list(drawn)
    assert first == experiments.run(str(path), cache=tmp_path / "cache")
    assert len(log()) == UNITS


def test_the_summary_is_stored_beside_the_registration_as_it_is_returned(tmp_path):
    path = repository(tmp_path / "r")
    found = experiments.run(str(path), cache=tmp_path / "cache")
    chosen = experiments.study(str(path))
    assert chosen.results == path.parent / "results" / "tiny.json"
    assert experiments.stored(chosen) == json.loads(json.dumps(found))
    assert found["registration"] == chosen.registration.sha256
    assert found["commit"] == git(path.parent, "rev-parse", "HEAD")


def test_nothing_runs_before_the_registration_is_committed(tmp_path, log):
    path = repository(tmp_path / "r")
    path.write_text(path.read_text().replace("A tiny", "Another"))
    with pytest.raises(InvalidArgument, match="expected a committed registration"):
        experiments.run(str(path), cache=tmp_path / "cache")
    assert log() == []


def test_two_processes_give_the_same_numbers(tmp_path, log):
    path = repository(tmp_path / "r")
    one = experiments.run(str(path), cache=tmp_path / "one")
    said = []
    two = experiments.run(str(path), cache=tmp_path / "two", jobs=2, progress=lambda *words: said.append(words))
    assert timeless(one) == timeless(two)
    assert said[0] == (0, UNITS, "tiny")
    assert said[-1] == (UNITS, UNITS, "tiny")
    assert len(log()) == 2 * UNITS


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_killed_goes_on_and_ends_with_the_same_numbers(tmp_path, jobs, log):
    path = repository(tmp_path / "r", pause=0.1)
    whole = experiments.run(str(path), cache=tmp_path / "whole", jobs=2)
    before, cache = len(log()), tmp_path / "killed"
    rounds = 0
    while len(list(cache.glob("tiny/*.json"))) < 5:
        rounds += 1
        _killed_in_the_middle(path, cache, jobs, more=3)
    resumed = experiments.run(str(path), cache=cache, jobs=jobs)
    assert rounds >= 2
    assert timeless(resumed) == timeless(whole)
    # At most what was in work at each kill is done twice.
    assert UNITS <= len(log()) - before <= UNITS + rounds * jobs


def _killed_in_the_middle(path, cache, jobs, more):
    """Start a run in a process of its own, and kill -9 it when ``more`` units have come in."""
    code = f"from kdtheory import experiments; experiments.run({str(path)!r}, cache={str(cache)!r}, jobs={jobs})"
    environment = {**os.environ, "PYTHONPATH": str(Path(kdtheory.__file__).parent.parent)}
    program = f"if __name__ == '__main__':\n    {code}"
    there = len(list(cache.glob("tiny/*.json")))
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as process:
        end = time.monotonic() + 60
        while len(list(cache.glob("tiny/*.json"))) < there + more and time.monotonic() < end:
            time.sleep(0.01)
        assert process.poll() is None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(signal.SIGKILL)
        process.wait()
    for child in children:
        _gone(int(child))


def _gone(process):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.05)
    pytest.fail(f"process {process} lives on without its parent")


@pytest.mark.parametrize("content", ["", "{", '{"cell": 1}', "[]", '{"numbers": {}}'])
def test_a_unit_whose_file_cannot_be_read_is_run_again(tmp_path, content, log):
    path, cache = repository(tmp_path / "r"), tmp_path / "cache"
    first = experiments.run(str(path), cache=cache)
    next(cache.glob("tiny/*.json")).write_text(content)
    assert timeless(experiments.run(str(path), cache=cache)) == timeless(first)
    assert len(log()) == UNITS + 1


def test_units_are_kept_by_all_that_they_depend_on(tmp_path, monkeypatch):
    path = repository(tmp_path / "r")
    chosen = experiments.study(str(path))
    cell = chosen.cells[0]
    keys = {units.key(chosen, cell, 1), units.key(chosen, cell, 2), units.key(chosen, chosen.cells[1], 1)}
    path.with_suffix(".py").write_text(MODULE + "\n")
    keys.add(units.key(experiments.study(str(path)), cell, 1))
    path.write_text(path.read_text() + "\n")
    keys.add(units.key(experiments.study(str(path)), cell, 1))
    monkeypatch.setattr(units, "versions", lambda: {"numpy": "0"})
    keys.add(units.key(chosen, cell, 1))
    assert len(keys) == 6


@pytest.mark.parametrize(
    ("jobs", "returned", "message"),
    [
        (
            1,
            "{'gain': float('nan')}",
            "tiny: expected finite numbers by name, got nan for gain; mend the study, and re",
        ),
        (2, "{}", "tiny: expected finite numbers by name, got nothing; mend the study, and register it anew"),
        (1, "{'part': 1.0}", "large: expected the number 'gain', got part; mend the registration"),
    ],
)
def test_units_that_return_what_cannot_be_judged_end_the_run_with_one_line(tmp_path, jobs, returned, message):
    root = tmp_path / "r"
    path = repository(root)
    path.with_suffix(".py").write_text(f"{MODULE}\ndef run(cell, seed):\n    return {returned}\n")
    git(root, "commit", "-q", "-a", "-m", "break")
    with pytest.raises(InvalidArgument) as refused:
        experiments.run(str(path), cache=tmp_path / "cache", jobs=jobs)
    assert str(refused.value).startswith(message)


def test_a_process_that_dies_is_one_line_and_what_was_finished_is_kept(tmp_path):
    root = tmp_path / "r"
    path = repository(root)
    dying = "import os\n" + MODULE + "\nearlier = run\ndef run(c, s):\n    os._exit(1) if c['name'] == 'none' else 0\n"
    path.with_suffix(".py").write_text(dying + "    return earlier(c, s)\n")
    git(root, "commit", "-q", "-a", "-m", "break")
    with pytest.raises(InvalidArgument, match="expected processes that live, got one that died"):
        experiments.run(str(path), cache=tmp_path / "cache", jobs=2)
