"""``kdtheory experiments``: what is registered, running it, and what was found."""

import importlib.util
import json

import pytest

from kdtheory import experiments
from tests.unit.cli.calls import fault
from tests.unit.experiments.repositories import repository


@pytest.fixture
def tiny(tmp_path):
    return repository(tmp_path / "r")


@pytest.mark.parametrize("command", ["experiments", "experiments list", "experiments run", "experiments show"])
def test_every_command_has_help(run, command):
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert out.startswith("Usage: ")
    assert ("--json" in out) == ("--quiet" in out) == (command != "experiments")


def test_the_list_has_every_study_with_its_question(run):
    listed = json.loads(run("experiments", "list", "--json")[1])
    assert [entry["name"] for entry in listed] == list(experiments.names())
    assert all(entry["question"].endswith("?") and entry["units"] >= 5 for entry in listed)
    assert all(entry["name"] in run("experiments", "list")[1] for entry in listed)


def test_a_study_is_shown_before_and_after_its_run(run, tiny):
    before = run("experiments", "show", tiny)
    assert before[0] == 0
    assert "Is the number large?" in before[1]
    assert "not run" in before[1]
    code, out, err = run("experiments", "run", tiny, "--json")
    assert (code, err) == (0, "")
    summary = json.loads(out)[0]
    assert json.loads(run("experiments", "show", tiny, "--json")[1])["summary"] == summary
    shown = run("experiments", "show", tiny)[1]
    assert all(word in shown for word in ("supported", "contradicted", "open", "detectable", summary["commit"][:10]))
    assert "CHANGED" not in shown
    tiny.write_text(tiny.read_text() + "\n")
    assert "the registration has CHANGED since" in run("experiments", "show", tiny)[1]


def test_verdicts_are_shown_with_their_power_and_what_was_asked_afterwards(run):
    study = experiments.study("o1-dropout")
    code, out, _ = run("experiments", "show", study.name, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["detectable_by_verdict"] == experiments.powers(experiments.stored(study))
    asked = experiments.afterthoughts(study)
    assert len(asked) > 1
    assert [(one["words"], one["counts"]) for one in told["afterthoughts"]] == [
        (one.words, one.counts) for one in asked
    ]
    shown = run("experiments", "show", study.name)[1]
    assert f"{told['detectable_by_verdict']['slope-at-high-dose']:.2g}" in shown
    assert "3 for, 1 against, 1 open   4 of 5" in shown
    assert all(one.words.split(",")[0] in shown for one in asked)


def test_without_statsmodels_a_study_is_shown_with_what_that_leaves_out(run, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "statsmodels" else found(name, *rest)
    )
    code, out, err = run("experiments", "show", "o1-dropout")
    assert (code, err) == (0, "")
    assert "supported" in out
    assert "left out, the power of verdicts and what was asked afterwards" in out.replace("\n", " ")


def test_units_go_to_the_cache_and_quiet_says_nothing(run, tiny, tmp_path):
    assert run("experiments", "run", tiny, "--quiet", "--cache", tmp_path / "units") == (0, "", "")
    assert len(list((tmp_path / "units" / "tiny").glob("*.json"))) == 18
    assert "1 supported, 1 contradicted, 1 open" in run("experiments", "run", tiny)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run", "NAME: expected names of studies, or --all, got none; pass one of the two"),
        (
            "run o1-confidence --all",
            "NAME: expected names of studies, or --all, got o1-confidence; pass one of the two",
        ),
        ("show nothing", "study: expected one of "),
        ("show no.json", "{folder}/no.json: expected a registration in JSON, got "),
    ],
)
def test_wrong_usage_is_one_line(run, tmp_path, arguments, message):
    said = fault(run("experiments", *arguments.split()))
    assert said.startswith(f"kdtheory: {message.format(folder=tmp_path)}")


def test_a_registration_that_is_not_committed_is_one_line(run, tiny):
    tiny.write_text(tiny.read_text() + "\n")
    assert fault(run("experiments", "run", tiny)) == (
        "kdtheory: tiny.json: expected a committed registration, got changes since its last commit; commit it before "
        "the first run, for the seeds follow from that commit"
    )


@pytest.mark.parametrize("jobs", ["0", "-1"])
def test_jobs_are_one_or_more(run, tiny, jobs):
    assert "jobs: expected a whole number of at least 1" in fault(run("experiments", "run", tiny, "--jobs", jobs))
