"""How hard outputs are to learn for a kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.spectrum import Spectrum
from kdtheory.validation import describe, finite_array


def supervision_complexity(result: ExactFit | ArrayLike, spectrum: Spectrum | None = None) -> Array:
    r"""Squared norm :math:`y^T K^{-1} y` of the smallest function that takes the values y; shape ``(*axes,)``.

    Small for targets on the leading modes. A teacher's outputs have less of it than the labels, the less the earlier it
    is stopped: :math:`\sum_k a_k^2 y_k^2 / \lambda_k`. Source: ``harutyunyan2023``.

    Parameters
    ----------
    result : ExactFit, or array of shape (n,) or ``(*axes, n, outputs)``
        A fit in closed form, in its own kernel, through its dual coefficients; or any values, summed over outputs.
    spectrum : Spectrum, optional
        Of the kernel; needed for values.

    Raises
    ------
    InvalidArgument
        For values outside the span of the modes with positive eigenvalues, which no function takes; and for a fit that
        starts elsewhere than at zero.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[2.0, 2.0])
    >>> spectrum = kd.LinearModel().spectrum(task)
    >>> supervision_complexity(task.targets, spectrum).item()
    5.0
    """
    if isinstance(result, ExactFit) and spectrum is None:
        if result.start.weights is not None or result.start.offset is not None:
            fix = "pass its outputs and a spectrum"
            raise InvalidArgument("result", expected="a fit from the zero function", got=repr(result.start), fix=fix)
        dual = result.spectrum.coefficients(result.dual)
        return np.sum(result.spectrum.eigenvalues[:, None] * np.square(dual), axis=(-2, -1))
    if not isinstance(spectrum, Spectrum):
        fix = "pass model.spectrum(task)"
        raise InvalidArgument("spectrum", expected="a Spectrum", got=describe(spectrum), fix=fix)
    values = finite_array("result", result.train if isinstance(result, ExactFit) else result)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim < 2 or values.shape[-2] != len(spectrum.basis):
        fix = "pass one row per training input"
        expected = f"{len(spectrum.basis)} rows"
        raise InvalidArgument("result", expected=expected, got=f"shape {values.shape}", fix=fix)
    found = spectrum.coefficients(values)
    reached = spectrum.eigenvalues > 0
    outside = float(np.max(np.abs(found[..., ~reached, :]), initial=0.0))
    if outside > len(reached) * np.finfo(float).eps * np.max(np.abs(values)):
        got = f"a coefficient of {outside:.3g} at eigenvalue 0"
        fix = "project them, or use another kernel"
        raise InvalidArgument("result", expected="values that the kernel can take", got=got, fix=fix)
    powers = np.square(found[..., reached, :]) / spectrum.eigenvalues[reached][:, None]
    return np.sum(powers, axis=(-2, -1))
