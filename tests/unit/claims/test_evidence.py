"""Evidence: what a run found, to and from JSON."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.claims import Counterexample, Evidence, Mutant, _provenance, _registry
from kdtheory.errors import DataUnavailable
from kdtheory.testing import Margin, TwoModes

CASE = TwoModes(0.0, 0.5, 1.0, 1.0)


def check(case: TwoModes) -> Margin:
    return Margin(lag=1 - np.asarray(case.ratio), endless=np.full(np.shape(case.ratio), np.inf))


@pytest.fixture(scope="module")
def found() -> Evidence:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_registry, "_claims", {})
        claim = kd.claims.claim(
            id="mine",
            title="Mine",
            assumptions={"apart": "."},
            counterexamples=[Counterexample("tie", "apart", "", TwoModes(0.0, 1.0, 1.0, 1.0), CASE, margin=0.0)],
            mutants=[Mutant("flipped", "", lambda case: Margin(-check(case).values))],
            simulation=lambda: Margin(0.1),
            derivation="exaggerated-bias",
        )(check)
    return kd.claims.check(claim, examples=50, shrinking=5).with_network(
        "three-worlds", held=False, verdict="not seen at width 64", numbers={"slope": 0.98, "seeds": 5}
    )


def test_evidence_survives_a_round_trip_through_a_file(found: Evidence, tmp_path: Path):
    path = found.save(tmp_path)
    assert path == tmp_path / "mine.json"
    read = Evidence.load(path)
    assert read == found
    assert read.stamp == found.stamp
    assert read.tested is not None
    assert read.tested.smallest["endless"].margin == np.inf
    assert kd.claims.evidence(tmp_path) == {"mine": found}


def test_the_file_is_strict_json_with_the_time_kept_apart(found: Evidence):
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    content = json.loads(found.to_json(), parse_constant=refuse)
    assert set(content) == {"format", "evidence", "stamp"}
    assert set(content["stamp"]) == {"time", "seconds"}
    assert content["evidence"]["tested"]["smallest"]["endless"]["margin"] == "float:inf"
    assert replace(found, stamp={"time": "later"}) == found


def test_each_level_has_one_line(found: Evidence):
    lines = str(found).splitlines()
    assert lines[0] == "mine: Mine"
    assert lines[1] == "  source: derived here"
    assert lines[2].startswith("  derived: 18 of 18 steps verified by ")
    assert lines[3].startswith("  property-tested: held in 50 draws and 5 Hypothesis examples (smallest lag ")
    assert lines[3].endswith("; 1 of 1 counterexamples confirmed; 1 of 1 mutants caught")
    assert lines[4:] == ["  simulated: held step by step (margin 0.1)", "  seen in networks: not seen at width 64"]


def test_what_networks_do_not_show_is_recorded_and_does_not_break_the_claim(found: Evidence):
    assert found.networks is not None
    assert not found.networks.held
    assert found.networks.numbers == {"slope": 0.98, "seeds": 5.0}
    assert found.held


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "TypeError: list indices must be integers or slices, not str"),
        ("{}", "KeyError: 'format'"),
        ('{"format": 0}', "ValueError: format 0"),
        ('{"format": 1, "evidence": {"claim": "x"}, "stamp": {}}', "KeyError: 'derived'"),
    ],
)
def test_a_file_that_is_no_evidence_is_one_line(tmp_path: Path, text: str, got: str):
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(DataUnavailable) as caught:
        kd.claims.evidence(tmp_path)
    assert str(caught.value) == (
        f"{path}: expected evidence written by kdtheory, got {got}; run kdtheory claims check again"
    )


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_truncated_file_is_one_line(found: Evidence, tmp_path: Path, cut: int):
    text = found.to_json()
    path = tmp_path / "mine.json"
    path.write_text(text[: len(text) * cut // 40])
    with pytest.raises(DataUnavailable, match="expected evidence written by kdtheory"):
        Evidence.load(path)


def test_a_file_that_is_not_there_is_one_line_and_an_empty_folder_is_no_evidence(tmp_path: Path):
    with pytest.raises(DataUnavailable, match="expected a readable file, got FileNotFoundError"):
        Evidence.load(tmp_path / "mine.json")
    assert kd.claims.evidence(tmp_path / "nowhere") == {}


def test_half_written_files_are_not_read(found: Evidence, tmp_path: Path):
    found.save(tmp_path)
    (tmp_path / ".mine.json.abc.part").write_text("{")
    (tmp_path / ".hidden.json").write_text("{")
    assert list(kd.claims.evidence(tmp_path)) == ["mine"]


def test_the_commit_is_that_of_the_checkout_or_nothing(tmp_path: Path):
    assert _provenance.commit(tmp_path) is None
    (tmp_path / "pyproject.toml").touch()

    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init")
    assert _provenance.commit(tmp_path) is None  # nothing committed yet
    git("add", ".")
    git("commit", "-m", "first")
    assert _provenance.commit(tmp_path) == git("rev-parse", "HEAD")
    (tmp_path / "pyproject.toml").write_text("changed")
    assert _provenance.commit(tmp_path) == git("rev-parse", "HEAD") + "-dirty"
