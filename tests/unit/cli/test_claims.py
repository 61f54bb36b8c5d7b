"""``kdtheory claims``: list, show, check; the user's own files; pictures and replays."""

import json

import numpy as np
import pytest

from kdtheory import claims
from kdtheory.claims import Evidence, PropertyTested, _parallel, _registry
from kdtheory.claims._levels import CounterexampleRun, MutantRun
from kdtheory.claims._parallel import Outcome, check_all
from kdtheory.testing import Margin, TwoModes
from tests.unit.cli.calls import fault, python

MINE = """
import numpy as np
import kdtheory as kd
from kdtheory.testing import Margin, SpectralProblem, TwoModes

print("printed while imported")


@kd.claims.claim(id="always-half", title="Averages keep more than half of the smaller mode")
def always_half(case: TwoModes) -> Margin:
    gain = kd.AveragedFlow(case.per_mode(case.teacher_time)).gain(case.eigenvalues)
    return Margin(np.log(gain[..., 1] / gain[..., 0]) + np.log(2.0))


@kd.claims.claim(id="positive", title="Eigenvalues are positive")
def positive(case: SpectralProblem) -> Margin:
    return Margin(case.least(case.eigenvalues))
"""


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """Claims that a test registers are forgotten after it."""
    for name in _registry._built_in():
        claims.get(name)  # a module that is imported while the registry is patched would be forgotten with it
    monkeypatch.setattr(_registry, "_claims", dict(_registry._claims))


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "mine.py").write_text(MINE)


# ------------------------------------------------------------------------------------------------------ list, show


def test_claims_are_listed_before_anything_was_run(run):
    code, out, _ = run("claims", "list")
    assert code == 0
    assert "exaggerated-bias" in out
    assert "not run" in out


def test_a_check_stores_its_evidence_and_the_list_shows_it(run, tmp_path):
    code, out, _ = run("claims", "check", "exaggerated-bias", "--examples", 200, "--shrinking", 5, "--seed", 1)
    assert code == 0
    assert "held in 200 draws and 5 Hypothesis examples" in out
    assert out.rstrip().endswith("held")
    assert claims.evidence(tmp_path / "build/evidence")["exaggerated-bias"].tested.seed == 1
    listed = {entry["id"]: entry["levels"] for entry in json.loads(run("claims", "list", "--json")[1])}
    assert listed["exaggerated-bias"]["derived"]["held"] is True
    assert listed["exaggerated-bias"]["seen in networks"] is None


def test_show_tells_everything_about_a_claim(run):
    code, out, _ = run("claims", "show", "exaggerated-bias")
    made = claims.get("exaggerated-bias")
    assert code == 0
    assert made.title in out
    assert all(item.name in out for item in (*made.assumptions, *made.counterexamples, *made.mutants))
    assert "@inproceedings{nagarajan2023," in out
    for path in (
        "kdtheory/claims/exaggerated_bias.py",
        "derivations/exaggerated_bias.py",
        "figures/exaggerated_bias.py",
    ):
        assert path in out.replace("\n", "")
    data = json.loads(run("claims", "show", "exaggerated-bias", "--json")[1])
    assert data["statement"] == made.statement
    assert data["bibtex"][0].startswith("@inproceedings{nagarajan2023,")


def test_show_takes_a_claim_of_a_file(run, mine):
    code, out, _ = run("claims", "show", "mine.py::positive")
    assert code == 0
    assert "positive: Eigenvalues are positive" in out


# ----------------------------------------------------------------------------------------------------------- check


@pytest.fixture
def failing(monkeypatch):
    tested = PropertyTested(10, 0, 0, 3, {})
    found = Evidence("exaggerated-bias", "title", "source", "0", None, tested=tested)
    monkeypatch.setattr(_parallel, "check", lambda claim, **settings: found)


def test_a_failed_claim_exits_with_one(run, failing):
    code, out, _ = run("claims", "check", "--all", "--jobs", 1)
    assert code == 1
    assert f"0 of {len(claims.names())} claims held" in out


def test_quiet_prints_nothing_and_the_exit_code_answers(run, failing):
    assert run("claims", "check", "--all", "--quiet", "--jobs", 1) == (1, "", "")


def test_json_of_a_failed_claim_says_so_with_all_of_the_evidence(run, failing):
    code, out, _ = run("claims", "check", "exaggerated-bias", "--json")
    assert code == 1
    entry = json.loads(out)[0]
    assert entry["held"] is False
    assert entry["evidence"]["tested"]["failures"] == 3


def test_a_check_that_breaks_down_is_a_failure_with_its_reason(run, monkeypatch):
    def broken(claim, **settings):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(_parallel, "check", broken)
    code, out, _ = run("claims", "check", "exaggerated-bias")
    assert code == 1
    assert "exaggerated-bias: could not be checked: kdtheory: bug: ZeroDivisionError: division by zero" in out


def test_several_claims_are_a_table_of_evidence(run):
    code, out, _ = run("claims", "check", "exaggerated-bias", "mixing-odds-law", "--jobs", 1, "--examples", 100,
                       "--shrinking", 3)  # fmt: skip
    assert code == 0
    row = next(line for line in out.splitlines() if line.strip().startswith("exaggerated-bias"))
    made = claims.get("exaggerated-bias")
    for share in (made.counterexamples, made.mutants):
        assert f"{len(share)} of {len(share)}" in row
    assert "100 + 3" in row
    assert row.split()[-2:] == ["held", "held"]
    assert out.rstrip().endswith("2 of 2 claims held")


def test_what_failed_is_counted_in_the_table_and_told_below_it(run, monkeypatch):
    def checked(id, **settings):
        mutants = (MutantRun("caught", 5, 9), MutantRun("missed", 0, 9))
        known = (CounterexampleRun("a", "b", -1.0, -1.0, 1.0, True), CounterexampleRun("c", "b", 1.0, -1.0, 1.0, False))
        tested = PropertyTested(10, 2, 7, 0, {}, "again this way", counterexamples=known * 2, mutants=mutants)
        return Evidence(id, "title", "source", "0", None, tested=tested)

    monkeypatch.setattr(_parallel, "check", checked)
    code, out, _ = run("claims", "check", "exaggerated-bias", "mixing-odds-law", "--jobs", 1)
    assert code == 1
    row = next(line for line in out.splitlines() if line.strip().startswith("exaggerated-bias"))
    assert row.split() == [
        "exaggerated-bias",
        "title",
        "-",
        "10",
        "+",
        "2",
        "2",
        "of",
        "4",
        "1",
        "of",
        "2",
        "-",
        "FAILED",
    ]
    assert "mixing-odds-law FAILED: property-tested: held in 10 draws" in out
    assert "    again: again this way" in out
    assert out.rstrip().endswith("0 of 2 claims held")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("claims check nonsense", "kdtheory: claim: expected one of "),
        ("claims show nonsense", "kdtheory: claim: expected one of "),
        ("claims check", "kdtheory: ID: expected ids of claims ("),
        ("claims check --all exaggerated-bias", "kdtheory: --all: expected ids or --all, not both, got exaggerated-bias"),
        ("claims check exaggerated-bias --examples 0", "kdtheory: examples: expected a whole number of at least 1, got 0"),
        ("claims check exaggerated-bias --seed -1", "kdtheory: seed: expected a whole number of at least 0, got -1"),
        ("claims check exaggerated-bias --seconds 0", "kdtheory: seconds: expected a number above 0, got 0.0"),
        ("claims check exaggerated-bias --profile long", "kdtheory: profile: expected one of quick, ci, deep, got 'long'"),
        ("claims check --all --jobs 0", "kdtheory: jobs: expected a whole number of at least 1, got 0"),
        (
            "claims check exaggerated-bias mixing-odds-law --picture a.png",
            "kdtheory: --picture: expected one claim, got 2; name one claim (FILE.py::ID picks it from a file)",
        ),
    ],
)  # fmt: skip
def test_wrong_claims_and_numbers_are_one_line(run, arguments, message):
    assert fault(run(*arguments.split())).startswith(message)


# ------------------------------------------------------------------------------------------------------ your files


def test_a_file_of_claims_is_checked_and_what_it_prints_does_not_disturb(run, mine):
    code, out, err = run("claims", "check", "mine.py", "--profile", "quick", "--jobs", 1, "--json")
    assert code == 1
    assert err == "printed while imported\n"
    found = {entry["id"]: entry for entry in json.loads(out)}
    assert found["positive"]["held"]
    broken = found["always-half"]["evidence"]["tested"]["broken"]
    assert broken["margin"] <= 0
    assert len(repr(broken["case"]["ratio"])) <= 4


def test_the_replay_of_a_broken_claim_breaks_it_again_in_the_same_place(run, mine):
    first = run("claims", "check", "mine.py::always-half", "--examples", 3000, "--shrinking", 20, "--seed", 4)[1]
    again = next(line for line in first.splitlines() if "again: " in line).partition("again: ")[2]
    assert again == "kdtheory claims check mine.py::always-half --examples 3000 --shrinking 20 --seed 4"
    assert run(*again.split()[1:])[1] == first
    assert "(seed 4)" in first


def test_seconds_draw_as_long_as_that_and_the_replay_names_what_was_drawn(run, mine):
    code, out, _ = run("claims", "check", "mine.py::positive", "--seconds", 0.2, "--shrinking", 3, "--json")
    tested = json.loads(out)[0]["evidence"]["tested"]
    assert code == 0
    assert tested["examples"] >= 2000
    assert tested["examples"] % 2000 == 0
    assert f"--examples {tested['examples']} --shrinking 3" in tested["replay"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "expected a Python file that registers claims, got no such file; check the path"),
        ("x = 1", "expected a Python file that registers claims, got none; decorate a function with @kd.claims.claim"),
        ("x = (", "expected a file that can be imported, got SyntaxError: '(' was never closed (given.py, line 1); mend it"),
        ("import no_such", "expected a file that can be imported, got ModuleNotFoundError: No module named 'no_such' (line 1)"),
        ("\n1 / 0", "expected a file that can be imported, got ZeroDivisionError: division by zero (line 2); mend it"),
        ("import sys; sys.exit(3)", "expected a file that can be imported, got SystemExit: 3 (line 1); mend it"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_one_line(run, tmp_path, text, message):
    if text is not None:
        (tmp_path / "given.py").write_text(text)
    assert fault(run("claims", "check", "given.py")).startswith(f"kdtheory: given.py: {message}")


def test_a_folder_or_an_id_that_the_file_does_not_have_is_one_line(run, mine, tmp_path):
    (tmp_path / "folder.py").mkdir()
    assert "got a folder; check the path" in fault(run("claims", "check", "folder.py"))
    code, _, err = run("claims", "check", "mine.py::negative")
    assert code == 2
    assert err.endswith("kdtheory: mine.py: expected one of always-half, positive, got 'negative'; check the id\n")


def test_a_file_may_import_what_lies_beside_it(run, tmp_path):
    (tmp_path / "beside.py").write_text("TITLE = 'From beside'")
    (tmp_path / "mine.py").write_text("from beside import TITLE\n" + MINE.replace('title="Eig', 'title=TITLE + "Eig'))
    assert "From besideEigenvalues" in run("claims", "show", "mine.py::positive")[1]


def test_claims_of_the_package_that_a_file_uses_are_not_taken_for_its_own(tmp_path):
    original = _registry._claims.pop("exaggerated-bias")
    again = f"\nkd.claims._registry._claims[{original.id!r}] = positive  # as a first import of its module does\n"
    (tmp_path / "mine.py").write_text(MINE + again)
    assert claims.load(tmp_path / "mine.py") == ("always-half", "positive")


def test_a_claim_of_a_notebook_is_replayed_by_a_call():
    def never(case: TwoModes) -> Margin:
        return Margin(-1.0 - 0.0 * np.asarray(case.ratio))

    claims.claim(id="in-a-notebook", title="Never")(never)
    found = claims.check("in-a-notebook", examples=10, shrinking=0, seed=2)
    assert "again: kd.claims.check('in-a-notebook', examples=10, shrinking=0, seed=2)" in str(found)


# -------------------------------------------------------------------------------------------------------- pictures


def test_the_counterexample_of_a_broken_claim_is_drawn(run, mine, tmp_path):
    arguments = ("claims", "check", "mine.py::always-half", "--profile", "quick", "--picture")
    code, out, _ = run(*arguments, "broken.png")
    assert code == 1
    assert out.rstrip().endswith("drawn: broken.png")
    assert (tmp_path / "broken.png").read_bytes().startswith(b"\x89PNG")
    assert "expected a file that ends in .png, .pdf, .svg, got 'broken.jpg'" in run(*arguments, "broken.jpg")[2]


def test_where_nothing_broke_nothing_is_drawn(run, mine, tmp_path):
    code, out, _ = run("claims", "check", "mine.py::positive", "--profile", "quick", "--picture", "none.png")
    assert code == 0
    assert out.rstrip().endswith("no counterexample was found: nothing drawn")
    assert not (tmp_path / "none.png").exists()


# -------------------------------------------------------------------------------------------------- counterexamples


def test_counterexamples_are_listed_with_their_frozen_margins(run, monkeypatch):
    monkeypatch.setattr(_registry, "names", lambda: ("exaggerated-bias", "mixing-odds-law"))
    data = json.loads(run("claims", "counterexample", "--json")[1])
    wanted = [item.margin for id in _registry.names() for item in claims.get(id).counterexamples]
    assert [entry["margin"] for entry in data] == wanted
    assert "weights-by-turns" in run("claims", "counterexample")[1]


def test_a_counterexample_is_shown_with_its_exact_numbers(run):
    code, out, _ = run("claims", "counterexample", "mixing-odds-law/one-round")
    assert code == 0
    assert "-0.5248118647407307" in out
    assert "many-rounds" in out
    data = json.loads(run("claims", "counterexample", "mixing-odds-law/one-round", "--json")[1])
    assert data["case"]["gains"] == [0.6]
    assert data["case"]["rounds"] == 1
    assert data["margin_now"] == pytest.approx(data["frozen_margin"], rel=1e-9)
    assert data["restored_margin"] > 0


@pytest.mark.parametrize(
    "name",
    ["exaggerated-bias/overshooting-steps", "mixing-odds-law/tied-eigenvalues", "mixing-odds-law/one-round"],
    ids=["courses", "margins around", "two margins"],
)
def test_every_kind_of_counterexample_has_a_picture(run, tmp_path, name):
    code, out, _ = run("claims", "counterexample", name, "--picture", "it.svg")
    assert code == 0
    assert "drawn: it.svg" in out
    assert b"<svg" in (tmp_path / "it.svg").read_bytes()


def test_a_counterexample_that_holds_by_now_exits_with_one(run, monkeypatch):
    made = claims.get("mixing-odds-law")
    monkeypatch.setattr(type(made), "margin_of", lambda self, item, restored=False: 1.0)
    assert run("claims", "counterexample", "mixing-odds-law/one-round")[0] == 1


def test_names_that_do_not_say_which_are_one_line(run, monkeypatch):
    monkeypatch.setattr(_registry, "names", lambda: ("exaggerated-bias", "mixing-odds-law"))
    line = fault(run("claims", "counterexample", "tied-eigenvalues"))
    assert line == (
        "kdtheory: counterexample: expected one of exaggerated-bias/tied-eigenvalues, mixing-odds-law/tied-eigenvalues, "
        "got 'tied-eigenvalues'; put the claim before it"
    )
    assert "see kdtheory claims counterexample" in fault(run("claims", "counterexample", "nonsense"))
    assert "--picture: expected one counterexample" in fault(run("claims", "counterexample", "--picture", "a.png"))


# ------------------------------------------------------------------------------------------------------------- jobs


def test_evidence_is_the_same_whatever_the_number_of_processes(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ids = [*claims.load("mine.py"), "exaggerated-bias"]
    settings = {"profile": "quick", "seed": 3, "levels": ["derived", "tested"]}
    alone = list(check_all(ids, jobs=1, settings=settings))
    together = list(check_all(ids, jobs=2, files=["mine.py"], settings=settings))
    assert [outcome.id for outcome in together] == ids
    assert [outcome.evidence for outcome in together] == [outcome.evidence for outcome in alone]
    assert [outcome.held for outcome in together] == [False, True, True]


def test_faults_come_back_from_other_processes_in_words():
    outcomes = list(check_all(["nonsense", "no-such"], jobs=2))
    assert [str(outcome.fault).startswith("claim: expected one of ") for outcome in outcomes] == [True, True]


def test_an_exception_that_cannot_travel_is_put_into_words():
    class Odd(Exception):
        def __init__(self, one, two):
            super().__init__(f"{one} {two}")

    assert str(_parallel._portable(Odd("at", "night"))) == "Odd: at night"
    assert isinstance(_parallel._portable(ValueError("x")), ValueError)
    assert not Outcome("x", fault=ValueError()).held


def test_a_process_that_dies_is_one_line(tmp_path):
    (tmp_path / "deadly.py").write_text(
        "import os\nimport numpy as np\nimport kdtheory as kd\nfrom kdtheory.testing import Margin, TwoModes\n"
        "for id in ('first', 'second'):\n    @kd.claims.claim(id=id, title='x')\n"
        "    def check(case: TwoModes) -> Margin:\n        os._exit(9)\n    check.check.__qualname__ = id\n"
    )
    done = python("-m", "kdtheory", "claims", "check", str(tmp_path / "deadly.py"), "--jobs", "2")
    assert done.returncode == 1
    assert done.stdout.count("could not be checked: kdtheory: bug: RuntimeError: the process that checked it died") == 2


def test_margins_around_a_counterexample_are_those_of_the_claim(mine, tmp_path, monkeypatch):
    from kdtheory.claims._surroundings import around

    monkeypatch.chdir(tmp_path)
    claims.load("mine.py")
    claim = claims.get("always-half")
    case = claim.case(0.0, 0.2, 1.0, 1.0)
    found = {along.name: along for along in around(claim, case, points=5)}
    assert set(found) == {"log10_largest", "ratio", "teacher_progress", "student_progress"}
    assert 0.2 in found["ratio"].values
    for value, margin in zip(found["ratio"].values, found["ratio"].margins, strict=True):
        assert claim(claim.case(0.0, value, 1.0, 1.0)).smallest == pytest.approx(margin, rel=1e-12)
    assert np.ptp(found["log10_largest"].margins) == pytest.approx(0.0, abs=1e-12)
