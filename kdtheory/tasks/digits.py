"""The 8x8 handwritten digits that come with scikit-learn."""

from __future__ import annotations

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.tasks.base import Task, one_hot
from kdtheory.validation import count


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
    images, classes = np.asarray(images, dtype=float), np.asarray(classes)
    total = len(classes)
    train = count("train", train, at_least=1, at_most=total)
    test = total - train if test is None else count("test", test)
    if train + test > total:
        got = f"{train} + {test}"
        raise InvalidArgument("test", expected=f"train + test of at most {total}", got=got, fix="ask for fewer images")
    order = np.random.default_rng(count("seed", seed)).permutation(total)[: train + test]
    scale = float(np.sqrt(np.mean(np.square(images[order[:train]]))))
    inputs, labels = images[order] / scale, classes[order].astype(np.int64)
    targets = one_hot(labels, 10)
    return Task(
        inputs[:train],
        targets[:train],
        test_inputs=inputs[train:] if test else None,
        test_targets=targets[train:] if test else None,
        labels=labels[:train],
        test_labels=labels[train:] if test else None,
        name="digits",
        provenance={
            "source": "sklearn.datasets.load_digits",
            "train": train,
            "test": test,
            "seed": seed,
            "scale": scale,
        },
    )
