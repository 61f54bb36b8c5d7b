"""Surrogate labels for interpolators."""

import numpy as np
import pytest
import scipy.optimize

from kdtheory.errors import InvalidArgument
from kdtheory.risk import Population, oracle_surrogate, proportional_risk, surrogate_risk

SPECTRUM = Population([2.0, 0.5, 0.01], [1.0, 0.3, 4.0], 2.8, 0.2, [0.2, 0.5, 0.3])


def test_true_labels_are_the_limit_of_small_ridge():
    assert float(surrogate_risk(SPECTRUM)) == pytest.approx(float(proportional_risk(SPECTRUM, 1e-13)), rel=1e-10)
    assert float(surrogate_risk(SPECTRUM)) == pytest.approx(float(proportional_risk(SPECTRUM, 0.0)), rel=1e-12)


def test_no_other_factors_have_less_risk():
    found = scipy.optimize.minimize(lambda f: float(surrogate_risk(SPECTRUM, f)), np.ones(3), tol=1e-12)
    best = oracle_surrogate(SPECTRUM)
    np.testing.assert_allclose(best, found.x, atol=1e-3)
    assert float(surrogate_risk(SPECTRUM, best)) <= found.fun + 1e-15
    assert float(surrogate_risk(SPECTRUM, best)) < float(surrogate_risk(SPECTRUM)) - 1e-3


def test_the_noise_does_not_matter():
    noisy = Population([2.0, 0.5, 0.01], [1.0, 0.3, 4.0], 2.8, 50.0, [0.2, 0.5, 0.3])
    np.testing.assert_array_equal(oracle_surrogate(noisy), oracle_surrogate(SPECTRUM))


@pytest.mark.parametrize("ratio", [1.01, 2.0, 30.0])
def test_isotropic_inputs_want_the_truth(ratio):
    np.testing.assert_allclose(oracle_surrogate(Population([3.0], 1.0, ratio)), [1.0], rtol=1e-10)


def test_zero_labels_cost_the_power_and_the_noise():
    """Labels of noise alone: the power of the truth, and the noise times W = 1 / (ratio - 1) of isotropic inputs."""
    risk = surrogate_risk(Population([3.0], 2.0, 5.0, 0.8), 0.0)
    assert float(risk) == pytest.approx(6.0 + 0.8 / 4)


def test_the_least_norm_interpolator_has_it():
    """Literal draws of 150 samples with 300 features, labels of any surrogate: within four standard errors."""
    lam, truth = np.repeat([1.0, 0.2], 150), np.full(300, 1 / np.sqrt(300))
    factors = np.repeat([1.5, 0.2], 150)
    generator, risks = np.random.default_rng(0), []
    for _ in range(12):
        inputs = generator.standard_normal((150, 300)) * np.sqrt(lam)
        labels = inputs @ (truth * factors) + np.sqrt(0.3) * generator.standard_normal(150)
        risks.append(np.sum(lam * (np.linalg.lstsq(inputs, labels)[0] - truth) ** 2))
    limit = float(surrogate_risk(Population([1.0, 0.2], [0.5, 0.5], 2.0, 0.3), [1.5, 0.2]))
    error = np.std(risks, ddof=1) / np.sqrt(12)
    assert abs(np.mean(risks) - limit) < 4 * error
    assert error < 0.04 * limit


@pytest.mark.parametrize("call, message", [
    (lambda: oracle_surrogate(Population([1.0], 1.0, 1.0)), "population: expected more features of positive eigenvalue than samples, got no more than samples; raise the aspect ratio above 1"),
    (lambda: surrogate_risk(Population([1.0, 0.0], 1.0, 1.9)), "population: expected more features of positive eigenvalue than samples, got no more than samples; raise the aspect ratio above 1"),
    (lambda: surrogate_risk(SPECTRUM, [1.0, 2.0]), "amplification: expected a shape that broadcasts with (3,), got shape (2,); give numbers, or one more axis to one of the two"),
])  # fmt: skip
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
