"""C2h: the more students stand in a row, the more the last one lags, at one and the same leading gain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims import _elasticities as closed
from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import AveragedFlow, GradientFlow, IteratedTikhonov, Procedure, Ridge
from kdtheory.procedures.elasticity import parameter_at_gain
from kdtheory.procedures.exaggeration import log_gain
from kdtheory.testing import Case, Margin, logarithmic, odds, tolerance, whole

Array = NDArray[np.float64]
MOST = 6
_STEP = 2e-4
"""Of central differences of order four, in the log of the eigenvalue: both errors stay below 1e-9 of the slope."""
_DEPTHS = tuple(f"depth_{k}" for k in range(1, MOST + 1))
Depth = Annotated[Any, logarithmic(1e-6, 10.0, simple=1.0)]


@dataclass(frozen=True)
class Stages(Case):
    """Up to six trainings in a row; the depth of one is the log of one over its gain on mode 1."""

    ratio: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    stages: Annotated[Any, whole(2, MOST, simple=2)]
    order: Annotated[Any, whole(1, 20, simple=1)]
    depth_1: Depth
    depth_2: Depth
    depth_3: Depth
    depth_4: Depth
    depth_5: Depth
    depth_6: Depth

    @property
    def depths(self) -> Array:
        """Of the stages that there are, shape (6,) or (cases, 6); 0 for the others, whose gain is 1."""
        every = np.stack([np.asarray(getattr(self, name)) for name in _DEPTHS], axis=-1)
        return np.where(np.arange(MOST) < np.asarray(self.stages)[..., None], every, 0.0)


def _flow(depth: Array, order: Any) -> Procedure:
    return GradientFlow(-np.log(-np.expm1(-depth)))


def _ridge(depth: Array, order: Any) -> Procedure:
    return Ridge(np.expm1(depth))


def _iterated(depth: Array, order: Any) -> Procedure:
    return IteratedTikhonov(1.0 / np.expm1(-np.log(-np.expm1(-depth)) / order), order)


FAMILIES: dict[str, Callable[..., Procedure]] = {"flow": _flow, "ridge": _ridge, "iterated": _iterated}
"""Members of three families by the depth of mode 1, in units of its eigenvalue."""


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    share: Callable[..., Any] = lambda depth, m: depth / m
    bound: Callable[..., Any] = lambda ratio, m: -(m - 1.0) * np.log(ratio)
    limit: Callable[..., Any] = lambda depth, ratio, p: depth * ratio**-p
    flow: Callable[..., Any] = closed.flow
    ridge: Callable[..., Any] = closed.ridge
    iterated: Callable[..., Any] = closed.iterated


def margins(case: Stages, formulas: Formulas) -> Margin:
    """Margins of every part, family by family, in logs of gains on mode 2."""
    depths, m, r = case.depths, np.asarray(case.stages), np.asarray(case.ratio)
    there, total = depths > 0, np.sum(depths, axis=-1)
    parts: dict[str, Array] = {}
    for name, family in FAMILIES.items():

        def lower(depth: Array, family: Any = family) -> Array:
            """Depth of mode 2 where mode 1 has that depth."""
            behind = (..., *(None,) * (np.ndim(depth) - np.ndim(r)))
            return -log_gain(family(depth, np.asarray(case.order)[behind]), r[behind] * np.ones(np.shape(depth)))

        alone = lower(total)
        lag = np.sum(np.where(there, lower(np.where(there, depths, 1.0)), 0.0), axis=-1) - alone
        equal, more = ((m + extra) * lower(formulas.share(total, m + extra)) for extra in (0, 1))
        p = {"flow": np.inf, "ridge": 1.0, "iterated": np.asarray(case.order)}[name]
        parts[f"{name}_lags"] = lag / alone
        parts[f"{name}_bound"] = formulas.bound(r, m) - lag
        parts[f"{name}_more"] = (more - equal) / alone
        if name != "flow":
            parts[f"{name}_limit"] = np.log(formulas.limit(total, r, p)) - np.log(more)
        parts[f"{name}_condition"] = _condition(case, name, formulas)
    parts["matched"] = 1.0 - np.abs(m * formulas.share(total, m) / total - 1.0) / tolerance()
    return Margin(**parts)


def _condition(case: Stages, name: str, formulas: Formulas) -> Array:
    """``E / log(1/u)`` at the depths of two stages: as differences say, and smaller at the larger depth."""
    x = np.stack([np.asarray(case.depth_1), np.asarray(case.depth_2)])
    order = np.broadcast_to(np.asarray(case.order), x.shape)
    nodes = np.exp(_STEP * np.array([-2.0, -1.0, 1.0, 2.0])).reshape(4, *(1,) * x.ndim)
    low = log_gain(FAMILIES[name](x, order), nodes * np.ones(x.shape))
    found = (8.0 * (low[2] - low[1]) - (low[3] - low[0])) / (12.0 * _STEP)
    u, left = np.exp(-x), -np.expm1(-x)
    said = {"iterated": (u, left, order)}.get(name, (u, left))
    e = getattr(formulas, name)(*said)
    agree = 1.0 - np.abs(e / found - 1.0) / 1e-8
    apart = np.log(x[1] / x[0])
    falls = -np.sign(apart) * (np.log(np.abs(e[1] / e[0])) - apart)
    return np.minimum(np.min(agree, axis=0), np.where(np.abs(apart) > 1e-3, falls, np.inf))


@dataclass(frozen=True)
class AnyStages:
    """Stages of any family on two eigenvalues 1 and ``ratio``; ``power`` is that of the eigenvalues in the kernel."""

    family: Callable[[Any], Procedure]
    depths: tuple[float, ...]
    ratio: float = 0.5
    power: float = 1.0

    def lag(self, depths: tuple[float, ...]) -> float:
        """Log of the reference's gain on mode 2 over the last student's."""
        every = np.array([*depths, sum(depths)])
        found = self.family(parameter_at_gain(self.family, np.exp(-every), residual=-np.expm1(-every)))
        low = -log_gain(found, np.full(every.shape, self.ratio**self.power))
        return float(np.sum(low[:-1]) - low[-1])


def _of_family(case: AnyStages) -> Margin:
    """The lag, its bound, and what equal stages add."""
    total, m = sum(case.depths), len(case.depths)
    lag = case.lag(case.depths)
    equal, more = (case.lag((total / count,) * count) for count in (m, m + 1))
    return Margin(lags=lag, bound=-(m - 1) * np.log(case.ratio) - lag, more=more - equal)


def _exactly(case: AnyStages) -> Margin:
    """The same with what is within rounding taken for the equality that it is."""
    parts = {k: np.where(np.abs(v) < 1e-13, 0.0, v) for k, v in _of_family(case).parts.items()}
    return Margin(**parts)


COUNTEREXAMPLES = (
    Counterexample(
        "averaged-flow",
        violates="increasing-share",
        words="Averages are flat towards the end: two long stages lead their reference.",
        case=AnyStages(AveragedFlow, (0.05, 0.05), ratio=0.9),
        restored=AnyStages(GradientFlow, (0.05, 0.05), ratio=0.9),
        margin=-0.00032231092065101996,
        check=_of_family,
    ),
    Counterexample(
        "squared-eigenvalues",
        violates="falling-elasticity",
        words="Ridge on a kernel with squared eigenvalues has elasticities up to 2: its lag goes beyond the bound.",
        case=AnyStages(Ridge, (4.0, 4.0), power=2.0),
        restored=AnyStages(Ridge, (4.0, 4.0)),
        margin=-0.6657349070643478,
        check=_of_family,
    ),
    Counterexample(
        "tied-eigenvalues",
        violates="distinct-eigenvalues",
        words="On one eigenvalue no number of stages lags.",
        case=AnyStages(GradientFlow, (0.7, 0.3), ratio=1.0),
        restored=AnyStages(GradientFlow, (0.7, 0.3), ratio=0.9),
        margin=0.0,
        check=_exactly,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("share-factor", "every stage has the depth of all", share=lambda depth, m: depth),
    mutate("share-exponent", "depths are divided by the square of the number", share=lambda depth, m: depth / m**2),
    mutate("bound-shift", "the bound has two stages fewer", bound=lambda r, m: -(m - 2.0) * np.log(r)),
    mutate("bound-sign", "the bound is the ratio's inverse", bound=lambda r, m: (m - 1.0) * np.log(r)),
    mutate("bound-factor", "half of the bound", bound=lambda r, m: -0.5 * (m - 1.0) * np.log(r)),
    mutate("limit-sign", "the limit has the ratio to the power p", limit=lambda x, r, p: x * r**p),
    mutate("limit-exponent", "the limit has p - 1/2", limit=lambda x, r, p: x * r ** (0.5 - p)),
    mutate("limit-factor", "half of the limit", limit=lambda x, r, p: 0.5 * x * r**-p),
    mutate("flow-factor", "E(u) of gradient flow is twice as large", flow=lambda u, w: 2 * closed.flow(u, w)),
    mutate("ridge-exponent", "E(u) of ridge is (1 - u)^2", ridge=lambda u, w: w**2),
    mutate("iterated-order", "E(u) is that of order m + 1", iterated=lambda u, w, m: closed.iterated(u, w, m + 1)),
    mutate.flipped("fewer", "more stages of ridge lag less", "ridge_more"),
)


@claim(
    id="many-stages-lag-more",
    title="The more students stand in a row, the more the last one lags",
    topic="eigenspace",
    source="derived here",
    statement=r"""Let the gain be a function of one scale times the eigenvalue, with the elasticity $E(u)$ at the gain
$u$, and $E(u) / \log(1/u)$ strictly increasing. Stages with the gains $u_1, \ldots, u_m$ on $\lambda_1$ have on
$\lambda_2 = r \lambda_1$, against one training with the gain $u = u_1 \cdots u_m$,
\[ \frac{g_r(u_1) \cdots g_r(u_m)}{g_r(u)} < 1, \]
and more than $r^{m - 1}$ if $E$ falls from at most 1. Of equal stages with the product $u$ the more lag the more: their
product on $\lambda_2$ falls with $m$. For ridge and iterated ridge of order $p$ it falls towards
$u^{r^{-p}}$, and never below; for gradient flow towards 0.""",
    words="Cutting one training into more and more stages that teach one another, at the same result on the leading "
    "mode, costs the lower modes more and more. Where the gain approaches 1 slowly, like a power of the eigenvalue, "
    "the cost has a limit: the stable filter, which one more stage does not change. Where it approaches 1 "
    "exponentially, lower modes are lost altogether.",
    assumptions={
        "increasing-share": "E(u) / log(1/u) increases strictly with the gain u.",
        "falling-elasticity": "E falls with the gain, from at most 1 (for the lower bound).",
        "distinct-eigenvalues": "The lower mode has a smaller eigenvalue.",
        "one-family": "All stages and the reference are of one family that depends on one scale times the eigenvalue.",
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "fresh-start": "Every stage starts from the zero function.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="extreme-value-limit-of-rounds",
)
def many_stages_lag_more(case: Stages) -> Margin:
    """Lag, bound, equal stages, limit and condition, for gradient flow, ridge and iterated ridge."""
    return margins(case, Formulas())
