"""The diabetes data that come with scikit-learn: a small regression problem."""

from __future__ import annotations

import numpy as np

from kdtheory.tasks._draw import draw
from kdtheory.tasks.base import Task


def diabetes(train: int = 300, test: int | None = None, seed: int = 0) -> Task:
    """Disease progression of 442 patients from 10 measurements (``efron2004``; scikit-learn's copy).

    Parameters
    ----------
    train : int
        Number of training patients, drawn without replacement.
    test : int, optional
        Number of test patients; default: all that remain.
    seed : int
        Seed of the draw.

    Returns
    -------
    Task
        Inputs of shape (train, 10), divided by one number so that their mean square over the training set is 1. The
        columns have different units; scikit-learn's copy has each centred and scaled over all 442 patients. One
        target, divided by its standard deviation over the training set and not centred: see ``task.centered()``.

    >>> import kdtheory as kd
    >>> kd.tasks.diabetes(train=300, seed=0)
    Task('diabetes', train=300, test=142, features=10, 1 output(s))
    """
    from sklearn.datasets import load_diabetes

    measurements, progression = (np.asarray(array, dtype=float) for array in load_diabetes(return_X_y=True))
    chosen, held_out = draw(len(progression), train, test, seed, "patients")
    scale = float(np.sqrt(np.mean(np.square(measurements[chosen]))))
    spread = float(np.std(progression[chosen])) or 1.0  # one patient, or equals, have none
    targets = progression[:, None] / spread
    return Task(
        measurements[chosen] / scale,
        targets[chosen],
        test_inputs=None if held_out is None else measurements[held_out] / scale,
        test_targets=None if held_out is None else targets[held_out],
        name="diabetes",
        provenance={
            "source": "sklearn.datasets.load_diabetes",
            "train": len(chosen),
            "test": 0 if held_out is None else len(held_out),
            "seed": seed,
            "scale": scale,
            "target_scale": spread,
        },
    )
