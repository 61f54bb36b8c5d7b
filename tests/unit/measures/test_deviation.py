import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.measures import deviation


def test_deviation_is_the_ratio_of_norms_in_every_cell(make_fit):
    fit, reference = make_fit("f", mixing=2, seed=3), make_fit("g", draw=1, mixing=2)
    for on in ("train", "test"):
        got = deviation(fit, reference, on=on)
        assert got.shape == (2, 3)
        for i, j in np.ndindex(2, 3):
            f, g = fit.outputs(on)[i, j], reference.outputs(on)[i]
            np.testing.assert_allclose(got[i, j], np.linalg.norm(f - g) / np.linalg.norm(g), rtol=1e-13)


def test_deviation_is_relative_to_the_reference_not_to_the_result():
    assert deviation([[4.0]], [[2.0]]) == 1.0
    assert deviation([[2.0]], [[4.0]]) == 0.5


@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_the_unit_does_not_matter(unit):
    assert deviation(unit * np.array([[3.0], [5.0]]), unit * np.array([[3.0], [4.0]])) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("result", "reference", "message"),
    [
        ([[1.0]], [[0.0]], r"^reference: expected outputs that are not all zero, got zeros; a relative deviation needs"),
        ([[[1.0]], [[1.0]]], [[[1.0]], [[0.0]]], r"^reference: expected outputs that are not all zero"),
        ([[1.0]], [[1.0], [2.0]], r"^result: expected 2 points and 1 output\(s\) as reference has, got 1 and 1;"),
        ([[np.inf]], [[1.0]], r"^result: expected finite numbers, got inf at index \[0, 0\]"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(result, reference, message):
    with pytest.raises(InvalidArgument, match=message):
        deviation(result, reference)
