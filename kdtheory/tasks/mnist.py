"""MNIST: handwritten digits, one by one and side by side."""

from __future__ import annotations

import numpy as np

from kdtheory.tasks._draw import draw_parts
from kdtheory.tasks._images import TOTALS, classified, image_parts, image_task, pixels, pooled
from kdtheory.tasks.base import Task
from kdtheory.validation import count


def mnist(train: int = 2000, test: int | None = None, seed: int = 0, *, size: int = 28) -> Task:
    """Handwritten digits, 10 classes (60000 + 10000 grey images, ``lecun1998``).

    Parameters, result and errors are those of `fashion_mnist`; ``kdtheory data get mnist`` gets the set.

    >>> import kdtheory as kd
    >>> kd.tasks.mnist(train=2000, size=14)  # doctest: +SKIP
    Task('mnist', train=2000, test=10000, features=196, 10 output(s))
    """
    return image_task("mnist", train, test, seed, size)


def mnist_pairs(train: int = 1000, test: int | None = None, seed: int = 0, *, size: int = 14) -> Task:
    """Two handwritten digits side by side, 100 classes: the pair (a, b) is class ``10 * a + b``.

    Pairs are drawn without replacement, so that no image stands in two of them: at most 30000 of the training part and
    5000 of the test part, which is the default.

    Parameters
    ----------
    train, test : int
        Numbers of pairs.
    seed : int
        Seed of the draws.
    size : int
        Pixels per side of one digit, as in `fashion_mnist`.

    Returns
    -------
    Task
        Inputs of shape (train, 2 * size * size), row by row across both digits, with one scale; one-hot targets;
        ``provenance["shape"]`` is (1, size, 2 * size).

    Raises
    ------
    DataUnavailable
        MNIST is not here and cannot be had; ``kdtheory data get mnist`` gets it.

    >>> import kdtheory as kd
    >>> kd.tasks.mnist_pairs(train=1000)  # doctest: +SKIP
    Task('mnist pairs', train=1000, test=5000, features=392, 100 output(s))
    """
    size = pixels(size)
    most, most_held_out = (total // 2 for total in TOTALS)
    train = count("train", train, at_least=1, at_most=most)
    test = most_held_out if test is None else count("test", test, at_most=most_held_out)
    rows = draw_parts(TOTALS, 2 * train, 2 * test, seed)
    parts = []
    for chosen, (images, labels) in zip(rows, image_parts("mnist"), strict=True):
        if chosen is None:
            parts.append(None)
            continue
        left, right = chosen.reshape(-1, 2).T
        digits = [pooled(images[side], size) for side in (left, right)]
        parts.append((np.concatenate(digits, axis=2), 10 * labels[left] + labels[right]))
    return classified(parts, 100, name="mnist pairs", source="mnist", seed=int(seed))
