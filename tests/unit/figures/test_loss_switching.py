"""The figure of loss switching: fractions measured on students against the formula."""

from dataclasses import replace

import numpy as np
import pytest

from kdtheory.report import figure


@pytest.fixture(scope="module")
def dataset():
    whole = figure("loss-switching")
    return replace(whole, quick=replace(whole.quick, train=60, points=21)).computed()


def test_measured_fractions_lie_on_the_formula_and_in_order(dataset):
    progress, switch = dataset["mode"], dataset["switch"][:, None]
    expected = (1 - np.exp(-progress * (1 - switch))) / (1 - np.exp(-progress))
    np.testing.assert_allclose(dataset["measured"], expected, atol=1e-8)
    assert np.all(np.diff(dataset["measured"], axis=0) < 0)
    assert dataset.numbers["largest_error"] < 1e-8
    assert dataset.numbers["conservation_error"] < 1e-13


def test_the_map_has_the_boundaries_of_the_theorem_and_the_effect_its_peak(dataset):
    np.testing.assert_allclose(dataset["fraction"][0], 1.0)
    np.testing.assert_allclose(dataset["fraction"][-1], 0.0, atol=1e-15)
    assert np.all(np.diff(dataset["fraction"][1:-1], axis=1) >= 0)
    grid = dataset["progress"]
    np.testing.assert_allclose(dataset["effect"], np.exp(-grid) * (1 - np.exp(-grid)), rtol=1e-12)
    assert dataset["effect"].max() <= 0.25


def test_recovery_weighted_by_the_effect_lies_between_the_share_left_and_one(dataset):
    found = np.array(dataset.numbers["recovered_in_effect"])
    assert np.all(found > 1 - dataset["switch"])
    assert np.all(found < 1)
    assert dataset["measured_effect"].sum() == pytest.approx(1.0)
