r"""Up to where training with weight decay exaggerates the bias of its teacher."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.procedures.base import Array
from kdtheory.validation import describe, finite_array

_BISECTIONS = 64


def decay_threshold(decay: ArrayLike, step_size: ArrayLike = 0.0) -> Array:
    r"""The largest eigenvalue on which training with weight decay exaggerates, whatever its lengths.

    With weight decay :math:`w` towards zero no gain exceeds :math:`\lambda/(\lambda + w)`, and the student is shrunk
    twice. On leading eigenvalues up to the threshold lower modes lag all the same, as without decay; of two modes
    beyond it the lower one leads once teacher and student have converged. It solves

    .. math:: \log\frac{\lambda + w}{w} = \frac{(1 - s)(-\log(1 - s))}{s}, \qquad s = \eta(\lambda + w),

    for descent with steps :math:`\eta`, and is :math:`(e - 1) w` for gradient flow, whose right-hand side is 1.

    Parameters
    ----------
    decay : number or array
        :math:`w > 0`, in the units of eigenvalues.
    step_size : number or array
        :math:`\eta \ge 0` with :math:`\eta w < 1`; zero is gradient flow.

    Notes
    -----
    Derived here.

    Examples
    --------
    >>> decay_threshold(1.0, [0.0, 0.1, 0.3]).round(4).tolist()
    [1.7183, 1.3866, 0.8934]
    """
    w, eta = finite_array("decay", decay), finite_array("step_size", step_size)
    for name, given, bad in (("decay", decay, w <= 0), ("step_size", step_size, eta < 0)):
        if isinstance(given, bool) or bad.any():
            expected, fix = (
                ("numbers above 0", "pass a decay") if name == "decay" else ("numbers of at least 0", "pass 0")
            )
            raise InvalidArgument(name, expected=expected, got=describe(given), fix=fix)
    if np.any(eta * w >= 1.0):
        fix = "take a smaller step"
        got = f"{float(np.max(eta * w)):g}"
        raise InvalidArgument("step_size", expected="step_size * decay below 1", got=got, fix=fix)
    w, eta = np.broadcast_arrays(w, eta)
    low, high = np.zeros(w.shape), np.full(w.shape, np.e - 1.0)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        below = np.log1p(middle) < _right(eta * w * (1.0 + middle))
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(eta > 0, low, np.e - 1.0) * w


def _right(s: Array) -> Array:
    """``(1 - s)(-log(1 - s)) / s``: 1 at 0, and 0 from 1 on."""
    inside = np.clip(s, 1e-300, 1.0 - 1e-16)
    return np.where(s < 1.0, -(1.0 - inside) * np.log1p(-inside) / inside, 0.0)
