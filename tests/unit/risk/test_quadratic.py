"""Risk as a quadratic form of the gains."""

from itertools import product

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import risk
from kdtheory.errors import InvalidArgument

GENERATOR = np.random.default_rng(3)
COVARIANCE = np.cov(GENERATOR.standard_normal((3, 9)))


def noisy(design, outputs=1, train=6):
    coefficients = np.random.default_rng(0).standard_normal((3, outputs))
    return kd.tasks.regression([1.0, 0.5, 0.1], coefficients, train=train, noise_variance=0.6, design=design, seed=2)


def students(task):
    taught = kd.self_distillation(kd.Ridge(2.0), kd.GradientFlow(kd.axis("time", [0.1, 3.0])), mixing=-1.5)
    return kd.solve(taught, kd.LinearModel(), task)["student"]


@pytest.mark.parametrize("outputs", [1, 2])
def test_fixed_design_is_the_decomposition_of_a_fit(outputs):
    task = noisy("random", outputs)
    fit = students(task)
    found = risk.oracle_fixed_design(fit.spectrum.coefficients(task.clean_targets), 0.6)
    exact = risk.decompose(fit)
    np.testing.assert_allclose(found.bias(fit.gains, fit.residuals), exact.bias, rtol=1e-12)
    np.testing.assert_allclose(found.variance(fit.gains), exact.variance, rtol=1e-12)
    np.testing.assert_allclose(found.total(fit.gains), exact.total, rtol=1e-12)


@pytest.mark.parametrize("train", [2, 6])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_random_design_is_the_decomposition_on_a_population(train, elsewhere):
    """Fewer samples than features too: what no training reaches is part of the bias."""
    task = noisy("random", train=train)
    there = np.array([1.0, -1.0, 0.5]) if elsewhere else task.oracle_weights[:, 0]
    fit = students(task)
    found = risk.oracle_random_design(task.inputs, task.oracle_weights[:, 0], COVARIANCE, 0.6, test_weights=there)
    kept = fit.spectrum.rank
    a = fit.gains[:, :kept]
    exact = risk.decompose(fit, on="population", oracle_covariance=COVARIANCE)
    np.testing.assert_allclose(found.variance(a), exact.variance, rtol=1e-10)
    if not elsewhere:
        np.testing.assert_allclose(found.bias(a, fit.residuals[:, :kept]), exact.bias, rtol=1e-10)
    mean = kd.solve(
        kd.self_distillation(kd.Ridge(2.0), kd.GradientFlow(3.0), mixing=-1.5),
        kd.LinearModel(),
        kd.tasks.from_arrays(task.inputs, task.clean_targets),
    )["student"].weights[:, 0]
    assert found.bias(a[1]) == pytest.approx((mean - there) @ COVARIANCE @ (mean - there), rel=1e-10)


def test_risk_is_the_mean_over_all_signs_of_the_noise():
    """Independent noise of either sign: every outcome, one by one, from ridge as a linear system."""
    X, b = GENERATOR.standard_normal((4, 3)), np.array([1.0, -2.0, 0.5])
    found = risk.oracle_random_design(X, b, COVARIANCE, noise_variance=0.49)
    errors = [
        np.linalg.solve(X.T @ X + 0.3 * np.eye(3), X.T @ (X @ b + 0.7 * np.array(signs))) - b
        for signs in product([-1, 1], repeat=4)
    ]
    lam = np.linalg.svd(X, compute_uv=False) ** 2
    assert found.total(lam / (lam + 0.3)) == pytest.approx(np.mean([e @ COVARIANCE @ e for e in errors]), rel=1e-12)


def test_no_gains_have_less_risk_than_the_oracles():
    task = noisy("random")
    for found in (
        risk.oracle_random_design(task.inputs, task.oracle_weights[:, 0], COVARIANCE, 0.6),
        risk.oracle_fixed_design([3.0, 1.0, 0.0], [1.0, 2.0, 0.0]),
    ):
        best = found.oracle_gains()
        others = best + 1e-3 * GENERATOR.standard_normal((50, 3))
        assert np.all(found.total(others) >= found.total(best))
    np.testing.assert_allclose(found.oracle_gains(), risk.oracle_wiener_gains([3.0, 1.0, 0.0], [1.0, 2.0, 0.0]))


def test_tiny_residuals_keep_their_digits():
    assert risk.oracle_fixed_design([1e10], 0.0).bias([1.0], residuals=[1e-20]) == pytest.approx(1e-20)


MESSAGES = [
    (lambda: risk.oracle_fixed_design([1.0, 2.0], 1.0).bias([1.0]), "gains: expected 2 modes along the last axis, got shape (1,); pass one number per mode"),
    (lambda: risk.oracle_fixed_design([1.0], 1.0).total([1.0], [1.0, 1.0]), "residuals: expected 1 modes along the last axis, got shape (2,); pass one number per mode"),
    (lambda: risk.oracle_random_design([[1.0, 2.0]], [1.0], np.eye(2), 1.0), "weights: expected shape (2,), got shape (1,); pass one number per feature"),
    (lambda: risk.oracle_random_design([[1.0]], [1.0], [[-1.0]], 1.0), "covariance: expected a symmetric positive semidefinite matrix, got smallest eigenvalue -1; pass the second moment of the inputs"),
]  # fmt: skip


@pytest.mark.parametrize("call, message", MESSAGES)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
