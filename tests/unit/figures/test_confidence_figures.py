"""Figures of confidence and soft labels show what their claims say, by other means than the figures' own."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kdtheory.report import figure


@cache
def data(name: str):
    whole = figure(name)
    return replace(whole, quick=whole.small).computed()


def test_clusters_slopes_are_those_of_their_points():
    dataset = data("confidence-of-clusters")
    sizes = dataset["cluster"]
    for own, taught, slope in zip(dataset["teacher"], dataset["student"], dataset.numbers["slopes"], strict=True):
        assert np.polyfit(own, taught, 1, w=np.sqrt(sizes))[0] == pytest.approx(slope, rel=1e-10)
        assert np.all(taught < own)
    assert np.all(dataset["origin"] < 1)
    assert dataset["line"].max() > 1


def test_pairs_cross_one_where_the_markers_stand_and_the_matched_slope_is_always_above():
    dataset = data("confidence-of-clusters")
    for crossing, slope in zip(dataset.numbers["crossings"], dataset["slope"], strict=True):
        np.testing.assert_array_equal(slope > 1, dataset["time"] > crossing)
    assert np.all(dataset["matched"] > 1)


def test_cross_entropy_slopes_rise_over_one_once_and_simulated_ones_are_near():
    """From temperature 2 on, as claimed; at temperature 1 they may come back from below."""
    dataset = data("cross-entropy-slopes")
    for slope in dataset["slope"][1:]:
        above = slope[np.abs(slope - 1) > 1e-12] > 1
        assert np.count_nonzero(np.diff(above.astype(int))) <= 1
    assert dataset.numbers["simulated_difference"] < 0.2
    late = dataset["deficit"][:, -1]
    assert late[0] > 1
    assert np.all(late[1:] < 0.1)
    assert np.all(dataset["crossing"] < dataset["peak"])


def test_soft_labels_level_off_and_errors_fall_by_their_orders():
    dataset = data("soft-labels")
    np.testing.assert_allclose(dataset["soft"][:, -1], dataset["margin"], rtol=1e-6)
    assert np.all(np.diff(dataset["onehot"]) > 0)
    np.testing.assert_allclose(dataset.numbers["orders"], [-2, -1, -1], atol=0.02)


def test_smoothing_is_flat_and_distillation_falls():
    dataset = data("label-smoothing")
    np.testing.assert_allclose(dataset["smoothed"], 1 - dataset.numbers["alpha"], atol=1e-9)
    assert np.all(np.diff(dataset["distilled"]) < 1e-12)
    assert np.abs(dataset["uncentred"] - dataset["smoothed"]).max() > 1e-3


def test_teachers_cross_labels_at_the_critical_batch_and_measured_batches_agree():
    dataset = data("soft-label-variance")
    batch = dataset["batch"]
    for limit, error in zip(dataset.numbers["critical"], dataset["error"][1:], strict=True):
        np.testing.assert_array_equal(error < dataset["one_hot_error"], batch < limit)
    exact = [np.interp(dataset.numbers["batch"], batch, row) for row in dataset["error"]]
    np.testing.assert_allclose(dataset["measured"], exact, rtol=0.6)
    whole, bias, variance = dataset["divergence"].T
    np.testing.assert_allclose(whole, bias + variance, atol=1e-14)
