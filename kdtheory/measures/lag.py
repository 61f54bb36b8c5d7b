"""Does the student lag behind one-hot training on the lower modes, when both have come equally far on a leading one?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import FitResult, ModeView
from kdtheory.errors import InvalidArgument
from kdtheory.measures._matching import matched_family, matched_path
from kdtheory.measures._named import Array, Named, align
from kdtheory.measures.progress import Masked, Progress, progress
from kdtheory.procedures import Procedure
from kdtheory.spectrum import Spectrum
from kdtheory.validation import count

Family = Callable[[Any], Procedure]
Measured = FitResult | ModeView | Progress | ArrayLike


@dataclass(frozen=True, eq=False)
class Lag:
    """A student's gains over those of a matched reference; made by `lag`.

    Attributes
    ----------
    ratio : masked array of shape ``(*axes, modes)``
        Student's gain / reference's gain; below 1 the student lags. 1 at the leading mode. Masked where the target has
        no coefficient, the reference has learned nothing, or no reference matches (no flow reaches a gain of 1).
    shortfall : masked array of shape ``(*axes, modes)``
        ``1 - ratio``, from residuals where gains are near one: its sign can be trusted when ``ratio`` rounds to 1.
    reference : masked array of shape ``(*axes, modes)``
        The matched reference's gains.
    axes : dict of str to array
    """

    ratio: Masked
    shortfall: Masked
    reference: Masked
    axes: dict[str, Array]


def lag(
    student: Measured,
    reference: Measured | Family,
    *,
    leading: int = 0,
    along: str | None = None,
    spectrum: Spectrum | None = None,
) -> Lag:
    r"""Gain of the student on every mode over that of a reference whose gain on mode ``leading`` is the same.

    Distillation by gradient flow exaggerates the bias of its training: for lower modes the lag is strictly between
    :math:`\lambda_k/\lambda_1` and 1 (``nagarajan2023``, theorem 4.1; the lower bound is derived here).

    Parameters
    ----------
    student : FitResult, ModeView, Progress or array of gains of shape ``(*axes, modes)``
        What `progress` takes.
    reference : a procedure of one parameter, or what `progress` takes
        ``kd.GradientFlow`` or ``kd.Ridge`` (or a function that makes a procedure of a time or penalty): the parameter
        at which the gains match is found. Or a trajectory: a one-hot fit with an axis such as time (or an array of
        shape ``(times, modes)``), interpolated at the *first* point where its leading gain is the student's: linearly
        in the logarithms of residuals, which is exact for gradient flow and descent on any grid, and in gains after an
        overshoot. Include time 0: nothing is extrapolated, what lies beyond the grid is masked. Or a single state that
        matches already.
    leading : int
        The mode at which progress is matched.
    along : str, optional
        The trajectory's axis; default: the one axis of the reference that the student does not have.
    spectrum : Spectrum, optional
        The eigenbasis in which fits of simulations and networks are measured.

    >>> import kdtheory as kd
    >>> flow = kd.GradientFlow(time=1.0)
    >>> task = kd.tasks.from_spectrum([1.0, 0.5], coefficients=[1.0, 1.0])
    >>> student = kd.solve(kd.self_distillation(flow, flow), kd.LinearModel(), task)["student"]
    >>> lag(student, reference=kd.GradientFlow).ratio.round(3).tolist()
    [1.0, 0.688]
    """
    own = progress(student, spectrum, argument="student")
    modes = own.gains.shape[-1]
    leading = count("leading", leading, at_most=modes - 1)
    if np.ma.getmaskarray(own.gains)[..., leading].any():
        fix = "choose a leading mode that the target has"
        raise InvalidArgument("leading", expected="a mode with a target coefficient", got=f"mode {leading}", fix=fix)
    state = _plain(own)
    if _is_family(reference):
        found = matched_family(reference, own.eigenvalues, state, leading)  # type: ignore[arg-type]
        axes, (state,) = align([Named("student", state, own.axes, 2)])
    else:
        axes, state, path = _aligned(own, progress(reference, spectrum, argument="reference"), along)  # type: ignore[arg-type]
        found = matched_path(state, path, leading)
    return _compared(state, found, np.ma.getmaskarray(own.gains), axes)


def _is_family(reference: object) -> bool:
    if isinstance(reference, Procedure):
        kind = type(reference).__name__
        fix = f"pass {kind} itself: its parameter is found by matching"
        raise InvalidArgument("reference", expected="a family of procedures", got=repr(reference), fix=fix)
    return callable(reference)


def _plain(measured: Progress) -> Array:
    """Gains and residuals, shape ``(*axes, modes, 2)``; modes without a target read as untouched."""
    return np.stack([measured.gains.filled(0.0), measured.residuals.filled(1.0)], axis=-1)


def _aligned(student: Progress, reference: Progress, along: str | None) -> tuple[dict[str, Array], Array, Array]:
    """Common axes; the student's state ``(*axes, modes, 2)``; the reference's path ``(*axes, points, modes, 2)``."""
    path = _plain(reference)
    if path.shape[-2] != student.gains.shape[-1]:
        got = f"{path.shape[-2]}"
        fix = "measure both in one spectrum"
        raise InvalidArgument("reference", expected=f"{student.gains.shape[-1]} modes", got=got, fix=fix)
    names = reference.axes
    if names is None:
        if path.ndim > 3:
            fix = "use fits with named axes for more"
            got = f"shape {path.shape[:-1]}"
            raise InvalidArgument("reference", expected="gains (modes,) or (times, modes)", got=got, fix=fix)
        path = path if path.ndim == 3 else path[None]
    else:
        chosen = _trajectory_axis(student, names, along)
        position = path.ndim - 2 if chosen is None else list(names).index(chosen)
        path = path[..., None, :, :] if chosen is None else np.moveaxis(path, position, -3)
        names = {name: coordinates for name, coordinates in names.items() if name != chosen}
    axes, (state, spread) = align(
        [Named("student", _plain(student), student.axes, 2), Named("reference", path, names, 3)]
    )
    return axes, state, spread


def _trajectory_axis(student: Progress, names: dict[str, Array], along: str | None) -> str | None:
    own = [name for name in names if name not in (student.axes or {})]
    if along is None and len(own) <= 1:
        return own[0] if own else None
    if along not in names:
        got = "None" if along is None else repr(along)
        fix = "name the axis of the reference along which it is matched"
        raise InvalidArgument("along", expected=f"one of {', '.join(names) or 'no axes'}", got=got, fix=fix)
    return along


def _compared(state: Array, found: Array, without_target: Any, axes: dict[str, Array]) -> Lag:
    """``found``: the reference's gains and residuals ``(*axes, modes, 2)``, NaN where there is no match."""
    (gain, residual), (other, rest) = np.moveaxis(state, -1, 0), np.moveaxis(found, -1, 0)
    undefined = np.broadcast_to(without_target, gain.shape) | ~(other > 0)
    safe = np.where(undefined, 1.0, other)
    behind = np.where(gain > 0.5, residual - rest, other - gain)
    masked = [
        np.ma.masked_array(np.where(undefined, 0.0, array), mask=undefined)
        for array in (gain / safe, behind / safe, other)
    ]
    return Lag(masked[0], masked[1], masked[2], axes)
