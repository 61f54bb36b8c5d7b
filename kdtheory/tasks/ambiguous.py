"""Classification with classes that overlap, and the true probabilities known."""

from __future__ import annotations

import numpy as np
import scipy.linalg
import scipy.special
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.tasks.base import Labels, Task, one_hot
from kdtheory.validation import count, number

Array = NDArray[np.float64]


def ambiguous(
    train: int = 500,
    test: int = 1000,
    *,
    classes: int = 3,
    features: int = 10,
    separation: float = 2.0,
    seed: int = 0,
) -> Task:
    r"""Equally likely Gaussian classes that overlap: :math:`p(y \mid x)` is known at every input.

    Class k is :math:`x \sim N(\mu_k, I)`, the means being the corners of a regular simplex around the origin in the
    first ``classes - 1`` features; the other features say nothing about the class. The true probabilities are
    :math:`p(k \mid x) = \mathrm{softmax}_k(\mu_k \cdot x - |\mu_k|^2 / 2)`, and labels are drawn from them.

    Parameters
    ----------
    train, test : int
        Numbers of samples; streams of their own.
    classes, features : int
        At least 2 classes, and at least ``classes - 1`` features.
    separation : float
        Distance between any two means, in standard deviations. With 2 classes, the best possible error is
        :math:`\Phi(-\text{separation} / 2)`; 0 leaves nothing to learn.
    seed : int
        Seed of all streams.

    Returns
    -------
    Task
        One-hot ``targets``; ``clean_targets`` and ``clean_test_targets`` are the true probabilities.

    >>> import kdtheory as kd
    >>> task = kd.tasks.ambiguous(train=4, test=0, classes=2, features=1, separation=1.0)
    >>> x = task.inputs[:, 0]
    >>> bool(np.allclose(task.clean_targets[:, 0], 1 / (1 + np.exp(-x))))
    True
    """
    train, test = count("train", train, at_least=1), count("test", test)
    classes = count("classes", classes, at_least=2)
    features = count("features", features, at_least=1)
    if features < classes - 1:
        fix = "ask for more features or fewer classes"
        expected = f"at least {classes - 1} for {classes} classes"
        raise InvalidArgument("features", expected=expected, got=f"{features}", fix=fix)
    separation = number("separation", separation, at_least=0.0)
    means = np.zeros((classes, features))
    means[:, : classes - 1] = scipy.linalg.helmert(classes).T * (separation / np.sqrt(2))  # corners at distance sqrt 2
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(count("seed", seed)).spawn(2)]
    inputs, probabilities, labels = _sample(train, means, streams[0])
    held_out = _sample(test, means, streams[1]) if test else None
    return Task(
        inputs,
        one_hot(labels, classes),
        test_inputs=None if held_out is None else held_out[0],
        test_targets=None if held_out is None else one_hot(held_out[2], classes),
        labels=labels,
        test_labels=None if held_out is None else held_out[2],
        clean_targets=probabilities,
        clean_test_targets=None if held_out is None else held_out[1],
        name="ambiguous classes",
        provenance={
            "source": "ambiguous",
            "classes": classes,
            "features": features,
            "separation": separation,
            "train": train,
            "test": test,
            "seed": seed,
        },
    )


def _sample(size: int, means: Array, generator: np.random.Generator) -> tuple[Array, Array, Labels]:
    """Inputs from the mixture, their true probabilities, and labels drawn from these."""
    inputs = means[generator.integers(len(means), size=size)] + generator.standard_normal((size, means.shape[1]))
    probabilities = scipy.special.softmax(inputs @ means.T - 0.5 * np.sum(means**2, axis=1), axis=1)
    thresholds = np.cumsum(probabilities, axis=1)[:, :-1]
    labels = np.sum(generator.random((size, 1)) >= thresholds, axis=1).astype(np.int64)
    return inputs, probabilities, labels
