"""C3a: repeated rounds sharpen the spectrum geometrically, exactly where gains rise with the eigenvalue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import (
    GradientDescent,
    GradientFlow,
    IteratedTikhonov,
    Procedure,
    Ridge,
    SpectralCutOff,
)
from kdtheory.procedures.exaggeration import log_gain
from kdtheory.testing import Margin, TwoModes, tolerance, whole

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SharpenedModes(TwoModes):
    """Two modes, and how many rounds train on one another's outputs; the teacher's progress sets each round."""

    rounds: Annotated[Any, whole(1, 30, simple=2)]
    order: Annotated[Any, whole(1, 100, simple=1)]

    def runs(self) -> dict[str, Procedure]:
        """One round of each family, with the largest eigenvalue as the unit."""
        progress, order = self.teacher_progress, self.order
        return {
            "flow": GradientFlow(progress),
            "ridge": Ridge(1.0 / progress),
            "iterated": IteratedTikhonov(1.0 / progress, order),
            "descent": GradientDescent(order, progress / 30.001),
        }


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    sharpness: Callable[..., Any] = lambda one, two, rounds: rounds * (one - two)
    needed: Callable[..., Any] = lambda one, two, share: np.log(share) / (one - two)


def literally(gains: Array, rounds: Any) -> Array:
    """Log of the leading over the other coefficient, relative to the labels', round by round, shape (cases,).

    Only the ratio is kept from round to round, so that it never underflows.
    """
    left = np.broadcast_to(np.asarray(rounds, dtype=float), gains.shape[:-1])
    ratio, sharp = np.ones(left.shape), np.zeros(left.shape)
    for j in range(int(np.max(left))):
        taught = np.stack([np.ones_like(ratio), ratio], axis=-1) * gains
        ratio = np.where(j < left, taught[..., 1] / taught[..., 0], ratio)
        sharp = np.where(j < left, -np.log(ratio), sharp)
    return sharp


def margins(case: SharpenedModes, formulas: Formulas) -> Margin:
    """Margins of every family: growth of the ratio, its formula, and the rounds to a thousandth."""
    ratio, parts = np.asarray(case.ratio), {}
    for name, run in case.runs().items():
        one, two = log_gain(run, np.ones_like(ratio)), log_gain(run, ratio)
        gains = np.stack([run.gain(np.ones_like(ratio)), run.gain(ratio)], axis=-1)
        found, said = literally(gains, case.rounds), formulas.sharpness(one, two, case.rounds)
        needed = formulas.needed(one, two, 1e3)
        parts[f"{name}_rises"] = said
        parts[name] = 1.0 - np.abs(found - said) / tolerance(condition=case.rounds * (1.0 - two))
        reached = found * needed / np.asarray(case.rounds) - np.log(1e3)
        parts[f"{name}_needed"] = 1.0 - np.abs(reached) / tolerance(condition=needed * (1.0 - two))
    return Margin(**parts)


@dataclass(frozen=True)
class OneFamily:
    """Two eigenvalues, a procedure, and how many rounds; ``continued`` rounds go on from the previous weights.

    ``mixing`` is the weight of the previous outputs.
    """

    eigenvalues: tuple[float, float]
    run: Procedure
    rounds: int = 8
    continued: bool = False
    mixing: float = 1.0

    @property
    def sharpness(self) -> Array:
        """Log ratio of the leading over the other mode's coefficient, after each round."""
        lam = np.array(self.eigenvalues)
        gain, retain, state, path = self.run.gain(lam), self.run.retain(lam), np.ones(2), []
        for j in range(self.rounds):
            target = self.mixing * state + (1.0 - self.mixing)
            state = gain * target + (retain * state if self.continued and j else 0.0)
            path.append(np.log(state[0] / state[1]))
        return np.array(path)


def _grows(case: OneFamily) -> Margin:
    """By how much the first and the last round sharpen, and that they do so alike."""
    path = case.sharpness
    last = path[-1] - path[-2]
    return Margin(rising=path[0], last=last, alike=1e-6 - np.abs(last - path[0]))


_FLOW = OneFamily((1.0, 0.5), GradientFlow(1.0))

COUNTEREXAMPLES = (
    Counterexample(
        "tied-eigenvalues",
        violates="rising-gains",
        words="Modes of one eigenvalue keep their ratio for ever.",
        case=OneFamily((1.0, 1.0), GradientFlow(1.0)),
        restored=_FLOW,
        margin=0.0,
        check=_grows,
    ),
    Counterexample(
        "cut-off",
        violates="rising-gains",
        words="A cut-off that keeps both modes keeps their ratio.",
        case=OneFamily((1.0, 0.5), SpectralCutOff(0.1)),
        restored=_FLOW,
        margin=0.0,
        check=_grows,
    ),
    Counterexample(
        "overshooting-steps",
        violates="rising-gains",
        words="Two steps of 1.5 and 1.2 over the eigenvalue gain .75 and .96: the smaller mode takes over.",
        case=OneFamily((1.5, 1.2), GradientDescent(2, 1.0)),
        restored=OneFamily((1.5, 1.2), GradientDescent(2, 0.5)),
        margin=-0.24686007793152578,
        check=_grows,
    ),
    Counterexample(
        "labels-mixed-in",
        violates="pure-distillation",
        words="With the labels mixed in the rounds have a limit: the last of them adds almost nothing.",
        case=OneFamily((1.0, 0.5), GradientFlow(1.0), mixing=0.5),
        restored=_FLOW,
        margin=-0.4742984845048948,
        check=_grows,
    ),
    Counterexample(
        "continued-student",
        violates="fresh-start",
        words="A student that goes on from its teacher's weights, with its outputs as targets, does not move.",
        case=OneFamily((1.0, 0.5), GradientFlow(1.0), continued=True),
        restored=_FLOW,
        margin=-0.4740759841801067,
        check=_grows,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("sharpness-sign", "gains multiply instead of dividing", sharpness=lambda a, b, m: m * (a + b)),
    mutate("sharpness-once", "the rounds do not multiply up", sharpness=lambda a, b, m: a - b),
    mutate("sharpness-exponent", "the number of rounds enters squared", sharpness=lambda a, b, m: m**2 * (a - b)),
    mutate("sharpness-shift", "one round more", sharpness=lambda a, b, m: (m + 1) * (a - b)),
    mutate("sharpness-flipped", "the smaller mode takes over", sharpness=lambda a, b, m: m * (b - a)),
    mutate("needed-inverse", "the rounds for a share, inverted", needed=lambda a, b, s: (a - b) / np.log(s)),
    mutate("needed-sign", "the rounds for a share, added", needed=lambda a, b, s: np.log(s) / (a + b)),
    mutate("needed-factor", "half of the rounds for a share", needed=lambda a, b, s: 0.5 * np.log(s) / (a - b)),
)


@claim(
    id="rounds-sharpen-geometrically",
    title="Every round of self-distillation sharpens the spectrum by the same factor",
    topic="rounds and mixing",
    source="mobahi2020, for ridge with a tolerance; the statement for any procedure is derived here",
    statement=r"""Let every round run one procedure, from zero, on the outputs of the round before. After $m$ rounds the
coefficients of two modes, relative to those of the labels, have the ratio
\[ \Bigl(\frac{g(\lambda_1)}{g(\lambda_2)}\Bigr)^m, \]
which grows geometrically exactly if $g(\lambda_1) > g(\lambda_2) > 0$: for all modes if the gain rises strictly with
the eigenvalue. It is a thousandfold after $\log(1000) / \log\bigl(g(\lambda_1) / g(\lambda_2)\bigr)$ rounds. On ties,
and between modes that a cut-off keeps, it is constant.""",
    words="Rounds of self-distillation without labels multiply gains, so they multiply up what one training prefers: "
    "the leading modes win over the others by a constant factor per round, and in the end one eigenspace is left. What "
    "is regularized away is the spectrum's tail, at a speed that the gains' ratio sets, and not their size.",
    assumptions={
        "rising-gains": "The gain is positive and rises strictly with the eigenvalue.",
        "pure-distillation": "A round sees the outputs of the previous one only.",
        "fresh-start": "Every round starts from the zero function again.",
        "one-procedure": "All rounds run the same procedure with the same parameters.",
        "same-modes": "All rounds have the same inputs and kernel.",
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="number-of-rounds",
)
def rounds_sharpen_geometrically(case: SharpenedModes) -> Margin:
    """Literal rounds of four families against the formula."""
    return margins(case, Formulas())
