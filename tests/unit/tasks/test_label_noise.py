"""Wrong labels: as many as asked for, in training only, and the truth is kept."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument

with_label_noise = kd.tasks.with_label_noise


@pytest.fixture(scope="module")
def digits():
    return kd.tasks.digits(train=200, test=100, seed=0)


@pytest.mark.parametrize("fraction", [0.0, 0.123, 0.5, 1.0])
def test_exactly_the_asked_fraction_is_wrong(digits, fraction):
    noisy = with_label_noise(digits, fraction, seed=4)
    assert np.sum(noisy.labels != digits.labels) == round(200 * fraction)
    np.testing.assert_array_equal(noisy.targets.argmax(axis=1), noisy.labels)
    np.testing.assert_array_equal(noisy.targets.sum(axis=1), 1.0)


def test_the_truth_is_kept_and_the_test_set_is_clean(digits):
    noisy = with_label_noise(digits, 0.5)
    np.testing.assert_array_equal(noisy.clean_targets, digits.targets)
    assert noisy.test_targets is digits.test_targets
    assert noisy.test_labels is digits.test_labels
    assert noisy.inputs is digits.inputs
    assert digits.clean_targets is None
    np.testing.assert_array_equal(digits.targets.argmax(axis=1), digits.labels)


def test_every_other_class_is_as_likely():
    """Counts of 8000 draws over 4 classes: standard deviation sqrt(8000 * 3/16) = 39; five of them are allowed."""
    task = kd.tasks.from_arrays(np.zeros((8000, 1)), np.full(8000, 2), classes=5)
    counts = np.bincount(with_label_noise(task, 1.0, seed=1).labels, minlength=5)
    assert counts[2] == 0
    assert np.all(np.abs(counts[[0, 1, 3, 4]] - 2000) < 5 * 39)


def test_noise_added_twice_remembers_the_first_truth(digits):
    twice = with_label_noise(with_label_noise(digits, 0.2, seed=1), 0.2, seed=2)
    np.testing.assert_array_equal(twice.clean_targets, digits.targets)
    assert twice.provenance["label_noise"] == [
        {"fraction": 0.2, "changed": 40, "seed": 1},
        {"fraction": 0.2, "changed": 40, "seed": 2},
    ]
    assert "label_noise" not in digits.provenance
    assert with_label_noise(digits, 0.2).name == "digits with 20 % label noise"


def test_true_probabilities_stay_the_truth():
    task = kd.tasks.ambiguous(train=20, test=0)
    assert with_label_noise(task, 0.5).clean_targets is task.clean_targets


def test_the_seed_decides_which(digits):
    first, again, other = (with_label_noise(digits, 0.3, seed=s).labels for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("task, fraction, message", [
    (kd.tasks.from_arrays([[0.0]], [1.0]), 0.1,
     "task: expected a task with class labels, got Task('arrays', train=1, test=0, features=1, 1 output(s)); "
     "pass a vector of integers as y to kd.tasks.from_arrays"),
    (kd.tasks.from_arrays([[0.0], [1.0]], [0, 1]).centered(), 0.1,
     "task: expected a task that is not centred, got a centred task; add noise, then center"),
    (kd.tasks.from_arrays([[0.0]], [0]), 0.1, "task: expected at least two classes, got 1; pass classes="),
    (kd.tasks.from_arrays([[0.0]], [0], classes=2), 1.5,
     "fraction: expected a number from 0 to 1, got 1.5; change fraction"),
    ("digits", 0.1, "task: expected a Task, got 'digits'; use kd.tasks.digits(...)"),
])  # fmt: skip
def test_what_cannot_be_noisy_gets_one_line(task, fraction, message):
    with pytest.raises(InvalidArgument) as caught:
        with_label_noise(task, fraction)
    assert str(caught.value) == message
