"""Image tasks on images that say who they are: pixel (0, 0) is the label, pixel (27, 27) the row in its part."""

import sys

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.data import idx
from kdtheory.errors import InvalidArgument
from kdtheory.tasks import _images

TOTALS = (60, 40)
PARTS = {"train": (0, 60), "test": (100, 40)}


@pytest.fixture(autouse=True)
def marked(monkeypatch):
    """Images are random inside; the names of rows in training are 0 to 59, in testing 100 to 139."""
    generator = np.random.default_rng(0)
    files = {}
    for part, (first, total) in PARTS.items():
        images = generator.integers(256, size=(total, 28, 28)).astype(np.uint8)
        labels = generator.integers(10, size=total).astype(np.uint8)
        images[:, 0, 0], images[:, 27, 27] = labels, np.arange(first, first + total)
        files |= {f"{part}-images": idx.written(images), f"{part}-labels": idx.written(labels)}
    monkeypatch.setattr(_images.data, "files", lambda name: files)
    for module in (_images, sys.modules[kd.tasks.mnist.__module__]):
        monkeypatch.setattr(module, "TOTALS", TOTALS)
    return {name: idx.read(name, content) for name, content in files.items()}


def pixels(task, inputs):
    return (inputs * task.provenance["scale"]).reshape(len(inputs), *task.provenance["shape"][1:])


@pytest.mark.parametrize("make", [kd.tasks.fashion_mnist, kd.tasks.mnist])
def test_images_come_with_their_own_labels_and_nothing_but_one_scale(make, marked):
    task = make(train=30, test=20, seed=1)
    for part, inputs, labels in (("train", task.inputs, task.labels), ("test", task.test_inputs, task.test_labels)):
        images = pixels(task, inputs)
        rows = images[:, 27, 27].round().astype(int) - PARTS[part][0]
        np.testing.assert_allclose(images, marked[f"{part}-images"][rows], atol=1e-9)
        np.testing.assert_array_equal(labels, marked[f"{part}-labels"][rows])
        assert len(set(rows)) == len(rows)
    assert np.mean(task.inputs**2) == pytest.approx(1.0)
    np.testing.assert_array_equal(task.targets.argmax(axis=1), task.labels)
    np.testing.assert_array_equal(task.test_targets.argmax(axis=1), task.test_labels)


@pytest.mark.parametrize("size", [14, 7, 1])
def test_smaller_images_are_means_of_blocks(size):
    whole, small = kd.tasks.mnist(train=3, test=2), kd.tasks.mnist(train=3, test=2, size=size)
    block = 28 // size
    for name in ("inputs", "test_inputs"):
        images, found = (pixels(task, getattr(task, name)) for task in (whole, small))
        for image, pooled in zip(images, found, strict=True):
            for row in range(size):
                for column in range(size):
                    there = image[block * row : block * row + block, block * column : block * column + block]
                    assert pooled[row, column] == pytest.approx(there.mean(), rel=1e-12)
    assert small.provenance["shape"] == [1, size, size]


def test_the_scale_is_that_of_training_alone():
    few, many = (kd.tasks.mnist(train=20, test=test) for test in (1, 40))
    assert few.provenance["scale"] == many.provenance["scale"]
    np.testing.assert_array_equal(few.inputs, many.inputs)
    np.testing.assert_array_equal(few.test_inputs, many.test_inputs[:1])


def test_fewer_images_under_a_seed_are_the_first_of_more_and_another_seed_draws_others():
    more, fewer, other = kd.tasks.mnist(train=30), kd.tasks.mnist(train=10, test=3), kd.tasks.mnist(train=30, seed=1)
    np.testing.assert_allclose(pixels(fewer, fewer.inputs), pixels(more, more.inputs)[:10], atol=1e-9)
    assert not np.array_equal(other.labels, more.labels)
    assert not np.array_equal(other.test_labels, more.test_labels)
    again = kd.tasks.mnist(train=30)
    np.testing.assert_array_equal(again.inputs, more.inputs)
    assert len(more.test_inputs) == 40


@pytest.mark.parametrize("make", [kd.tasks.mnist, kd.tasks.mnist_pairs])
def test_no_test_set_is_none(make):
    task = make(train=5, test=0)
    assert task.test_inputs is None
    assert (task.test_targets, task.test_labels) == (None, None)


def test_pairs_stand_side_by_side_and_no_digit_stands_in_two():
    task = kd.tasks.mnist_pairs(train=30, size=28)
    assert (task.inputs.shape, task.targets.shape, task.test_inputs.shape) == ((30, 1568), (30, 100), (20, 1568))
    for inputs, labels in ((task.inputs, task.labels), (task.test_inputs, task.test_labels)):
        images = pixels(task, inputs).round().astype(int)
        np.testing.assert_array_equal(10 * images[:, 0, 0] + images[:, 0, 28], labels)
        rows = np.concatenate([images[:, 27, 27], images[:, 27, 55]])
        assert len(set(rows.tolist())) == len(rows)
    assert task.provenance["shape"] == [1, 28, 56]
    assert kd.tasks.mnist_pairs(train=2).provenance["shape"] == [1, 14, 28]


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (kd.tasks.mnist, dict(train=61), "train: expected a whole number from 1 to 60, got 61; change train"),
        (kd.tasks.mnist, dict(train=5, test=41), "test: expected a whole number from 0 to 40, got 41; change test"),
        (kd.tasks.mnist, dict(size=13), "size: expected a divisor of 28, got 13; choose 28, 14, 7, 4, 2 or 1"),
        (kd.tasks.mnist_pairs, dict(train=31), "train: expected a whole number from 1 to 30, got 31; change train"),
        (
            kd.tasks.mnist_pairs,
            dict(train=5, test=21),
            "test: expected a whole number from 0 to 20, got 21; change test",
        ),
    ],
)
def test_more_than_there_is(make, arguments, message):
    with pytest.raises(InvalidArgument) as caught:
        make(**arguments)
    assert str(caught.value) == message
