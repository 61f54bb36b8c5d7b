"""The best gains there are, for somebody who knows the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array


def oracle_wiener_gains(coefficients: ArrayLike, noise_variance: ArrayLike) -> Array:
    r"""Gains of least risk at the train points, :math:`a^*_k = c_k^2 / (c_k^2 + s^2)`; shape (modes,).

    Derived here: mode by mode, :math:`(1-a)^2 c^2 + a^2 s^2` is least at :math:`a^*`. Several outputs
    share one gain: both terms are summed over them. Where c and s vanish, any gain is best and 0 is returned.

    Parameters
    ----------
    coefficients : array of shape (modes,) or (modes, outputs)
        Of the clean targets: ``spectrum.coefficients(task.clean_targets)``.
    noise_variance : number or array of shape (modes,)
        Per output; of the noise's coefficient in each mode (the same as that of the labels, if they share one).

    >>> oracle_wiener_gains([3.0, 1.0, 0.0], noise_variance=1.0).tolist()
    [0.9, 0.5, 0.0]
    """
    signal, noise = powers(coefficients, noise_variance)
    total = signal + noise
    return np.divide(signal, total, out=np.zeros_like(total), where=total > 0)


def oracle_excess_risk(gains: ArrayLike, coefficients: ArrayLike, noise_variance: ArrayLike) -> Array:
    r"""Risk at the train points above that of the Wiener gains, :math:`\sum_k (c_k^2 + s^2)(a_k - a^*_k)^2`.

    A sum over points and outputs as in `decompose`; derived here by completing the square.

    Parameters
    ----------
    gains : array of shape ``(*axes, modes)``
        For example ``kd.solve(...)["student"].gains``.
    coefficients, noise_variance
        As in `oracle_wiener_gains`.

    >>> float(oracle_excess_risk([0.9, 1.0], [3.0, 1.0], noise_variance=1.0))
    0.5
    """
    signal, noise = powers(coefficients, noise_variance)
    values = finite_array("gains", gains)
    if values.ndim == 0 or values.shape[-1] != len(signal):
        fix = "pass one gain per mode"
        expected = f"{len(signal)} modes along the last axis"
        raise InvalidArgument("gains", expected=expected, got=f"shape {values.shape}", fix=fix)
    return np.square(values - oracle_wiener_gains(coefficients, noise_variance)) @ (signal + noise)


def powers(coefficients: ArrayLike, noise_variance: ArrayLike) -> tuple[Array, Array]:
    """Power of signal and noise in each mode, summed over outputs."""
    c = finite_array("coefficients", coefficients, ndim=(1, 2))
    c = c.reshape(len(c), -1)
    noise = finite_array("noise_variance", noise_variance, ndim=(0, 1))
    if noise.min() < 0:
        fix = "pass variances"
        raise InvalidArgument("noise_variance", expected="no negative number", got=f"{noise.min():g}", fix=fix)
    if noise.ndim == 1 and len(noise) != len(c):
        fix = "pass a number, or one variance per mode"
        raise InvalidArgument("noise_variance", expected=f"{len(c)} variances", got=f"{len(noise)}", fix=fix)
    return np.sum(c**2, axis=1), np.broadcast_to(c.shape[1] * noise, (len(c),))
