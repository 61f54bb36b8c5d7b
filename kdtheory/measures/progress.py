"""How much of each mode's target a fit has learned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit, FitResult, ModeView, Result
from kdtheory.errors import InvalidArgument, NotDiagonal
from kdtheory.measures._named import Array
from kdtheory.spectrum import Spectrum
from kdtheory.validation import describe, finite_array

Masked = np.ma.MaskedArray[Any, Any]


@dataclass(frozen=True, eq=False)
class Progress:
    """Share of each mode's target that a fit has learned; made by `progress`.

    Attributes
    ----------
    gains : masked array of shape ``(*axes, modes)``
        Effective gains; masked where the target has no coefficient to speak of.
    residuals : masked array of shape ``(*axes, modes)``
        ``1 - gains``: the share still to be learned, without cancellation for closed forms.
    eigenvalues : array of shape (modes,), or None
        None for gains given as numbers.
    axes : dict of str to array, or None
        Names and coordinates of the leading axes; None where they have no names.
    """

    gains: Masked
    residuals: Masked
    eigenvalues: Array | None = None
    axes: dict[str, Array] | None = None


def progress(
    result: FitResult | ModeView | Progress | ArrayLike, spectrum: Spectrum | None = None, *, argument: str = "result"
) -> Progress:
    r"""Effective gain of each mode, :math:`\langle c_k, y_k\rangle / \langle y_k, y_k\rangle`: how far it has come.

    Parameters
    ----------
    result : FitResult, ModeView or array of shape ``(*axes, modes)``
        A fit of any world; what ``result.on(spectrum)`` gives; or gains as numbers.
    spectrum : Spectrum, optional
        The eigenbasis, for fits; default: that of a closed form.

    Raises
    ------
    InvalidArgument
        If the fit's inputs are unlabelled, or it is no closed form and no spectrum is given.

    Notes
    -----
    The effective gain counts what was there from the start, too; it is the gain of the recipe for fits that start at
    zero and have labels (of this task) as their only source.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> recipe = kd.self_distillation(kd.Ridge(penalty=1.0), kd.Ridge(penalty=1.0))
    >>> progress(kd.solve(recipe, kd.LinearModel(), task)["student"]).gains.round(2).tolist()
    [0.64, 0.25]
    """
    if isinstance(result, Progress):
        return result
    if isinstance(result, ModeView):
        return _measured(result, None)
    if isinstance(result, FitResult):
        return _of_fit(result, spectrum, argument)
    if isinstance(result, Result) or callable(result):
        fix = "pass for example result['student']"
        raise InvalidArgument(argument, expected="one fit, a mode view or gains", got=describe(result), fix=fix)
    gains = finite_array(argument, result)
    if gains.ndim < 1 or gains.shape[-1] < 2:
        fix = "pass gains of shape (*axes, modes)"
        raise InvalidArgument(argument, expected="gains of two modes or more", got=f"shape {gains.shape}", fix=fix)
    return Progress(np.ma.masked_array(gains), np.ma.masked_array(1.0 - gains))


def _of_fit(fit: FitResult, spectrum: Spectrum | None, argument: str) -> Progress:
    if isinstance(fit, ExactFit) and spectrum in (None, fit.spectrum):
        return _of_closed_form(fit)
    if spectrum is None:
        fix = "pass spectrum=model.spectrum(task)"
        raise InvalidArgument("spectrum", expected=f"an eigenbasis for {argument}", got="None", fix=fix)
    return _measured(fit.on(spectrum), fit.axes)


def _of_closed_form(fit: ExactFit) -> Progress:
    """From the coefficients, without a detour over fitted values; residuals as composed, where labels alone enter."""
    targets = None if fit.task.targets is None else fit.spectrum.coefficients(fit.task.targets)
    measured = _measured(ModeView(fit.spectrum.eigenvalues, fit.coefficients, targets), fit.axes)
    try:
        gains, residuals = fit.gains, fit.residuals
    except NotDiagonal:
        return measured
    # A start, an offset or labels of another task would show as a difference beyond rounding.
    alike = np.abs(measured.gains.filled(0.0) - gains) <= 64 * np.finfo(float).eps * np.abs(gains)
    return replace(
        measured,
        gains=np.ma.where(alike, gains, measured.gains),
        residuals=np.ma.where(alike, residuals, measured.residuals),
    )


def _measured(view: ModeView, axes: dict[str, Array] | None) -> Progress:
    gains = view.gains
    return Progress(gains, 1.0 - gains, view.eigenvalues, axes)
