"""The figure of gradient denoising: floors of SGD with clean labels, errors of gradients with noisy ones."""

from dataclasses import replace

import numpy as np
import pytest

from kdtheory.report import figure


@pytest.fixture(scope="module")
def dataset():
    whole = figure("gradient-denoising")
    small = {"samples": 12, "features": 2, "steps": 400, "runs": 100, "draws": 400, "points": 21}
    return replace(whole, quick=replace(whole.quick, **small)).computed()


def test_the_floor_is_the_parabola_for_a_realisable_teacher_only(dataset):
    mixing = dataset["mixing"]
    np.testing.assert_allclose(dataset["floor"], (1 - mixing) ** 2, atol=1e-12)
    away = np.abs(dataset["floor_unreachable"] - (1 - mixing) ** 2)
    assert away[np.argmin(np.abs(mixing - 1.0))] > 0.05


def test_runs_of_sgd_are_on_the_exact_floor_within_their_error(dataset):
    """One hundred runs with two directions of noise: the mean square is known to about 20 percent (two deviations)."""
    exact = (1 - dataset["simulated"]) ** 2
    np.testing.assert_allclose(dataset["measured"], exact, rtol=0.4, atol=1e-12)
    assert dataset.numbers["measured_floor_pure"] < 1e-12


def test_circles_stand_where_the_error_is_one_and_triangles_where_it_is_least(dataset):
    snr = dataset["snr"]
    positive = dataset["threshold"] > 0
    np.testing.assert_array_equal(positive, snr > 1)
    np.testing.assert_allclose(dataset["at_threshold"][positive], 1.0, rtol=1e-12)
    np.testing.assert_allclose(dataset["at_best"], snr / (1 + snr), rtol=1e-12)
    assert np.all(dataset["at_best"][:, None] <= dataset["error_ratio"] * (1 + 1e-12))


def test_draws_of_noise_agree_with_the_curves(dataset):
    expected = [np.interp(dataset["measured_time"], dataset["time"], row) for row in dataset["error_ratio"]]
    np.testing.assert_allclose(dataset["measured_ratio"], expected, rtol=0.3)


def test_the_caption_says_which_half_needs_no_label_noise(dataset):
    words = figure("gradient-denoising").caption(dataset)
    assert "Labels have no noise, but no linear student fits them" in words
    assert "(b) Needs label noise" in words
