"""Section "Bad input and faults": every argument meets every fault of its kind, and answers in one line.

The pairs are generated: a table says what a good call looks like and what kind each argument is; the faults come with the
kind. The line must name the argument, say what was expected and what was got, and what to do.
"""

import re

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import KdtheoryError
from kdtheory.spectrum import from_features, from_gram

NAN, INF = float("nan"), float("inf")
MATRIX = [[2.0, 0.5], [0.5, 1.0]]
LABELS, FLOW = kd.labels, kd.GradientFlow(time=1.0)

FAULTS = {
    "matrix": [None, "abc", [], [[]], 3.0, [1.0, 2.0], [[1.0, NAN], [0.0, 1.0]], [[INF, 0.0], [0.0, 1.0]], [[1.0], [2.0, 3.0]],
               [[1j]], [["a"]], [[None]], {"a": 1}, np.zeros((0, 2)), np.zeros((2, 2, 2))],
    "vector": ["abc", [], [NAN], [INF], [[1.0], [2.0, 3.0]], [1j], ["a"], np.zeros((0,))],
    "deep array": [np.zeros((2, 2, 2))],
    "name": ["", "two words", 3, None],
    "gram": [[[1.0, 0.0]], [[1.0, 2.0], [2.0, 1.0]], [[1.0, 0.3], [0.0, 1.0]]],
    "number": [None, "abc", NAN, -1.0, True, [NAN], []],
    "finite number": [INF],
    "positive": [0.0],
    "whole": [1.5],
    "one number": [None, "abc", NAN, INF, True, [1.0, 2.0], {}],
    "count": [None, "abc", NAN, INF, -1, 1.5, True, [1]],
    "positive count": [0],
    "rounds": [None, "abc", NAN, -1.0, 1.5, True, [1]],
    "word": [None, "abc", 3, ["zero"]],
    "object": [None, "abc", 3.0, [1]],
    "task": [None, "abc", MATRIX],
}  # fmt: skip


def digits_arguments():
    return {"train": 20, "test": 5, "seed": 0}


def task():
    return kd.tasks.from_arrays([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]], [1.0, 2.0, 3.0], [[1.0, 1.0]], [0.0])


RECIPE = kd.self_distillation(FLOW, FLOW)
CALLS = [
    (kd.GradientFlow, {"time": 1.0}, {"time": ["number"]}),
    (kd.GradientDescent, {"steps": 3, "step_size": 0.1}, {"steps": ["number", "whole", "finite number"]}),
    (kd.GradientDescent, {"steps": 3, "step_size": 0.1}, {"step_size": ["positive", "finite number"]}),
    (kd.Ridge, {"penalty": 1.0}, {"penalty": ["number", "finite number"], "center": ["word"]}),
    (FLOW.gain, {"eigenvalues": [1.0]}, {"eigenvalues": ["vector"]}),
    (kd.Ridge(1.0).dual_gain, {"eigenvalues": [1.0]}, {"eigenvalues": ["vector"]}),
    (kd.tasks.digits, digits_arguments(), {"train": ["count", "positive count"], "seed": ["count"]}),
    (kd.tasks.from_spectrum, {"eigenvalues": [2.0, 1.0], "coefficients": [1.0, 1.0]},
     {"eigenvalues": ["vector"], "coefficients": ["vector", "deep array"]}),
    (kd.tasks.from_arrays, {"X": MATRIX, "y": [1.0, 2.0], "X_test": MATRIX, "y_test": [1.0, 2.0]},
     {"X": ["matrix"], "y": ["vector", "deep array"], "y_test": ["vector", "deep array"]}),
    (from_gram, {"gram": MATRIX}, {"gram": ["matrix", "gram"]}),
    (lambda inputs: from_features(inputs), {"inputs": MATRIX}, {"inputs": ["matrix"]}),
    (from_gram(MATRIX).time_at, {"gain": 0.5, "mode": 0}, {"gain": ["one number"], "mode": ["count"]}),
    (kd.axis, {"name": "time", "values": [1.0]}, {"name": ["name"], "values": ["deep array"]}),
    (kd.output_of, {"fit": "teacher"}, {"fit": [None]}),
    (kd.Minibatch, {"size": 3}, {"size": ["count", "positive count"]}),
    (kd.CrossEntropy, {"temperature": 1.0, "label_temperature": 1.0},
     {"temperature": ["one number", "positive"], "label_temperature": ["one number", "positive"]}),
    (kd.Phase, {"target": LABELS, "procedure": FLOW}, {"target": ["object"], "procedure": ["object"], "loss": ["object"]}),
    (kd.Fit, {"phases": [kd.Phase(LABELS, FLOW)]}, {"phases": ["object"]}),
    (kd.self_distillation, {"teacher": FLOW, "student": FLOW, "mixing": 1.0, "rounds": 1},
     {"mixing": ["one number"], "rounds": ["rounds", "positive count"]}),
    (kd.solve, {"recipe": RECIPE, "model": kd.LinearModel(), "task": task()},
     {"recipe": ["object"], "model": ["object"], "task": ["task"]}),
]  # fmt: skip


def pairs():
    for function, arguments, kinds in CALLS:
        for argument, names in kinds.items():
            for kind in names:
                for fault in FAULTS.get(kind, [3.0]):
                    name = getattr(function, "__qualname__", repr(function))
                    yield pytest.param(function, arguments, argument, fault, id=f"{name}-{argument}-{fault!r:.40}")


@pytest.mark.parametrize(
    "function, arguments", [pytest.param(f, a, id=getattr(f, "__qualname__", "?")) for f, a, _ in CALLS]
)
def test_the_good_call_is_good(function, arguments):
    assert function(**arguments) is not None


@pytest.mark.parametrize("function, arguments, argument, fault", list(pairs()))
def test_a_fault_answers_in_one_line_that_names_the_argument(function, arguments, argument, fault):
    with pytest.raises(KdtheoryError) as caught:
        function(**{**arguments, argument: fault})
    line = str(caught.value)
    assert re.fullmatch(rf"{re.escape(argument)}: expected .+, got .+; .+", line), line
    assert len(line) < 300


def test_errors_are_also_what_a_numpy_user_would_catch():
    with pytest.raises(ValueError, match="^time: "):
        kd.GradientFlow(time=-1.0)
    with pytest.raises(KeyError, match="studnet"):
        _ = RECIPE["studnet"]


def test_errors_survive_pickling():
    import pickle

    with pytest.raises(KdtheoryError) as caught:
        kd.GradientFlow(time=-1.0)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_unknown_fit_lists_the_fits_there_are():
    with pytest.raises(KdtheoryError) as caught:
        _ = RECIPE["studnet"]
    assert str(caught.value) == "fit: expected one of teacher, student, got 'studnet'; check the spelling"


def test_a_teacher_must_come_before_its_student():
    fit = kd.Fit(kd.Phase(kd.output_of("teacher"), FLOW))
    with pytest.raises(
        KdtheoryError, match=r"^student: expected a teacher among earlier fits \(none\), got 'teacher'; name"
    ):
        kd.Recipe(student=fit, teacher=kd.Fit(kd.Phase(LABELS, FLOW)))


def test_weights_of_a_target_must_sum_to_one():
    with pytest.raises(KdtheoryError, match=r"^target: expected weights that sum to 1, got 0.9; for example mixing"):
        kd.Phase(0.9 * LABELS, FLOW)


def test_labels_are_needed_where_they_are_used():
    unlabelled = kd.tasks.from_arrays([[1.0, 0.0]], None, [[1.0, 0.0]], [1.0])
    with pytest.raises(
        KdtheoryError, match=r"^teacher: expected a task with labels, got Task\(.*unlabelled\); train it on"
    ):
        kd.solve(RECIPE, kd.LinearModel(), unlabelled)


def test_an_unstable_step_is_refused_before_anything_runs():
    recipe = kd.self_distillation(kd.GradientDescent(steps=3, step_size=10.0), FLOW)
    with pytest.raises(
        KdtheoryError, match=r"^step_size: expected less than .*, the stability limit at largest eigenvalue"
    ):
        kd.solve(recipe, kd.LinearModel(), task())


def test_starts_of_the_wrong_shape_are_refused():
    phase = kd.Phase(LABELS, FLOW)
    wrong = kd.Recipe(teacher=kd.Fit(phase, start=kd.Start(weights=[1.0, 2.0, 3.0])))
    with pytest.raises(
        KdtheoryError, match=r"^start.weights: expected shape \(2, 1\), got \(3, 1\); pass one weight per"
    ):
        _ = kd.solve(wrong, kd.LinearModel(), task())["teacher"].train
    wrong = kd.Recipe(teacher=kd.Fit(phase, start=kd.Start(offset=[1.0, 2.0])))
    with pytest.raises(
        KdtheoryError, match=r"^start.offset: expected values that broadcast to \(3, 1\), got shape \(2,\);"
    ):
        _ = kd.solve(wrong, kd.LinearModel(), task())["teacher"].train


def test_there_is_no_test_set_to_predict():
    train_only = kd.tasks.from_arrays([[1.0, 0.0]], [1.0])
    solved = kd.solve(RECIPE, kd.LinearModel(), train_only)["student"]
    with pytest.raises(
        KdtheoryError, match=r"^test: expected a task with test inputs, got Task\(.*; make the task with test"
    ):
        _ = solved.test
    with pytest.raises(KdtheoryError, match=r"^task: expected test targets to compare with, got Task"):
        solved.loss()
