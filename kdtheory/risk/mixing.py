"""The best weight of a teacher, for somebody who has the targets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import FitResult
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import align
from kdtheory.measures._outputs import read, refuse_other_points
from kdtheory.validation import finite_array


def oracle_mixing(
    on_labels: FitResult | ArrayLike, on_teacher: FitResult | ArrayLike, targets: ArrayLike, *, on: str = "test"
) -> Array:
    r"""The ``mixing`` with which a student fits held-out targets best, shape ``(*axes,)``.

    A student's output is affine in its target: mixing m gives :math:`(1-m) A + m B`, where A is the student trained on
    labels alone (mixing 0) and B the one trained on the teacher alone (mixing 1). The squared distance to targets t is
    least at

    .. math:: m^* = \langle t - A,\; B - A \rangle / |B - A|^2

    over points and outputs. borup2021 weigh the labels: their :math:`\alpha^* = 1 - m^*` (formula derived here,
    C4). It may lie outside [0, 1]: ``np.clip`` it if that is not wanted.

    Parameters
    ----------
    on_labels, on_teacher : FitResult or array of shape ``(*axes, m, outputs)``
        A and B: one procedure, model and start on two targets. Axes are matched by name.
    targets : array of shape (m, outputs) or (m,)
        Held-out or clean targets, in original units.
    on : {"train", "test"}
        Which outputs of fits.

    Raises
    ------
    InvalidArgument
        Where both outputs agree (to rounding): every mixing is the same there.

    >>> float(oracle_mixing([[2.0], [0.0]], [[1.0], [0.0]], [1.5, 7.0]))
    0.5
    """
    first, second = read("on_labels", on_labels, on), read("on_teacher", on_teacher, on)
    refuse_other_points(first, second)
    values = finite_array("targets", targets, ndim=(1, 2))
    truth = read("targets", values[:, None] if values.ndim == 1 else values, on)
    refuse_other_points(first, truth)
    _, (labels, teacher, goal) = align([first, second, truth])
    largest = np.max(np.maximum(np.abs(labels), np.abs(teacher)), axis=(-2, -1), keepdims=True)
    unit = np.where(largest > 0, largest, 1.0)  # so that squares neither overflow nor vanish
    difference = (teacher - labels) / unit
    squared = np.sum(difference**2, axis=(-2, -1))
    if np.any(squared <= labels[0].size * (8 * np.finfo(float).eps) ** 2):
        got = "the same outputs from both"
        fix = "every mixing gives the same student: use a teacher that changes it"
        raise InvalidArgument("on_teacher", expected="outputs that differ from on_labels", got=got, fix=fix)
    return (np.sum((goal - labels) / unit * difference, axis=(-2, -1)) / squared)[()]
