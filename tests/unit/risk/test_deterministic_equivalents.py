"""Effective penalties and risks of ridge ensembles in high dimension."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.risk import Population, effective_penalty, proportional_risk

SPECTRUM = Population([2.0, 0.5, 0.01], [1.0, 0.3, 4.0], 0.8, 0.2, [0.2, 0.5, 0.3])
decade = st.floats(-6, 6).map(lambda power: 10.0**power)


@given(st.lists(decade, min_size=1, max_size=5), decade, st.floats(-2, 2).map(lambda power: 10.0**power))
def test_the_effective_penalty_is_the_root_that_a_bracketing_search_finds(eigenvalues, penalty, ratio):
    population = Population(eigenvalues, 1.0, ratio)
    lam, masses = population.eigenvalues, population.masses

    def equation(kappa):
        return kappa - np.sum(masses * lam * kappa / (lam + kappa)) - penalty

    high = penalty + np.sum(masses * lam)
    root = scipy.optimize.brentq(equation, penalty, high * (1 + 1e-12), xtol=1e-300, rtol=1e-14)
    found = float(effective_penalty(population, penalty))
    slope = 1 - np.sum(masses * (lam / (lam + root)) ** 2)
    assert penalty <= found <= high
    assert found == pytest.approx(root, rel=1e-11 * (1 + ratio) / slope)


@pytest.mark.parametrize("ratio, expected", [(0.5, 0.0), (1.0, 0.0), (3.0, 2.0 * 3)])
def test_without_penalty_it_vanishes_unless_there_are_more_features_than_samples(ratio, expected):
    assert float(effective_penalty(Population([3.0], 1.0, ratio), 0.0)) == pytest.approx(expected, rel=1e-14)


def test_features_of_eigenvalue_zero_are_no_features():
    padded = Population([1.0, 0.0], [1.0, 7.0], 3.0, 0.2, [0.2, 0.8])
    plain = Population([1.0], 1.0, 0.6, 0.2)
    assert float(effective_penalty(padded, 0.0)) == 0.0
    for penalty in (0.0, 0.3, 20.0):
        assert float(effective_penalty(padded, penalty)) == pytest.approx(float(effective_penalty(plain, penalty)))
        assert float(proportional_risk(padded, penalty)) == pytest.approx(float(proportional_risk(plain, penalty)))


def test_splitting_an_eigenspace_changes_nothing():
    one = Population([1.0, 0.2], [3.0, 1.0], 1.5, 0.2, [0.4, 0.6])
    three = Population([1.0, 0.2, 0.2], [3.0, 0.9, 0.1], 1.5, 0.2, [0.4, 0.1, 0.5])
    pair, weights = [0.1, 2.0], [-0.5, 1.5]
    expected = float(proportional_risk(one, pair, weights))
    assert float(proportional_risk(three, pair, weights)) == pytest.approx(expected, rel=1e-13)


def test_few_features_are_a_fixed_design():
    """As p / n goes to 0: bias and variance of C8 with the population's eigenvalues for those of the sample."""
    ratio = 1e-9
    lam, signal, share = np.array([2.0, 0.5]), np.array([1.0, 3.0]), np.array([0.3, 0.7])
    gains = lam / (lam + 0.4)
    population = Population(lam, signal, ratio, 6.0 / ratio, share)
    expected = np.sum(lam * signal * (1 - gains) ** 2) + 6.0 * np.sum(share * gains**2)
    assert float(effective_penalty(population, 0.4)) == pytest.approx(0.4, rel=1e-8)
    # s^2 is taken off a number of its size.
    assert float(proportional_risk(population, 0.4)) == pytest.approx(expected, rel=1e-5)


def test_least_squares_has_the_textbook_variance():
    """Without penalty, n > p: s^2 p / (n - p), whatever the covariance and the truth."""
    assert float(proportional_risk(SPECTRUM, 0.0)) == pytest.approx(0.2 * 0.8 / 0.2, rel=1e-13)


def test_a_model_that_predicts_zero_is_a_ridge_of_infinite_penalty():
    assert float(effective_penalty(SPECTRUM, np.inf)) == np.inf
    assert float(proportional_risk(SPECTRUM, np.inf)) == pytest.approx(float(SPECTRUM.power))
    half = proportional_risk(SPECTRUM, [0.3, np.inf], [0.5, 0.5])
    whole, none = float(proportional_risk(SPECTRUM, 0.3)), float(SPECTRUM.power)
    kappa = float(effective_penalty(SPECTRUM, 0.3))
    cross = np.sum(SPECTRUM.strengths * kappa / (SPECTRUM.eigenvalues + kappa))
    assert float(half) == pytest.approx((whole + none + 2 * cross) / 4)


def test_an_ensemble_of_one_ridge_twice_is_that_ridge():
    alone = float(proportional_risk(SPECTRUM, 0.3))
    assert float(proportional_risk(SPECTRUM, [0.3, 0.3], [-2.0, 3.0])) == pytest.approx(alone, rel=1e-12)


def test_populations_and_penalties_may_be_many():
    many = Population([[1.0, 0.1], [2.0, 0.3]], [1.0, 2.0], [0.5, 2.0], 0.3)
    risks = proportional_risk(many, np.array([0.1, 1.0, 3.0])[:, None, None])
    assert risks.shape == (3, 2)
    alone = Population([2.0, 0.3], [1.0, 2.0], 2.0, 0.3)
    assert float(risks[2, 1]) == pytest.approx(float(proportional_risk(alone, 3.0)), rel=1e-13)


def test_the_mean_of_exact_risks_given_the_inputs_is_near():
    """Ten draws of 200 samples by the toolkit's own solver, within four standard errors."""
    lam = np.repeat([1.0, 0.1], [60, 90])
    coefficients = np.where(lam == 1.0, 1.0, 0.5) / np.sqrt(60)
    risks = []
    for seed in range(10):
        task = kd.tasks.regression(lam, coefficients, train=200, test=0, noise_variance=0.3, seed=seed)
        recipe = kd.Recipe(ridge=kd.Fit(kd.Phase(kd.labels, kd.Ridge(200 * 0.2))))
        risks.append(float(kd.risk.decompose(kd.solve(recipe, kd.LinearModel(), task)["ridge"], on="population").total))
    limit = float(proportional_risk(Population.of(task), 0.2))
    assert abs(np.mean(risks) - limit) < 4 * np.std(risks, ddof=1) / np.sqrt(10)
    assert np.std(risks, ddof=1) / np.sqrt(10) < 0.05 * limit


@pytest.mark.parametrize("call, message", [
    (lambda: proportional_risk(SPECTRUM, [0.1, 0.2], [0.5, 0.6]), "weights: expected weights that sum to 1, got a sum of 1.1; give the rest to a penalty of inf, the model that predicts zero"),
    (lambda: proportional_risk(SPECTRUM, [0.1, 0.2], [1.0]), "weights: expected one weight per ridge, got 1 for 2 penalties; pass as many as penalties"),
    (lambda: proportional_risk(Population([1.0], 1.0, 1.0, 1.0), 0.0), "penalty: expected a penalty that keeps the risk finite, got none, with as many features as samples; use a positive penalty, or another aspect ratio"),
    (lambda: effective_penalty(Population([1.0], 1.0, [1.0, 2.0]), [1.0, 2.0, 3.0]), "penalty: expected a shape that broadcasts with (2,), got shape (3,); give numbers, or one more axis to one of the two"),
    (lambda: effective_penalty(SPECTRUM, -1.0), "penalty: expected no negative number, got -1; pass a penalty"),
    (lambda: effective_penalty([1.0], 1.0), "population: expected a Population, got [1.0]; pass kd.risk.Population(eigenvalues, signal, aspect_ratio, noise_variance)"),
    (lambda: Population(1.0, 1.0, 1.0), "eigenvalues: expected a list of numbers, got 1.0; pass one number per eigenspace"),
    (lambda: Population([1.0, 2.0], 1.0, 1.0, shares=[0.5, 0.6]), "shares: expected shares that sum to 1, got a sum of 1.1; divide them by their sum"),
    (lambda: Population([1.0, 2.0], [1.0, 2.0, 3.0], 1.0), "population: expected shapes that broadcast, got eigenvalues (2,), signal (3,), aspect_ratio (), noise_variance (), shares (2,); give one number per eigenvalue along the last axis"),
    (lambda: Population.of(kd.tasks.from_arrays([[1.0]], [1.0])), None),
])  # fmt: skip
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert message is None or str(error.value) == message


def test_a_task_tells_its_population():
    """Turned covariances, too: signal is that in the eigenbasis."""
    task = kd.tasks.regression([3.0, 1.0, 0.5], [3.0, 1.0, 2.0], train=10, noise_variance=0.3)
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    moment, weights = turn @ np.diag([3.0, 1.0, 0.5]) @ turn.T, turn @ task.oracle_weights
    found = Population.of(replace(task, oracle_covariance=moment, oracle_weights=weights))
    np.testing.assert_allclose(found.eigenvalues, [3.0, 1.0, 0.5])
    np.testing.assert_allclose(found.signal, [3.0, 1.0, 8.0])
    assert (float(found.aspect_ratio), float(found.noise_variance)) == (0.3, 0.3)
    assert float(found.power) == pytest.approx(14.0)
