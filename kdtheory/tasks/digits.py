"""The 8x8 handwritten digits that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from kdtheory.tasks._draw import draw
from kdtheory.tasks.base import Task, one_hot


def digits(train: int = 500, test: int | None = None, seed: int = 0) -> Task:
    """Optical digits, 8x8 pixels, 10 classes (1797 images; scikit-learn's copy, ``alpaydin1998``).

    Parameters
    ----------
    train : int
        Number of training images, drawn without replacement.
    test : int, optional
        Number of test images; default: all that remain.
    seed : int
        Seed of the draw.

    Returns
    -------
    Task
        Inputs of shape (train, 64), divided by one number so that their mean square over the training set is 1 (scaling
        each pixel by itself would destroy the spectrum); one-hot targets.

    >>> import kdtheory as kd
    >>> kd.tasks.digits(train=100, seed=0)
    Task('digits', train=100, test=1697, features=64, 10 output(s))
    """
    from sklearn.datasets import load_digits

    images, classes = load_digits(return_X_y=True)
    images, labels = np.asarray(images, dtype=float), np.asarray(classes).astype(np.int64)
    chosen, held_out = draw(len(labels), train, test, seed, "images")
    scale = float(np.sqrt(np.mean(np.square(images[chosen]))))
    return Task(
        images[chosen] / scale,
        one_hot(labels[chosen], 10),
        test_inputs=None if held_out is None else images[held_out] / scale,
        test_targets=None if held_out is None else one_hot(labels[held_out], 10),
        labels=labels[chosen],
        test_labels=None if held_out is None else labels[held_out],
        name="digits",
        provenance={
            "source": "sklearn.datasets.load_digits",
            "train": len(chosen),
            "test": 0 if held_out is None else len(held_out),
            "seed": seed,
            "scale": scale,
        },
    )
