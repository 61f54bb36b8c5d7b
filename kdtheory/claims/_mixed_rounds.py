"""The odds law on random cases: literal rounds of three procedures against the formulas of claim C4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.procedures import GradientDescent, GradientFlow, InfiniteRounds, Procedure, Ridge
from kdtheory.testing import EPSILON, Margin, TwoModes, decided, logarithmic, odds, tolerance

Array = NDArray[np.float64]
# The affine map of a round is composed with itself this often: 2^60 rounds, far beyond the slowest draw.
_DOUBLINGS = 60


@dataclass(frozen=True)
class MixedRounds(TwoModes):
    """Two modes, a teacher, and rounds with the label weights ``1 - mixing`` and ``1 + mixing``.

    Attributes
    ----------
    mixing : between 0.001 and 0.999
        Weight of the previous fit; the negative is tried beside it.
    rounds : between 1 and 100
        Rounded to a whole number.
    overshoot : between 0.001 and 0.999
        Gain of a descent step, as a share of the largest one for which rounds converge (at most 2).
    """

    mixing: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    rounds: Annotated[Any, logarithmic(1.0, 100.0, simple=1.0)]
    overshoot: Annotated[Any, odds(0.001, 0.999, simple=0.5)]

    @property
    def mixings(self) -> Array:
        """Both weights of the previous fit, shape (2, 1) or (2, 1, cases): axes are weight, mode, case."""
        return np.stack([np.asarray(self.mixing), -np.asarray(self.mixing)])[:, None]

    @property
    def progress(self) -> Array:
        """Eigenvalue times student time, shape (2,) or (2, cases)."""
        return self.student_progress * np.stack([np.ones_like(self.ratio), np.asarray(self.ratio)])

    @property
    def steps(self) -> Array:
        """Eigenvalue times step size, of a single step that overshoots where it exceeds 1."""
        largest = np.asarray(self.overshoot) * np.minimum(2.0, 1.0 / np.maximum(self.mixing, 0.5))
        return largest * np.stack([np.ones_like(self.ratio), np.asarray(self.ratio)])


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one. ``m`` is the mixing."""

    limit: Callable[..., Array] = lambda g, e, m: (1.0 - m) * g / (e + (1.0 - m) * g)
    limit_residual: Callable[..., Array] = lambda g, e, m: e / (e + (1.0 - m) * g)
    odds_factor: Callable[..., Array] = lambda m: 1.0 - m
    factor: Callable[..., Array] = lambda g, m: m * g
    transient: Callable[..., Array] = lambda j, first, limit, factor: limit + factor**j * (first - limit)
    penalty: Callable[..., Array] = lambda c, m: c / (1.0 - m)
    flow_progress: Callable[..., Array] = lambda z, m: np.log1p((1.0 - m) * np.expm1(z))


def margins(case: MixedRounds, formulas: Formulas) -> Margin:
    """Margins of every part: literal rounds against the formulas, and the toolkit's procedures against both."""
    procedures = (GradientFlow(1.0), case.progress), (Ridge(1.0), case.progress), (GradientDescent(1, 1.0), case.steps)
    runs = [_run(case, formulas, procedure, lam) for procedure, lam in procedures]
    shared = {name: np.min([run[name] for run in runs], axis=0) for name in runs[0]}
    return Margin(**shared, **_ridge(case, formulas), **_flow(case, formulas), **_regularized(case))


def _run(case: MixedRounds, formulas: Formulas, procedure: Procedure, lam: Array) -> dict[str, Array]:
    """Parts that hold for every procedure, each the smallest of two weights and two modes."""
    m, g, e = case.mixings, procedure.gain(lam), procedure.residual(lam)
    gain, residual = _many_rounds(m * g, (1.0 - m) * g), _many_rounds(m * g, e)
    allowed = tolerance(condition=1.0 / (1.0 - np.abs(m * g)))
    law = _apart(gain * e, formulas.odds_factor(m) * g * residual)
    limits = formulas.limit(g, e, m), formulas.limit_residual(g, e, m)
    known = InfiniteRounds(procedure, m)
    teacher = GradientFlow(case.teacher_progress)
    first = teacher.gain(lam / lam[0]), teacher.residual(lam / lam[0])
    count = np.rint(case.rounds)
    literal = _few_rounds(m, g, e, first, count)
    factor = formulas.factor(g, m)
    errors = []
    for computed, begin, limit in zip(literal, first, limits, strict=True):
        scale = np.abs(limit) + np.abs(m * g) ** count * (np.abs(begin) + np.abs(limit))
        errors.append(_share(np.abs(computed - formulas.transient(count, begin, limit, factor)), scale))
    return {
        "odds": _within(law, allowed),
        "limit": _within(np.maximum(_apart(gain, limits[0]), _apart(residual, limits[1])), allowed),
        "transient": _within(np.maximum(*errors), allowed),
        "toolkit": _within(np.maximum(_apart(gain, known.gain(lam)), _apart(residual, known.residual(lam))), allowed),
    }


def _ridge(case: MixedRounds, formulas: Formulas) -> dict[str, Array]:
    """The limit of ridge rounds against ridge with the larger penalty."""
    m, lam = case.mixings, case.progress
    g, e = Ridge(1.0).gain(lam), Ridge(1.0).residual(lam)
    ridge = Ridge(formulas.penalty(1.0, m))
    allowed = tolerance(condition=1.0 / (1.0 - np.abs(m * g)))
    gains = _apart(_many_rounds(m * g, (1.0 - m) * g), ridge.gain(lam))
    return {"ridge": _within(np.maximum(gains, _apart(_many_rounds(m * g, e), ridge.residual(lam))), allowed)}


def _flow(case: MixedRounds, formulas: Formulas) -> dict[str, Array]:
    """The limit of gradient-flow rounds is gradient flow of a time that grows (falls) with the eigenvalue."""
    m, z = case.mixings, case.progress
    g, e = GradientFlow(1.0).gain(z), GradientFlow(1.0).residual(z)
    progress = formulas.flow_progress(z, m)
    allowed = tolerance(condition=(1.0 + z) / (1.0 - np.abs(m * g)))
    gains = _apart(_many_rounds(m * g, (1.0 - m) * g), -np.expm1(-progress))
    time, sign = np.log(progress / z), np.array([1.0, -1.0]).reshape(2, *[1] * (z.ndim - 1))
    orders = {
        "no_single_time": time[:, 0] - time[:, 1],
        "above_share": time[:, 1] - np.log1p(-m[:, 0]),
        "below_whole": -time[:, 0],
    }
    found = {
        name: np.min(decided(sign * order, 16 * EPSILON, partial(_exact_order, case, name)), axis=0)
        for name, order in orders.items()
    }
    return {"flow": _within(np.maximum(gains, _apart(_many_rounds(m * g, e), np.exp(-progress))), allowed), **found}


def _regularized(case: MixedRounds) -> dict[str, Array]:
    """A label weight below 1 takes gain away, one above adds some; without labels nothing is left."""
    m, lam = case.mixings, case.progress
    found = []
    for procedure in (GradientFlow(1.0), Ridge(1.0)):
        g, e = procedure.gain(lam), procedure.residual(lam)
        gain, residual = _many_rounds(m * g, (1.0 - m) * g), _many_rounds(m * g, e)
        less, more = np.log(g / gain), np.log(residual / e)
        found.append(np.maximum(np.stack([less[0], -less[1]]), np.stack([more[0], -more[1]])))
    pure = np.stack([_many_rounds(p.gain(lam), 0.0) for p in (GradientFlow(1.0), Ridge(1.0))])
    return {"regularizes": np.min(found, axis=(0, 1, 2)), "collapse": _within(pure, tolerance())}


def _many_rounds(slope: Any, shift: Any) -> Array:
    """Where 2^60 rounds of ``x -> slope x + shift`` take 1, by composing the map with itself."""
    slope, shift = np.broadcast_arrays(np.asarray(slope, float), shift)
    for _ in range(_DOUBLINGS):
        slope, shift = slope * slope, shift * (1.0 + slope)
    return slope + shift


def _few_rounds(m: Array, g: Array, e: Array, first: tuple[Array, Array], count: Array) -> tuple[Array, Array]:
    """Gain and residual after ``count`` rounds, one by one, from the teacher's."""
    gain, residual = np.broadcast_arrays(first[0], m * g)[0], np.broadcast_arrays(first[1], m * g)[0]
    for done in range(int(np.max(count))):
        running = done < count
        gain = np.where(running, g * ((1.0 - m) + m * gain), gain)
        residual = np.where(running, e + m * g * residual, residual)
    return gain, residual


def _apart(one: Array, other: Any) -> Array:
    """Relative distance; 0 where both are 0."""
    return _share(np.abs(one - other), np.maximum(np.abs(one), np.abs(other)))


def _share(error: Array, size: Array) -> Array:
    return np.divide(error, size, out=np.zeros(np.shape(size)), where=size > 0)


def _within(error: Array, allowed: Any) -> Array:
    """Share of the tolerance that was not needed, the smallest over all axes but the cases'."""
    margin = 1.0 - error / allowed
    return np.min(margin, axis=(0, 1))


def _exact_order(case: MixedRounds, name: str, index: int) -> float:
    """An order of times in 60 digits, with its sign; ``index`` counts over weights, then cases."""
    import mpmath

    context = mpmath.mp.clone()
    context.dps = 60
    weight, number = divmod(index, case.size)
    sign = 1 - 2 * weight
    m, z, r = (
        context.mpf(float(np.atleast_1d(value)[number])) for value in (case.mixing, case.student_progress, case.ratio)
    )
    m = sign * m
    one, two = (context.log(1 + context.log1p(m * context.expm1(-x)) / x) for x in (z, r * z))
    orders = {"no_single_time": one - two, "above_share": two - context.log1p(-m), "below_whole": -one}
    return float(sign * orders[name])
