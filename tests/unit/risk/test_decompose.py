"""Bias and variance against the slow obvious twin: the fit is solved once per label, and its matrix multiplied out."""

from dataclasses import replace

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import risk
from kdtheory.errors import InvalidArgument

LINEAR, RBF = kd.LinearModel(), kd.KernelModel(kd.kernels.RBF(gamma=0.2))


def labelled(size=7, outputs=2, seed=0, noise_variance=0.7):
    """Labels are drawn freely: nothing here may depend on how large the noise happened to be."""
    draw = np.random.default_rng(seed).standard_normal
    task = kd.tasks.from_arrays(draw((size, 3)), draw((size, outputs)), draw((5, 3)))
    clean, clean_test = draw((size, outputs)) + 2.0, draw((5, outputs)) + 2.0
    return replace(task, clean_targets=clean, clean_test_targets=clean_test, noise_variance=noise_variance)


def one_spectrum(task):
    return kd.self_distillation(kd.Ridge(1.5), kd.GradientFlow(0.4), mixing=[0.7, 1.3], rounds=2), LINEAR, task


def one_kernel(task):
    return kd.self_distillation(kd.GradientFlow(1.5), kd.Ridge(0.3), mixing=0.6), RBF, task


def started(task):
    start = kd.Start(weights=np.arange(6.0).reshape(3, 2), offset=lambda x: np.sin(x[:, :2]))
    teacher = kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(3, 0.05)), start=start)
    phases = [kd.Phase(kd.labels, kd.GradientFlow(0.2)), kd.Phase(kd.output_of("teacher"), kd.GradientFlow(0.3))]
    return kd.Recipe(teacher=teacher, student=kd.Fit(phases, start=start)), LINEAR, task


def two_kernels(task):
    teacher = kd.Fit(kd.Phase(kd.labels, kd.Ridge(0.5)), model=RBF)
    student = kd.Fit(kd.Phase(0.6 * kd.output_of("teacher") + 0.4 * kd.labels, kd.GradientFlow(0.5)))
    return kd.Recipe(teacher=teacher, student=student), LINEAR, task


def transfer_set(task):
    """The student sees unlabelled inputs, whose truth is known."""
    other = labelled(6, seed=5)
    own = replace(kd.tasks.from_arrays(other.inputs, None, other.test_inputs), clean_targets=other.clean_targets)
    own = replace(own, clean_test_targets=other.clean_test_targets)
    student = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.Ridge(0.2)), task=own)
    return kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(0.5))), student=student), RBF, task


def centred(task):
    return kd.self_distillation(kd.Ridge(1.5), kd.GradientFlow(0.4), mixing=0.7), LINEAR, task.centered()


def centred_kernel(task):
    return kd.self_distillation(kd.Ridge(1.5), kd.GradientFlow(0.4), mixing=0.7), RBF, task.centered()


def centred_kernels(task):
    return two_kernels(task.centered())


BUILDERS = [
    one_spectrum, one_kernel, started, two_kernels, transfer_set, centred, centred_kernel, centred_kernels,
]  # fmt: skip
NOISES = {
    "one": np.array(0.7),
    "per sample": np.linspace(0.1, 2.0, 7),
    "per output": np.linspace(0.1, 2.0, 14).reshape(7, 2),
}


def student(build, task):
    recipe, model, own = build(task)
    return kd.solve(recipe, model, own)[list(recipe)[-1]]


def relabelled(task, targets):
    return replace(task, targets=targets)


def literal(build, task, on, variances):
    """Squared bias and variance: values at clean labels, and one solution per label and output."""

    def values(targets):
        return student(build, relabelled(task, targets)).outputs(on)

    own = student(build, task).task
    truth = own.restored(own.clean_targets if on == "train" else own.clean_test_targets)
    bias = np.sum((values(task.clean_targets) - truth) ** 2)
    at_zero, variance = values(np.zeros_like(task.targets)), 0.0
    for place in np.ndindex(task.targets.shape):
        unit = np.zeros_like(task.targets)
        unit[place] = 1.0
        spread = np.broadcast_to(variances if variances.ndim == 2 else variances[..., None], task.targets.shape)
        variance += spread[place] * np.sum((values(unit) - at_zero) ** 2)
    return bias, variance


@pytest.mark.parametrize("noise", list(NOISES))
@pytest.mark.parametrize("on", ["train", "test"])
@pytest.mark.parametrize("build", BUILDERS)
def test_bias_and_variance_are_those_of_the_multiplied_matrix(build, on, noise):
    task = labelled()
    found = risk.decompose(student(build, task), on=on, noise_variance=NOISES[noise])
    bias, variance = literal(build, task, on, NOISES[noise])
    np.testing.assert_allclose([found.bias, found.variance], [bias, variance], rtol=1e-10)
    np.testing.assert_allclose(found.total, bias + variance, rtol=1e-10)


@pytest.mark.parametrize("on", ["train", "test"])
@pytest.mark.parametrize("build", [one_spectrum, two_kernels, centred])
def test_the_noise_of_the_task_and_the_given_one_are_the_same_and_labels_do_not_matter(build, on):
    task = labelled()
    given = risk.decompose(student(build, task), on=on, noise_variance=0.7)
    other = risk.decompose(student(build, relabelled(task, task.targets**2 - 1)), on=on)
    # The mean of the labels of a centred task moves its coordinates, not the risk.
    np.testing.assert_allclose([other.bias, other.variance], [given.bias, given.variance], rtol=1e-12)


@pytest.mark.parametrize("on", ["train", "test"])
@pytest.mark.parametrize("build", [one_kernel, two_kernels, centred_kernel])
def test_drawn_labels_have_this_risk(build, on):
    """4000 draws as so many outputs of one task; means agree within 4 standard errors."""
    draws, variances = 4000, NOISES["per sample"]
    single = labelled(outputs=1)
    noise = np.random.default_rng(8).standard_normal((7, draws)) * np.sqrt(variances)[:, None]
    many = replace(
        single,
        targets=single.clean_targets + noise,
        clean_targets=np.repeat(single.clean_targets, draws, axis=1),
        clean_test_targets=np.repeat(single.clean_test_targets, draws, axis=1),
    )
    fit = student(build, many)
    truth = fit.task.restored(fit.task.clean_targets if on == "train" else fit.task.clean_test_targets)
    squared = np.sum((fit.outputs(on) - truth) ** 2, axis=0)
    expected = risk.decompose(student(build, single), on=on, noise_variance=variances)
    assert abs(squared.mean() - expected.total) < 4 * squared.std() / np.sqrt(draws)
    spread = np.sum((fit.outputs(on) - fit.outputs(on).mean(axis=1, keepdims=True)) ** 2, axis=0)
    assert abs(spread.mean() - expected.variance) < 4 * spread.std() / np.sqrt(draws)


@pytest.mark.parametrize("on", ["train", "test"])
@pytest.mark.parametrize("same_inputs", [True, False])
def test_labels_of_two_tasks_add_their_variances(on, same_inputs):
    first, second = labelled(noise_variance=0.7), labelled(6, seed=5, noise_variance=2.0)
    if same_inputs:  # one spectrum, two labels per input
        second = replace(labelled(seed=5, noise_variance=2.0), inputs=first.inputs)
    phase = kd.Phase(0.6 * kd.output_of("teacher") + 0.4 * kd.labels, kd.GradientFlow(0.5))

    def fit(one, other):
        recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(0.5))), student=kd.Fit(phase, task=other))
        return kd.solve(recipe, LINEAR, one)["student"]

    found = risk.decompose(fit(first, second), on=on)
    clean = [replace(task, targets=task.clean_targets) for task in (first, second)]
    truth = second.clean_targets if on == "train" else second.clean_test_targets
    np.testing.assert_allclose(found.bias, np.sum((fit(*clean).outputs(on) - truth) ** 2), rtol=1e-10)
    solved = fit(first, second)
    inputs = None if on == "train" else second.test_inputs
    squares = [np.sum(solved.operator(task, inputs) ** 2) * task.noise_variance for task in (first, second)]
    np.testing.assert_allclose(found.variance, 2 * sum(squares), rtol=1e-10)


def test_on_train_points_the_formula_is_that_of_the_gains():
    task = kd.tasks.regression([1.0, 0.5, 0.1], [1.0, 2.0, 0.3], train=9, noise_variance=0.25)
    fit = kd.solve(kd.self_distillation(kd.Ridge(2.0), kd.Ridge(1.0)), LINEAR, task)["student"]
    found = risk.decompose(fit)
    c = fit.spectrum.coefficients(task.clean_targets)[:, 0]
    np.testing.assert_allclose(found.bias, np.sum((1 - fit.gains) ** 2 * c**2), rtol=1e-12)
    np.testing.assert_allclose(found.variance, 0.25 * np.sum(fit.gains**2), rtol=1e-12)
    assert found.points == 9


def test_a_long_training_has_a_small_bias_to_its_last_digit():
    """Gains are 1 - 1e-13: as a difference of predictions the bias would be rounding."""
    task = kd.tasks.from_spectrum([1.0], [3.0])
    task = replace(task, clean_targets=task.targets, noise_variance=0.0)
    fit = kd.solve(kd.self_distillation(kd.GradientFlow(30.0), kd.GradientFlow(60.0)), LINEAR, task)["teacher"]
    np.testing.assert_allclose(risk.decompose(fit).bias, (3 * np.exp(-30.0)) ** 2, rtol=1e-12)


@pytest.mark.parametrize("on", ["train", "test", "population"])
@pytest.mark.parametrize("sizes", [(3, 2), (12, 30)])
def test_sweeps_are_axes(on, sizes):
    """Also beyond one chunk of points, and where the loss of the sweep is found in few modes."""
    task = kd.tasks.regression([1.0, 0.5, 0.1], [1.0, 2.0, 0.3], train=9, test=5, noise_variance=0.25)
    times, mixings = np.linspace(0.01, 1.0, sizes[0]), np.linspace(-0.2, 1.2, sizes[1])
    sweep = (kd.axis("time", times), kd.axis("mixing", mixings))
    recipe = kd.self_distillation(kd.GradientFlow(sweep[0]), kd.Ridge(0.5), mixing=sweep[1])
    result = kd.solve(recipe, LINEAR, task)
    found = risk.decompose(result["student"], on=on)
    assert list(found.axes) == ["time", "mixing"]
    assert found.bias.shape == found.variance.shape == sizes
    assert risk.decompose(result["teacher"], on=on).total.shape == sizes[:1]
    for place in [(0, 0), (1, 1), (sizes[0] - 1, sizes[1] - 1)]:
        recipe = kd.self_distillation(kd.GradientFlow(times[place[0]]), kd.Ridge(0.5), mixing=float(mixings[place[1]]))
        one = risk.decompose(kd.solve(recipe, LINEAR, task)["student"], on=on)
        np.testing.assert_allclose([found.bias[place], found.variance[place]], [one.bias, one.variance], rtol=1e-9)


@pytest.mark.parametrize("on", ["train", "test"])
def test_sweeps_across_two_kernels_are_axes(on):
    task = labelled()
    penalties = [0.1, 1.0]

    def fit(penalty):
        teacher = kd.Fit(kd.Phase(kd.labels, kd.Ridge(penalty)), model=RBF)
        pupil = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.Ridge(1.0)))
        return kd.solve(kd.Recipe(teacher=teacher, student=pupil), LINEAR, task)["student"]

    found = risk.decompose(fit(kd.axis("penalty", penalties)), on=on)
    alone = [risk.decompose(fit(penalty), on=on) for penalty in penalties]
    np.testing.assert_allclose(found.total, [one.total for one in alone], rtol=1e-12)


@pytest.mark.parametrize("diagonal", [None, [0.5, 3.0, 0.0, 1.0]])
def test_a_population_is_the_formula_in_weight_space(diagonal):
    """The risk of a filter, written out on the right singular vectors of the inputs."""
    draw = np.random.default_rng(3).standard_normal
    task = kd.tasks.regression([1.0, 0.5, 0.3, 0.1], [1.0, 2.0, 0.3, 0.0], train=3, test=0, noise_variance=0.25)
    mixed = draw((4, 4))
    covariance = mixed @ mixed.T if diagonal is None else np.diag(diagonal)  # a test population of its own
    fit = kd.solve(kd.self_distillation(kd.Ridge(0.2), kd.GradientFlow(1.0)), LINEAR, task)["student"]
    found = risk.decompose(fit, on="population", oracle_covariance=covariance)
    _, singular, right = np.linalg.svd(task.inputs, full_matrices=False)
    lam = singular**2
    gains = lam / (lam + 0.2) * -np.expm1(-lam)
    error = right.T @ (gains[:, None] * (right @ task.oracle_weights)) - task.oracle_weights
    np.testing.assert_allclose(found.bias, np.sum(error * (covariance @ error)), rtol=1e-10)
    along = np.sum((right @ covariance) * right, axis=1)
    np.testing.assert_allclose(found.variance, 0.25 * np.sum(gains**2 / lam * along), rtol=1e-10)
    assert found.points == 1


def test_many_test_points_are_a_population():
    """20000 test points; their mean agrees within 4 standard errors."""
    task = kd.tasks.regression([1.0, 0.5, 0.1], [1.0, 2.0, 0.3], train=5, test=20_000, noise_variance=0.25)
    fit = kd.solve(kd.self_distillation(kd.Ridge(2.0), kd.Ridge(1.0)), LINEAR, task)["student"]
    test, population = risk.decompose(fit, on="test"), risk.decompose(fit, on="population")
    assert test.points == 20_000
    # A mean square of Gaussian errors has at most the relative deviation sqrt(2 / points) of one direction.
    for mean, expected in [(test.mean.bias, population.bias), (test.mean.variance, population.variance)]:
        assert abs(mean / expected - 1) < 4 * np.sqrt(2 / 20_000)


def test_a_population_knows_the_start():
    task = kd.tasks.regression([1.0, 0.5], [1.0, 2.0], train=4, noise_variance=0.25)
    start = kd.Start(weights=task.oracle_weights)  # at the truth: no bias, whatever the training
    fit = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(0.3)), start=start)
    found = risk.decompose(kd.solve(kd.Recipe(teacher=fit), LINEAR, task)["teacher"], on="population")
    assert found.bias < 1e-28 < found.variance


def test_labels_that_do_not_reach_the_fit_have_no_variance():
    task = labelled()
    recipe = kd.self_distillation(kd.GradientFlow(0.0), kd.Ridge(1.0))
    found = risk.decompose(kd.solve(recipe, LINEAR, task)["student"])
    assert found.variance == 0.0
    np.testing.assert_allclose(found.bias, np.sum(task.clean_targets**2))


def regression(**more):
    return kd.tasks.regression([1.0, 0.5], [1.0, 2.0], train=4, test=3, noise_variance=0.25, **more)


def ridge(task, model=LINEAR, **more):
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)), **more))
    return kd.solve(recipe, model, task)["teacher"]


MESSAGES = [
    (lambda: risk.decompose(kd.simulate(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(1)))), LINEAR, regression())["teacher"]), "fit: expected a fit of kd.solve, got a value of type ArrayFit; pass for example kd.solve(recipe, model, task)['student']"),
    (lambda: risk.decompose(ridge(regression()), on="both"), "on: expected one of 'train', 'test', 'population', got 'both'; choose one of them"),
    (lambda: risk.decompose(ridge(replace(regression(), clean_targets=None))), "clean_targets: expected a known truth, got None in Task('regression (random design)', train=4, test=3, features=2, 1 output(s)); pass clean_targets=, or set it with dataclasses.replace(task, clean_targets=...) and solve again"),
    (lambda: risk.decompose(ridge(replace(regression(), clean_test_targets=None)), on="test"), "clean_test_targets: expected a known truth, got None in Task('regression (random design)', train=4, test=3, features=2, 1 output(s)); pass clean_test_targets=, or set it with dataclasses.replace(task, clean_test_targets=...) and solve again"),
    (lambda: risk.decompose(ridge(replace(regression(), noise_variance=None))), "noise_variance: expected a known variance, got None in Task('regression (random design)', train=4, test=3, features=2, 1 output(s)); pass noise_variance="),
    (lambda: risk.decompose(ridge(regression()), noise_variance=-1.0), "noise_variance: expected no negative number, got -1; pass variances, not covariances or deviations"),
    (lambda: risk.decompose(ridge(regression()), noise_variance=[1.0, 2.0]), "noise_variance: expected a number, or shape (4,) or (4, 1), got shape (2,); pass one variance per sample, or per sample and output"),
    (lambda: risk.decompose(ridge(regression()), clean_targets=np.ones((3, 1))), "clean_targets: expected shape (4, 1), got (3, 1); pass one row per input and one column per output"),
    (lambda: risk.decompose(ridge(regression()), clean_test_targets=np.ones((3, 1))), "clean_test_targets: expected clean_test_targets beside on='test' only, got on='train'; set on='test', or drop it"),
    (lambda: risk.decompose(ridge(regression()), on="test", oracle_weights=np.ones(2)), "oracle_weights: expected oracle_weights beside on='population' only, got on='test'; set on='population', or drop it"),
    (lambda: risk.decompose(ridge(regression(), RBF), on="population"), "on: expected LinearModel() with on='population', got KernelModel(RBF(gamma=0.2)); ask on='test' with many test inputs"),
    (lambda: risk.decompose(ridge(regression().centered()), on="population"), "on: expected no constants with on='population', got a centred task; ask on='test', or solve without it"),
    (lambda: risk.decompose(ridge(regression(), start=kd.Start(offset=1.0)), on="population"), "on: expected no constants with on='population', got a start with an offset; ask on='test', or solve without it"),
    (lambda: risk.decompose(ridge(labelled()), on="population"), "oracle_covariance: expected a known population, got None; pass oracle_covariance=, or ask on='test'"),
    (lambda: risk.decompose(ridge(regression()), on="population", oracle_covariance=np.eye(3)), "oracle_covariance: expected shape (2, 2), got (3, 3); pass the second moment of the inputs"),
    (lambda: risk.decompose(ridge(regression()), on="population", oracle_covariance=np.diag([1.0, -1.0])), "oracle_covariance: expected a symmetric positive semidefinite matrix, got smallest eigenvalue -1; pass the second moment of the inputs"),
    (lambda: risk.decompose(ridge(regression()), on="population", oracle_covariance=[[1.0, 0.5], [0.0, 1.0]]), "oracle_covariance: expected a symmetric positive semidefinite matrix, got a matrix that is not symmetric; pass the second moment of the inputs"),
    (lambda: risk.decompose(ridge(regression()), on="population", oracle_weights=np.ones(3)), "oracle_weights: expected shape (2, 1), got (3, 1); pass one weight per feature and output"),
    (lambda: risk.decompose(ridge(replace(regression().centered(), targets=np.ones((4, 1))))), "fit: expected centred targets of mean 0, got [1.]; center the task after its targets are set"),
]  # fmt: skip


@pytest.mark.parametrize("call, message", MESSAGES)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message


def test_one_set_of_labels_in_two_objects_is_refused():
    task = labelled()
    again = replace(task, name="the same labels")
    student = kd.Fit(kd.Phase(0.5 * kd.output_of("teacher") + 0.5 * kd.labels, kd.Ridge(1.0)), task=again)
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0))), student=student)
    with pytest.raises(InvalidArgument, match="twice, as two objects; share one Task object"):
        risk.decompose(kd.solve(recipe, LINEAR, task)["student"])
    other = replace(again, targets=task.targets + 1.0)
    student = replace_task(student, other)
    fit = kd.solve(kd.Recipe(teacher=recipe["teacher"], student=student), LINEAR, task)["student"]
    with pytest.raises(InvalidArgument, match="labels of one task to reach the fit, got labels of 2 tasks"):
        risk.decompose(fit, noise_variance=1.0)


def replace_task(fit, task):
    return kd.Fit(fit.phases, task=task)


def test_some_centred_tasks_are_refused():
    task = labelled()
    student = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.Ridge(1.0)), task=task.centered())
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0))), student=student)
    with pytest.raises(InvalidArgument, match="one centred task, or tasks that are not, got 2 tasks, some of them"):
        risk.decompose(kd.solve(recipe, LINEAR, task)["student"])
