"""Each figure at settings so small that it is computed in seconds: data, picture and words belong together."""

import re
from dataclasses import asdict, replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import kdtheory as kd
from kdtheory.report import figure, figure_names, load
from kdtheory.report.build import sidecar
from kdtheory.report.pictures import picture
from kdtheory.report.storage import arrays_as_bytes, json_as_bytes


def _small(name):
    whole = figure(name)
    return replace(whole, quick=whole.small)


@pytest.fixture(scope="module", params=figure_names())
def drawn(request):
    small = _small(request.param)
    return small, small.computed()


@pytest.fixture(scope="module")
def restored(drawn, tmp_path_factory):
    """The figure as its files give it back."""
    small, dataset = drawn
    folder = tmp_path_factory.mktemp(small.id)
    (folder / f"{small.id}.npz").write_bytes(arrays_as_bytes(dataset))
    (folder / f"{small.id}.json").write_bytes(json_as_bytes(sidecar(small, dataset, full=False)))
    return small, load(folder, small.id)


@pytest.fixture(scope="module")
def shown(restored):
    """Picture and words of these files, made while whatever computes is out of order: (figure, PNG, caption, alt)."""
    small, dataset = restored
    with pytest.MonkeyPatch.context() as broken:
        for name in ("solve", "simulate", "train", "compare"):
            broken.setattr(kd, name, None, raising=False)
        broken.setattr(np.linalg, "eigh", None)
        broken.setattr("kdtheory.measures.confidence", None)
        broken.setattr("kdtheory.measures.power_law", None)
        figure = small.draw(dataset)
        return figure, picture(figure, "png"), small.caption(dataset), small.alt(dataset)


def test_drawing_and_words_compute_nothing_and_need_the_files_only(shown):
    _, png, caption, alt = shown
    assert png
    assert len(caption) > 200
    assert len(alt) > 100


def test_computing_twice_gives_the_same_bytes(drawn):
    small, dataset = drawn
    assert arrays_as_bytes(small.computed()) == arrays_as_bytes(dataset)


def test_drawing_changes_neither_data_nor_global_settings(drawn):
    small, dataset = drawn
    before, data = dict(mpl.rcParams), arrays_as_bytes(dataset)
    small.draw(dataset)
    assert dict(mpl.rcParams) == before
    assert arrays_as_bytes(dataset) == data


def test_axes_have_labels_and_no_text_leaves_the_picture(shown):
    figure, *_ = shown
    box, renderer = figure.bbox, FigureCanvasAgg(figure).get_renderer()
    for axes in figure.axes:
        assert axes.get_xlabel() or axes.get_xticklabels()
        for text in axes.texts:
            where = text.get_window_extent(renderer)
            assert where.x0 >= box.x0 - 1, text.get_text()
            assert where.x1 <= box.x1 + 1, text.get_text()
    assert figure.axes[0].get_ylabel()


def test_numbers_in_words_are_those_of_the_data(drawn):
    """Every number with a decimal point in the caption is a number, or a formatted number, of the data or settings."""
    small, dataset = drawn
    values = [value for value in _values(dict(dataset.numbers)) if isinstance(value, int | float)]
    values += [float(v) for array in dataset.coordinates.values() if array.dtype.kind in "fi" for v in array]
    values += list(_values(asdict(small.quick)))
    values = [v for v in values if isinstance(v, int | float)]
    values += [100 * v for v in values]
    for said in re.findall(r"[-+]?\d+\.\d+(?:e-?\d+)?", small.caption(dataset)):
        digits = len(said.split("e")[0].split(".")[1])
        formats = (f"{{:.{digits}{kind}}}" for kind in "fe")
        shown = {form.format(v) for form in formats for v in values} | {f"{v:g}" for v in values}
        shown |= {f"{v:.2g}" for v in values}
        assert said.lstrip("+") in shown, said


def _values(numbers):
    if isinstance(numbers, dict):
        for value in numbers.values():
            yield from _values(value)
    elif isinstance(numbers, list | tuple):
        for value in numbers:
            yield from _values(value)
    elif not isinstance(numbers, bool):
        yield numbers


def test_findings_name_claims_of_the_figure(drawn):
    small, dataset = drawn
    for id, said in small.findings(dataset).items():
        assert id in small.claims
        assert set(said) == {"held", "verdict", "numbers"}
        assert isinstance(said["held"], bool)


def test_exaggerated_bias_shows_the_lag_that_the_formula_gives():
    whole = figure("exaggerated-bias")
    numbers = replace(whole, quick=replace(whole.quick, train=60, points=11)).computed().numbers
    u, v, r = 0.9, 0.6 / 0.9, numbers["ratio"]
    assert numbers["matched_student"] == pytest.approx((1 - (1 - u) ** r) * (1 - (1 - v) ** r), rel=1e-10)
    assert numbers["matched_onehot"] == pytest.approx(1 - (1 - u * v) ** r, rel=1e-10)
    assert numbers["matching_error"] < 1e-12


def test_three_worlds_agree_where_they_must():
    dataset = _small("three-worlds").computed()
    np.testing.assert_allclose(dataset["gain_simulation"], dataset["gain_closed_form"], atol=1e-9)
    assert max(dataset.numbers["simulation"]["student"].values()) < 1e-10
    deviation = dataset["deviation_test"].mean(axis=1)
    assert np.all(deviation[:, -1] < deviation[:, 0])
    laws = dataset.numbers["exponent"]
    assert all(law["low"] < law["exponent"] < law["high"] for law in laws.values())


@pytest.mark.parametrize(
    ("name", "controls", "shorter"),
    [("three-worlds", "onehot_", {}), ("confidence-exaggeration", "control", {"epochs": 1, "seeds": 2})],
)
def test_controls_share_the_students_initialization_and_batches(monkeypatch, name, controls, shorter):
    recipes, train = [], kd.train
    monkeypatch.setattr(kd, "train", lambda recipe, *args, **kw: recipes.append(recipe) or train(recipe, *args, **kw))
    small = _small(name)
    replace(small, quick=replace(small.quick, **shorter)).computed()
    found = [fit for recipe in recipes for fit_name, fit in recipe.items() if fit_name.startswith(controls)]
    assert found
    assert all(fit.stream == "student" and not fit.teachers for fit in found)
