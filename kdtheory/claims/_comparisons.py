"""Teacher, student and reference families that the criterion is computed for, in units of the leading eigenvalue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.claims._filters import Ensemble, LogFilter, Shrunk, StableFilter
from kdtheory.procedures import (
    AveragedFlow,
    GradientDescent,
    GradientFlow,
    HeavyBall,
    HeavyBallFlow,
    IteratedTikhonov,
    Nesterov,
    NesterovFlow,
    Procedure,
    Ridge,
    WeightDecayFlow,
)

Member = Callable[[Any, Any, Any], Procedure]
Bound = Callable[[Any, Any], Any]
Edge = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Boundaries:
    """Up to where the families that hold do so, with the leading eigenvalue as the unit; mutants replace them."""

    decay: Callable[[], float] = lambda: np.e - 1.0
    undamped: Callable[[], float] = lambda: 0.5 * np.pi
    damped: Callable[[Any], Any] = lambda half: (np.pi - np.arctan2(np.sqrt(1 - half**2), half)) / np.sqrt(1 - half**2)
    nesterov_flow: Callable[[], float] = lambda: 3.8317059702075125
    friction: Callable[[Any], Any] = lambda share: 2.0 / np.sqrt(share)
    heavy_ball: Callable[[Any], Any] = lambda mu: np.square(1.0 - np.sqrt(mu))
    nesterov: Callable[[Any], Any] = lambda mu: np.square((1.0 - mu) / (1.0 + mu))
    descent: Callable[[], float] = lambda: 1.0


@dataclass(frozen=True)
class Family:
    """Procedures of one parameter (a time, a penalty, a number of steps).

    Attributes
    ----------
    name : str
    varied : str
        Which of ``shape`` and ``order`` it depends on.
    member : callable of (parameter, shape, order)
        ``shape`` between 0 and 1 and ``order`` between 1 and 100 choose what else the family depends on.
    longest : callable of (shape, order), optional
        Largest parameter that is within the statement.
    top : callable of (shape, order), optional
        The gain that is reached in the end, default 1.
    counted : bool
        Whether the parameter is a number of steps: the reference is then the first that is as far as the student.
    edge : callable of (boundaries, shape), optional
        What vanishes at the boundary of the family: the residual at the first overshoot, the distance of two roots.
    boundary : str
        Name of the field of `Boundaries` that it depends on, if any.
    """

    name: str
    varied: str
    member: Member
    longest: Bound | None = None
    top: Bound | None = None
    counted: bool = False
    edge: Edge | None = None
    boundary: str = ""


@dataclass(frozen=True)
class Comparison:
    """Families of teacher, student and reference, by a name and a sentence."""

    name: str
    words: str
    teacher: Family
    student: Family
    reference: Family

    @property
    def families(self) -> tuple[Family, Family, Family]:
        """All three."""
        return self.teacher, self.student, self.reference


def families(b: Boundaries) -> dict[str, Family]:
    """All families by name."""
    listed = (*_without_limit(), *_flows_with_momentum(b), *_with_decay(b), *_by_steps(b), *_of_users())
    return {family.name: family for family in listed}


def _without_limit() -> tuple[Family, ...]:
    """Families that nothing limits."""
    return (
        Family("gradient flow", "", lambda p, s, o: GradientFlow(p)),
        Family("averaged flow", "", lambda p, s, o: AveragedFlow(p)),
        Family("ridge", "", lambda p, s, o: Ridge(p)),
        Family("iterated ridge", "order", lambda p, s, o: IteratedTikhonov(p, np.floor(o))),
    )


def _flows_with_momentum(b: Boundaries) -> tuple[Family, ...]:
    """Families of a time: it ends before the leading mode overshoots, if that does."""
    return (
        Family(
            "undamped flow",
            "",
            lambda p, s, o: HeavyBallFlow(p, 0.0),
            lambda s, o: b.undamped(),
            edge=_at_rest,
            boundary="undamped",
        ),
        Family(
            "under-damped flow",
            "shape",
            lambda p, s, o: HeavyBallFlow(p, 2.0 * s),
            lambda s, o: b.damped(s),
            edge=_with_friction,
            boundary="damped",
        ),
        Family(
            "over-damped flow",
            "shape",
            lambda p, s, o: HeavyBallFlow(p, b.friction(s)),
            edge=_critical_flow,
            boundary="friction",
        ),
        Family(
            "Nesterov flow",
            "",
            lambda p, s, o: NesterovFlow(p),
            lambda s, o: b.nesterov_flow(),
            edge=_with_clock,
            boundary="nesterov_flow",
        ),
    )


def _with_decay(b: Boundaries) -> tuple[Family, ...]:
    """Weight decay on both sides of the boundary, which is one of the leading eigenvalue over the decay."""

    def strong(shape: Any) -> Any:
        return b.decay() * shape

    def weak(shape: Any) -> Any:
        return b.decay() * np.power(100.0, shape)

    def kept(ratio: Any) -> Any:
        return ratio / (1.0 + ratio)

    return (
        Family(
            "little decay",
            "shape",
            lambda p, s, o: WeightDecayFlow(p, 1.0 / strong(s)),
            top=lambda s, o: kept(strong(s)),
            edge=_long_runs,
            boundary="decay",
        ),
        Family(
            "much decay",
            "shape",
            lambda p, s, o: WeightDecayFlow(p, 1.0 / weak(s)),
            top=lambda s, o: kept(weak(s)),
            boundary="decay",
        ),
    )


def _by_steps(b: Boundaries) -> tuple[Family, ...]:
    """Families of a number of steps, or of their size."""
    return (
        Family(
            "descent, step size",
            "order",
            lambda p, s, o: GradientDescent(np.floor(o), p),
            lambda s, o: 1.0,
            edge=_one_step,
            boundary="descent",
        ),
        Family(
            "descent",
            "order",
            lambda p, s, o: GradientDescent(p, _rate(o) * b.descent()),
            counted=True,
            edge=_one_step,
            boundary="descent",
        ),
        Family(
            "heavy ball",
            "shape, order",
            lambda p, s, o: HeavyBall(p, s, _rate(o) * b.heavy_ball(s)),
            counted=True,
            edge=_critical,
            boundary="heavy_ball",
        ),
        Family(
            "Nesterov",
            "shape, order",
            lambda p, s, o: Nesterov(p, s, _rate(o) * b.nesterov(s)),
            counted=True,
            edge=_critical_ahead,
            boundary="nesterov",
        ),
    )


def _of_users() -> tuple[Family, ...]:
    """Families beside the toolkit's."""
    return (
        Family(
            "shrunk flow", "shape", lambda p, s, o: Shrunk(GradientFlow(p), _factor(s)), top=lambda s, o: _factor(s)
        ),
        Family("shrunk", "", lambda p, s, o: Shrunk(GradientFlow(np.inf), p), lambda s, o: 1.0),
        Family("two ridges", "shape", lambda p, s, o: Ensemble(Ridge(p), Ridge(p * _apart(s)))),
        Family("two times", "shape", lambda p, s, o: Ensemble(GradientFlow(p), GradientFlow(p / _apart(s)))),
        Family("logarithmic", "", lambda p, s, o: LogFilter(p), top=lambda s, o: 0.95),
        Family("stable", "shape", lambda p, s, o: StableFilter(p, 0.5 + 2.5 * s)),
    )


def _one_step(b: Boundaries, shape: Any) -> Any:
    return GradientDescent(1, b.descent()).residual(1.0)


def _at_rest(b: Boundaries, shape: Any) -> Any:
    return HeavyBallFlow(b.undamped(), 0.0).residual(1.0)


def _with_friction(b: Boundaries, shape: Any) -> Any:
    return HeavyBallFlow(b.damped(shape), 2.0 * shape).residual(1.0)


def _with_clock(b: Boundaries, shape: Any) -> Any:
    return NesterovFlow(b.nesterov_flow()).residual(1.0)


def _long_runs(b: Boundaries, shape: Any) -> Any:
    """The slack of converged runs over its first term: what a penalty of one over the boundary leaves of it."""
    left = Ridge(1.0 / b.decay()).residual(1.0)
    return 1.0 + np.log(left)


def _critical_flow(b: Boundaries, share: Any) -> Any:
    """Of ``p^2 + g p + lambda``, whose roots are real up to ``lambda = g^2 / 4``; eigenvalue 1 is ``share`` of it."""
    return share * np.square(b.friction(share)) / 4.0 - 1.0


def _critical(b: Boundaries, mu: Any) -> Any:
    """Discriminant of ``p^2 - (1 + mu - h) p + mu``."""
    return np.square(1.0 + mu - b.heavy_ball(mu)) - 4.0 * mu


def _critical_ahead(b: Boundaries, mu: Any) -> Any:
    """Discriminant of ``p^2 - (1 - h)(1 + mu) p + (1 - h) mu``."""
    left = 1.0 - b.nesterov(mu)
    return np.square(left * (1.0 + mu)) - 4.0 * left * mu


def _rate(order: Any) -> Any:
    """Step size over the largest admissible one; short of it, where descent is done in one step."""
    return 0.0095 * np.asarray(order)


def _factor(shape: Any) -> Any:
    """What outputs are multiplied with."""
    return 0.3 + 0.65 * np.asarray(shape)


def _apart(shape: Any) -> Any:
    """Ratio of the scales of two members."""
    return np.power(10.0, 2.0 + 5.0 * np.asarray(shape))


_SENTENCES = {
    "gradient flow": "Gradient flow, any times.",
    "descent, step size": "Gradient descent: one number of steps, step sizes up to 1 / eigenvalue.",
    "descent": "Gradient descent: one step size below 1 / eigenvalue, any numbers of steps.",
    "ridge": "Ridge, any penalties.",
    "iterated ridge": "Iterated Tikhonov, 1 to 100 iterations, any penalties.",
    "undamped flow": "Momentum without damping, stopped before the leading mode overshoots.",
    "under-damped flow": "Heavy-ball flow with some damping, stopped before the leading mode overshoots.",
    "over-damped flow": "Heavy-ball flow, over-damped on the leading mode.",
    "heavy ball": "Heavy ball, over-damped on the leading mode, one step size.",
    "Nesterov": "Nesterov's method with constant momentum, over-damped on the leading mode, one step size.",
    "Nesterov flow": "Nesterov flow, stopped before the leading mode overshoots.",
    "little decay": "Gradient flow with weight decay of at least eigenvalue / (e - 1).",
    "much decay": "Gradient flow with weight decay of less than eigenvalue / (e - 1).",
    "averaged flow": "Gradient flow averaged over its time.",
    "shrunk flow": "Gradient flow with outputs shrunk (label smoothing) in every training.",
    "shrunk": "Outputs shrunk, and nothing else.",
    "two ridges": "The mean of two ridge predictors of very different penalties.",
    "two times": "The mean of two very different stopping times of gradient flow.",
    "logarithmic": "Gains log(1+z) / (1 + log(1+z)).",
    "stable": "Gains exp(-k / eigenvalue^p).",
}
_MIXED = (
    ("flow, flow against ridge", "gradient flow", "gradient flow", "ridge", "Gradient flow, compared with ridge."),
    ("ridge, flow against ridge", "ridge", "gradient flow", "ridge", "A ridge teacher, compared with ridge."),
    ("flow, ridge against ridge", "gradient flow", "ridge", "ridge", "A ridge student, compared with ridge."),
    ("iterated, flow against ridge", "iterated ridge", "gradient flow", "ridge", "An iterated ridge teacher."),
    ("ridge, flow against flow", "ridge", "gradient flow", "gradient flow", "A ridge teacher, compared with flow."),
    ("ridge, ridge against flow", "ridge", "ridge", "gradient flow", "Ridge, compared with gradient flow."),
)


def comparisons(boundaries: Boundaries) -> tuple[Comparison, ...]:
    """All comparisons: every family with itself, and the mixed ones."""
    known = families(boundaries)
    own = [Comparison(name, words, known[name], known[name], known[name]) for name, words in _SENTENCES.items()]
    mixed = [Comparison(name, words, known[t], known[s], known[r]) for name, t, s, r, words in _MIXED]
    return (*own, *mixed)
