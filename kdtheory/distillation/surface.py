"""Losses over a large sweep without its predictions.

As functions of the eigenvalue, the filters of a whole sweep span few directions: a few dozen modes determine all others
to rounding. The composition then runs on these modes alone, and every loss is a distance in that small space.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg

from kdtheory.axes import at_points, on_grid
from kdtheory.distillation.composition import LABELS, Array, Key, State

if TYPE_CHECKING:
    from kdtheory.distillation.exact import ExactFit

SMALLEST_SWEEP = 100
SAMPLES = (160, 640)
CHECKS = 40
TOLERANCE = 1e-13


def losses(fit: ExactFit, on: str, targets: Array | None) -> Array | None:
    """One half of the summed squared error at every point of a fit's sweeps, shape of the whole grid.

    ``targets`` are in the units of the fit's task without its shift; ``None`` stands for the labels it was trained on,
    whose errors are made of residuals and keep their relative accuracy. The answer is ``None`` where the sweep is small
    or a teacher lives on another spectrum, or if the filters need more directions than were sampled.
    """
    if np.prod([len(values) for values in fit.axes.values()]) < SMALLEST_SWEEP or fit.has_foreign_teacher:
        return None
    sources = {key: source for key in fit.sources if np.any(source := fit.source(key))}
    filters = partial(_filters, keys=list(sources), on=on, errors=targets is None)
    modes = fit.spectrum.eigenvalues
    scale = np.ones(len(modes)) if on == "train" else np.sqrt(modes)
    basis = _few_modes(fit, lambda state: filters(state) * scale)
    if basis is None:
        return None
    nodes, weights = basis
    state = fit.link.state(modes[nodes], on_grid(fit.all_axes), {})
    nodal = filters(state) * scale[nodes]
    design = fit.mode_values(on) / np.where(scale > 0, scale, 1.0)
    columns = [_columns(design, weights, source) for source in sources.values()]
    if on == "test" and fit.start.weights is not None:
        nodal = [*nodal, np.asarray(state.scale)]
        columns.append(fit.start_values(on).reshape(-1, 1))
    values = np.zeros((len(design), fit.outputs_count)) if targets is None else targets
    return _distances(list(nodal), columns, values - fit.offset_on(on))


def _filters(state: State, keys: list[Key], on: str, errors: bool) -> Array:
    """Filters per source, shape (sources, *grid, modes); of errors, the labels' filter is minus the residual."""
    factors = dict(state.shown.position if on == "train" else state.shown.dual)
    if errors:
        factors |= {key: -state.shown.residual for key in keys if key.kind == LABELS}
    return np.stack(np.broadcast_arrays(*(factors[key] for key in keys)))


def _few_modes(fit: ExactFit, filters: Callable[[State], Array]) -> tuple[np.ndarray, Array] | None:
    """Modes that determine all filters of the sweep, and the weights that do it, shape (few, modes)."""
    samples, most = SAMPLES
    while samples <= most:
        sampled = _sampled(fit, filters, samples, seed=0)
        factored: Any = scipy.linalg.qr(sampled, mode="r", pivoting=True, check_finite=False)
        upper, order = factored
        diagonal = np.abs(np.diag(upper))
        rank = int(np.count_nonzero(diagonal > np.finfo(float).eps * diagonal[0]))
        if 0 < rank < samples / 2:
            weights = np.empty((rank, len(order)))
            weights[:, order] = scipy.linalg.solve_triangular(upper[:rank, :rank], upper[:rank], check_finite=False)
            fresh = _sampled(fit, filters, CHECKS, seed=1)
            error = np.max(np.abs(fresh - fresh[:, order[:rank]] @ weights))
            if error <= TOLERANCE * np.max(np.abs(sampled)):
                return order[:rank], weights
        samples *= 2
    return None


def _sampled(fit: ExactFit, filters: Callable[[State], Array], count: int, seed: int) -> Array:
    """Filters at random points of the sweep, shape (sources * points, modes)."""
    generator = np.random.default_rng(seed)
    indices = {name: generator.integers(len(values), size=count) for name, values in fit.axes.items()}
    drawn = filters(fit.link.state(fit.spectrum.eigenvalues, at_points(indices), {}))
    return drawn.reshape(-1, fit.spectrum.size)


def _columns(design: Array, weights: Array, source: Array) -> Array:
    """Outputs per unit of each nodal factor, shape (points * outputs, few)."""
    return np.stack([(design * column) @ weights.T for column in source.T], axis=1).reshape(-1, len(weights))


def _distances(factors: list[Array], columns: list[Array], targets: Array) -> Array:
    shape = np.broadcast_shapes(*(factor.shape[:-1] for factor in factors))
    nodal = np.concatenate([np.broadcast_to(f, (*shape, f.shape[-1])) for f in factors], axis=-1)
    factored: Any = scipy.linalg.qr(np.concatenate(columns, axis=1), mode="economic", check_finite=False)
    left, right = factored
    flat = targets.reshape(-1)
    along = left.T @ flat
    beside = flat - left @ along
    return 0.5 * (np.sum(np.square(nodal @ right.T - along), axis=-1) + beside @ beside)
