"""Numbers of ``gradient_denoising``: exact moments against the drawn clouds, and against formulas of modes."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.lab._gradient_denoising import DRAWS, PLANE, SAMPLES, TIMES, Choice, floor, problem, view


@pytest.fixture(scope="module")
def modes():
    """Eigenvalues over the leading one, and squared coefficients of the targets."""
    setting = problem()
    spectrum = setting.model.spectrum(setting.task)
    return spectrum.eigenvalues, spectrum.coefficients(setting.clean)[:, 0]


def test_bias_is_what_the_teacher_has_not_learned(modes):
    lam, c = modes
    seen = view(Choice(time=1.5))
    assert seen.squared_bias["teacher"] == pytest.approx(np.sum(lam * (np.exp(-1.5 * lam / lam[0]) * c) ** 2), rel=1e-9)
    assert seen.squared_bias["control"] == 0


def test_variance_of_labels_is_that_of_batches_and_noise(modes):
    lam, _ = modes
    setting = problem()
    inputs, targets = np.asarray(setting.task.inputs), setting.clean
    each = SAMPLES * inputs * targets  # gradients of single samples at zero, up to sign
    batches = np.sum(each.var(axis=0)) / 20
    clean, noisy = view(Choice(batch=20)), view(Choice(batch=20, noise=0.5))
    assert clean.variance["control"] == pytest.approx(batches, rel=1e-9)
    # Noise of one draw for the whole data set, and its part in the variance of batches.
    norms = np.sum(inputs**2, axis=1)
    added = 0.25 * (lam.sum() + (SAMPLES * norms.sum() - lam.sum()) / 20)
    assert noisy.variance["control"] - batches == pytest.approx(added, rel=1e-9)


@pytest.mark.parametrize("choice", [Choice(), Choice(noise=1.0, batch=20, position=0.5), Choice(noise=2.0, batch=500)])
def test_clouds_scatter_as_the_exact_moments_say(choice):
    seen, setting = view(choice), problem()
    flow = kd.GradientFlow(choice.time * setting.unit)
    teacher = kd.solve(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, flow))), setting.model, setting.task)["teacher"]
    truth = {"oracle_targets": setting.clean, "oracle_noise_variance": choice.noise**2}
    exact = kd.measures.gradient_denoising(teacher, choice.position * teacher.train, batch=choice.batch, **truth)
    for name, moments in (("teacher", exact.distillation), ("control", exact.one_hot)):
        cloud, variance = seen.clouds[name], moments.variance[list(PLANE)]
        assert cloud.shape == (DRAWS, 2)
        assert np.all(np.abs(cloud.mean(axis=0) - seen.means[name]) < 4 * np.sqrt(variance / DRAWS))
        # The variance of so many draws is off by an eighth, as a rule.
        assert np.all(np.abs(np.log(cloud.var(axis=0) / variance)) < 4 / 8)


def test_at_its_teacher_a_student_of_clean_labels_has_no_noise():
    seen = view(Choice(position=1.0))
    assert seen.variance["teacher"] < 1e-20
    assert np.ptp(seen.clouds["teacher"], axis=0).max() < 1e-9
    assert seen.variance["control"] > 1


def test_errors_are_equal_where_the_teacher_starts_to_hurt():
    even = view(Choice()).break_even
    assert view(Choice(time=even)).ratio == pytest.approx(1.0, abs=5e-3)
    assert view(Choice(time=0.9 * even)).ratio > 1 > view(Choice(time=1.1 * even)).ratio


def test_there_may_be_no_such_time():
    assert view(Choice(batch=1)).break_even == 0
    assert np.all(view(Choice(batch=1)).along["error"] < view(Choice(batch=1)).along["labels"])
    # All samples, and no noise: the labels' gradient varies with the draw of the batch only, and less than it is off.
    long = view(Choice(batch=500))
    assert long.break_even > view(Choice(batch=50)).break_even


def test_the_curve_is_what_single_times_give():
    curve = view(Choice(noise=0.5)).along
    at = view(Choice(noise=0.5, time=float(TIMES[7])))
    assert curve["error"][7] == pytest.approx(at.error["teacher"], rel=1e-12)
    assert curve["labels"][7] == pytest.approx(at.error["control"], rel=1e-12)


@pytest.mark.parametrize("position", [0.0, 0.7])
def test_the_exact_relation_holds_without_noise(position):
    assert view(Choice(position=position)).relation < 1e-12


def test_the_plane_is_that_of_two_different_modes(modes):
    lam, _ = modes
    assert lam[PLANE[0]] > lam[PLANE[1]] > 0


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_the_floor_falls_with_the_square_of_the_labels_weight(noise):
    found = floor(Choice(noise=noise), 0.3)
    assert np.allclose(found.noise / found.noise[0], (1 - found.mixing) ** 2, rtol=1e-9, atol=1e-12)
    assert np.allclose(found.bias[1:5], found.bias[4] * found.mixing[1:5] ** 2, rtol=1e-9)
    assert found.mixing[-1] == 0.3
    assert found.bias[0] == pytest.approx(0.0, abs=1e-15)
