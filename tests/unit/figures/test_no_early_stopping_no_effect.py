"""The figure shows where distillation has no effect, and that it has one elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from kdtheory.report import figure


@pytest.fixture(scope="module")
def dataset():
    whole = figure("no-early-stopping-no-effect")
    small = replace(whole.quick, features=8, wide=5, tall=16, test=30, points=9, longest=1e5)
    return replace(whole, quick=small).computed()


def test_the_stopped_student_becomes_the_one_hot_run_as_its_teacher_is_trained(dataset):
    assert np.all(dataset["from_onehot"][..., 0] > 0.05)
    assert np.all(np.diff(dataset["from_onehot"][:, 0], axis=-1) <= 0)  # train points: every mode falls
    assert np.all(dataset["from_onehot"][..., -1] < 1e-12)
    assert dataset.numbers["at_end"] < 1e-13
    assert dataset.numbers["interpolates"] == [True, False]


def test_the_converged_student_is_its_teacher_but_for_test_points_of_the_wide_problem(dataset):
    (wide_train, wide_test), (tall_train, tall_test) = dataset["from_teacher"]
    assert max(wide_train.max(), tall_train.max(), tall_test.max()) < 1e-12
    np.testing.assert_allclose(wide_test, wide_test[0], rtol=1e-9)
    assert dataset.numbers["frozen"] == pytest.approx(wide_test[0])
    assert wide_test[0] > 0.1
