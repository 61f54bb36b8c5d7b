import numpy as np
import pytest
from sklearn.metrics import accuracy_score

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import accuracy


def test_accuracy_is_that_of_scikit_learn_in_every_cell(make_fit, classes):
    fit = make_fit("student", mixing=2, seed=3)
    got = accuracy(fit)
    assert got.shape == (2, 3)
    for cell in np.ndindex(2, 3):
        assert got[cell] == accuracy_score(classes.test_labels, fit.test[cell].argmax(axis=-1))
    np.testing.assert_array_equal(accuracy(fit, on="train"), accuracy(fit.train, classes.labels))


@pytest.mark.parametrize("labels", [[1, 0, 1, 0], [1, -1, 1, -1]])
def test_a_single_output_is_decided_by_its_sign(labels):
    assert accuracy([[0.2], [-3.0], [-1.0], [0.0]], labels) == 0.75


def test_regression_to_signs_is_classification_and_to_numbers_with_zero_is_not():
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, -1.0])
    assert (
        accuracy(
            kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)))), kd.LinearModel(), task)["t"], on="train"
        )
        == 1
    )
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 0.0])
    fit = kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)))), kd.LinearModel(), task)["t"]
    with pytest.raises(
        InvalidArgument, match=r"^labels: expected known classes of the points, got None beside Task\(.*pass labels=$"
    ):
        accuracy(fit, on="train")


@pytest.mark.parametrize(
    ("outputs", "labels", "message"),
    [
        ([[1.0, 0.0]], None, r"^labels: expected known classes of the points, got None beside an array; pass labels=$"),
        ([[1.0, 0.0]], [5], r"^labels: expected class labels from 0 to 1, got 5;"),
        ([[np.nan, 0.0]], [0], r"^result: expected finite numbers, got nan"),
        ([1.0, 0.0], [0, 1], r"^result: expected a fit, or an array of shape \(n, classes\)"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(outputs, labels, message):
    with pytest.raises(InvalidArgument, match=message):
        accuracy(outputs, labels)
