"""How many rounds of self-distillation it takes until wrong labels are outvoted by their class."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array


def oracle_correcting_rounds(leading_gain: ArrayLike, other_gain: ArrayLike, class_gap: ArrayLike) -> Array:
    r"""Number of trainings m beyond which mislabelled points are corrected, :math:`\log(1 + 1/D) / \log(p/q)`.

    The points of one class are equally similar to one another and not at all to those of other classes: their Gram
    matrix has the mean as its leading mode, of gain p, and the gain q for all other directions. They are labelled at
    random, by far most often correctly. Derived here, in the setting of ``jeong2025``.

    Parameters
    ----------
    leading_gain, other_gain : arrays
        p and q of one training, with p > q > 0.
    class_gap : array of numbers up to 1
        D, the share of points of the class with the right label less that with the wrong one.

    Returns
    -------
    array
        A real number; the point is corrected if m (1 for the teacher, 2 for its student, ...) is larger. Infinite
        where D is zero or negative: no number of rounds corrects them.

    >>> oracle_correcting_rounds(0.9, 0.3, class_gap=[0.5, 0.1, 0.0]).round(3).tolist()
    [1.0, 2.183, inf]
    """
    leading, other = finite_array("leading_gain", leading_gain), finite_array("other_gain", other_gain)
    gap = finite_array("class_gap", class_gap)
    if other.min() <= 0:
        fix = "pass gains of a training that has learned something"
        raise InvalidArgument("other_gain", expected="positive numbers", got=f"{other.min():g}", fix=fix)
    if np.any(leading <= other):
        fix = "pass the gain of the class mean"
        expected = "numbers above other_gain"
        raise InvalidArgument("leading_gain", expected=expected, got=f"{leading.min():g}", fix=fix)
    if gap.max() > 1 or gap.min() < -1:
        worst = gap.reshape(-1)[np.argmax(np.abs(gap))]
        fix = "pass a difference of shares"
        raise InvalidArgument("class_gap", expected="numbers from -1 to 1", got=f"{worst:g}", fix=fix)
    with np.errstate(divide="ignore"):
        votes = np.log1p(np.divide(1.0, gap, out=np.full(gap.shape, np.inf), where=gap > 0))
    return votes / np.log(leading / other)
