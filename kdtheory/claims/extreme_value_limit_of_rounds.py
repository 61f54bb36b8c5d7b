"""C2, the extreme-value theorem of self-distillation: what many rounds look like is decided by the gain's tail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._filters import Shrunk
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import (
    AveragedFlow,
    GradientFlow,
    HeavyBallFlow,
    InfiniteRounds,
    IteratedTikhonov,
    Procedure,
    Ridge,
    gain_of_rounds,
    limiting_gain,
)
from kdtheory.procedures.exaggeration import log_gain
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance, whole

Array = NDArray[np.float64]
_DOUBLINGS = 10
_LITERAL = 2.0**_DOUBLINGS


@dataclass(frozen=True)
class ManyRounds(Case):
    """Many rounds, and a mode that they have begun to lose.

    Attributes
    ----------
    log10_rounds : between 2 and 12
    depth : minus the log of the limiting gain
    order : iterations of iterated ridge
    log10_scale : of the penalty, and of one over the time
    share : place of a mode relative to the cut-off, below or above 1
    """

    log10_rounds: Annotated[Any, linear(2.0, 12.0, simple=4.0)]
    depth: Annotated[Any, logarithmic(1e-3, 10.0, simple=1.0)]
    order: Annotated[Any, whole(1, 6, simple=1)]
    log10_scale: Annotated[Any, linear(-6.0, 6.0, simple=0.0)]
    share: Annotated[Any, linear(0.05, 0.95, simple=0.5)]

    @property
    def rounds(self) -> Any:
        """Their number."""
        return np.power(10.0, self.log10_rounds)

    @property
    def scale(self) -> Any:
        """Penalty, or one over the time."""
        return np.power(10.0, self.log10_scale)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    frechet: Callable[..., Any] = lambda m, scale, lam, p: m * (scale / lam) ** p
    gumbel: Callable[..., Any] = lambda m, scale, lam: m * np.exp(-lam / scale)
    least: Callable[..., Any] = lambda m, tail: m * tail
    most: Callable[..., Any] = lambda m, tail: m * tail / (1.0 - tail)
    cut_off: Callable[..., Any] = lambda m, scale: scale * np.log(m)


def margins(case: ManyRounds, formulas: Formulas) -> Margin:
    """Depths of the rounds, minus the logs of their gains, against bounds and limits, in logs."""
    m, y, scale, p = case.rounds, np.asarray(case.depth), case.scale, np.asarray(case.order)
    small = y / m
    parts: dict[str, Array] = {}
    for name, run, lam, power, slack in (
        ("ridge", Ridge(scale), scale / small, 1.0, small),
        ("averaged", AveragedFlow(1.0 / scale), scale / small, 1.0, small + np.exp(-1.0 / small)),
        ("iterated", IteratedTikhonov(scale, p), scale * small ** (-1.0 / p), p, p * small ** (1.0 / p) + small),
        ("flow", GradientFlow(1.0 / scale), -scale * np.log(small), None, small),
    ):
        depth, tail = -m * log_gain(run, lam), run.residual(lam)
        rounding = tolerance(condition=1.0 + np.log(m))
        parts[f"{name}_least"] = np.log(depth / formulas.least(m, tail)) + tolerance()
        parts[f"{name}_most"] = np.log(formulas.most(m, tail) / depth) + tolerance()
        limit = formulas.gumbel(m, scale, lam) if power is None else formulas.frechet(m, scale, lam, power)
        parts[f"{name}_limit"] = 1.0 - np.abs(np.log(depth / limit)) / (1.02 * slack + rounding)
        library = -np.log(limiting_gain(run, m, lam))
        parts[f"{name}_toolkit"] = 1.0 - np.abs(library - y) / (y * rounding + tolerance())
        literal = run.gain(lam)
        for _ in range(_DOUBLINGS):
            literal = literal * literal
        parts[f"{name}_rounds"] = 1.0 - np.abs(gain_of_rounds(run, _LITERAL, lam) - literal) / tolerance(_LITERAL**2)
    return Margin(**parts, **_cut(case, formulas))


def _cut(case: ManyRounds, formulas: Formulas) -> dict[str, Array]:
    """Modes below and above the cut-off of gradient flow: their depths are powers of the number of rounds."""
    m, share, run = case.rounds, np.asarray(case.share), GradientFlow(1.0 / case.scale)
    place = formulas.cut_off(m, case.scale)
    below, above = (-m * log_gain(run, side * place) for side in (share, 1.0 + share))
    room = 1.02 * m**-share + tolerance(condition=64.0 * np.log(m))
    return {
        "below": 1.0 - np.abs(np.log(below) - (1.0 - share) * np.log(m)) / room,
        "above": 1.0 - np.abs(np.log(above) + share * np.log(m)) / (1.02 * m ** -(1.0 + share) + room),
    }


def _simulation() -> Margin:
    """The largest of 12 random numbers whose distribution is a gain, drawn 40,000 times; the rounds by
    `kdtheory.solve`.

    Of gradient flow the numbers are exponential, of ridge the ratio of two such.
    """
    import kdtheory as kd

    generator, lam, rounds, draws = np.random.default_rng(0), np.array([8.0, 4.0, 2.0, 1.0]), 12, 40_000
    numbers = generator.exponential(size=(2, draws, rounds))
    parts = {}
    for name, run, largest in (
        ("flow", GradientFlow(1.0), numbers[0].max(axis=1)),
        ("ridge", Ridge(0.2), 0.2 * (numbers[0] / numbers[1]).max(axis=1)),
    ):
        task, model = kd.tasks.from_spectrum(lam, coefficients=np.ones(4), seed=0), kd.LinearModel()
        solved = kd.solve(kd.self_distillation(run, run, rounds=rounds - 1), model, task)
        gain = solved[f"student_{rounds - 1}"].gains
        found = np.mean(largest[:, None] <= lam, axis=0)
        parts[name] = np.min(1.0 - np.abs(found - gain) / (4.0 * np.sqrt(gain * (1.0 - gain) / draws)))
    return Margin(**parts)


@dataclass(frozen=True)
class Approach:
    """Rounds of one procedure, a mode, and the strength of the Fréchet filter that they are compared with."""

    run: Procedure
    eigenvalue: float
    strength: float
    rounds: tuple[float, float] = (1e3, 1e6)


def _approaches(case: Approach) -> Margin:
    """By how much closer in log-depth the larger number of rounds is to its limit, modes moving out with the number."""
    distance = []
    for m in case.rounds:
        lam = np.array([case.eigenvalue * m])
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = -m * np.log(np.abs(case.run.gain(lam)))
        distance.append(float(np.abs(np.log(np.maximum(depth, 1e-300)) - np.log(case.strength / case.eigenvalue))[0]))
    return Margin(closer=distance[0] - distance[1], close=0.1 - distance[1])


_RIDGE = Approach(Ridge(1.0), 0.7, 1.0)

COUNTEREXAMPLES = (
    Counterexample(
        "shrunk-outputs",
        violates="rises-to-one",
        words="Outputs shrunk to 0.9 in every round: no gain comes close to 1, and all modes are lost geometrically.",
        case=Approach(Shrunk(Ridge(1.0), 0.9), 0.7, 1.0),
        restored=_RIDGE,
        margin=-11.108481845499465,
        check=_approaches,
    ),
    Counterexample(
        "labels-mixed-in",
        violates="pure-distillation",
        words="With labels mixed in, the rounds have a limit of their own, ridge with a larger penalty: no Frechet "
        "filter of the number of rounds.",
        case=Approach(InfiniteRounds(Ridge(1.0), 0.9), 0.7, 1.0),
        restored=_RIDGE,
        margin=-2.2025779501789637,
        check=_approaches,
    ),
    Counterexample(
        "overshooting-momentum",
        violates="rises-to-one",
        words="Without friction gains go on to oscillate between 0 and 2, and their powers have no limit.",
        case=Approach(HeavyBallFlow(1.0, 0.0), 0.7, 1.0),
        restored=_RIDGE,
        margin=-13.1152668740095,
        check=_approaches,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("frechet-exponent", "the exponent is p + 1", frechet=lambda m, c, lam, p: m * (c / lam) ** (p + 1.0)),
    mutate("frechet-inverse", "the exponent is 1 / p", frechet=lambda m, c, lam, p: m * (c / lam) ** (1.0 / p)),
    mutate("frechet-factor", "half of the rounds", frechet=lambda m, c, lam, p: 0.5 * m * (c / lam) ** p),
    mutate("frechet-sign", "growing with the eigenvalue", frechet=lambda m, c, lam, p: m * (lam / c) ** p),
    mutate("gumbel-sign", "a gain that grows exponentially", gumbel=lambda m, c, lam: m * np.exp(lam / c)),
    mutate("gumbel-factor", "half of the time", gumbel=lambda m, c, lam: m * np.exp(-0.5 * lam / c)),
    mutate("gumbel-exponent", "the square root of the rounds", gumbel=lambda m, c, lam: np.sqrt(m) * np.exp(-lam / c)),
    mutate("least-factor", "twice the lower bound", least=lambda m, tail: 2.0 * m * tail),
    mutate("least-exponent", "the root of the tail", least=lambda m, tail: m * np.sqrt(tail)),
    mutate("most-sign", "the upper bound with 1 + T", most=lambda m, tail: m * tail / (1.0 + tail)),
    mutate("most-factor", "half of the upper bound", most=lambda m, tail: 0.5 * m * tail / (1.0 - tail)),
    mutate("cut-off-factor", "the cut-off at twice the log", cut_off=lambda m, c: 2.0 * c * np.log(m)),
    mutate("cut-off-exponent", "the cut-off at the root of the rounds", cut_off=lambda m, c: c * np.sqrt(m)),
    mutate("cut-off-sign", "the cut-off falls with the rounds", cut_off=lambda m, c: c / np.log(m)),
)


@claim(
    id="extreme-value-limit-of-rounds",
    title="Many rounds of self-distillation are a law of extreme values: a power filter, or a cut-off",
    topic="rounds and mixing",
    source="gnedenko1943, for the limit laws; what they say about rounds is derived here",
    statement=r"""A gain $F$ that rises from 0 to 1 with the eigenvalue is a distribution function, and $m$ rounds have
the gain $F^m$: that of the largest of $m$ independent numbers. With the tail $T = 1 - F$,
\[ m T \le -\log F^m \le \frac{m T}{1 - T}. \]
Tails $T \sim (c / \lambda)^p$ (ridge and averaged gradient flow $p = 1$, with $c$ the penalty or $1/t$; iterated ridge
of order $p$) have, rescaled, the Fréchet limit
\[ F^m(\lambda\, m^{1/p}) \to \exp\bigl(-(c / \lambda)^p\bigr), \]
which distils into itself. The exponential tail of gradient flow has, with $\lambda_m = \log(m) / t$, the Gumbel shape
\[ F^m(\lambda_m + \zeta / t) \to \exp(-e^{-\zeta}), \]
and becomes a hard cut-off on its own scale: $F^m(a \lambda_m)$ tends to 0 for $a < 1$ and to 1 for $a > 1$, like
$\exp(-m^{1 - a})$.""",
    words="Multiplying gains is what happens to distribution functions when the largest of several random numbers is "
    "taken, so there are few shapes that many rounds can end in, and the way in which one training approaches its "
    "target decides. Ridge and averages, which approach it slowly, end in a smooth filter that further distillation "
    "only rescales; gradient flow, which approaches it fast, ends in a cut-off, but a slow one: its place moves like "
    "the logarithm of the number of rounds.",
    assumptions={
        "rises-to-one": "The gain rises from 0 to 1 with the eigenvalue, with a tail of the kind stated.",
        "pure-distillation": "A round sees the outputs of the previous one only.",
        "one-procedure": "All rounds run the same procedure with the same parameters.",
        "fresh-start": "Every round starts from the zero function again.",
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def extreme_value_limit_of_rounds(case: ManyRounds) -> Margin:
    """Bounds, limits and the cut-off, for four families."""
    return margins(case, Formulas())
