"""Shapes of spectra."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument


def test_a_power_law_is_a_line_in_logarithms():
    values = kd.tasks.power_law(100, exponent=1.7, largest=3.0)
    slopes = np.diff(np.log(values)) / np.diff(np.log(np.arange(1, 101)))
    np.testing.assert_allclose(slopes, -1.7, rtol=1e-10)
    assert values[0] == 3.0
    assert np.array_equal(kd.tasks.power_law(3, exponent=0.0), np.ones(3))


def test_clusters_are_ties_that_the_spectrum_finds():
    eigenvalues = kd.tasks.clusters([4.0, 1.0], sizes=[2, 3])
    task = kd.tasks.from_spectrum(eigenvalues, coefficients=np.ones(5), seed=0)
    assert kd.LinearModel().spectrum(task).ties == [[0, 1], [2, 3, 4]]


@pytest.mark.parametrize("call, message", [
    (lambda: kd.tasks.power_law(0, exponent=1.0), "modes: expected a whole number of at least 1, got 0; change modes"),
    (lambda: kd.tasks.power_law(3, exponent=-1.0), "exponent: expected a number of at least 0, got -1.0; change exponent"),
    (lambda: kd.tasks.power_law(3, 1.0, largest=0.0), "largest: expected a number above 0, got 0.0; change largest"),
    (lambda: kd.tasks.clusters([2.0, 1.0], [3]),
     "sizes: expected 2 sizes, one per value, got 1; say how often each value stands"),
    (lambda: kd.tasks.clusters([2.0], [0]), "sizes: expected a whole number of at least 1, got 0; change sizes"),
])  # fmt: skip
def test_shapes_that_are_none_get_one_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message
