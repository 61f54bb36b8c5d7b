"""Small fits of every kind for the measures."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.distillation.results import ArrayFit


@pytest.fixture
def classes():
    """Eight points of three classes on the training side, five on the test side."""
    generator = np.random.default_rng(0)
    return kd.tasks.from_arrays(
        generator.normal(size=(8, 4)),
        np.array([0, 1, 2, 0, 1, 2, 0, 1]),
        generator.normal(size=(5, 4)),
        np.array([2, 1, 0, 0, 1]),
    )


@pytest.fixture
def make_fit(classes):
    """An `ArrayFit` with normal outputs: ``make_fit("student", seed=3)`` has an axis ``seed`` with 3 coordinates."""

    def make(name, *, task=classes, logits=True, draw=0, **axes):
        generator = np.random.default_rng(draw)
        shape = tuple(axes.values())
        return ArrayFit(
            name,
            task,
            {axis: np.arange(size, dtype=float) for axis, size in axes.items()},
            generator.normal(size=(*shape, task.size, task.outputs)),
            generator.normal(size=(*shape, 5, task.outputs)),
            logits=logits,
        )

    return make
