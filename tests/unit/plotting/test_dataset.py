"""A dataset refuses what a figure could not be drawn from, and drawing needs nothing else."""

import numpy as np
import pytest

from kdtheory.errors import InvalidArgument, UnknownName
from kdtheory.plotting import Dataset


def test_arrays_and_coordinates_are_found_by_name():
    dataset = Dataset({"gain": (("fit", "mode"), [[0.9, 0.5]])}, {"fit": ["teacher"], "mode": [4.0, 1.0]})
    assert dataset["gain"].shape == (1, 2)
    assert dataset["fit"].tolist() == ["teacher"]
    assert dataset.dimensions == {"gain": ["fit", "mode"]}


@pytest.mark.parametrize(
    ("arrays", "coordinates", "message"),
    [
        ({"a": (("x",), [1.0, 2.0])}, {"x": [0.0]}, "a: expected 1 along 'x', got 2; name every"),
        ({"a": (("x",), [1.0]), "b": (("x",), [1.0, 2.0])}, {}, "b: expected 1 along 'x', got 2; name every"),
        ({"a": (("x",), [[1.0]])}, {}, r"a: expected one dimension per name in \('x',\), got shape \(1, 1\); name"),
        ({"a": (("x",), [None])}, {}, "a: expected numbers or texts, got an array of type object; name"),
        ({"x": (("x",), [1.0])}, {"x": [1.0]}, "arrays: expected names that no coordinate has, got 'x'; rename"),
    ],
)
def test_what_does_not_fit_is_one_line(arrays, coordinates, message):
    with pytest.raises(InvalidArgument, match=message):
        Dataset(arrays, coordinates)


def test_an_unknown_array_is_one_line():
    with pytest.raises(UnknownName, match="array: expected one of a, got 'b'; check the spelling"):
        Dataset({"a": ((), np.float64(1))})["b"]
