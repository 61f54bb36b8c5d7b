"""Whether a little ridge in a student helps its teacher."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk.wiener import oracle_wiener_gains
from kdtheory.validation import finite_array


def oracle_second_stage_slope(
    gains: ArrayLike, eigenvalues: ArrayLike, coefficients: ArrayLike, noise_variance: ArrayLike
) -> Array:
    r"""Slope of the risk in the penalty of a second ridge regression, at penalty zero; negative where a little helps.

    .. math:: -2 \sum_k (c_k^2 + s^2)\,(g_k - a^*_k)\,g_k / \lambda_k

    The student sees the outputs of a teacher with gains g, and has the gains :math:`g \lambda / (\lambda + c)`: a
    penalty helps a teacher that regularizes too little, in this weighted sense. Derived here; the question is that of
    ``moniri2025``.

    Parameters
    ----------
    gains : array of shape ``(*axes, modes)``
        Of the teacher.
    eigenvalues : array of shape (modes,)
        Positive: a mode of eigenvalue zero vanishes at any penalty.
    coefficients, noise_variance
        As in `oracle_wiener_gains`.

    >>> float(oracle_second_stage_slope([0.95, 0.4], [2.0, 1.0], [3.0, 1.0], 1.0).round(4))
    -0.315
    """
    lam, found = finite_array("eigenvalues", eigenvalues, ndim=1), finite_array("gains", gains)
    if lam.min() <= 0:
        fix = "leave out modes of eigenvalue zero"
        raise InvalidArgument("eigenvalues", expected="positive numbers", got=f"{lam.min():g}", fix=fix)
    best = oracle_wiener_gains(coefficients, noise_variance)
    for argument, array in (("eigenvalues", lam), ("gains", found)):
        if array.ndim == 0 or array.shape[-1] != len(best):
            fix = "pass one number per mode"
            raise InvalidArgument(argument, expected=f"{len(best)} modes", got=f"shape {array.shape}", fix=fix)
    c = np.asarray(coefficients, dtype=float).reshape(len(best), -1)
    power = np.sum(c**2, axis=1) + c.shape[1] * np.asarray(noise_variance, dtype=float)
    return -2.0 * np.sum(power * (found - best) * found / lam, axis=-1)
