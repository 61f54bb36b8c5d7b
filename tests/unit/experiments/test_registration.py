"""A registration says everything that has to be fixed in advance, or is refused."""

import hashlib
import json
from pathlib import Path

import pytest

from kdtheory.errors import DataUnavailable, InvalidArgument
from kdtheory.experiments import Prediction, exaggeration, registration, settings, study
from tests.unit.experiments.repositories import MODULE, REGISTRATION, write


def test_it_is_read_with_its_name_and_the_hash_of_its_bytes(tmp_path):
    path = write(tmp_path)
    found = registration(path)
    assert (found.name, found.seeds, found.predictions[0].id) == ("tiny", 6, "large")
    path.write_bytes(path.read_bytes() + b" ")
    assert registration(path).sha256 != found.sha256


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 4}, "tiny.json: seeds: expected a whole number of at least 5, got 4; change tiny.json: seeds"),
        ({"surprise": 1}, "tiny.json: expected an object with title, question, claim, verdict, overturned_by, seeds"),
        ({"predictions": []}, "tiny.json: expected one prediction or more, each once, got []"),
        ({"predictions": [{"id": "a"}]}, "tiny.json: predictions: expected an object with id, words, measure"),
        ({"predictions": REGISTRATION["predictions"] * 2}, "tiny.json: expected one prediction or more, each once"),
        ({"check": {"cell": "one"}}, "tiny.json: check: expected cell and tolerance, got a value of type dict"),
    ],
)
def test_what_it_lacks_is_one_line(tmp_path, change, message):
    path = write(tmp_path, {**REGISTRATION, **change})
    with pytest.raises(InvalidArgument) as refused:
        registration(path)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("missing", ["question", "overturned_by", "verdict", "check"])
def test_every_part_is_asked_for(tmp_path, missing):
    path = write(tmp_path, {name: value for name, value in REGISTRATION.items() if name != missing})
    with pytest.raises(InvalidArgument, match="expected an object with"):
        registration(path)


@pytest.mark.parametrize("change", [{"direction": "up"}, {"threshold": float("nan")}, {"needed": 0.0}, {"needed": 1.1}])
def test_a_prediction_that_cannot_be_judged_is_refused(change):
    given = {"id": "a", "words": "w", "measure": "m", "direction": "above", **change}
    with pytest.raises(InvalidArgument, match="a: "):
        Prediction(**given)


@pytest.mark.parametrize("content", ["", "{", "[1, 2"])
def test_a_file_that_is_no_json_is_one_line(tmp_path, content):
    (tmp_path / "tiny.json").write_text(content)
    with pytest.raises(DataUnavailable, match="expected a registration in JSON"):
        registration(tmp_path / "tiny.json")


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("", "tiny.py: expected a function cells, got none; define cells(registered) and run(cell, seed)"),
        ("def cells(r): return []\nrun = cells", "tiny.py: expected a list of dicts from cells, each with a name of"),
        ("def cells(r): return [{'name': 'a'}] * 2\nrun = cells", "tiny.py: expected a list of dicts from cells"),
        ("def cells(r): return [{'a': 1}]\nrun = cells", "tiny.py: expected a list of dicts from cells"),
    ],
)
def test_a_module_that_is_no_study_is_one_line(tmp_path, module, message):
    with pytest.raises(InvalidArgument) as refused:
        study(str(write(tmp_path, module=module)))
    assert str(refused.value).startswith(message)


def test_a_missing_module_is_one_line(tmp_path):
    path = write(tmp_path)
    path.with_suffix(".py").unlink()
    with pytest.raises(DataUnavailable, match="expected a module beside the registration"):
        study(str(path))


def test_the_source_of_a_study_counts_and_that_of_the_measurements_it_calls(tmp_path):
    plain = study(str(write(tmp_path / "a")))
    commented = study(str(write(tmp_path / "b", module=MODULE + "# changed")))
    calling = "from kdtheory.experiments.settings import task\n"
    more = study(str(write(tmp_path / "c", module=calling + MODULE)))
    text = (tmp_path / "c" / "tiny.py").read_bytes()
    assert len({plain.source, commented.source, more.source}) == 3
    assert more.source != hashlib.sha256(text).hexdigest()


def test_the_source_of_a_study_that_runs_as_another_counts_both_and_the_measurements():
    shared = study("o1-stochastic-depth")
    files = [shared.files[1], shared.path.parent / "o1_dropout.py"]
    files += [Path(str(exaggeration.__file__)), Path(str(settings.__file__))]
    assert shared.source == hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def test_registrations_hold_what_json_can_tell(tmp_path):
    assert json.loads(write(tmp_path).read_text()) == REGISTRATION
