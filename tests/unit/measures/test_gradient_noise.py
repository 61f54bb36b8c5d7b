"""Against complete enumeration: every batch, and every label in each place of it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import gradient_noise, gradients

LINEAR = kd.LinearModel()
CROSS_ENTROPY = [kd.CrossEntropy(), kd.CrossEntropy(temperature=4.0, label_temperature=2.0, scaled=False)]
LOSSES = [kd.SquaredError(), *CROSS_ENTROPY]
N, P, CLASSES = 3, 2, 3


@pytest.fixture
def truth():
    """Three inputs of two features, with probabilities of three classes, and labels that can have come of them."""
    generator = np.random.default_rng(1)
    task = kd.tasks.from_arrays(generator.normal(size=(N, P)), np.array([2, 0, 1]))
    return replace(task, clean_targets=generator.dirichlet(np.ones(CLASSES), size=N))


@pytest.fixture
def teacher():
    return np.random.default_rng(2).normal(size=(N, CLASSES))


AT = kd.Start(weights=np.random.default_rng(3).normal(size=(P, CLASSES)))


def directions(task):
    spectrum = LINEAR.spectrum(task)
    rank = spectrum.rank
    return task.inputs.T @ spectrum.basis[:, :rank] / np.sqrt(spectrum.eigenvalues[:rank])


def enumerated(task, batch, loss, **aim):
    """Mean and variance per mode of the gradient over all batches and, without a teacher, all fresh labels."""
    fresh = aim.get("labels") == "fresh"
    alone = []  # of each outcome of one draw: probability, gradient by weights
    for i in range(N):
        options = np.eye(CLASSES) if fresh else [None]
        for label, p in zip(options, task.clean_targets[i] if fresh else [1.0], strict=True):
            if fresh:
                aim["labels"] = np.tile(label, (N, 1))
            alone.append((p / N, N * gradients(LINEAR, task, AT, loss=loss, **aim).per_sample_weights[i]))
    mean, second = 0.0, 0.0
    for draws in itertools.product(alone, repeat=batch):
        p, gradient = np.prod([d[0] for d in draws]), np.mean([d[1] for d in draws], axis=0)
        modes = directions(task).T @ gradient
        mean, second = mean + p * modes, second + p * np.square(modes)
    return mean, np.sum(second - np.square(mean), axis=-1)


def check(moments, mean, variance, clean):
    rank = len(mean)
    np.testing.assert_allclose(moments.bias[:rank], mean - clean[:rank], atol=1e-12)
    np.testing.assert_allclose(moments.variance[:rank], variance, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(moments.bias[rank:], 0.0)
    np.testing.assert_array_equal(moments.variance[rank:], 0.0)
    np.testing.assert_allclose(moments.total_error, np.sum(np.square(moments.bias)) + np.sum(variance), rtol=1e-10)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_bias_and_variance_are_those_of_all_batches_and_fresh_labels(truth, teacher, loss, batch):
    noise = gradient_noise(LINEAR, truth, teacher, AT, batch=batch, loss=loss)
    clean = gradients(LINEAR, truth, AT, labels=truth.clean_targets, loss=loss).modes
    check(noise.distillation, *enumerated(truth, batch, loss, teacher=teacher), clean)
    check(noise.one_hot, *enumerated(truth, batch, loss, labels="fresh"), clean)
    np.testing.assert_array_equal(noise.one_hot.bias, 0.0)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_given_labels_are_biased_and_vary_over_batches_only(truth, teacher, loss):
    noise = gradient_noise(LINEAR, truth, teacher, AT, batch=2, loss=loss, labels="given")
    clean = gradients(LINEAR, truth, AT, labels=truth.clean_targets, loss=loss).modes
    check(noise.one_hot, *enumerated(truth, 2, loss), clean)
    check(noise.distillation, *enumerated(truth, 2, loss, teacher=teacher), clean)
    with pytest.raises(InvalidArgument, match=r"^labels: expected one-hot gradients without bias, got labels='given'"):
        noise.critical_batch  # noqa: B018


def test_clean_targets_remove_the_noise_of_labels_and_nothing_else(truth):
    noise = gradient_noise(LINEAR, truth, truth.clean_targets, AT)
    np.testing.assert_array_equal(noise.distillation.bias, 0.0)
    kept = np.square(np.linalg.norm(truth.inputs, axis=1))
    label_noise = N * np.sum(kept * (1 - np.sum(np.square(truth.clean_targets), axis=1)))
    removed = noise.one_hot.total_variance - noise.distillation.total_variance
    assert removed == pytest.approx(label_noise, rel=1e-12)
    assert noise.critical_batch == np.inf


def test_regression_takes_the_noise_variance_per_output_from_the_task_or_the_call():
    task = kd.tasks.regression([2.0, 1.0], [[1.0, 0.5], [0.5, 1.0]], train=6, test=0, noise_variance=0.3, seed=1)
    teacher = 0.7 * task.clean_targets
    noise = gradient_noise(LINEAR, task, teacher, task.clean_targets)  # where only noise is left
    spectrum = LINEAR.spectrum(task)
    leverage = np.square(spectrum.basis).T @ np.ones(6)
    np.testing.assert_allclose(noise.one_hot.variance, 6 * spectrum.eigenvalues * leverage * 2 * 0.3, rtol=1e-12)
    doubled = gradient_noise(LINEAR, task, teacher, task.clean_targets, oracle_noise_variance=0.6)
    np.testing.assert_allclose(doubled.one_hot.variance, 2 * noise.one_hot.variance, rtol=1e-12)
    silent = gradient_noise(LINEAR, task, teacher, task.clean_targets, oracle_noise_variance=0.0)
    np.testing.assert_array_equal(silent.one_hot.variance, 0.0)
    assert silent.ratio.mask.all()
    assert silent.total_ratio.mask
    assert silent.critical_batch == 0.0


def test_below_the_critical_batch_the_teacher_wins_and_above_it_labels_do(truth):
    teacher = 0.8 * truth.clean_targets
    limit = float(gradient_noise(LINEAR, truth, teacher, AT, batch=7).critical_batch)
    assert limit == pytest.approx(float(gradient_noise(LINEAR, truth, teacher, AT).critical_batch))
    assert 2 < limit < 1e4
    below, above = (gradient_noise(LINEAR, truth, teacher, AT, batch=int(limit) + d) for d in (0, 1))
    assert below.total_ratio < 1 < above.total_ratio


def test_identical_samples_have_no_variance_whatever_their_size():
    task = kd.tasks.from_arrays(np.full((5, 1), 0.1), np.full((5, 1), 1.0))
    noise = gradient_noise(
        LINEAR, task, np.full((5, 1), 1e8 / 3), oracle_targets=task.targets, oracle_noise_variance=1.0
    )
    assert noise.distillation.variance[0] <= 1e-13 * noise.distillation.squared_bias[0] ** 0.5
    assert noise.ratio[0] == pytest.approx((5 * 0.1 * (1e8 / 3 - 1)) ** 2 / (5 * 5 * 0.01), rel=1e-9)


def test_a_sweep_of_teachers_and_seeds_of_points_are_axes(make_fit, classes):
    task = replace(classes, clean_targets=0.7 * classes.targets + 0.1)
    at, teacher = make_fit("at", task=task, seed=2), make_fit("teacher", task=task, draw=1, time=3)
    noise = gradient_noise(LINEAR, task, teacher, at, loss=kd.CrossEntropy())
    assert sorted(noise.axes) == ["seed", "time"]
    order = [list(noise.axes).index(name) for name in ("seed", "time")]
    assert noise.distillation.bias.shape[2:] == (8, 3)
    alone = gradient_noise(LINEAR, task, teacher.train[2], at.train[1], loss=kd.CrossEntropy())
    cell = tuple(np.array([1, 2])[order])
    np.testing.assert_allclose(noise.distillation.variance[cell], alone.distillation.variance, rtol=1e-12)
    np.testing.assert_allclose(noise.critical_batch[cell], alone.critical_batch, rtol=1e-12)
    assert noise.total_ratio.shape == (2, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(batch=0), r"^batch: expected a whole number of at least 1, got 0"),
        (dict(labels="noisy"), r"^labels: expected one of 'fresh', 'given', got 'noisy'"),
        (dict(task="bare"), r"^oracle_targets: expected known clean targets, got Task\(.*; pass oracle_targets="),
        (dict(task="numbers"), r"^oracle_noise_variance: expected a known noise variance, got Task\(.*labels='given'$"),
        (dict(task="flipped"), r"^oracle_targets: expected probabilities of the task's labels, got 3 labels of probability 0; pass"),
        (dict(oracle_noise_variance=1.0, loss=kd.CrossEntropy()), r"^oracle_noise_variance: expected none with cross-entropy, got 1.0"),
        (dict(oracle_noise_variance=-1.0), r"^oracle_noise_variance: expected a number of at least 0, got -1"),
        (dict(oracle_targets=np.ones((N, CLASSES))), r"^oracle_targets: expected probabilities of two classes or more"),
        (dict(teacher=np.zeros((N, 1))), r"^teacher: expected 3 output\(s\), got 1"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(truth, change, message):
    tasks = {
        "bare": replace(truth, clean_targets=None),
        "numbers": replace(truth, labels=None),
        "flipped": replace(truth, clean_targets=np.roll(truth.targets, 1, axis=1)),
    }
    given = {"teacher": np.zeros((N, CLASSES)), **change}
    task = tasks.get(given.pop("task", ""), truth)
    with pytest.raises(InvalidArgument, match=message):
        gradient_noise(LINEAR, task, given.pop("teacher"), **given)


def test_flipped_labels_are_measured_as_given():
    clean = kd.tasks.digits(train=30, test=0)
    task = kd.tasks.with_label_noise(clean, 0.3)
    noise = gradient_noise(LINEAR, task, 800 * task.clean_targets, labels="given", loss=kd.CrossEntropy())
    wrong = task.targets - task.clean_targets
    expected = np.sum(np.square(task.inputs.T @ wrong))
    assert noise.one_hot.total_squared_bias == pytest.approx(expected, rel=1e-10)
    assert noise.distillation.total_squared_bias == 0.0
