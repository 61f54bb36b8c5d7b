r"""Cross-entropy on clusters whose kernels do not overlap: the one case in which its gradient flow has a closed form.

Points of a cluster share one input, other clusters are orthogonal to it. Every cluster then learns alone, with its
eigenvalue (kernel times number of points), and from the zero function all wrong logits stay equal: what is left is one
number per cluster, the *margin* m, true logit minus any other one. With K classes, :math:`k = K - 1` and the
probability :math:`p(m) = e^m / (e^m + k)` of the true class, gradient flow of the summed loss is

.. math:: \dot m = \lambda\, (1 + 1/k)\, (1 - p(m)), \qquad
   \dot m = \lambda\, (1 + 1/k)\, \tau\, \bigl(p(m_T / \tau) - p(m / \tau)\bigr)

on one-hot labels, and on a teacher's margin at the temperature tau (loss times tau squared). Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, finite_array, number

LARGEST_MARGIN = 500.0
_STEPS = 200


@dataclass(frozen=True, eq=False)
class TaughtMargins:
    """Margins of students of soft labels, and how much they lack to their teacher's, without cancellation."""

    margins: Array
    deficits: Array


def margins_on_labels(eigenvalues: ArrayLike, time: ArrayLike, *, classes: int = 2) -> Array:
    r"""Margins after gradient flow of cross-entropy on one-hot labels, from zero: :math:`k m + e^m = 1 + K \lambda t`.

    Parameters
    ----------
    eigenvalues : array, non-negative
        Of the clusters: kernel within the cluster times its number of points.
    time : array, non-negative
        Gradient-flow time of the summed loss. Arrays broadcast.
    classes : int
        K, at least 2.

    Returns
    -------
    array
        True logit minus any other; log odds are that minus log(K - 1). For two classes in one output (logistic loss)
        pass half of the eigenvalues.

    >>> margins_on_labels([1.0, 10.0, 100.0], 1.0).round(3).tolist()
    [0.792, 2.896, 5.277]
    """
    k = float(count("classes", classes, at_least=2) - 1)
    driven = (k + 1.0) * _not_negative("eigenvalues", eigenvalues) * _not_negative("time", time)
    # Convex in the margin, and begun to its right: Newton's steps come from above.
    margin = np.minimum(np.log1p(driven), driven / (k + 1.0))
    for _ in range(_STEPS):
        step = (k * margin + np.expm1(margin) - driven) / (k + np.exp(margin))
        margin = margin - step
        if np.all(np.abs(step) <= 1e-15 * margin):
            break
    return np.asarray(margin)[()]


def margins_on_teacher(
    eigenvalues: ArrayLike, time: ArrayLike, teacher: ArrayLike, *, temperature: float = 1.0, classes: int = 2
) -> TaughtMargins:
    r"""Margins after gradient flow of cross-entropy on a teacher's soft labels, from zero.

    With :math:`w = m / \tau`, :math:`W = m_T / \tau` and the deficit :math:`\delta = W - w`, time and margin are tied
    by

    .. math:: \lambda\, (1 + 1/k)\, t = \frac{1}{p(W)} \left[ w + \frac{e^W + k}{k}
       \log \frac{1 - e^{-W}}{1 - e^{-\delta}} \right].

    Parameters
    ----------
    eigenvalues, time, classes
        As in `margins_on_labels`.
    teacher : array
        The teacher's margins over the temperature: from 0 to 500.
    temperature : float
        Of the soft labels and of the student's softmax; the loss is multiplied by its square.

    >>> taught = margins_on_teacher([1.0, 10.0], 1.0, [1.0, 3.0], temperature=4.0)
    >>> taught.margins.round(3).tolist(), taught.deficits.round(3).tolist()
    ([0.391, 2.966], [0.609, 0.034])
    """
    k = float(count("classes", classes, at_least=2) - 1)
    tau = number("temperature", temperature, above=0.0)
    told = _not_negative("teacher", teacher) / tau
    if told.max() > LARGEST_MARGIN:
        expected = f"margins of at most {LARGEST_MARGIN:g} temperatures"
        fix = "raise the temperature, or take margins_on_labels"
        raise InvalidArgument("teacher", expected=expected, got=f"{told.max():.6g}", fix=fix)
    driven = (1.0 + 1.0 / k) * _not_negative("eigenvalues", eigenvalues) * _not_negative("time", time)
    odds, grown = np.exp(told), np.expm1(told)
    slowness = (k + odds) / k
    target = driven * odds / (odds + k)
    late = np.zeros(np.broadcast_shapes(target.shape, told.shape))
    # Concave in the logarithm's value, and begun to its left: Newton's steps come from below.
    for _ in range(_STEPS):
        passed = -np.expm1(-late) * grown
        slope = grown * np.exp(-late) / (1.0 + passed) + slowness
        step = (target - np.log1p(passed) - slowness * late) / slope
        late = late + step
        if np.all(np.abs(step) <= 1e-15 * late):
            break
    margins = np.log1p(-np.expm1(-late) * grown)
    share = -np.expm1(-told) * np.exp(-late)
    rest = np.exp(-told - late) - np.expm1(-late)
    deficits = np.where(share < 0.5, -np.log1p(-np.minimum(share, 0.5)), -np.log(rest))
    return TaughtMargins((tau * margins)[()], (tau * deficits)[()])


def _not_negative(argument: str, value: ArrayLike) -> Array:
    array = finite_array(argument, value)
    if array.min() < 0:
        got, fix = f"{array.min():g}", f"change {argument}"
        raise InvalidArgument(argument, expected="numbers of at least 0", got=got, fix=fix)
    return array
