"""References: what a change of code must not change unseen."""

import json
from dataclasses import replace

import pytest

from kdtheory.errors import DataUnavailable, InvalidArgument
from kdtheory.plotting import Dataset
from kdtheory.report import differences, figure, figure_names, references, update_reference
from kdtheory.report.figure import as_json


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(references._located, "folder", lambda kind: tmp_path)
    return tmp_path


def changed(dataset: Dataset, **numbers) -> Dataset:
    return replace(dataset, numbers={**dataset.numbers, **numbers})


def test_fresh_data_agree_with_the_reference_written_from_them(small, folder):
    dataset = small.computed()
    path = update_reference(small, dataset)
    assert path == folder / "references" / "exaggerated-bias.json"
    assert differences(small, dataset) == []


def test_a_number_beyond_its_tolerance_differs_and_is_named(small, folder):
    dataset = small.computed()
    update_reference(small, dataset)
    ratio = dataset.numbers["ratio"]
    assert differences(small, changed(dataset, ratio=ratio * (1 + 5e-9))) == []
    (found,) = differences(small, changed(dataset, ratio=ratio * (1 + 2e-8)))
    assert found.name == "ratio"
    assert str(found).startswith(f"exaggerated-bias: ratio: expected {ratio!r} (relative tolerance 1e-08), got ")


def test_an_element_of_a_list_is_compared_too(small, folder):
    dataset = small.computed()
    update_reference(small, dataset)
    lags = list(dataset.numbers["lags_at_lower"])
    lags[1] += 1e-3
    (found,) = differences(small, changed(dataset, lags_at_lower=lags))
    assert found.name == "lags_at_lower[1]"


@pytest.mark.parametrize("value", [float("nan"), None, "0.44", True])
def test_what_is_no_number_never_agrees(small, folder, value):
    dataset = small.computed()
    update_reference(small, dataset)
    (found,) = differences(small, changed(dataset, ratio=value))
    assert found.got == repr(value)


def test_a_number_that_is_gone_differs(small, folder):
    dataset = small.computed()
    update_reference(small, dataset)
    without = replace(dataset, numbers={k: v for k, v in dataset.numbers.items() if k != "ratio"})
    (found,) = differences(small, without)
    assert (found.name, found.got) == ("ratio", "nothing")


def test_other_settings_differ(small, folder):
    dataset = small.computed()
    update_reference(small, dataset)
    (found,) = differences(replace(small, quick=replace(small.quick, seed=3)), dataset)
    assert found.name == "settings"


def test_a_figure_without_a_reference_differs_and_the_line_says_what_to_do(small, folder):
    (found,) = differences(small, small.computed())
    assert found.got == "none (write it with kdtheory figures check exaggerated-bias --update)"


def test_a_reference_without_numbers_is_no_reference(small, folder):
    dataset = small.computed()
    (found,) = differences(small, dataset, {"settings": as_json(small.quick), "numbers": {}})
    assert found.name == "numbers"


def test_a_broken_reference_is_one_line(small, folder):
    path = update_reference(small, small.computed())
    path.write_text(path.read_text()[:50])
    with pytest.raises(DataUnavailable, match=r"exaggerated-bias.json: expected a JSON file, got .*; build or restore"):
        differences(small, small.computed())


def test_a_tolerance_for_a_number_that_is_not_there_is_one_line(small, folder):
    with pytest.raises(
        InvalidArgument, match="TOLERANCES: expected names of numbers in the data, got 'ratoi'; correct"
    ):
        update_reference(replace(small, tolerances={"ratoi": {"relative": 1.0}}), small.computed())


@pytest.mark.parametrize("name", figure_names())
def test_every_figure_has_a_reference_for_its_quick_settings_with_all_tolerances(name):
    stored = json.loads(references.reference_path(name).read_text())
    assert stored["settings"] == as_json(figure(name).quick)
    assert {key.split("[")[0] for key in stored["numbers"]} == set(figure(name).tolerances)
    assert all(
        entry.get("relative", 0) <= 0.05 and entry.get("absolute", 0) <= 0.03 for entry in stored["numbers"].values()
    )


def test_the_closed_form_figure_agrees_with_its_stored_reference():
    whole = figure("exaggerated-bias")
    assert differences(whole, whole.computed()) == []
