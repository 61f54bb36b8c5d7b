"""The figure of the odds law shows what the law says, by other means than the figure's own."""

from dataclasses import replace

import numpy as np
import pytest

from kdtheory.report import figure


@pytest.fixture(scope="module")
def dataset():
    whole = figure("mixing-odds-law")
    return replace(whole, quick=replace(whole.quick, train=60, points=11, rounds=6, shown_mode=1)).computed()


def test_limits_of_the_modes_lie_on_parallel_lines_one_per_label_weight(dataset):
    def logit(gain):
        return np.log(gain / (1 - gain))

    once, limit = np.broadcast_arrays(dataset["once"][:, None], dataset["limit"])
    shift = np.broadcast_to(np.log(dataset["label_weight"])[:, None], limit.shape)
    resolved = once < 1 - 1e-6
    assert np.count_nonzero(resolved) > 0.9 * resolved.size
    np.testing.assert_allclose(logit(limit[resolved]) - logit(once[resolved]), shift[resolved], atol=1e-8)
    np.testing.assert_allclose(
        logit(dataset["shifted"]) - logit(dataset["gain"]), shift[0][:, :1] + np.zeros(11), atol=1e-9
    )


def test_rounds_without_labels_are_powers_of_the_gain(dataset):
    for count, curve in zip(dataset["pure_rounds"], dataset["bent"], strict=True):
        np.testing.assert_allclose(np.log(curve), count * np.log(dataset["gain"]))


def test_distances_fall_as_the_formula_says_and_grow_in_the_counterexample(dataset):
    np.testing.assert_allclose(dataset["distance"], dataset["line"], rtol=1e-9)
    assert np.all(np.diff(dataset["distance"][:-1], axis=1) < 0)
    assert np.all(np.diff(dataset["distance"][-1]) > 0)
    assert dataset.numbers["overshooting_factor"] == pytest.approx(1.33)


def test_the_flow_time_of_the_limit_is_measured_on_the_modes_and_not_one_time(dataset):
    for weight, times, line in zip(dataset["label_weight"], dataset["time"], dataset["time_line"], strict=True):
        found = np.interp(np.log(dataset["mode_progress"]), np.log(dataset["progress"]), line)
        np.testing.assert_allclose(times, found, rtol=0.5)
        assert np.all(np.diff(times) * (1 - weight) < 0)
        assert min(weight, 1) < times.min() <= times.max() < max(weight, 1)
