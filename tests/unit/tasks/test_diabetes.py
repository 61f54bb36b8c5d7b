"""The diabetes data: the patients they claim to be, in units that are stated."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

import kdtheory as kd
from kdtheory.errors import InvalidArgument


def test_patients_are_those_of_scikit_learn_up_to_two_numbers():
    task = kd.tasks.diabetes(train=60, test=40, seed=3)
    measurements, progression = load_diabetes(return_X_y=True)
    rows = {tuple(row.round(9)): value for row, value in zip(measurements, progression, strict=True)}
    for inputs, targets in ((task.inputs, task.targets), (task.test_inputs, task.test_targets)):
        seen = (inputs * task.provenance["scale"]).round(9)
        expected = [rows[tuple(row)] for row in seen]
        np.testing.assert_allclose(targets[:, 0] * task.provenance["target_scale"], expected, rtol=1e-13)


def test_scales_come_from_the_training_patients_alone():
    task = kd.tasks.diabetes(train=60, seed=3)
    assert np.mean(task.inputs**2) == pytest.approx(1.0, rel=1e-13)
    assert np.std(task.targets) == pytest.approx(1.0, rel=1e-13)
    fewer = kd.tasks.diabetes(train=60, test=1, seed=3)
    np.testing.assert_array_equal(fewer.targets, task.targets)


def test_nothing_is_centred_unasked():
    task = kd.tasks.diabetes(train=300)
    assert task.targets.mean() > 1.0
    assert task.target_shift is None
    assert abs(task.centered().targets.mean()) < 1e-13


def test_training_and_test_patients_are_disjoint_and_complete():
    task = kd.tasks.diabetes(train=300, seed=0)
    together = np.concatenate([task.inputs, task.test_inputs])
    assert len(np.unique(together, axis=0)) == len(together) == 442


def test_the_seed_decides_the_draw_and_stands_in_the_provenance():
    first, again, other = (kd.tasks.diabetes(train=50, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.targets, other.targets)
    assert (other.provenance["seed"], other.provenance["test"]) == (2, 392)


def test_one_patient_has_no_spread_and_no_test_set_is_none():
    task = kd.tasks.diabetes(train=1, test=0)
    assert task.test_inputs is None
    assert np.isfinite(task.targets).all()


def test_more_patients_than_there_are():
    with pytest.raises(InvalidArgument) as caught:
        kd.tasks.diabetes(train=400, test=43)
    assert str(caught.value) == "test: expected train + test of at most 442, got 400 + 43; ask for fewer patients"
