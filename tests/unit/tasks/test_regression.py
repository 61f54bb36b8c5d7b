"""Regression problems of which everything is known."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument

EIGENVALUES = kd.tasks.clusters([4.0, 1.0, 0.25], [1, 2, 3])
COEFFICIENTS = kd.tasks.power_law(6, exponent=0.5)


def _task(**options):
    return kd.tasks.regression(EIGENVALUES, COEFFICIENTS, **{"train": 30, "test": 20, "seed": 1} | options)


def test_a_fixed_design_has_the_chosen_spectrum_and_coefficients():
    eigenvalues = kd.tasks.power_law(8, exponent=2.0)
    task = kd.tasks.regression(eigenvalues, COEFFICIENTS[[0, 1, 2, 3, 4, 5, 5, 5]], train=30, design="fixed")
    spectrum = kd.LinearModel().spectrum(task)
    np.testing.assert_allclose(spectrum.eigenvalues[:8], 30 * eigenvalues, rtol=1e-11)
    assert spectrum.rank == 8
    found = np.abs(spectrum.coefficients(task.clean_targets)[:8, 0])
    np.testing.assert_allclose(found, np.sqrt(30) * COEFFICIENTS[[0, 1, 2, 3, 4, 5, 5, 5]], rtol=1e-11)
    np.testing.assert_allclose(task.inputs.T @ task.inputs / 30, task.oracle_covariance, atol=1e-13)


def test_a_random_design_has_the_population_covariance_in_the_mean():
    """Entries of X^T X / n have standard error sqrt((1 + [i = j]) s_i s_j / n); five of them are allowed."""
    task = _task(train=20_000, test=20_000)
    for inputs in (task.inputs, task.test_inputs):
        error = np.sqrt((1 + np.eye(6)) * np.outer(EIGENVALUES, EIGENVALUES) / 20_000)
        assert np.all(np.abs(inputs.T @ inputs / 20_000 - task.oracle_covariance) < 5 * error)


@pytest.mark.parametrize("design", ["random", "fixed"])
def test_the_test_set_of_a_fixed_design_is_still_drawn(design):
    task = _task(design=design, test=5000)
    assert np.all(np.abs(np.mean(task.test_inputs**2, axis=0) / EIGENVALUES - 1) < 5 * np.sqrt(2 / 5000))
    deviation = np.abs(task.test_inputs.T @ task.test_inputs / 5000 - task.oracle_covariance)
    assert deviation.max() > 1e-3


@pytest.mark.parametrize("design", ["random", "fixed"])
def test_clean_targets_are_the_inputs_times_the_oracle_weights(design):
    task = _task(design=design, noise_variance=0.3)
    np.testing.assert_allclose(task.clean_targets, task.inputs @ task.oracle_weights, rtol=1e-13)
    np.testing.assert_allclose(task.clean_test_targets, task.test_inputs @ task.oracle_weights, rtol=1e-13)
    np.testing.assert_allclose(task.oracle_weights[:, 0] ** 2 * EIGENVALUES, COEFFICIENTS**2, rtol=1e-13)


def test_noise_has_the_variance_it_says_on_training_and_test_targets():
    """A variance from n normal numbers has relative standard error sqrt(2 / n); five of them are allowed."""
    task = _task(train=20_000, test=10_000, noise_variance=0.3)
    for noisy, clean in ((task.targets, task.clean_targets), (task.test_targets, task.clean_test_targets)):
        assert np.var(noisy - clean) == pytest.approx(0.3, rel=5 * np.sqrt(2 / len(clean)))
        assert abs(np.mean(noisy - clean)) < 5 * np.sqrt(0.3 / len(clean))
    assert task.noise_variance == 0.3
    shared = min(len(task.targets), len(task.test_targets))
    noise = (task.targets - task.clean_targets)[:shared], (task.test_targets - task.clean_test_targets)[:shared]
    assert not np.allclose(*noise)


def test_more_noise_is_the_same_noise_larger_and_a_larger_test_set_leaves_training_alone():
    quiet, loud = (_task(noise_variance=v) for v in (0.01, 0.04))
    np.testing.assert_allclose(loud.targets - loud.clean_targets, 2 * (quiet.targets - quiet.clean_targets), atol=1e-14)
    larger = _task(noise_variance=0.01, test=500)
    np.testing.assert_array_equal(larger.targets, quiet.targets)
    assert np.array_equal(_task().targets, _task().clean_targets)
    assert not np.array_equal(_task(seed=2).inputs, _task().inputs)


def test_several_outputs_have_weights_and_noise_of_their_own():
    task = kd.tasks.regression([1.0, 0.0], [[1.0, 2.0], [0.0, 0.0]], train=50, test=0, noise_variance=1.0)
    assert task.oracle_weights.tolist() == [[1.0, 2.0], [0.0, 0.0]]
    noise = task.targets - task.clean_targets
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.6
    assert task.test_inputs is task.clean_test_targets is None


def test_centring_keeps_what_is_known():
    task = _task(noise_variance=0.1).centered()
    np.testing.assert_allclose(task.clean_targets + task.target_shift, _task().clean_targets, rtol=1e-12)
    np.testing.assert_allclose(task.clean_test_targets + task.target_shift, _task().clean_test_targets, rtol=1e-12)
    rest = task.clean_targets - task.inputs @ task.oracle_weights
    assert np.ptp(rest) < 1e-13
    assert task.noise_variance == 0.1


@pytest.mark.parametrize("options, message", [
    (dict(eigenvalues=[1.0, 2.0], coefficients=[0.0, 0.0]),
     "eigenvalues: expected non-negative numbers in descending order, got [1. 2.]; sort them, largest first"),
    (dict(eigenvalues=[1.0], coefficients=[0.0, 0.0]),
     "coefficients: expected 1 rows, one per mode, got 2; pass one coefficient per mode"),
    (dict(eigenvalues=[1.0, 0.0], coefficients=[1.0, 0.5]),
     "coefficients: expected 0 where the eigenvalue is 0, got [0.5] on mode 1; no input moves along that mode: set the "
     "coefficient to 0, or use from_spectrum"),
    (dict(eigenvalues=[1.0, 1.0], coefficients=[1.0, 1.0], train=1, design="fixed"),
     "train: expected at least 2, one per eigenvalue, got 1; ask for more samples, fewer eigenvalues, or design='random'"),
    (dict(eigenvalues=[1.0], coefficients=[1.0], noise_variance=-1.0),
     "noise_variance: expected a number of at least 0, got -1.0; change noise_variance"),
    (dict(eigenvalues=[1.0], coefficients=[1.0], design="Random"),
     "design: expected one of 'random', 'fixed', got 'Random'; choose one of them"),
    (dict(eigenvalues=[1.0], coefficients=[np.nan]),
     "coefficients: expected finite numbers, got nan at index [0] (1 such value(s)); remove or impute these values"),
])  # fmt: skip
def test_problems_that_cannot_be_get_one_line(options, message):
    with pytest.raises(InvalidArgument) as caught:
        kd.tasks.regression(**options)
    assert str(caught.value) == message
