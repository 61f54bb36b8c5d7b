"""Mobahi, Farajtabar & Bartlett 2020 (``mobahi2020``): a tolerance for the training error instead of a penalty."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array, number

Array = NDArray[np.float64]


def from_mobahi(tolerance: float, eigenvalues: ArrayLike, coefficients: ArrayLike) -> float:
    r"""The penalty of the smallest function that fits its targets within a tolerance.

    That function minimizes the Hilbert norm subject to :math:`\frac1K \sum_k (f(x_k) - y_k)^2 \le \epsilon` (summed
    over outputs); it is ridge regression whose penalty :math:`c` is the root of
    :math:`\sum_k \big(c / (c + \lambda_k)\big)^2 y_k^2 = K \epsilon`. A tolerance that is kept from round to round
    means another penalty in every round. A multiplier of the norm beside the *mean* of squares is ``c / K``.

    Parameters
    ----------
    tolerance : float
        :math:`\epsilon > 0`.
    eigenvalues : array of shape (K,)
        Of the Gram matrix, all of them.
    coefficients : array of shape (K,) or (K, outputs)
        Of the targets of this round, in the eigenbasis.

    Returns
    -------
    float
        The penalty; infinity where the zero function is within the tolerance (the collapse).

    Raises
    ------
    InvalidArgument
        Where the targets' part on eigenvalues of 0, which no function can fit, exceeds the tolerance.

    >>> round(from_mobahi(2.0, eigenvalues=[2.0, 2.0], coefficients=[3.0, 4.0]), 12)
    1.333333333333
    """
    lam, squares = _modes(eigenvalues, coefficients)
    allowed = len(lam) * number("tolerance", tolerance, above=0.0)
    if squares.sum() <= allowed:
        return np.inf
    seen = (lam > 0) & (squares > 0)
    allowed -= squares[lam == 0].sum()
    if allowed <= 0:
        got, fix = f"{tolerance:g}", "raise it: that part of the targets is out of reach"
        least = squares[lam == 0].sum() / len(lam)
        raise InvalidArgument("tolerance", expected=f"more than {least:.6g}", got=got, fix=fix)
    logs, squares = np.log(lam[seen]), squares[seen] / allowed

    def excess(log_penalty: float) -> float:
        return float(np.log(np.sum(np.square(scipy.special.expit(log_penalty - logs)) * squares)))

    middle = -np.log(np.sqrt(squares.sum()) - 1.0)  # the root lies between its sums with the extreme logs
    low, high = float(logs.min() + middle - 1.0), float(logs.max() + middle + 1.0)
    root: Any = scipy.optimize.brentq(excess, low, high, xtol=1e-15, rtol=4 * np.finfo(float).eps)
    return float(np.exp(root))


def to_mobahi(penalty: float, eigenvalues: ArrayLike, coefficients: ArrayLike) -> float:
    """The tolerance that a penalty amounts to: the mean squared training error of ridge regression.

    Parameters as in `from_mobahi`, whose inverse it is.

    >>> round(to_mobahi(4 / 3, eigenvalues=[2.0, 2.0], coefficients=[3.0, 4.0]), 12)
    2.0
    """
    lam, squares = _modes(eigenvalues, coefficients)
    penalty = number("penalty", penalty, at_least=0.0)
    share = np.divide(penalty, lam + penalty, out=np.ones_like(lam), where=lam + penalty > 0)
    return float(np.sum(np.square(share) * squares) / len(lam))


def _modes(eigenvalues: ArrayLike, coefficients: ArrayLike) -> tuple[Array, Array]:
    lam = finite_array("eigenvalues", eigenvalues, ndim=1)
    targets = finite_array("coefficients", coefficients, ndim=(1, 2))
    if lam.min() < 0:
        fix = "pass the eigenvalues of a Gram matrix"
        raise InvalidArgument("eigenvalues", expected="non-negative numbers", got=f"{lam.min():g}", fix=fix)
    if len(targets) != len(lam):
        fix = "pass one per eigenvalue"
        raise InvalidArgument("coefficients", expected=f"{len(lam)} rows", got=f"{len(targets)}", fix=fix)
    return lam, np.sum(np.square(targets.reshape(len(lam), -1)), axis=1)
