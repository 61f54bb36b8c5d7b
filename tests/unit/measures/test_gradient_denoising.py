"""Against complete enumeration: every sign of the noise on every label, each with its own teacher, and every batch."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument, NotDiagonal
from kdtheory.measures import gradient_denoising, gradient_noise, gradients

LINEAR, KERNEL = kd.LinearModel(), kd.KernelModel(kd.kernels.RBF(gamma=0.4))
N, OUTPUTS, S2 = 4, 1, 0.49
START = kd.Start(weights=np.array([[0.5], [-1.0]]))
AT = np.random.default_rng(3).normal(size=(N, OUTPUTS))


@pytest.fixture
def clean():
    generator = np.random.default_rng(0)
    return kd.tasks.from_arrays(generator.normal(size=(N, 2)), generator.normal(size=(N, OUTPUTS)))


def student(task, model, start=None, procedure=None):
    """A student without labels of its own: gains are products."""
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, procedure or kd.GradientFlow(0.5)), start=start),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), kd.Ridge(0.3, center="start")), start=start),
    )
    return kd.solve(recipe, model, task)["student"]


def enumerated(model, clean, refit, batch):
    """Mean and variance per mode over all noise of size s, and all batches with replacement."""
    found = []
    for signs in itertools.product([-1.0, 1.0], repeat=N):
        noisy = clean.targets + np.sqrt(S2) * np.array(signs)[:, None]
        full = gradients(model, clean, AT, labels=refit(noisy))
        draws = [np.arange(N)] if batch is None else itertools.product(range(N), repeat=batch)
        found += [full.batch(list(drawn)).modes for drawn in draws]
    errors = np.array(found) - gradients(model, clean, AT).modes
    return errors.mean(axis=0), errors.var(axis=0).sum(axis=-1)


@pytest.mark.parametrize("batch", [None, 1, 2])
@pytest.mark.parametrize(("model", "start"), [(LINEAR, START), (KERNEL, kd.Start(offset=0.3)), (KERNEL, None)])
def test_bias_and_variance_are_those_of_all_noise_with_its_teachers_and_all_batches(clean, model, start, batch):
    def refit(noisy):
        return student(replace(clean, targets=noisy), model, start).train

    teacher = student(replace(clean, targets=clean.targets + 0.7), model, start)  # any draw has the same gains
    noise = gradient_denoising(teacher, AT, batch=batch, oracle_targets=clean.targets, oracle_noise_variance=S2)
    for moments, how in ((noise.distillation, refit), (noise.one_hot, lambda noisy: noisy)):
        bias, variance = enumerated(model, clean, how, batch)
        np.testing.assert_allclose(moments.bias, bias, atol=1e-12)
        np.testing.assert_allclose(moments.variance, variance, rtol=1e-9, atol=1e-12)
    assert noise.batch == batch


def test_the_ratio_is_that_of_the_theorem_and_crosses_one_at_its_threshold():
    lam, c, s2 = np.array([3.0, 1.0, 0.2]), np.array([2.0, 1.0, 0.5]), 0.25
    snr = np.square(c) / s2
    task = kd.tasks.from_spectrum(lam, coefficients=c)

    def ratio(gain, mode):
        time = kd.LinearModel().spectrum(task).time_at(gain=gain, mode=mode)
        teacher = kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time)))), LINEAR, task)["t"]
        noise = gradient_denoising(teacher, oracle_targets=task.targets, oracle_noise_variance=s2)
        a = teacher.gains
        np.testing.assert_allclose(noise.ratio, a**2 + (1 - a) ** 2 * snr, rtol=1e-13)
        return noise.ratio[mode]

    for mode in range(3):
        threshold, wiener = (snr[mode] - 1) / (snr[mode] + 1), snr[mode] / (1 + snr[mode])
        if threshold > 0:
            assert ratio(threshold + 1e-6, mode) < 1 < ratio(threshold - 1e-6, mode)
        assert ratio(wiener, mode) == pytest.approx(wiener, rel=1e-12)  # a^2 + a (1 - a)
        assert ratio(wiener, mode) < min(ratio(wiener + 0.01, mode), ratio(wiener - 0.01, mode))


def test_the_bias_of_a_long_trained_teacher_keeps_its_digits():
    task = kd.tasks.from_spectrum([4.0], coefficients=[3.0])
    teacher = kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(50.0)))), LINEAR, task)["t"]
    noise = gradient_denoising(teacher, oracle_targets=task.targets, oracle_noise_variance=1.0)
    np.testing.assert_allclose(noise.distillation.bias, [[2 * np.exp(-200.0) * 3]], rtol=1e-12)


def test_without_noise_labels_cannot_be_beaten_and_the_ratio_is_masked(clean):
    noise = gradient_denoising(student(clean, KERNEL), oracle_targets=clean.targets, oracle_noise_variance=0.0)
    assert noise.ratio.mask.all()
    np.testing.assert_array_equal(noise.distillation.variance, 0.0)
    assert noise.distillation.total_error > 0 == noise.one_hot.total_error


def test_a_batch_of_one_has_the_one_hot_noise_of_fresh_labels(clean):
    task = replace(clean, clean_targets=clean.targets, noise_variance=S2)
    fresh = gradient_noise(KERNEL, task, task.targets, AT).one_hot
    noisy = gradient_denoising(student(task, KERNEL), AT, batch=1)
    np.testing.assert_allclose(noisy.one_hot.variance, fresh.variance, rtol=1e-12)
    with pytest.raises(InvalidArgument, match=r"^labels: expected one-hot gradients without bias, got labels='noisy'"):
        noisy.critical_batch  # noqa: B018


def test_a_sweep_keeps_its_axes_and_several_outputs_add_up():
    generator = np.random.default_rng(4)
    task = kd.tasks.from_arrays(generator.normal(size=(6, 3)), generator.normal(size=(6, 2)))
    task = replace(task, clean_targets=task.targets, noise_variance=0.3)
    times = [0.1, 1.0, 3.0]
    recipe = kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(kd.axis("time", times)))))
    noise = gradient_denoising(kd.solve(recipe, LINEAR, task)["t"], batch=3)
    assert list(noise.axes) == ["time"]
    for i, time in enumerate(times):
        single = kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time)))), LINEAR, task)["t"]
        alone = gradient_denoising(single, batch=3)
        np.testing.assert_allclose(noise.distillation.error[i], alone.distillation.error, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(noise.one_hot.error[i], alone.one_hot.error, rtol=1e-12, atol=1e-15)
    columns = [
        gradient_denoising(
            kd.solve(recipe, LINEAR, replace(task, targets=task.targets[:, [j]]))["t"],
            batch=3,
            oracle_targets=task.targets[:, [j]],
        )
        for j in range(2)
    ]
    for name in ("distillation", "one_hot"):
        total = sum(getattr(column, name).variance for column in columns)
        np.testing.assert_allclose(getattr(noise, name).variance, total, rtol=1e-12, atol=1e-15)


def test_what_depends_on_the_noise_in_other_ways_is_refused(clean):
    known = dict(oracle_targets=clean.targets, oracle_noise_variance=1.0)
    teacher = student(clean, LINEAR)
    with pytest.raises(
        InvalidArgument, match=r"^at: expected a point that does not depend on the labels, got ExactFit"
    ):
        gradient_denoising(teacher, teacher, **known)
    with pytest.raises(InvalidArgument, match=r"^teacher: expected a fit in closed form, got .*use kd.solve"):
        gradient_denoising(clean.targets, **known)
    centred = clean.centered()
    with pytest.raises(InvalidArgument, match=r"^teacher: expected a task whose targets are not centred"):
        gradient_denoising(student(centred, LINEAR), **known)
    with pytest.raises(InvalidArgument, match=r"^oracle_noise_variance: expected a known noise variance, got Task"):
        gradient_denoising(teacher, oracle_targets=clean.targets)
    with pytest.raises(InvalidArgument, match=r"^batch: expected a whole number of at least 1, got 0"):
        gradient_denoising(teacher, batch=0, **known)


def test_teachers_with_other_labels_or_other_inputs_are_refused(clean):
    known = dict(oracle_targets=clean.targets, oracle_noise_variance=1.0)
    other = replace(clean, targets=-clean.targets)
    mixed = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)), task=other),
        student=kd.Fit(kd.Phase(0.5 * kd.output_of("teacher") + 0.5 * kd.labels, kd.Ridge(1.0))),
    )
    with pytest.raises(
        InvalidArgument, match=r"^teacher: expected labels of one task, got 2 sources of them; train it"
    ):
        gradient_denoising(kd.solve(mixed, LINEAR, clean)["student"], **known)
    moved = replace(clean, inputs=clean.inputs + 1.0)
    foreign = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)), task=moved),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), kd.Ridge(1.0))),
    )
    with pytest.raises(NotDiagonal, match="which has its own"):
        gradient_denoising(kd.solve(foreign, LINEAR, clean)["student"], **known)
