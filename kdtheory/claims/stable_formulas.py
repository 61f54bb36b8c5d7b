"""C0b and C0c: the stable forms keep thirteen digits over thirty decades, the textbook forms do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims import _closed_forms as naive
from kdtheory.claims._claim import Counterexample
from kdtheory.claims._many_digits import distance, exactly
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import (
    AveragedDescent,
    AveragedFlow,
    GradientDescent,
    GradientFlow,
    HeavyBall,
    HeavyBallFlow,
    InfiniteRounds,
    IteratedTikhonov,
    Nesterov,
    NesterovFlow,
    Procedure,
    Ridge,
    WeightDecayDescent,
    WeightDecayFlow,
)
from kdtheory.procedures.matching import matched_progress
from kdtheory.testing import Case, Margin, linear, odds

Array = NDArray[np.float64]
BOUND = 1e-13
_NUDGE = 2.0**-40
_UNDERFLOW = 1e-290
Pair = tuple[Any, Any]


def _both(run: Procedure, lam: Any) -> Pair:
    """Gain and residual of a procedure."""
    return run.gain(lam), run.residual(lam)


@dataclass(frozen=True)
class Formulas:
    """Gain and residual by their inputs, as the toolkit computes them; mutants replace them by textbook forms."""

    flow: Callable[..., Pair] = lambda lam, t: _both(GradientFlow(t), lam)
    descent: Callable[..., Pair] = lambda lam, step, k: _both(GradientDescent(k, step), lam)
    ridge: Callable[..., Pair] = lambda lam, c: _both(Ridge(c), lam)
    iterated: Callable[..., Pair] = lambda lam, c, k: _both(IteratedTikhonov(c, k), lam)
    decay_flow: Callable[..., Pair] = lambda lam, t, w: _both(WeightDecayFlow(t, w), lam)
    decay_descent: Callable[..., Pair] = lambda lam, step, w, k: _both(WeightDecayDescent(k, w, step), lam)
    averaged_flow: Callable[..., Pair] = lambda lam, t: _both(AveragedFlow(t), lam)
    averaged_descent: Callable[..., Pair] = lambda lam, step, k: _both(AveragedDescent(k, step), lam)
    heavy_ball: Callable[..., Pair] = lambda lam, step, mu, k: _both(HeavyBall(k, mu, step), lam)
    nesterov: Callable[..., Pair] = lambda lam, step, mu, k: _both(Nesterov(k, mu, step), lam)
    heavy_ball_flow: Callable[..., Pair] = lambda lam, t, g: _both(HeavyBallFlow(t, g), lam)
    nesterov_flow: Callable[..., Pair] = lambda lam, t: _both(NesterovFlow(t), lam)
    matched: Callable[..., Pair] = lambda a, b: (matched_progress(a, b), np.exp(-b))
    mixed: Callable[..., Pair] = lambda lam, c, mixing: _both(InfiniteRounds(Ridge(c), mixing), lam)


STABLE = Formulas()
NAMES = tuple(vars(STABLE))


@dataclass(frozen=True)
class OneFormula(Case):
    """One formula of `Formulas` and its inputs, over all decades.

    Attributes
    ----------
    formula : its number, rounded down
    log10_eigenvalue, log10_time : decades
    share : of the largest stable step, or the odds of another rate
    momentum : also the label weight
    log10_steps : number of steps
    """

    formula: Annotated[Any, linear(0.0, len(NAMES) - 0.001, simple=0.0)]
    log10_eigenvalue: Annotated[Any, linear(-8.0, 8.0, simple=0.0)]
    log10_time: Annotated[Any, linear(-6.0, 6.0, simple=0.0)]
    share: Annotated[Any, odds(1e-9, 1 - 1e-9, simple=0.5)]
    momentum: Annotated[Any, odds(1e-6, 1 - 1e-6, simple=0.5)]
    log10_steps: Annotated[Any, linear(0.0, 6.0, simple=1.0)]

    @cached_property
    def evaluated(self) -> list[tuple[str, Any, list[Array], list[Pair], Array]]:
        """Of each formula: which cases, its inputs, the exact values, and their sensitivity to rounded inputs."""
        number, found = np.atleast_1d(np.floor(self.formula)).astype(int), []
        for index in np.unique(number):
            name, chosen = NAMES[index], np.flatnonzero(number == index)
            inputs = [np.atleast_1d(value)[chosen] for value in _inputs(name, self)]
            exact = [exactly(name, *(float(value[i]) for value in inputs)) for i in range(len(chosen))]
            found.append((name, chosen, inputs, exact, _sensitivity(name, inputs)))
        return found

    def describe(self) -> str:
        """With the name of the formula."""
        return f"{NAMES[int(self.formula)]}: {super().describe()}"


def _inputs(name: str, case: OneFormula) -> tuple[Any, ...]:
    """Inputs of a formula, in its order; where there are steps the eigenvalue is the unit, and the step has decades."""
    lam, t = np.power(10.0, case.log10_eigenvalue), np.power(10.0, case.log10_time)
    p, mu, k = np.asarray(case.share), np.asarray(case.momentum), np.rint(np.power(10.0, case.log10_steps))
    rate, step, one = p / (1.0 - p), 2.0 * p, np.ones_like(p)
    return {
        "descent": (one, step, k),
        "ridge": (lam, 1.0 / t),
        "iterated": (lam, 1.0 / t, k),
        "decay_flow": (lam, t, lam * rate),
        "decay_descent": (one, step / (1.0 + t), t, k),
        "averaged_descent": (one, step, k),
        "heavy_ball": (one, step * (1.0 + mu), mu, k),
        "nesterov": (one, step * (1.0 + mu) / (1.0 + 2.0 * mu), mu, k),
        "heavy_ball_flow": (lam, t, 2.0 * np.sqrt(lam) * rate),
        "matched": (lam * t, lam * t * rate),
        "mixed": (lam, 1.0 / t, 1.0 - mu),
    }.get(name, (lam, t))


def _sensitivity(name: str, inputs: list[Array]) -> Array:
    """The larger of each value and its change under small relative changes of the inputs, over the size of these."""
    formula, whole = getattr(STABLE, name), {"descent", "iterated", "decay_descent", "averaged_descent"}
    varied = range(len(inputs) - (name in whole or name in ("heavy_ball", "nesterov")))
    here, moved = np.abs(formula(*inputs)), np.zeros((2, len(inputs[0])))
    for place in varied:
        up, down = (
            np.array(formula(*(x * (1.0 + side * _NUDGE) if i == place else x for i, x in enumerate(inputs))))
            for side in (1, -1)
        )
        moved += np.abs(up - down) / (2.0 * _NUDGE)
    return np.maximum(np.maximum(here, moved), _UNDERFLOW)


def margins(case: OneFormula, formulas: Formulas) -> Margin:
    """Share of the allowed error that was not needed, of gain and residual."""
    parts = np.full((2, np.size(case.formula)), np.inf)
    for name, chosen, inputs, exact, scale in case.evaluated:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(np.array(getattr(formulas, name)(*inputs)), scale.shape)
        error = [[distance(float(v), pair[row]) for v, pair in zip(values[row], exact, strict=True)] for row in (0, 1)]
        parts[:, chosen] = 1.0 - np.array(error) / (BOUND * scale)
    gain, residual = parts.reshape(2, *np.shape(case.formula))
    return Margin(gain=gain, residual=residual)


def _textbook(form: Callable[..., Any]) -> Callable[..., Pair]:
    """Gain by the textbook formula, and one less it."""

    def both(*inputs: Any) -> Pair:
        gain = form(*inputs)
        return gain, 1.0 - gain

    return both


NAIVE = Formulas(
    flow=_textbook(lambda lam, t: naive.flow(lam * t)),
    descent=_textbook(lambda lam, step, k: naive.descent(lam * step, k)),
    ridge=_textbook(naive.ridge),
    iterated=_textbook(naive.iterated),
    decay_flow=_textbook(lambda lam, t, w: naive.decay_flow(lam, w, t)),
    decay_descent=_textbook(lambda lam, step, w, k: naive.decay_descent(lam * step, w * step, k)),
    averaged_flow=_textbook(lambda lam, t: naive.averaged_flow(lam * t)),
    averaged_descent=_textbook(lambda lam, step, k: naive.averaged_descent(lam * step, k)),
    heavy_ball=_textbook(lambda lam, step, mu, k: naive.heavy_ball(lam * step, mu, k)),
    nesterov=_textbook(lambda lam, step, mu, k: naive.nesterov(lam * step, mu, k)),
    heavy_ball_flow=_textbook(lambda lam, t, g: naive.heavy_ball_flow(lam, g, t)),
    nesterov_flow=_textbook(lambda lam, t: naive.nesterov_flow(np.sqrt(lam) * t)),
    matched=lambda a, b: (-np.log(1.0 - (1.0 - np.exp(-a)) * (1.0 - np.exp(-b))), np.exp(-b)),
    mixed=_textbook(lambda lam, c, m: (1.0 - m) * (lam / (lam + c)) / (1.0 - m * (lam / (lam + c)))),
)
"""The formulas as they stand in textbooks."""


@dataclass(frozen=True)
class Computed:
    """One formula at one place, and how it is computed and judged."""

    case: OneFormula
    form: str = "stable"
    precision: str = "float64"
    allowance: str = "value or sensitivity"


def _computed(item: Computed) -> Margin:
    """The margin with the textbook form, in single precision, or with errors relative to the value alone."""
    formulas = NAIVE if item.form == "textbook" else STABLE
    ((name, _, inputs, exact, scale),) = item.case.evaluated
    given = [x.astype(np.float32) for x in inputs] if item.precision == "float32" else inputs
    values = getattr(formulas, name)(*given)
    if item.allowance == "value":
        scale = np.abs(np.array([[float(pair[row])] for row in (0, 1) for pair in exact]))
    error = np.array([[distance(float(np.ravel(values[row])[0]), exact[0][row])] for row in (0, 1)])
    return Margin(np.min(1.0 - error / (BOUND * scale)))


def _at(name: str, **fields: float) -> OneFormula:
    """A case of that formula."""
    usual = {"log10_eigenvalue": 0.0, "log10_time": 0.0, "share": 0.5, "momentum": 0.5, "log10_steps": 1.0}
    return OneFormula(formula=NAMES.index(name) + 0.5, **{**usual, **fields})


_SHORT, _LONG = _at("averaged_flow", log10_time=-6.0), _at("nesterov_flow", log10_eigenvalue=0.3, log10_time=6.0)

COUNTEREXAMPLES = (
    Counterexample(
        "textbook-average",
        violates="stable-forms",
        words="The textbook form of averaged flow, 1 - (1 - exp(-z)) / z, has five digits left at z = 1e-6.",
        case=Computed(_SHORT, form="textbook"),
        restored=Computed(_SHORT),
        margin=-158611724.04524308,
        check=_computed,
    ),
    Counterexample(
        "single-precision",
        violates="double-precision",
        words="With inputs in single precision seven digits are the most.",
        case=Computed(_at("flow", log10_time=-1.0), precision="float32"),
        restored=Computed(_at("flow", log10_time=-1.0)),
        margin=-74497.80179666034,
        check=_computed,
    ),
    Counterexample(
        "error-of-the-value",
        violates="conditioned-error",
        words="After a million time units the oscillation of Nesterov flow lives on the rounding of its argument: "
        "relative to the value alone no formula is accurate.",
        case=Computed(_LONG, allowance="value"),
        restored=Computed(_LONG),
        margin=-724.5673928602441,
        check=_computed,
    ),
)

mutate = Mutate(margins, STABLE)
MUTANTS = tuple(
    mutate(f"textbook-{name.replace('_', '-')}", "the textbook form", **{name: getattr(NAIVE, name)}) for name in NAMES
)


@claim(
    id="stable-formulas",
    title="The toolkit's formulas keep thirteen digits over thirty decades",
    topic="procedures",
    source="derived here",
    statement=r"""Let $\lambda$ be between $10^{-8}$ and $10^8$, times and one over penalties between $10^{-6}$ and
$10^6$, steps times $\lambda$ from $2 \cdot 10^{-9}$ up to their limit, and numbers of steps up to $10^6$. Gain and
residual of every procedure, as the toolkit computes them in double precision, satisfy
\[ |\text{computed} - \text{exact}| \le 10^{-13} \max\Bigl(|\text{exact}|,\;
   \sum_i \Bigl|x_i \frac{\partial\, \text{exact}}{\partial x_i}\Bigr|\Bigr) \]
with the sum over the real inputs $x_i$: thirteen digits, or as many as the rounding of the inputs leaves. So do the
matched progress $-\log(1 - uv)$ and the limit of rounds with labels mixed in. The textbook forms lose up to all
digits.""",
    words="Gains of badly conditioned kernels span dozens of decades, and what distillation changes is often the "
    "difference of two numbers near 1. The formulas of textbooks subtract such numbers. The toolkit's are arranged so "
    "that nothing is subtracted that is not known to full precision: through expm1 and log1p, slow rates as products "
    "over fast ones, and power series where two rates meet.",
    assumptions={
        "stable-forms": "The formulas are the rearranged ones, not those of the table of closed forms.",
        "double-precision": "Inputs are double-precision numbers, and arithmetic is IEEE's.",
        "conditioned-error": "Errors are measured against the value or its sensitivity to the inputs, whichever is "
        "larger.",
        "range": "Inputs are within the decades given, and values above 1e-290.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="closed-forms-of-procedures",
)
def stable_formulas(case: OneFormula) -> Margin:
    """Gains and residuals against 80 digits, one formula per case."""
    return margins(case, STABLE)
