"""How far one fit is from another."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import FitResult
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array, align
from kdtheory.measures._outputs import read, refuse_other_points


def deviation(result: FitResult | ArrayLike, reference: FitResult | ArrayLike, *, on: str = "train") -> Array:
    r"""Relative deviation :math:`\|f - g\| / \|g\|` over points and outputs, shape ``(*axes,)``.

    Parameters
    ----------
    result, reference : FitResult or array of shape ``(*axes, n, outputs)``
        f and g: fits of any world, or outputs, on the same points. Axes are matched by name; the reference may lack an
        axis (a closed form has no seeds).
    on : {"train", "test"}
        Which inputs.

    Raises
    ------
    InvalidArgument
        On other points, shapes or axes, and where the reference is zero.

    >>> deviation([[3.0], [4.4]], [[3.0], [4.0]]).round(3).item()
    0.08
    """
    first, second = read("result", result, on), read("reference", reference, on)
    refuse_other_points(second, first)
    _, (values, target) = align([first, second])
    # In units of the reference's largest entry, so that squares neither overflow nor vanish.
    unit = np.max(np.abs(target), axis=(-2, -1), keepdims=True)
    if not np.all(unit):
        fix = "a relative deviation needs a reference that is not zero"
        raise InvalidArgument("reference", expected="outputs that are not all zero", got="zeros", fix=fix)
    with np.errstate(over="ignore"):
        ratio = np.linalg.norm(values / unit - target / unit, axis=(-2, -1))
    return (ratio / np.linalg.norm(target / unit, axis=(-2, -1)))[()]
