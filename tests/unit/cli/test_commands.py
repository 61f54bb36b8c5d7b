"""The command line: what it says, to whom, and with which exit code; never a traceback."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kdtheory
from kdtheory import claims, report
from kdtheory.claims import Evidence
from kdtheory.claims._parallel import Outcome
from kdtheory.cli.faults import one_line
from kdtheory.report import figure, figure_names
from tests.unit.cli.calls import fault, python

HEAVY = ("jax", "torch", "matplotlib", "seaborn", "sympy", "hypothesis", "numpy", "scipy", "sklearn")


# ------------------------------------------------------------------------------------------------------------- help


def test_help_imports_nothing_heavy():
    program = (
        "import sys\nfrom kdtheory.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as left:\n    assert left.code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = python("-c", program)
    assert done.stderr.strip() == "[]"
    assert "doctor" in done.stdout


@pytest.mark.parametrize("command", ["", "claims", "figures", "claims list", "claims show", "claims check", "claims counterexample", "figures list",
                                     "figures build", "figures check", "report", "doctor", "diagnose"])  # fmt: skip
def test_every_command_has_help(run, command):
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert out.startswith("Usage: ")
    if command and " " not in command and command not in ("claims", "figures"):
        assert "--json" in out
        assert "--quiet" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("frobnicate", "No such command 'frobnicate'."),
        ("report --fast", "No such option"),
        ("claims check --examples many x", "Invalid value for '--examples': "),
        ("diagnose one.npy", "Missing argument"),
    ],
)
def test_wrong_usage_is_one_line_that_points_to_help(run, arguments, message):
    line = fault(run(*arguments.split()))
    assert line.startswith(f"kdtheory: {message}")
    assert "--help)" in line


# ---------------------------------------------------------------------------------------------------------- figures


@pytest.fixture
def small(monkeypatch):
    """The figure machinery with one small figure."""
    whole = figure("exaggerated-bias")
    tiny = replace(whole, quick=replace(whole.quick, train=40, points=11))
    monkeypatch.setattr(report, "figure", lambda name: tiny)
    monkeypatch.setattr(report, "figure_names", lambda: ("exaggerated-bias",))
    return tiny


def test_figures_are_listed(run):
    data = json.loads(run("figures", "list", "--json")[1])
    assert {entry["id"] for entry in data} >= {"exaggerated-bias", "three-worlds", "confidence-exaggeration"}
    assert "three-worlds" in run("figures", "list")[1]


def test_a_figure_is_built_where_it_was_asked_for(run, small, tmp_path):
    code, out, err = run("figures", "build", "exaggerated-bias", "--out", "pictures", "--json")
    assert (code, err) == (0, "")
    for file in json.loads(out)[0]["files"]:
        assert (tmp_path / file).stat().st_size > 0


def test_quiet_building_builds(run, small, tmp_path):
    assert run("figures", "build", "--quiet") == (0, "", "")
    assert (tmp_path / "build/figures/exaggerated-bias.svg").is_file()


def test_a_figure_that_differs_from_its_reference_exits_with_one(run, small, monkeypatch, tmp_path):
    monkeypatch.setattr(report.references._located, "folder", lambda kind: tmp_path / kind)
    assert run("figures", "check", "--update", "--quiet") == (0, "", "")
    assert run("figures", "check")[0] == 0
    path = tmp_path / "figures/references/exaggerated-bias.json"
    stored = json.loads(path.read_text())
    stored["numbers"]["ratio"]["value"] += 1e-6
    path.write_text(json.dumps(stored))
    code, out, _ = run("figures", "check")
    assert code == 1
    assert "ratio: expected" in out
    assert json.loads(run("figures", "check", "--json")[1])[0]["agrees"] is False


@pytest.mark.parametrize("command", ["build", "check"])
def test_an_unknown_figure_is_one_line_with_those_there_are(run, command):
    line = fault(run("figures", command, "nonsense"))
    known = ", ".join(repr(name) for name in figure_names())
    assert line == f"kdtheory: figure: expected one of {known}, got 'nonsense'; see what figures/ holds"


def test_a_folder_that_cannot_be_written_to_is_one_line(run, small, tmp_path):
    (tmp_path / "file").touch()
    line = fault(run("figures", "build", "--out", "file/figures"))
    assert line.startswith("kdtheory: file/figures: expected a place to write to, got Not a directory; choose")


# ----------------------------------------------------------------------------------------------------------- report


def held_without_checking(ids, **settings):
    return (Outcome(id, Evidence(id, "t", "s", "0", None)) for id in ids)


def test_the_report_says_where_it_is_and_what_it_says(run, small, monkeypatch, tmp_path):
    import kdtheory.report.write as writing

    monkeypatch.setattr(writing, "figure", lambda name: small)
    monkeypatch.setattr(writing, "names", lambda: ("exaggerated-bias",))
    monkeypatch.setattr(writing, "differences", lambda figure, dataset: [])
    monkeypatch.setattr(writing, "section", lambda: "")
    monkeypatch.setattr(claims, "check_all", held_without_checking)
    code, out, err = run("report", "--out", "page")
    assert (code, err) == (0, "")
    assert "1 of 1 figure drawn and in agreement with the stored reference." in out
    assert out.rstrip().endswith("page/index.html")
    assert (tmp_path / "page/index.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "page/figures/exaggerated-bias.pdf").is_file()


def test_a_report_with_a_figure_that_broke_down_is_written_and_exits_with_one(run, small, monkeypatch, tmp_path):
    import kdtheory.report.write as writing

    def broken(name):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(writing, "figure", broken)
    monkeypatch.setattr(writing, "names", lambda: ("three-worlds",))
    monkeypatch.setattr(writing, "section", lambda: "")
    monkeypatch.setattr(claims, "check_all", held_without_checking)
    code, out, _ = run("report", "--json")
    assert code == 1
    assert json.loads(out)["failed"] == ["three-worlds"]
    assert "ZeroDivisionError: division by zero" in (tmp_path / "build/report/index.html").read_text()


# ---------------------------------------------------------------------------------------------------------- doctor


def test_doctor_tells_versions_precision_blas_and_data(run):
    code, out, _ = run("doctor", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["versions"]["numpy"] == np.__version__
    assert data["precision"]["closed forms"] == "float64 (NumPy)"
    assert data["blas"][0]["num_threads"] >= 1
    assert data["data"]["digits"] == {"found": True, "where": "scikit-learn", "shape": [1797, 64]}
    assert "all well" in run("doctor")[1]


def test_doctor_exits_with_one_if_something_is_missing(run, monkeypatch):
    monkeypatch.setattr(report, "versions", lambda: {"python": "3", "numpy": "2", "sympy": None, "torch": None})
    code, out, _ = run("doctor")
    assert code == 1
    assert out.rstrip().endswith("missing: sympy")


# ---------------------------------------------------------------------------------------------------------- faults


def test_a_bug_is_one_line_that_says_how_to_see_more():
    code, line = one_line(ZeroDivisionError("division\nby zero"))
    assert code == 1
    assert line == (
        "kdtheory: bug: ZeroDivisionError: division by zero (please report it; KDTHEORY_TRACEBACK=1 shows where)"
    )


def test_python_minus_m_is_the_command_line_and_faults_go_to_standard_error():
    done = python("-m", "kdtheory", "figures", "build", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kdtheory: figure: expected one of")
    assert done.stderr.count("\n") == 1


def test_a_closed_pipe_is_no_fault():
    command = f"{sys.executable} -m kdtheory claims show exaggerated-bias | head -c 1"
    environment = {**os.environ, "PYTHONPATH": str(Path(kdtheory.__file__).parent.parent)}
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment, check=False)
    assert done.stderr == ""


def test_the_version_and_the_help_without_a_command(run):
    assert run("--version") == (0, f"{kdtheory.__version__}\n", "")
    code, out, line = run()
    assert (code, line) == (0, "")
    assert out.startswith("Usage: kdtheory")
    code, out, line = run("claims")
    assert (code, out) == (2, "")
    assert line.startswith("Usage: kdtheory claims")
    assert line.count("\n") > 5
