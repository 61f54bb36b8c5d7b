"""Section "Bad input and faults": every argument meets every fault of its kind, and answers in one line.

The pairs are generated: a table says what a good call looks like and what kind each argument is; the faults come with the
kind. The line must name the argument, say what was expected and what was got, and what to do.
"""

import re

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import KdtheoryError, MissingPackage
from tests.unit.faults import CALLS, FAULTS, FLOW, LABELS, NAN, RECIPE, SOLVED, task
from tests.unit.sets import LOADERS as DATA
from tests.unit.sets import needed


def pairs():
    for function, arguments, kinds in CALLS:
        for argument, names in kinds.items():
            for kind in names:
                for fault in FAULTS.get(kind, [3.0]):
                    name = getattr(function, "__qualname__", repr(function))
                    yield pytest.param(function, arguments, argument, fault, id=f"{name}-{argument}-{fault!r:.40}")


def good_calls():
    """Loaders of data sets from elsewhere are called where the set is; their faults are met everywhere."""
    for function, arguments, _ in CALLS:
        name = getattr(function, "__qualname__", "?")
        marks = needed(DATA[name]) if name in DATA else ()
        yield pytest.param(function, arguments, id=name, marks=marks)


@pytest.mark.parametrize("function, arguments", list(good_calls()))
def test_the_good_call_is_good(function, arguments):
    assert function(**arguments) is not None


@pytest.mark.parametrize("function, arguments, argument, fault", list(pairs()))
def test_a_fault_answers_in_one_line_that_names_the_argument(function, arguments, argument, fault):
    with pytest.raises(KdtheoryError) as caught:
        function(**{**arguments, argument: fault})
    if isinstance(caught.value, MissingPackage):
        raise caught.value
    line = str(caught.value)
    assert re.fullmatch(rf"{re.escape(argument)}(\[\d+\])?: expected .+, got .+; .+", line), line
    assert len(line) < 300


def test_every_public_function_is_in_the_table():
    """Results, protocols and settings without arguments of their own have no faults to meet."""
    rooms = (kd.procedures, kd.kernels, kd.models, kd.tasks, kd.networks, kd.measures, kd.risk, kd.distillation)
    public = {name for room in rooms for name in room.__all__ if not isinstance(getattr(room, name), type)}
    called = {getattr(function, "__name__", "") for function, _, _ in CALLS}
    others = {"Loss", "Optimizer", "labels", "compare"}  # compare takes any number of results: called by a lambda
    assert public - called == others


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


@pytest.mark.parametrize("scale", [1e155, 1e200, 1e-170])
def test_inputs_whose_squares_leave_float64_are_refused(scale):
    tiny = kd.tasks.from_arrays(np.eye(3) * scale, [1.0, 2.0, 3.0])
    with pytest.raises(
        KdtheoryError, match=r"^inputs: expected numbers whose squares fit into float64, got a largest sing"
    ):
        kd.solve(RECIPE, kd.LinearModel(), tiny)


@pytest.mark.parametrize("call, message", [
    (lambda fit: fit.predict([[1.0]]), "inputs: expected 2 columns as in training, got 1; use the same features"),
    (lambda fit: fit.operator(inputs=[[1.0]]), "inputs: expected 2 columns as in training, got 1; use the same features"),
    (lambda fit: fit.operator(inputs=[[NAN, 1.0]]), "inputs: expected finite numbers, got nan at index [0, 0] (1 such "
     "value(s)); remove or impute these values"),
    (lambda fit: fit.operator("labels"), "task: expected a Task, got 'labels'; say whose labels: operator(task)"),
    (lambda fit: fit.loss("test"), "task: expected a Task to compare with, got 'test'; pass a task, or on='train' or "
     "on='test' by name"),
    (lambda fit: fit.on("x"), "spectrum: expected a Spectrum, got 'x'; pass model.spectrum(task)"),
    (lambda fit: fit.spectrum.coefficients([1.0, 2.0]), "values: expected 3 rows, got shape (2,); pass an array of shape "
     "(..., rows, outputs)"),
])  # fmt: skip
def test_asking_a_fit_for_nonsense_is_one_line(call, message):
    with pytest.raises(KdtheoryError) as caught:
        call(SOLVED["student"])
    assert str(caught.value) == message


@pytest.mark.parametrize("start, message", [
    (kd.Start(weights=[1.0, 2.0, 3.0]), r"^start.weights: expected shape \(2, 1\), got \(3, 1\)"),
    (kd.Start(weights=[NAN, 1.0]), r"^start.weights: expected finite numbers, got nan"),
    (kd.Start(offset=lambda x: 1 / 0), r"^start.offset: expected a function of inputs, got ZeroDivisionError: division by"),
])  # fmt: skip
def test_a_start_is_checked_even_if_the_procedure_forgets_it(start, message):
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(LABELS, kd.Ridge(1.0)), start=start))
    with pytest.raises(KdtheoryError, match=message):
        _ = kd.solve(recipe, kd.LinearModel(), task())["teacher"].train


def test_arrays_in_a_recipe_are_no_sweep():
    with pytest.raises(
        KdtheoryError, match=r"^penalty: expected a number or kd.axis\(...\), got an array .*; sweep it: penalty="
    ):
        kd.solve(kd.self_distillation(kd.Ridge([1.0, 2.0]), FLOW), kd.LinearModel(), task())


def test_squared_error_is_not_the_loss_of_logits():
    classes = kd.tasks.from_arrays([[1.0], [2.0]], [0, 1])
    recipe = kd.self_distillation(kd.GradientDescent(2), kd.GradientDescent(2), loss=kd.CrossEntropy())
    student = kd.simulate(recipe, kd.LinearModel(), classes)["student"]
    with pytest.raises(
        KdtheoryError, match=r"^loss: expected a fit trained on squared error, got one that gives logits; use"
    ):
        student.loss(on="train")
