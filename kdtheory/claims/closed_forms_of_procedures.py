"""C0a: the closed forms of all procedures are their literal iterations and differential equations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims import _closed_forms as closed
from kdtheory.claims._claim import Counterexample
from kdtheory.claims._closed_forms import ClosedForms, clocked_literally, iterated_literally, one_step, solved_literally
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import (
    AveragedDescent,
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
    WeightDecayDescent,
    WeightDecayFlow,
)
from kdtheory.testing import Case, Margin, linear, logarithmic, odds, whole

Array = NDArray[np.float64]
_WITHIN = 1e-12
"""Of values of the size of 1: what the textbook forms keep of sixteen digits over the range of the cases."""


@dataclass(frozen=True)
class OneMode(Case):
    """One mode and parameters of all procedures, in units of its eigenvalue.

    Attributes
    ----------
    steps : number of steps or iterations
    share : step over the largest stable one
    momentum : of heavy ball and Nesterov's method
    progress : time times eigenvalue, or the root of it
    strength : penalty or decay over the eigenvalue, or friction over its root
    start : where the mode starts; its target is 1
    """

    steps: Annotated[Any, whole(1, 24, simple=1)]
    share: Annotated[Any, odds(0.005, 0.995, simple=0.25)]
    momentum: Annotated[Any, odds(0.005, 0.95, simple=0.5)]
    progress: Annotated[Any, logarithmic(1e-2, 10.0, simple=1.0)]
    strength: Annotated[Any, logarithmic(0.1, 10.0, simple=1.0)]
    start: Annotated[Any, linear(-2.0, 2.0, simple=0.0)]

    @cached_property
    def literal(self) -> dict[str, tuple[Any, ...]]:
        """Of each procedure: the literal position, the toolkit's, and the parameters of the closed form."""
        fields = (np.atleast_1d(value) for value in self.values.values())
        k, share, mu, z, c, start = fields
        return {**_steps(k, share, mu, c, start), **_flows(z, c, start)}


def _mixed(run: Procedure, start: Array) -> Array:
    """Where the toolkit's procedure takes the mode."""
    one = np.ones_like(start)
    return run.gain(one) + run.retain(one) * start


def _steps(k: Array, share: Array, mu: Array, c: Array, start: Array) -> dict[str, tuple[Any, ...]]:
    """Literal and toolkit positions of what takes steps, with the parameters of its closed form."""
    h, ball, ahead = 1.9 * share, 1.9 * share * (1.0 + mu), 0.95 * share * (2.0 + 2.0 * mu) / (1.0 + 2.0 * mu)
    d = h * np.minimum(c, 0.5)
    position, _, mean = iterated_literally("descent", h, mu, k, start)
    decayed = iterated_literally("descent with decay", h - d, d, k, start)[0]
    rolled = iterated_literally("heavy ball", ball, mu, k, start)[0]
    iterate, looked, _ = iterated_literally("nesterov", ahead, mu, k, start)
    implicit = iterated_literally("implicit", 1.0 / c, mu, k, start)[0]
    return {
        "descent": (position, _mixed(GradientDescent(k, h), start), h, k),
        "averaged_descent": (mean, _mixed(AveragedDescent(k, h), start), h, k),
        "decay_descent": (decayed, _mixed(WeightDecayDescent(k, d / (h - d), h - d), start), h - d, d, k),
        "heavy_ball": (rolled, _mixed(HeavyBall(k, mu, ball), start), ball, mu, k),
        "nesterov": (iterate, _mixed(Nesterov(k, mu, ahead), start), ahead, mu, k),
        "look_ahead": (looked, _mixed(Nesterov(k, mu, ahead, "look-ahead"), start), ahead, mu, k),
        "iterated": (implicit, _mixed(IteratedTikhonov(c, k), start), np.ones_like(c), c, k),
    }


def _flows(z: Array, c: Array, start: Array) -> dict[str, tuple[Any, ...]]:
    """The same for differential equations, and for ridge by the equation of its minimum."""
    one, zero = np.ones_like(z), np.zeros_like(z)
    state = np.stack([start, zero, one], axis=-1)

    def system(*rows: tuple[Any, Any, Any]) -> Array:
        """Rates of position, of a second number, and of the constant 1."""
        return np.stack([np.stack([entry * one for entry in row], -1) for row in (*rows, (0.0, 0.0, 0.0))], -2)

    position, total = np.moveaxis(solved_literally(system((-1.0, 0, 1.0), (1.0, 0, 0)), z, state)[..., :2], -1, 0)
    decayed = solved_literally(system((-1.0 - c, 0, 1.0), (0, 0, 0)), z, state)[..., 0]
    rolled = solved_literally(system((0, 1.0, 0), (-1.0, -c, 1.0)), z, state)[..., 0]
    clocked = 1.0 + clocked_literally(z) * (start - 1.0)
    penalized = np.linalg.solve((1.0 + c)[..., None, None], one[..., None, None])[..., 0, 0]
    return {
        "flow": (position, _mixed(GradientFlow(z), start), z),
        "averaged_flow": (total / z, _mixed(AveragedFlow(z), start), z),
        "decay_flow": (decayed, _mixed(WeightDecayFlow(z, c), start), one, c, z),
        "heavy_ball_flow": (rolled, _mixed(HeavyBallFlow(z, c), start), one, c, z),
        "nesterov_flow": (clocked, _mixed(NesterovFlow(z), start), z),
        "ridge": (penalized, _mixed(Ridge(c), start), one, c),
    }


def _retained(name: str, gain: Array, case: OneMode) -> Array:
    """What is left of the start: nothing under ridge, a power or exponential under decay, else what is not gained."""
    share, c, z = np.asarray(case.share), np.asarray(case.strength), np.asarray(case.progress)
    return {
        "ridge": lambda: np.zeros_like(gain),
        "decay_flow": lambda: np.exp(-(1.0 + c) * z),
        "decay_descent": lambda: (1.0 - 1.9 * share) ** np.asarray(case.steps),
    }.get(name, lambda: 1.0 - gain)()


def margins(case: OneMode, formulas: ClosedForms) -> Margin:
    """Literal runs against closed forms and the toolkit, and the limits of stability and monotony."""
    parts = {}
    for name, (found, toolkit, *given) in case.literal.items():
        gain = getattr(formulas, name)(*given)
        said = gain + _retained(name, gain, case) * np.atleast_1d(case.start)
        worst = np.maximum(np.abs(found - said), np.abs(found - toolkit))
        parts[name] = 1.0 - worst / (_WITHIN * np.maximum(1.0, np.abs(found)))
    parts |= _limits([np.atleast_1d(value) for value in case.values.values()], formulas)
    return Margin(**{name: part.reshape(np.shape(case.steps)) for name, part in parts.items()})


def _limits(fields: list[Array], f: ClosedForms) -> dict[str, Array]:
    """One-step maps on both sides of each limit: what grows, and what oscillates."""
    _, share, mu, _, c, _ = fields
    side = 2.0 * share
    clear, inside = np.abs(side - 1.0) > 1e-6, np.sign(1.0 - side)
    parts = {}
    for name, kind, limit in (
        ("descent_limit", "descent", f.descent_limit(mu)),
        ("heavy_ball_limit", "heavy ball", f.heavy_ball_limit(mu)),
        ("nesterov_limit", "nesterov", f.nesterov_limit(mu)),
    ):
        total, apart = _spread(one_step(kind, side * limit, mu))
        radius = np.max(np.abs([total + np.sqrt(apart), total - np.sqrt(apart)]), axis=0) / 2.0
        parts[name] = np.where(clear, inside * -np.log(np.maximum(radius, 1e-300)), np.inf)
    for name, kind, limit in (
        ("heavy_ball_critical", "heavy ball", f.heavy_ball_critical(mu)),
        ("nesterov_critical", "nesterov", f.nesterov_critical(mu)),
    ):
        _, apart = _spread(one_step(kind, side * limit, mu))
        parts[name] = np.where(clear & (side * limit < 1.0), inside * apart.real, np.inf)
    lam = side * f.friction_critical(c)
    parts["friction_critical"] = np.where(clear, inside * (c**2 - 4.0 * lam) / c**2, np.inf)
    x = 3.5 * side  # up to the second zero
    ahead = np.sign(f.first_overshoot() - x) * clocked_literally(x)
    parts["first_overshoot"] = np.where(np.abs(x - 3.8317059702075125) > 1e-6, ahead, np.inf)
    return parts


def _spread(matrix: Array) -> tuple[Array, Array]:
    """Sum of the two eigenvalues, and the square of their distance as a complex number."""
    (a, b), (c, d) = np.moveaxis(matrix, (-2, -1), (0, 1))
    return a + d, np.asarray(np.square(a - d) + 4.0 * b * c, dtype=complex)


@dataclass(frozen=True)
class LiteralRun:
    """Steps of one kind on one mode of target 1, and which position is looked at."""

    kind: str
    step: float
    momentum: float = 0.0
    steps: int = 4
    start: float = 0.0
    velocity: float = 0.0
    output: str = "iterate"

    def positions(self) -> Array:
        """After 1, 2, ... steps."""
        count = np.arange(1.0, self.steps + 1.0)
        h, mu, start = (np.full(count.shape, value) for value in (self.step, self.momentum, self.start))
        rows = iterated_literally(self.kind, h, mu, count, start, self.velocity)
        return rows[{"iterate": 0, "look-ahead": 1}[self.output]]


def _monotone(case: LiteralRun) -> Margin:
    """How far positions stay below the target, and by how much each step brings them closer to it."""
    path = np.array([case.start, *case.positions()])
    return Margin(below=np.min(1.0 - path), closer=np.min(np.abs(path[:-1] - 1.0) - np.abs(path[1:] - 1.0)))


def _as_stated(case: LiteralRun) -> Margin:
    """The run against the closed form of the iterate from rest."""
    count = np.arange(1.0, case.steps + 1.0)
    form = {"heavy ball": closed.heavy_ball, "nesterov": closed.nesterov}[case.kind]
    gain = form(case.step, case.momentum, count)
    return Margin(1e-6 - np.max(np.abs(case.positions() - gain - (1.0 - gain) * case.start)))


def _ridge_from(case: tuple[float, float]) -> Margin:
    """Ridge that is drawn to where it starts against a closed form that forgets the start: (penalty, start)."""
    penalty, start = case
    found = (1.0 + penalty * start) / (1.0 + penalty)
    return Margin(1e-6 - np.abs(found - closed.ridge(1.0, penalty)))


COUNTEREXAMPLES = (
    Counterexample(
        "overshooting-steps",
        violates="short-steps",
        words="Steps of 1.5 over the eigenvalue converge, but alternate around the target: gains 1.5, .75, 1.125.",
        case=LiteralRun("descent", 1.5, steps=3),
        restored=LiteralRun("descent", 0.5, steps=3),
        margin=-0.5,
        check=_monotone,
    ),
    Counterexample(
        "diverging-steps",
        violates="stable-steps",
        words="Steps of 2.2 over the eigenvalue go farther away from the target each time.",
        case=LiteralRun("descent", 2.2, steps=3),
        restored=LiteralRun("descent", 0.9, steps=3),
        margin=-1.7280000000000006,
        check=_monotone,
    ),
    Counterexample(
        "moving-start",
        violates="at-rest",
        words="A heavy ball that starts with a velocity is elsewhere.",
        case=LiteralRun("heavy ball", 0.1, 0.5, velocity=0.4),
        restored=LiteralRun("heavy ball", 0.1, 0.5),
        margin=-0.29199899999999984,
        check=_as_stated,
    ),
    Counterexample(
        "look-ahead-point",
        violates="iterate",
        words="What deep-learning libraries report of Nesterov's method is the point ahead, not the iterate.",
        case=LiteralRun("nesterov", 0.1, 0.5, output="look-ahead"),
        restored=LiteralRun("nesterov", 0.1, 0.5),
        margin=-0.06862400000000016,
        check=_as_stated,
    ),
    Counterexample(
        "drawn-to-the-start",
        violates="drawn-to-zero",
        words="Ridge with a penalty on the distance from its start keeps a share of it.",
        case=(0.5, 0.8),
        restored=(0.5, 0.0),
        margin=-0.26666566666666663,
        check=_ridge_from,
    ),
)

mutate = Mutate(margins, ClosedForms())
MUTANTS = (
    mutate("flow-sign", "the exponent grows", flow=lambda z: 1.0 - np.exp(z)),
    mutate("descent-exponent", "one step more", descent=lambda h, k: closed.descent(h, k + 1)),
    mutate("descent-sign", "1 + h instead of 1 - h", descent=lambda h, k: 1.0 - (1.0 + h) ** k),
    mutate("ridge-factor", "twice the penalty", ridge=lambda lam, c: lam / (lam + 2.0 * c)),
    mutate("iterated-exponent", "one iteration less", iterated=lambda lam, c, m: closed.iterated(lam, c, m - 1)),
    mutate("decay-flow-rate", "decay does not speed up", decay_flow=lambda lam, w, t: lam / (lam + w) * closed.flow(t)),
    mutate(
        "decay-descent-rate",
        "decay does not speed up",
        decay_descent=lambda h, d, k: h / (h + d) * closed.descent(h, k),
    ),
    mutate("averaged-flow-factor", "half of the average", averaged_flow=lambda z: 1.0 - 0.5 * closed.flow(z) / z),
    mutate(
        "averaged-descent-shift", "an iterate more", averaged_descent=lambda h, k: closed.averaged_descent(h, k + 1)
    ),
    mutate(
        "heavy-ball-product",
        "the product of the roots is its square",
        heavy_ball=lambda h, m, k: closed.two_roots(1 + m - h, m**2, k),
    ),
    mutate("heavy-ball-exponent", "a step less", heavy_ball=lambda h, m, k: closed.heavy_ball(h, m, k - 1)),
    mutate("nesterov-sum", "heavy ball's roots", nesterov=closed.heavy_ball),
    mutate("look-ahead-iterate", "the iterate itself", look_ahead=closed.nesterov),
    mutate(
        "look-ahead-sign",
        "the point behind",
        look_ahead=lambda h, m, k: 2 * closed.nesterov(h, m, k) - closed.look_ahead(h, m, k),
    ),
    mutate(
        "heavy-ball-flow-friction",
        "half of the friction",
        heavy_ball_flow=lambda lam, g, t: closed.heavy_ball_flow(lam, g / 2, t),
    ),
    mutate("nesterov-flow-factor", "a Bessel function without its two", nesterov_flow=lambda x: 1.0 - closed.j1(x) / x),
    mutate("descent-limit", "stable up to 1.8", descent_limit=lambda mu: 1.8 + 0 * mu),
    mutate("heavy-ball-limit", "stable up to 2 (1 + mu)^2", heavy_ball_limit=lambda mu: 2.0 * (1 + mu) ** 2),
    mutate("nesterov-limit", "stable as heavy ball", nesterov_limit=lambda mu: 2.0 * (1.0 + mu)),
    mutate("heavy-ball-critical", "monotone up to (1 - mu)^2", heavy_ball_critical=lambda mu: (1.0 - mu) ** 2),
    mutate("nesterov-critical", "monotone up to (1 - mu) / (1 + mu)", nesterov_critical=lambda mu: (1 - mu) / (1 + mu)),
    mutate("friction-critical", "critical at half of the square", friction_critical=lambda g: 0.5 * g**2),
    mutate(
        "first-overshoot", "the first zero of the Bessel function of order 0", first_overshoot=lambda: 2.404825557695773
    ),
)


@claim(
    id="closed-forms-of-procedures",
    title="Every procedure's closed form is its literal run",
    topic="procedures",
    source="polyak1964; nesterov1983; su2014, for the Bessel form; polyak1992; engl1996; otherwise textbook",
    statement=r"""A training procedure takes a mode of eigenvalue $\lambda$ from $c$ to $g\, y + r\, c$, with the target
$y$. With $h = \eta \lambda$, $z = \lambda t$ and $r = 1 - g$ unless given,
\[ \text{gradient flow: } g = 1 - e^{-z}, \qquad \text{averaged: } 1 - \frac{1 - e^{-z}}{z}, \]
\[ \text{descent: } 1 - (1 - h)^k, \qquad \text{averaged: } 1 - \frac{1 - (1 - h)^k}{k h}, \]
\[ \text{ridge: } \frac{\lambda}{\lambda + c},\; r = 0, \qquad
   \text{iterated: } 1 - \Bigl(1 + \frac{\lambda}{c}\Bigr)^{-m}, \]
\[ \text{weight decay: } \frac{\lambda}{\lambda + w} (1 - r),\; r = e^{-(\lambda + w) t} \text{ or } (1 - h - \eta w)^k,
\]
\[ \text{heavy ball and Nesterov: } 1 - \frac{(1 - p_2) p_1^{k+1} - (1 - p_1) p_2^{k+1}}{p_1 - p_2}, \]
with the roots of $p^2 - (1 + \mu - h) p + \mu$ and of $p^2 - (1 - h)(1 + \mu) p + (1 - h) \mu$,
\[ \text{heavy-ball flow: } 1 - e^{-gt/2} \Bigl(\cosh \omega t + \frac{g}{2 \omega} \sinh \omega t\Bigr),\;
   \omega^2 = \frac{g^2}{4} - \lambda, \]
\[ \text{Nesterov flow: } 1 - \frac{2 J_1(x)}{x},\; x = \sqrt{\lambda}\, t. \]
Descent converges for $h < 2$, heavy ball for $h < 2 (1 + \mu)$, Nesterov's method for $h < (2 + 2\mu)/(1 + 2\mu)$. They
do not overshoot for $h \le 1$, $h \le (1 - \sqrt\mu)^2$, $h \le ((1 - \mu)/(1 + \mu))^2$; heavy-ball flow for
$\lambda \le g^2 / 4$; Nesterov flow up to $x = 3.8317$, the first zero of $J_1$.""",
    words="On squared loss every usual way of training acts on each eigenmode by itself, as a weighted mean of its "
    "target and of where it was. These weights have closed forms, and everything else that is said about distillation "
    "of linear and kernel models is calculated from them.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "at-rest": "Momentum starts without velocity.",
        "iterate": "The output of Nesterov's method is its iterate; the look-ahead point has an error of "
        "(1 + mu) e_k - mu e_(k-1).",
        "drawn-to-zero": "The penalty of ridge and the decay of weights draw to zero (else r = 1 - g).",
        "stable-steps": "Steps are within the range of convergence.",
        "short-steps": "Steps are within the range without overshoot, for monotone gains below 1.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
)
def closed_forms_of_procedures(case: OneMode) -> Margin:
    """All procedures of the table, literally, by their closed forms, and as the toolkit computes them."""
    return margins(case, ClosedForms())
