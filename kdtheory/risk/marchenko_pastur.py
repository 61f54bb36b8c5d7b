r"""Risk in high dimension with isotropic inputs: an integral over the Marchenko-Pastur law, for any filter."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import roots_chebyu

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe, finite_array

_FEWEST, _MOST = 127, 2**14 - 1
_SETTLED = 1e-11


def isotropic_risk(
    gain: Callable[[Array], ArrayLike],
    aspect_ratio: ArrayLike,
    noise_variance: ArrayLike,
    *,
    signal: ArrayLike = 1.0,
    points: int | None = None,
) -> Array:
    r"""Risk of any filter for inputs :math:`x \sim N(0, I)`, as p and n grow with p/n at the aspect ratio.

    For the gain h on the eigenvalues x of :math:`X^T X / n`, whose law tends to that of Marchenko and Pastur with
    density :math:`\rho`, noise variance :math:`s^2` and the limit :math:`\gamma` of p/n:

    .. math:: |b^*|^2 \Big( \int (1-h)^2 \rho\, dx + (1 - 1/\gamma)_+ \Big) + s^2 \gamma \int \frac{h^2}{x} \rho\, dx.

    It is the expected squared error on one new input against the clean label; add ``noise_variance`` for a noisy one.
    Any chain of trainings on the same inputs has such a gain. The integral runs over the angle of
    :math:`x = 1 + \gamma + 2 \sqrt\gamma \cos\theta`, by Gauss-Chebyshev quadrature of
    :math:`1 - |b^*|^2 h(2-h) + s^2 \gamma h^2 / x`: no singularity is left, at any aspect ratio. Source:
    marchenko1967 for the law, dobriban2018 for its use; for any filter, derived here.

    Parameters
    ----------
    gain : callable
        From eigenvalues of :math:`X^T X / n` to gains that vanish at 0 as the eigenvalue does: ``kd.Ridge(0.3).gain``,
        or a product of such. Times and penalties are **per sample**: n times a time, a penalty over n, of the
        toolkit.
    aspect_ratio, noise_variance, signal : numbers or arrays of shape ``(...)``
        p / n; of a label; :math:`|b^*|^2`. The gain is given eigenvalues of the shape of ``aspect_ratio`` with one
        axis more.
    points : int, optional
        Number of quadrature points; default: doubled until the risk stays the same to 11 digits.

    Raises
    ------
    InvalidArgument
        Where 16383 points are not enough, as for filters with a jump.

    >>> import kdtheory as kd
    >>> float(isotropic_risk(kd.Ridge(0.5).gain, 1.0, 0.5).round(6))  # 1/4 of it is bias
    0.5
    """
    if not callable(gain):
        fix = "pass for example kd.Ridge(0.3).gain"
        raise InvalidArgument("gain", expected="a function of eigenvalues", got=describe(gain), fix=fix)
    ratio = _above("aspect_ratio", aspect_ratio, strictly=True)
    noise, power = _above("noise_variance", noise_variance), _above("signal", signal)
    shapes = (ratio.shape, noise.shape, power.shape)
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        fix = "give numbers, or arrays that broadcast"
        raise InvalidArgument("aspect_ratio", expected="shapes that broadcast", got=f"{shapes}", fix=fix) from None
    if points is not None:
        return _risk(gain, ratio, noise, power, count("points", points, at_least=1))
    size = _FEWEST
    risk = _risk(gain, ratio, noise, power, size)
    while size < _MOST:
        size = 2 * size + 1
        before, risk = risk, _risk(gain, ratio, noise, power, size)
        if np.all(np.abs(risk - before) <= _SETTLED * np.maximum(np.abs(risk), np.abs(before))):
            return risk
    fix = "use a smooth gain, or set points= and read the result as an approximation"
    raise InvalidArgument("gain", expected="a gain that is smooth on the law's support", got="one that is not", fix=fix)


def _risk(gain: Callable[[Array], ArrayLike], ratio: Array, noise: Array, power: Array, points: int) -> Array:
    nodes, weights = _quadrature(points)
    ratio, root = ratio[..., None], np.sqrt(ratio)[..., None]
    # 1 + ratio + 2 root cos, without cancellation at the lower edge
    x = np.square(1.0 - root) + 2.0 * root * nodes
    h = np.asarray(gain(x), dtype=float)
    if h.shape[-1:] != x.shape[-1:] or not np.isfinite(h).all():
        fix = "let it act on an array, element by element"
        raise InvalidArgument("gain", expected="one finite gain per eigenvalue", got=describe(h), fix=fix)
    dual = h / x
    return power + np.sum((noise[..., None] * ratio * dual**2 - power[..., None] * dual * (2.0 - h)) * weights, axis=-1)


@cache
def _quadrature(points: int) -> tuple[Array, Array]:
    """Values of ``1 + cos`` at the nodes, and weights that sum to 1, for the semicircle's density."""
    weights = roots_chebyu(points)[1]
    angles = np.arange(points, 0, -1) * (np.pi / (points + 1))
    return 2.0 * np.square(np.cos(angles / 2.0)), weights * (2.0 / np.pi)


def _above(argument: str, value: ArrayLike, *, strictly: bool = False) -> Array:
    array = finite_array(argument, value)
    if array.min() < 0 or (strictly and array.min() == 0):
        expected = "numbers above 0" if strictly else "no negative number"
        raise InvalidArgument(argument, expected=expected, got=f"{array.min():g}", fix=f"change {argument}")
    return array
