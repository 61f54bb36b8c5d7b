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
    "given object": ["abc", 3.0, [1]],
    "task": [None, "abc", MATRIX],
    "signed number": [None, "abc", NAN, INF, True, {}],
    "logits": [None, "abc", [], 3.0, [[1.0, NAN], [0.0, 1.0]], [[INF, 0.0], [0.0, 1.0]], [[1.0], [2.0, 3.0]], [["a"]]],
    "flag": [None, "abc", 3.0],
    "one": [1.0],
    "negative": [-1.0, NAN, "abc"],
    "negative vector": [[-1.0]],
    "numbers": ["abc", [], [[NAN, 1.0], [0.0, 1.0]], [[INF, 1.0], [0.0, 1.0]], [["a"]]],
    "square": ["abc", [], [[NAN]], [[1.0], [2.0, 3.0]]],
    "some number": ["abc", NAN, -1.0, 0.0, True],
    "setting": ["abc", 3.0],
    "seeds": ["abc", 3, [], [-1], [1.5]],
    "too large a part": [1.5],
}  # fmt: skip


def task():
    return kd.tasks.from_arrays([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]], [1.0, 2.0, 3.0], [[1.0, 1.0]], [0.0])


RECIPE = kd.self_distillation(FLOW, FLOW)
STEPS = kd.self_distillation(kd.GradientDescent(2), kd.GradientDescent(2))
SOLVED = kd.solve(RECIPE, kd.LinearModel(), task())
LOGITS = [[1.0, 0.0], [0.0, 2.0], [1.0, -1.0]]
NETWORK = kd.networks.MLP(width=4, depth=1, parametrization="ntk")
SGD_ARGUMENTS = {"features": [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], "targets": [1.0, 2.0, 3.0], "step_size": 0.01,
                 "batch": kd.Minibatch(1, replace=True)}  # fmt: skip
COUNT, POSITIVE = ["count"], ["count", "positive count"]
TIME, PENALTY, NUMBER, ABOVE = ["number"], ["number", "finite number"], ["one number"], ["one number", "positive"]
PART = ["one number", "positive", "too large a part"]
SCORES = {"result": LOGITS, "labels": [0, 1, 0]}
SCORED = {"result": ["logits"], "labels": ["vector"], "temperature": ABOVE}

CALLS = [
    (kd.GradientFlow, {"time": 1.0}, {"time": TIME}),
    (kd.GradientDescent, {"steps": 3, "step_size": 0.1}, {"steps": [*PENALTY, "whole"], "step_size": ["positive", "finite number"]}),
    (kd.Ridge, {"penalty": 1.0}, {"penalty": PENALTY, "center": ["word"]}),
    (kd.IteratedTikhonov, {"penalty": 1.0, "iterations": 2}, {"penalty": PENALTY, "iterations": [*PENALTY, "whole"]}),
    (kd.SpectralCutOff, {"threshold": 1.0}, {"threshold": PENALTY, "center": ["word"]}),
    (kd.WeightDecayFlow, {"time": 1.0, "decay": 0.1}, {"time": TIME, "decay": PENALTY, "center": ["word"]}),
    (kd.WeightDecayDescent, {"steps": 2, "decay": 0.1}, {"steps": PENALTY, "decay": PENALTY, "center": ["word"]}),
    (kd.AveragedFlow, {"time": 1.0}, {"time": PENALTY}),
    (kd.AveragedDescent, {"steps": 2}, {"steps": [*PENALTY, "whole"]}),
    (kd.HeavyBall, {"steps": 2, "momentum": 0.5}, {"steps": PENALTY, "momentum": [*PENALTY, "one"]}),
    (kd.Nesterov, {"steps": 2, "momentum": 0.5}, {"steps": PENALTY, "momentum": [*PENALTY, "one"], "output": ["word"]}),
    (kd.HeavyBallFlow, {"time": 1.0, "friction": 0.1}, {"time": PENALTY, "friction": PENALTY}),
    (kd.NesterovFlow, {"time": 1.0}, {"time": PENALTY}),
    (kd.InfiniteRounds, {"procedure": FLOW, "mixing": 0.5}, {"procedure": ["object"], "mixing": ["signed number"]}),
    (kd.procedures.elasticity, {"procedure": FLOW, "eigenvalues": [1.0]},
     {"procedure": ["object"], "eigenvalues": ["vector", "negative vector"]}),
    (kd.procedures.elasticity_at_gain, {"family": kd.Ridge, "gain": 0.5}, {"family": ["object"], "gain": ["numbers"]}),
    (kd.procedures.exaggeration, {"teacher": kd.Ridge, "student": kd.Ridge, "reference": kd.Ridge},
     {"teacher": ["object"], "student": ["given object"], "reference": ["given object"]}),
    (FLOW.gain, {"eigenvalues": [1.0]}, {"eigenvalues": ["vector", "negative vector"]}),
    (kd.Ridge(1.0).dual_gain, {"eigenvalues": [1.0]}, {"eigenvalues": ["vector", "negative vector"]}),
    (kd.kernels.NTK, {"depth": 1}, {"depth": COUNT}),
    (kd.kernels.NNGP, {"depth": 1}, {"depth": COUNT}),
    (kd.kernels.RBF, {"gamma": 1.0}, {"gamma": ABOVE}),
    (kd.kernels.Laplace, {"gamma": 1.0}, {"gamma": ABOVE}),
    (kd.kernels.ArcCosine, {"order": 1}, {"order": COUNT}),
    (kd.kernels.Polynomial, {"degree": 2, "gamma": 1.0, "constant": 1.0}, {"degree": COUNT, "gamma": ABOVE, "constant": NUMBER}),
    (kd.kernels.Function, {"pair": max}, {"pair": ["object"]}),
    (kd.kernels.Linear().gram, {"left": MATRIX}, {"left": ["matrix"]}),
    (kd.KernelModel, {"gram": MATRIX}, {"gram": ["square"]}),
    (kd.RandomFeatures, {"kernel": kd.kernels.RBF(1.0), "count": 3}, {"kernel": ["object"], "count": POSITIVE, "seed": COUNT}),
    (kd.tasks.digits, {"train": 20, "test": 5, "seed": 0}, {"train": POSITIVE, "seed": COUNT}),
    (kd.tasks.diabetes, {"train": 20, "test": 5, "seed": 0}, {"train": POSITIVE, "seed": COUNT}),
    (kd.tasks.ambiguous, {"train": 5, "test": 5}, {"train": POSITIVE, "test": COUNT, "separation": ["one number"], "seed": COUNT}),
    (kd.tasks.from_spectrum, {"eigenvalues": [2.0, 1.0], "coefficients": [1.0, 1.0]},
     {"eigenvalues": ["vector", "negative vector"], "coefficients": ["vector", "deep array"]}),
    (kd.tasks.regression, {"eigenvalues": [2.0, 1.0], "coefficients": [1.0, 1.0], "train": 5, "test": 2},
     {"eigenvalues": ["vector", "negative vector"], "noise_variance": NUMBER, "design": ["word"], "train": POSITIVE}),
    (kd.tasks.power_law, {"modes": 3, "exponent": 1.0}, {"modes": POSITIVE, "exponent": NUMBER}),
    (kd.tasks.clusters, {"values": [2.0, 1.0], "sizes": [1, 2]}, {"values": ["vector"]}),
    (kd.tasks.with_label_noise, {"task": kd.tasks.digits(train=5, test=0), "fraction": 0.2}, {"task": ["task"], "fraction": NUMBER}),
    (kd.tasks.from_arrays, {"X": MATRIX, "y": [1.0, 2.0], "X_test": MATRIX, "y_test": [1.0, 2.0]},
     {"X": ["matrix"], "y": ["vector", "deep array"], "y_test": ["vector", "deep array"]}),
    (from_gram, {"gram": MATRIX}, {"gram": ["matrix", "gram"]}),
    (lambda inputs: from_features(inputs), {"inputs": MATRIX}, {"inputs": ["matrix"]}),
    (from_gram(MATRIX).time_at, {"gain": 0.5, "mode": 0}, {"gain": NUMBER, "mode": COUNT}),
    (kd.axis, {"name": "time", "values": [1.0]}, {"name": ["name"], "values": ["deep array"]}),
    (kd.output_of, {"fit": "teacher"}, {"fit": ["name"][:0]}),
    (kd.Minibatch, {"size": 3}, {"size": POSITIVE, "replace": ["flag"]}),
    (kd.CrossEntropy, {"temperature": 1.0, "label_temperature": 1.0},
     {"temperature": ABOVE, "label_temperature": ABOVE, "scaled": ["flag"]}),
    (kd.Phase, {"target": LABELS, "procedure": FLOW}, {"target": ["object"], "procedure": ["object"], "loss": ["object"]}),
    (kd.Fit, {"phases": [kd.Phase(LABELS, FLOW)]}, {"phases": ["object"]}),
    (kd.self_distillation, {"teacher": FLOW, "student": FLOW, "mixing": 1.0, "rounds": 1},
     {"mixing": NUMBER, "rounds": ["rounds", "positive count"]}),
    (kd.loss_switching, {"teacher": FLOW, "before": FLOW, "after": FLOW, "mixing": 1.0}, {"mixing": NUMBER}),
    (kd.solve, {"recipe": RECIPE, "model": kd.LinearModel(), "task": task()},
     {"recipe": ["object"], "model": ["object"], "task": ["task"]}),
    (kd.simulate, {"recipe": STEPS, "model": kd.LinearModel(), "task": task()},
     {"recipe": ["object"], "model": ["object"], "task": ["task"], "step_size": ["some number"], "batch": ["setting"],
      "seeds": ["seeds"], "dtype": ["word"]}),
    (kd.networks.MLP, {"width": 4, "depth": 1}, {"width": POSITIVE, "depth": COUNT, "parametrization": ["word"]}),
    (kd.SGD, {"momentum": 0.5}, {"momentum": [*NUMBER, "one"]}),
    (kd.Adam, {"rate": 1e-3}, {"rate": ABOVE}),
    (kd.train, {"recipe": STEPS, "network": NETWORK, "task": task()},
     {"recipe": ["object"], "network": ["object"], "task": ["task"], "step_size": ["some number"], "batch": ["setting"],
      "seeds": ["seeds"], "dtype": ["word"], "optimizer": ["setting"], "threads": POSITIVE}),
    (kd.measures.confidence, {"teacher": LOGITS, "student": LOGITS, "labels": [0, 1, 0]},
     {"teacher": ["logits"], "student": ["matrix"], "labels": ["vector"], "fraction": PART}),
    (kd.measures.accuracy, SCORES, {"result": ["logits"], "labels": ["vector"]}),
    (kd.measures.calibration, SCORES, {**SCORED, "bins": POSITIVE, "binning": ["word"]}),
    (kd.measures.brier_score, SCORES, SCORED),
    (kd.measures.negative_log_likelihood, SCORES, SCORED),
    (kd.measures.agreement, {"teacher": LOGITS, "student": LOGITS}, {"teacher": ["logits"], "student": ["matrix"], "temperature": ABOVE}),
    (kd.measures.deviation, {"result": LOGITS, "reference": LOGITS}, {"result": ["numbers"], "reference": ["numbers"]}),
    (kd.measures.log_odds, {"logits": LOGITS, "labels": [0, 1, 0]}, {"logits": ["numbers"], "labels": ["vector"]}),
    (kd.measures.power_law, {"x": [1.0, 2.0, 4.0], "y": [1.0, 0.5, 0.3]}, {"x": ["vector"], "y": ["vector"], "level": PART}),
    (kd.measures.critical_batch, {"one_hot_variance": 2.0, "variance": 1.0, "squared_bias": 1.0},
     {"one_hot_variance": NUMBER[:0], "squared_bias": ["negative"]}),
    (kd.measures.gradients, {"model": kd.LinearModel(), "task": task()}, {"model": ["object"], "task": ["task"]}),
    (kd.measures.gradient_relation, {"model": kd.LinearModel(), "task": task(), "teacher": SOLVED["teacher"]},
     {"model": ["object"], "task": ["task"]}),
    (kd.measures.gradient_noise, {"model": kd.LinearModel(), "task": task(), "teacher": SOLVED["teacher"], "labels": "given",
                                  "oracle_targets": [[1.0], [2.0], [3.0]]},
     {"model": ["object"], "task": ["task"], "batch": POSITIVE, "labels": ["word"]}),
    (kd.measures.gradient_denoising, {"teacher": SOLVED["teacher"], "oracle_targets": [[1.0], [2.0], [3.0]], "oracle_noise_variance": 1.0},
     {"teacher": ["object"], "oracle_noise_variance": ["negative"]}),
    (kd.measures.progress, {"result": [0.5, 0.2]}, {"result": ["object"][:0]}),
    (kd.measures.lag, {"student": [0.5, 0.2], "reference": [0.5, 0.3]}, {"leading": COUNT}),
    (lambda results: kd.compare(results), {"results": SOLVED}, {"results": ["object"]}),
    (kd.risk.decompose, {"fit": SOLVED["student"], "clean_targets": [1.0, 2.0, 3.0], "noise_variance": 1.0},
     {"fit": ["object"], "noise_variance": ["negative"], "on": ["word"]}),
    (kd.risk.oracle_wiener_gains, {"coefficients": [1.0], "noise_variance": 1.0},
     {"coefficients": ["vector"], "noise_variance": ["negative"]}),
    (kd.risk.oracle_excess_risk, {"gains": [0.5], "coefficients": [1.0], "noise_variance": 1.0},
     {"gains": ["vector"], "noise_variance": ["negative"]}),
    (kd.risk.oracle_mixing, {"on_labels": [[1.0], [2.0]], "on_teacher": [[1.5], [2.0]], "targets": [[1.0], [1.0]]},
     {"on_labels": ["numbers"], "targets": ["numbers"]}),
    (kd.risk.sgd_moments, {**SGD_ARGUMENTS, "steps": 3},
     {"features": ["matrix"], "targets": ["vector"], "step_size": ABOVE, "steps": COUNT[:0], "batch": ["setting"]}),
    (kd.risk.sgd_stationary, SGD_ARGUMENTS, {"features": ["matrix"], "step_size": ABOVE, "batch": ["setting"]}),
    (kd.risk.sgd_step_limit, {"features": MATRIX, "batch": kd.Minibatch(1, replace=True)}, {"features": ["matrix"], "batch": ["setting"]}),
    (kd.claims.get, {"id": "exaggerated-bias"}, {}),
    (kd.claims.names, {}, {}),
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
