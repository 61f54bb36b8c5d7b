"""Ridge taught by ridge in high dimension: risk, best mixing, slope at test points; and ensembles."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from kdtheory.errors import InvalidArgument
from kdtheory.risk import (
    Population,
    effective_penalty,
    oracle_proportional_mixing,
    proportional_distillation_risk,
    proportional_risk,
    proportional_test_slope,
    ridge_ensemble_weights,
)

SPECTRUM = Population([2.0, 0.5, 0.01], [1.0, 0.3, 4.0], 0.8, 0.2, [0.2, 0.5, 0.3])


@pytest.mark.parametrize("one, two", [(0.1, 1.0), (2.0, 0.3), (1e-3, 1e-2), (0.5, 0.0)])
@pytest.mark.parametrize("mixing", [-0.5, 0.0, 0.4, 1.0, 1.7])
def test_it_is_the_ensemble_of_two_ridges(one, two, mixing):
    w = ridge_ensemble_weights([one, two])
    weights = mixing * w + (1 - mixing) * np.array([0.0, 1.0])
    expected = float(proportional_risk(SPECTRUM, [one, two], weights))
    assert float(proportional_distillation_risk(SPECTRUM, one, two, mixing)) == pytest.approx(expected, rel=1e-9)


def test_equal_penalties_are_the_limit_of_close_ones():
    equal = float(proportional_distillation_risk(SPECTRUM, 0.3, 0.3, 0.7))
    for gap in (1e-3, 1e-6, 1e-12):
        assert float(proportional_distillation_risk(SPECTRUM, 0.3, 0.3 + gap, 0.7)) == pytest.approx(equal, rel=2 * gap)


def test_a_teacher_without_penalty_teaches_the_labels():
    """A converged teacher has no effect, with fewer features than samples."""
    for mixing in (0.5, 1.0):
        alone = float(proportional_risk(SPECTRUM, 0.4))
        assert float(proportional_distillation_risk(SPECTRUM, 0.0, 0.4, mixing)) == pytest.approx(alone, rel=1e-12)
    assert float(oracle_proportional_mixing(SPECTRUM, 0.0, 0.4)) == 0.0


@pytest.mark.parametrize("penalties", [(0.3, 0.3), (0.1, 2.0), (2.0, 0.05)])
def test_no_mixing_has_less_risk(penalties):
    def risk(mixing):
        return float(proportional_distillation_risk(SPECTRUM, *penalties, mixing))

    best = scipy.optimize.minimize_scalar(risk, bracket=(-1.0, 2.0)).x
    assert float(oracle_proportional_mixing(SPECTRUM, *penalties)) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("penalty", [0.01, 0.1, 1.0, 5.0])
def test_the_sign_of_the_best_mixing_is_that_of_the_falling_risk(penalty):
    """And its size: -R'(c) / (2 c |b'|^2), the last from the curvature of the risk in the mixing."""
    step = 1e-5 * penalty
    up, down = (float(proportional_risk(SPECTRUM, penalty + sign * step)) for sign in (1, -1))
    change = (up - down) / (2 * step)
    at = [float(proportional_distillation_risk(SPECTRUM, penalty, penalty, m)) for m in (-1.0, 0.0, 1.0)]
    curvature = (at[0] - 2 * at[1] + at[2]) / 2
    assert float(oracle_proportional_mixing(SPECTRUM, penalty, penalty)) == pytest.approx(
        -change * penalty / (2 * curvature), rel=1e-5
    )


def output_power(population, one, two):
    """E[f_i f_j] by risks: b_i S b_j = R_ij + b_i S b* + b_j S b* - b* S b*."""
    kept = [float(np.sum(population.strengths * population.eigenvalues / (population.eigenvalues + k)))
            for k in (float(effective_penalty(population, c)) for c in (one, two))]  # fmt: skip
    both = float(proportional_risk(population, [one, two], [0.5, 0.5]))
    alone = [float(proportional_risk(population, c)) for c in (one, two)]
    return 2 * both - sum(alone) / 2 + sum(kept) - float(population.power)


@pytest.mark.parametrize("one, two, mixing", [(0.1, 1.0, 1.0), (2.0, 0.3, 0.4), (0.05, 0.4, -0.5)])
def test_the_slope_is_a_ratio_of_output_moments(one, two, mixing):
    w = mixing * ridge_ensemble_weights([one, two]) + (1 - mixing) * np.array([0.0, 1.0])
    student = w[0] * output_power(SPECTRUM, one, one) + w[1] * output_power(SPECTRUM, one, two)
    expected = student / output_power(SPECTRUM, one, one)
    assert float(proportional_test_slope(SPECTRUM, one, two, mixing)) == pytest.approx(expected, rel=1e-9)


def test_a_student_of_the_labels_with_the_same_penalty_is_the_teacher():
    assert float(proportional_test_slope(SPECTRUM, 0.3, 0.3, 0.0)) == 1.0


def test_slopes_above_one_are_seen_in_samples():
    """Signal on weak directions, 300 samples, exact over test points: four draws."""
    lam = np.repeat([1e3, 1.0], [270, 15])
    truth = np.repeat([0.0, 1.0], [270, 15]) / np.sqrt(15)
    generator, slopes = np.random.default_rng(1), []
    for _ in range(4):
        inputs = generator.standard_normal((300, 285)) * np.sqrt(lam)
        gram = inputs.T @ inputs / 300
        teacher = np.linalg.solve(gram + 0.05 * np.eye(285), gram @ truth)
        student = np.linalg.solve(gram + 0.05 * np.eye(285), gram @ teacher)
        slopes.append(np.sum(lam * teacher * student) / np.sum(lam * teacher**2))
    assert min(slopes) > 1.1
    limit = proportional_test_slope(Population([1e3, 1.0], [0.0, 1.0], 0.95, 0.0, [18 / 19, 1 / 19]), 0.05, 0.05)
    assert np.mean(slopes) == pytest.approx(float(limit), abs=4 * np.std(slopes, ddof=1) / 2 + 0.02)


def test_penalties_may_be_an_axis():
    grid = np.array([0.1, 0.5, 2.0])
    risks = proportional_distillation_risk(SPECTRUM, grid, grid[:, None], 0.5)
    assert risks.shape == (3, 3)
    assert float(risks[2, 0]) == pytest.approx(float(proportional_distillation_risk(SPECTRUM, 0.1, 2.0, 0.5)))


fraction = st.fractions(Fraction(1, 50), 100, max_denominator=50)


@given(st.lists(fraction, min_size=1, max_size=4, unique=True), st.fractions(0, 10, max_denominator=20))
def test_ensemble_weights_are_those_of_exact_arithmetic(penalties, eigenvalue):
    exact = [np.prod([c / (c - d) for d in penalties if d != c] or [Fraction(1)]) for c in penalties]
    if max(abs(w) for w in exact) > 1e5:
        return
    found = ridge_ensemble_weights([float(c) for c in penalties])
    np.testing.assert_allclose(found, [float(w) for w in exact], rtol=1e-9)
    product = np.prod([eigenvalue / (eigenvalue + c) for c in penalties])
    assert sum(w * eigenvalue / (eigenvalue + c) for w, c in zip(exact, penalties, strict=True)) == product


def test_a_stage_without_penalty_has_no_weight():
    np.testing.assert_array_equal(ridge_ensemble_weights([2.0, 0.0]), [1.0, 0.0])


@pytest.mark.parametrize("call, message", [
    (lambda: ridge_ensemble_weights([1.0, 1.0]), "penalties: expected weights of at most 1e+07, got penalties that are equal or nearly so; move them apart; for a teacher and its student use proportional_distillation_risk"),
    (lambda: ridge_ensemble_weights([1.0, 1.0 + 1e-9]), "penalties: expected weights of at most 1e+07, got penalties that are equal or nearly so; move them apart; for a teacher and its student use proportional_distillation_risk"),
    (lambda: ridge_ensemble_weights([0.0, 0.0]), "penalties: expected weights of at most 1e+07, got penalties that are equal or nearly so; move them apart; for a teacher and its student use proportional_distillation_risk"),
    (lambda: ridge_ensemble_weights(1.0), "penalties: expected a list without negative numbers, got one number; pass the penalty of each stage"),
    (lambda: proportional_distillation_risk(SPECTRUM, [1.0, 2.0], 1.0, [1.0, 2.0, 3.0]), "mixing: expected a shape that broadcasts with (2,), got shape (3,); give a number, or one more axis"),
])  # fmt: skip
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
