import subprocess
import sys

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.distillation import Result
from kdtheory.errors import InvalidArgument, MissingPackage
from kdtheory.measures import accuracy, compare, deviation

FLOW = kd.GradientFlow(1.0)
RECIPE = kd.self_distillation(FLOW, FLOW)


@pytest.fixture
def worlds(classes, make_fit):
    exact = kd.solve(RECIPE, kd.LinearModel(), classes)
    fits = {name: make_fit(name, draw=draw, logits=False, seed=3) for draw, name in enumerate(RECIPE)}
    return exact, Result("train", RECIPE, classes, fits, {})


def test_every_fit_is_compared_in_every_world_with_the_first(worlds):
    rows = compare(*worlds).rows
    assert [(row.fit, row.world) for row in rows] == [
        ("teacher", "solve"), ("teacher", "train"), ("student", "solve"), ("student", "train"),
    ]  # fmt: skip
    exact, nets = worlds
    for fit, first, second in (("teacher", *rows[:2]), ("student", *rows[2:])):
        assert first.train_deviation is None
        assert first.test_deviation is None
        np.testing.assert_array_equal(second.train_deviation, deviation(nets[fit], exact[fit], on="train"))
        np.testing.assert_array_equal(second.test_deviation, deviation(nets[fit], exact[fit], on="test"))
        assert first.test_accuracy == accuracy(exact[fit], on="test")
        np.testing.assert_array_equal(second.test_accuracy, accuracy(nets[fit], on="test"))
        np.testing.assert_array_equal(second.train_accuracy, accuracy(nets[fit], on="train"))


def test_deviations_are_from_the_first_of_three(worlds):
    exact, nets = worlds
    rows = compare(exact, nets, exact).rows[:3]
    assert [row.world for row in rows] == ["solve 1", "train", "solve 2"]
    assert np.all(rows[1].train_deviation > 0)
    assert rows[2].train_deviation == rows[2].test_deviation == 0.0


def test_the_table_prints_itself(worlds):
    lines = repr(compare(*worlds)).splitlines()
    assert lines[0] == "deviations are relative to 'solve'; mean [range]"
    assert lines[1].split("  ")[0] == "fit"
    assert lines[3].split()[:4] == ["teacher", "solve", "-", "-"]
    mean = compare(*worlds).rows[1].train_deviation.mean()
    assert f"{mean:.3g} [" in lines[4]
    assert len(lines) == 7


def test_a_regression_task_without_test_inputs_shows_what_there_is():
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 2.0])
    result = kd.solve(RECIPE, kd.LinearModel(), task)
    table = compare(result, result)
    assert [row.world for row in table.rows] == ["solve 1", "solve 2"] * 2
    assert repr(table).splitlines()[1].split("  ") == ["fit", "   world", "train deviation"] or "accuracy" not in repr(
        table
    )
    assert "test" not in repr(table)
    assert table.rows[1].train_deviation == 0.0


def test_pandas_gets_the_mean_and_the_worst(worlds):
    pytest.importorskip("pandas")
    comparison = compare(*worlds, names=["exact", "wide"])
    frame = comparison.to_pandas().set_index(["fit", "world"])
    row = comparison.rows[3]
    assert frame.loc[("student", "wide"), "train_deviation"] == np.mean(row.train_deviation)
    assert frame.loc[("student", "wide"), "largest_train_deviation"] == np.max(row.train_deviation)
    assert frame.loc[("student", "wide"), "least_test_accuracy"] == np.min(row.test_accuracy)
    assert np.isnan(frame.loc[("student", "exact"), "train_deviation"])


def test_without_pandas_one_line_says_so(worlds, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        MissingPackage, match=r"^pandas: expected the package pandas, got none installed; pip install pandas$"
    ):
        compare(*worlds).to_pandas()


def test_importing_measures_loads_neither_pandas_nor_anything_heavy():
    code = (
        "import sys, kdtheory.measures; "
        "print([m for m in ('pandas', 'jax', 'torch', 'matplotlib', 'seaborn', 'sympy', 'hypothesis', 'sklearn') "
        "if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_results_that_cannot_be_compared_are_one_line(worlds, classes):
    exact, nets = worlds
    other_fits = kd.solve(kd.self_distillation(FLOW, FLOW, rounds=2), kd.LinearModel(), classes)
    with pytest.raises(
        InvalidArgument, match=r"^solve 2: expected the fits of solve 1 \(teacher, student\), got teacher, student"
    ):
        compare(exact, other_fits)
    swept = kd.solve(kd.self_distillation(FLOW, FLOW, mixing=kd.axis("mixing", [0.0, 1.0])), kd.LinearModel(), classes)
    message = (
        r"^solve\['student'\]: expected the sweeps of train \(no sweep\), got mixing; run every world with the same"
    )
    with pytest.raises(InvalidArgument, match=message):
        compare(nets, swept)
    task = kd.tasks.from_arrays(classes.inputs + 1, classes.labels, classes.test_inputs, classes.test_labels)
    with pytest.raises(
        InvalidArgument, match=r"^result: expected the train inputs of reference \(Task\(.*got other inputs"
    ):
        compare(exact, kd.solve(RECIPE, kd.LinearModel(), task))
    fewer = kd.tasks.from_arrays(classes.inputs[:4], classes.labels[:4], classes.test_inputs, classes.test_labels)
    with pytest.raises(
        InvalidArgument, match=r"^result: expected 8 points and 3 output\(s\) as reference has, got 4 and 3;"
    ):
        compare(exact, kd.solve(RECIPE, kd.LinearModel(), fewer))


def test_other_values_of_a_sweep_are_one_line(classes):
    def swept(values):
        recipe = kd.self_distillation(FLOW, FLOW, mixing=kd.axis("mixing", values))
        return kd.solve(recipe, kd.LinearModel(), classes)

    with pytest.raises(InvalidArgument, match=r"expected the same values along the axis 'mixing' in all results"):
        compare(swept([0.0, 0.5]), swept([0.0, 1.0]))


@pytest.mark.parametrize(
    ("arguments", "names", "message"),
    [
        ([], None, r"^results: expected at least one result, got none; pass kd.solve\(...\)$"),
        (["exact"], None, r"^results\[0\]: expected a Result, got 'exact'; pass what solve, simulate and train return, whole$"),
        ("fit", None, r"^results\[0\]: expected a Result, got ExactFit\('student'\); pass what"),
        ("both", ["one"], r"^names: expected 2 names, got 1; pass one name per result$"),
        ("both", "ab", r"^names: expected 2 names, got 'ab';"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(worlds, arguments, names, message):
    chosen = {"fit": [worlds[0]["student"]], "both": list(worlds)}.get(
        arguments if isinstance(arguments, str) else "", arguments
    )
    with pytest.raises(InvalidArgument, match=message):
        compare(*chosen, names=names)
