"""Stages of ridge on one sample are an affine ensemble of single ridges."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array

LARGEST_WEIGHT = 1e7
"""Ensembles with larger weights lose more than half of their digits and are refused."""


def ridge_ensemble_weights(penalties: ArrayLike) -> Array:
    r"""Weights with which single ridges add up to ridge taught by ridge, m stages on one sample; shape (..., m).

    .. math:: \prod_i \frac{\lambda}{\lambda + c_i} = \sum_i w_i \frac{\lambda}{\lambda + c_i}, \qquad
       w_i = \prod_{j \ne i} \frac{c_i}{c_i - c_j}, \qquad \sum_i w_i = 1,

    so that the last student's weights are :math:`\sum_i w_i b_{c_i}`: for a teacher and one student
    :math:`(c_1 b_{c_1} - c_2 b_{c_2}) / (c_1 - c_2)`. The order of the stages does not matter; for m > 1 and positive
    penalties there are negative weights. As the penalties meet, the weights grow without bound (the limit of two is
    :math:`b_c + c\, b_c'`). Derived here (partial fractions).

    Parameters
    ----------
    penalties : array of shape (..., m)
        Of the stages, all different, in any one unit.

    Raises
    ------
    InvalidArgument
        Where a weight exceeds 1e7: the penalties are too close for an ensemble.

    >>> ridge_ensemble_weights([2.0, 1.0]).tolist()
    [2.0, -1.0]
    """
    c = finite_array("penalties", penalties)
    if c.ndim == 0 or c.min() < 0:
        fix = "pass the penalty of each stage"
        got = f"{c.min():g}" if c.ndim else "one number"
        raise InvalidArgument("penalties", expected="a list without negative numbers", got=got, fix=fix)
    apart = c[..., :, None] - c[..., None, :] + np.eye(c.shape[-1]) * c[..., :, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # On the diagonal c / c stands for the factor that is left out; 0 / 0 of a stage without penalty is 1 there.
        factors = np.where(np.eye(c.shape[-1], dtype=bool), 1.0, c[..., :, None] / apart)
        weights = np.prod(factors, axis=-1)
    if not np.all(np.abs(weights) <= LARGEST_WEIGHT):
        fix = "move them apart; for a teacher and its student use proportional_distillation_risk"
        got = "penalties that are equal or nearly so"
        raise InvalidArgument("penalties", expected=f"weights of at most {LARGEST_WEIGHT:g}", got=got, fix=fix)
    return weights
