"""Tasks: what they hold, how they are drawn, what they refuse."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import kdtheory as kd
from kdtheory.errors import InvalidArgument


def test_digits_are_the_images_they_claim_to_be():
    task = kd.tasks.digits(train=50, test=20, seed=3)
    images, classes = load_digits(return_X_y=True)
    rows = {tuple(image): label for image, label in zip(images, classes, strict=True)}
    seen = np.rint(task.inputs * task.provenance["scale"])
    assert [rows[tuple(image)] for image in seen] == task.labels.tolist()
    np.testing.assert_array_equal(task.targets.argmax(axis=1), task.labels)
    np.testing.assert_array_equal(task.targets.sum(axis=1), 1.0)


def test_digits_are_scaled_by_one_number_so_that_the_mean_square_is_one():
    task = kd.tasks.digits(train=100, seed=0)
    assert np.mean(np.square(task.inputs)) == pytest.approx(1.0, rel=1e-12)
    assert not np.allclose(task.inputs.std(axis=0), 1.0)


def test_training_and_test_digits_are_disjoint_and_complete():
    task = kd.tasks.digits(train=1000, seed=0)
    together = np.concatenate([task.inputs, task.test_inputs])
    assert len(np.unique(together, axis=0)) == len(together) == 1797


def test_the_seed_decides_the_draw():
    first, again, other = (kd.tasks.digits(train=50, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.labels, other.labels)


def test_a_chosen_spectrum_is_what_the_model_finds():
    lam = np.array([1e8, 1.0, 1.0, 1e-8])
    for seed in (None, 0):
        task = kd.tasks.from_spectrum(lam, coefficients=[1.0, 2.0, 3.0, 4.0], seed=seed)
        spectrum = kd.LinearModel().spectrum(task)
        np.testing.assert_allclose(spectrum.eigenvalues, lam, rtol=1e-6)
        coefficients = np.abs(spectrum.coefficients(task.targets)[[0, 3], 0])
        np.testing.assert_allclose(coefficients, [1.0, 4.0], rtol=1e-6)


def test_integers_are_classes_and_floats_are_values():
    inputs = np.zeros((3, 1))
    assert kd.tasks.from_arrays(inputs, [0, 2, 1]).targets.shape == (3, 3)
    assert kd.tasks.from_arrays(inputs, [0.0, 2.0, 1.0]).targets.shape == (3, 1)
    assert kd.tasks.from_arrays(inputs, [0, 1, 0], classes=4).targets.shape == (3, 4)


def test_centring_twice_keeps_both_shifts():
    task = kd.tasks.from_arrays([[1.0], [3.0]], [10.0, 20.0], [[2.0]], [15.0])
    once, twice = task.centered(), task.centered().centered()
    np.testing.assert_array_equal(once.target_shift, twice.target_shift)
    np.testing.assert_array_equal(once.input_shift, [2.0])
    assert once.restored(once.targets).ravel().tolist() == [10.0, 20.0]
    assert once.test_targets.tolist() == [[0.0]]


@pytest.mark.parametrize("arguments, message", [
    (dict(X=[[1.0]], y=[1.0, 2.0]), "y: expected 1 targets, one per input, got 2; pass as many targets as inputs"),
    (dict(X=[[1.0]], y=[1.0], X_test=[[1.0, 2.0]]), "X_test: expected 1 columns as in X, got 2; use the same features"),
    (dict(X=[[1.0]], y=[1.0], y_test=[1.0]), "X_test: expected test inputs beside y_test, got None; pass X_test too"),
    (dict(X=[[1.0]], y=[-1]), "y: expected class labels from 0 to 0, got -1; relabel, or pass classes="),
    (dict(X=[[1.0]], y=[0], X_test=[[1.0]], y_test=[3]),
     "y_test: expected class labels from 0 to 0, got 3; relabel, or pass classes="),
    (dict(X=[[1.0]], y=[0.5], classes=2), "y: expected class labels from 0 to 1, got 0.5; relabel, or pass classes="),
    (dict(X=[[1.0]], y=[1.0], classes=2),
     "y: expected integer labels beside classes=, got an array of shape (1,) and type float64; convert the labels to integers"),
    (dict(X=[1.0]), "X: expected 2 dimension(s), got 1 (shape (1,)); reshape the array"),
])  # fmt: skip
def test_arrays_that_do_not_fit_get_one_line(arguments, message):
    with pytest.raises(InvalidArgument) as caught:
        kd.tasks.from_arrays(**arguments)
    assert str(caught.value) == message


def test_more_digits_than_there_are():
    with pytest.raises(
        InvalidArgument, match=r"^test: expected train \+ test of at most 1797, got 1000 \+ 900; ask for fewer"
    ):
        kd.tasks.digits(train=1000, test=900)
    with pytest.raises(InvalidArgument, match=r"^train: expected a whole number from 1 to 1797, got 5000"):
        kd.tasks.digits(train=5000)


def test_a_task_cannot_be_edited_behind_the_back_of_its_spectrum():
    task = kd.tasks.from_spectrum([2.0, 1.0], coefficients=[1.0, 1.0])
    with pytest.raises(ValueError, match="read-only"):
        task.inputs[:] *= 10.0


def test_series_and_tensors_are_arrays_too():
    import torch

    class Series(list):
        """Has a ``max`` of its own that does not take NumPy's arguments."""

        def max(self):
            return max(iter(self))

    inputs = np.eye(3)
    for labels in (Series([0, 1, 2]), torch.tensor([0, 1, 2])):
        assert kd.tasks.from_arrays(inputs, labels).labels.tolist() == [0, 1, 2]
    with pytest.raises(InvalidArgument, match="^X: expected an array of numbers, got a value of type Tensor"):
        kd.tasks.from_arrays(torch.eye(3, requires_grad=True), [0, 1, 2])
