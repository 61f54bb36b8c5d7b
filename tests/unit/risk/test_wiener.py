"""The gains of least risk."""

import numpy as np
import pytest
import scipy.optimize

import kdtheory as kd
from kdtheory import risk
from kdtheory.errors import InvalidArgument


def noisy(outputs=2):
    coefficients = np.random.default_rng(0).standard_normal((4, outputs))
    return kd.tasks.regression([1.0, 0.5, 0.3, 0.1], coefficients, train=8, noise_variance=0.6)


def test_no_gains_have_less_risk():
    """Against a search for the best gain of each mode, on the literal risk of all outputs."""
    task = noisy()
    c = kd.LinearModel().spectrum(task).coefficients(task.clean_targets)

    def literal(gain, mode):
        return np.sum((1 - gain) ** 2 * c[mode] ** 2 + gain**2 * 0.6)

    best = [scipy.optimize.minimize_scalar(literal, args=(mode,)).x for mode in range(8)]
    np.testing.assert_allclose(risk.oracle_wiener_gains(c, 0.6), best, atol=1e-7)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_excess_is_the_difference_of_exact_risks(outputs):
    task = noisy(outputs)
    recipe = kd.self_distillation(kd.Ridge(kd.axis("penalty", [0.1, 2.0])), kd.Ridge(0.5))
    fit = kd.solve(recipe, kd.LinearModel(), task)["student"]
    c = fit.spectrum.coefficients(task.clean_targets)
    best = risk.oracle_wiener_gains(c, 0.6)
    least = np.sum((1 - best) ** 2 @ c**2) + 0.6 * outputs * np.sum(best**2)
    excess = risk.oracle_excess_risk(fit.gains, c, 0.6)
    np.testing.assert_allclose(excess, risk.decompose(fit).total - least, rtol=1e-10)


def test_noise_may_differ_from_mode_to_mode():
    gains = risk.oracle_wiener_gains([2.0, 2.0], [0.0, 4.0])
    np.testing.assert_allclose(gains, [1.0, 0.5])
    assert risk.oracle_excess_risk([0.0, 0.5], [2.0, 2.0], [0.0, 4.0]) == pytest.approx(4.0)


MESSAGES = [
    (lambda: risk.oracle_wiener_gains([1.0], -1.0), "noise_variance: expected no negative number, got -1; pass variances"),
    (lambda: risk.oracle_wiener_gains([1.0], [1.0, 2.0]), "noise_variance: expected 1 variances, got 2; pass a number, or one variance per mode"),
    (lambda: risk.oracle_wiener_gains([np.nan], 1.0), "coefficients: expected finite numbers, got nan at index [0] (1 such value(s)); remove or impute these values"),
    (lambda: risk.oracle_excess_risk([1.0, 1.0], [1.0], 1.0), "gains: expected 1 modes along the last axis, got shape (2,); pass one gain per mode"),
]  # fmt: skip


@pytest.mark.parametrize("call, message", MESSAGES)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
