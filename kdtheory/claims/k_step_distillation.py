"""C8g: what gains several rounds of self-distillation can reach, and with which weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import swept
from kdtheory.distillation import self_distillation, solve
from kdtheory.models import LinearModel
from kdtheory.procedures import Ridge
from kdtheory.risk import oracle_fixed_design, oracle_mixings
from kdtheory.tasks import from_spectrum
from kdtheory.testing import Case, Margin, linear, logarithmic, odds, tolerance

Array = NDArray[np.float64]
Weight = Annotated[Any, linear(-2.0, 3.0, simple=0.5)]
Apart = Annotated[Any, odds(0.05, 0.95, simple=0.5)]
Size = Annotated[Any, logarithmic(0.01, 100.0, simple=1.0)]
ROUNDS = 3


@dataclass(frozen=True)
class ThreeModes(Case):
    """Three modes of ridge with noise 1, and three rounds.

    Attributes
    ----------
    progress : between 0.01 and 100
        Largest eigenvalue over the penalty.
    ratio_2, ratio_3 : between 0.05 and 0.95
        Eigenvalue over the previous one.
    coefficient_1, coefficient_2, coefficient_3 : between 0.01 and 100
        Of the clean targets, over the deviation of the noise.
    first, second, third : between -2 and 3
        Weights of the previous fit, round by round.
    """

    progress: Size
    ratio_2: Apart
    ratio_3: Apart
    coefficient_1: Size
    coefficient_2: Size
    coefficient_3: Size
    first: Weight
    second: Weight
    third: Weight

    @property
    def eigenvalues(self) -> Array:
        """Over the penalty, shape (3,) or (cases, 3)."""
        falling = [np.ones_like(self.progress), np.asarray(self.ratio_2), np.asarray(self.ratio_2 * self.ratio_3)]
        return np.stack(falling, axis=-1) * self.per_mode(self.progress)

    @property
    def powers(self) -> Array:
        """Squared coefficients, shape (3,) or (cases, 3)."""
        return np.stack([np.square(getattr(self, f"coefficient_{k}")) for k in (1, 2, 3)], axis=-1)

    @property
    def weights(self) -> Array:
        """Shape (3,) or (cases, 3)."""
        return np.stack([np.asarray(one) for one in (self.first, self.second, self.third)], axis=-1)


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement: g is a gain, e one minus it, c2 a squared signal."""

    products: Callable[..., Array] = lambda weights: np.cumprod(weights[..., ::-1], axis=-1)
    reached: Callable[..., Array] = lambda g, e, series: g - g * e * series
    peeled: Callable[..., Array] = lambda constant: 1 - constant
    rest: Callable[..., Array] = lambda q, weight: q[..., 1:] / weight[..., None]
    interpolated: Callable[..., Array] = lambda g, e, best, rest: np.where(best > 0.5, (rest - e), (g - best)) / (g * e)
    pooled: Callable[..., Array] = lambda c2: np.sum(c2, axis=-1) / (np.sum(c2, axis=-1) + c2.shape[-1])


def margins(case: ThreeModes, formulas: Formulas) -> Margin:
    """Rounds that are solved, with drawn weights and with those of the formulas."""
    lam, drawn = case.eigenvalues, case.weights
    g, e = lam / (lam + 1), 1 / (lam + 1)
    powers = np.arange(ROUNDS)
    size = np.sum(np.abs(_products(drawn))[..., None, :] * g[..., None] ** powers, axis=-1)

    def same(found: Array, said: Array, scale: Array) -> Array:
        return np.min(1 - np.abs(found - said) / (tolerance(ROUNDS) * scale), axis=-1)

    series = np.sum(formulas.products(drawn)[..., None, :] * g[..., None] ** powers, axis=-1)
    learned, whole = _rounds(lam, drawn)
    polynomial = _polynomial(drawn)
    literal = g * np.sum(polynomial[..., None, :] * g[..., None] ** np.arange(ROUNDS + 1), axis=-1)
    # Peeled off one by one, the weights come back as long as none of them is 0.
    weights = _peel(formulas, polynomial)
    again = np.min(1 - np.abs(weights - drawn) / (tolerance(ROUNDS) * _lost(drawn)), axis=-1)

    c2 = case.powers
    best, rest = c2 / (c2 + 1), 1 / (c2 + 1)
    values = formulas.interpolated(g, e, best, rest)
    products = np.linalg.solve(g[..., None] ** powers, values[..., None])[..., 0]
    condition = np.max(g * e * np.sum(np.abs(products)[..., None, :] * g[..., None] ** powers, axis=-1), axis=-1)
    ratios = products / np.concatenate([np.ones_like(products[..., :1]), products[..., :-1]], axis=-1)
    # Beyond a million a product nearly vanishes, which the statement leaves out.
    usable = np.max(np.abs(ratios), axis=-1) < 1e6
    attained, _ = _rounds(lam, np.where(usable[..., None], ratios, 0.0)[..., ::-1])

    one = np.broadcast_to(lam[..., :1], lam.shape)
    tied, _ = _rounds(one, _best_step(one, c2)[..., None])
    return Margin(
        reachable=same(learned, formulas.reached(g, e, series), 1 + size),
        polynomial=same(learned, literal, np.sum(np.abs(polynomial), axis=-1)[..., None] + size),
        at_one=1 - np.abs(whole - 1) / (tolerance(ROUNDS) * (1 + np.sum(np.abs(_products(drawn)), axis=-1))),
        peel_off=again,
        wiener=np.where(usable, same(attained, best, 8 * (1 + condition[..., None])), 1.0),
        pooled=same(tied, formulas.pooled(c2)[..., None], 1 / (1 - g[..., :1])),
    )


def _products(weights: Array) -> Array:
    """The products of the last one, two and three weights."""
    return np.stack([np.prod(weights[..., -count:], axis=-1) for count in (1, 2, 3)], axis=-1)


def _rounds(lam: Array, weights: Array) -> tuple[Array, Array]:
    """Gains of the last round on these eigenvalues, penalty 1, and on a mode that ridge learns exactly: solved."""
    modes = np.concatenate([1 / lam, np.zeros_like(lam[..., :1])], axis=-1)
    ridge = Ridge(swept(modes))
    each = [swept(np.broadcast_to(weights[..., k : k + 1], modes.shape)) for k in range(weights.shape[-1])]
    recipe = self_distillation(ridge, ridge, mixing=each, rounds=len(each))
    last: Any = list(solve(recipe, LinearModel(), from_spectrum([1.0], coefficients=[1.0])).values())[-1]
    gains = np.reshape(last.gains, modes.shape)
    return gains[..., :-1], gains[..., -1]


def _polynomial(weights: Array) -> Array:
    """Coefficients, lowest first, of the gains over g: round by round from the constant 1."""
    found = np.zeros((*weights.shape[:-1], ROUNDS + 1))
    found[..., 0] = 1.0
    for number in range(ROUNDS):
        weight = weights[..., number, None]
        found = weight * np.roll(found, 1, axis=-1) + (1 - weight) * (np.arange(ROUNDS + 1) == 0)
    return found


def _peel(formulas: Formulas, polynomial: Array) -> Array:
    """Weights of a polynomial, the last round's first; returned in the order of the rounds."""
    found = []
    with np.errstate(all="ignore"):
        for _ in range(ROUNDS):
            found.append(formulas.peeled(polynomial[..., 0]))
            polynomial = formulas.rest(polynomial, found[-1])
    return np.stack(found[::-1], axis=-1)


def _lost(weights: Array) -> Array:
    """By how much rounding grows until a weight is peeled off: all later ones divide it."""
    later = np.cumprod(np.concatenate([np.ones_like(weights[..., :1]), weights[..., :0:-1]], axis=-1), axis=-1)[
        ..., ::-1
    ]
    return np.maximum(1.0, np.prod(1 + np.abs(weights), axis=-1, keepdims=True) ** 2) / np.abs(later)


def _best_step(lam: Array, powers: Array) -> Array:
    """The best weight of one round, noise 1."""
    g, e = lam / (lam + 1), 1 / (lam + 1)
    b = g * e
    return np.sum(b * (g - powers * e), axis=-1) / np.sum((powers + 1) * b**2, axis=-1)


@dataclass(frozen=True)
class Repeated:
    """How near rounds of ridge come to the Wiener gains, signal 100 on the top mode, noise 1.

    Attributes
    ----------
    eigenvalues : tuple
    rounds : int
    """

    eigenvalues: tuple[float, ...] = (2.0, 1.5, 1.0)
    rounds: int = 3


def wiener_margin(case: Repeated) -> Margin:
    """How little the best weights leave over the risk of the Wiener gains, in logs."""
    lam = np.array(case.eigenvalues)
    risk = oracle_fixed_design([100.0] + [0.0] * (len(lam) - 1), 1.0)
    best = oracle_mixings(risk, Ridge(1.0).gain(lam), case.rounds)
    return Margin(wiener=1e-9 - np.log(best.risk / risk.total(risk.oracle_gains())))


@dataclass(frozen=True)
class Sequence:
    """Gains of three rounds in one mode.

    Attributes
    ----------
    own : tuple
        Gain of each round's own training.
    kept : float
        The share of its teacher's function that a round starts from.
    """

    own: tuple[float, float, float] = (0.6, 0.6, 0.6)
    kept: float = 0.0


def formula_margin(case: Sequence) -> Margin:
    """How exactly the formula gives the last round's gain, weights 0.5, -1 and 2."""
    weights, g = (0.5, -1.0, 2.0), case.own[0]
    gain = g
    for weight, own in zip(weights, case.own, strict=True):
        gain = own * (1 - weight + weight * gain) + case.kept * (1 - own) * gain
    said = g - g * (1 - g) * sum(t * g**m for m, t in enumerate((2.0, -2.0, -1.0)))
    return Margin(same=1e-9 - np.abs(gain - said))


COUNTEREXAMPLES = (
    Counterexample(
        "one-round-too-few",
        violates="enough-rounds",
        words="Two rounds on three modes leave a third more risk than the Wiener gains.",
        case=Repeated(rounds=2),
        restored=Repeated(),
        margin=-0.292139283216718,
        check=wiener_margin,
    ),
    Counterexample(
        "signal-beside-noise",
        violates="distinct-gains",
        words="On modes of one eigenvalue signal and noise are shrunk alike.",
        case=Repeated(eigenvalues=(2.0, 2.0, 1.0)),
        restored=Repeated(),
        margin=-0.6930471945576124,
        check=wiener_margin,
    ),
    Counterexample(
        "another-training-in-between",
        violates="one-training",
        words="A round of another penalty has another gain.",
        case=Sequence(own=(0.6, 0.3, 0.6)),
        restored=Sequence(),
        margin=-0.547199999,
        check=formula_margin,
    ),
    Counterexample(
        "students-that-go-on",
        violates="same-start",
        words="Students that go on from their teacher's weights keep some of its function.",
        case=Sequence(kept=1.0),
        restored=Sequence(),
        margin=-0.5951999990000002,
        check=formula_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("products-order", "products of the first weights", products=lambda weights: np.cumprod(weights, axis=-1)),
    mutate("products-sum", "sums of the last weights", products=lambda weights: np.cumsum(weights[..., ::-1], axis=-1)),
    mutate("reached-sign", "rounds add gain", reached=lambda g, e, series: g + g * e * series),
    mutate("reached-factor", "what is left does not enter", reached=lambda g, e, series: g - g * series),
    mutate("reached-exponent", "what is left enters squared", reached=lambda g, e, series: g - g * e**2 * series),
    mutate("peeled-sign", "the constant is the weight", peeled=lambda constant: constant),
    mutate("rest-factor", "the weight does not divide", rest=lambda q, weight: q[..., 1:]),
    mutate("rest-inverse", "the weight multiplies", rest=lambda q, weight: q[..., 1:] * weight[..., None]),
    mutate("interpolated-sign", "gains move away", interpolated=lambda g, e, best, rest: (best - g) / (g * e)),
    mutate(
        "interpolated-factor", "the change is not divided out", interpolated=lambda g, e, best, rest: (g - best) / g
    ),
    mutate("pooled-factor", "noise is counted once", pooled=lambda c2: np.sum(c2, -1) / (np.sum(c2, -1) + 1)),
    mutate("pooled-mean", "Wiener gains are averaged", pooled=lambda c2: np.mean(c2 / (c2 + 1), axis=-1)),
)


@claim(
    id="k-step-distillation",
    title="As many rounds as modes reach the best gains there are",
    topic="risk",
    source="pareek2024, for ridge; reachable gains, products of weights and pooled gains derived here",
    statement=r"""Let a training have the gains $g$, and let round $j$ run it from zero on
$(1 - \xi_j)\, \text{labels} + \xi_j\, \text{outputs of round } j - 1$, round 0 on labels alone. After $k$ rounds
\[ h = g - g (1 - g) \sum_{m=0}^{k-1} T_{m+1}\, g^m = g\, q(g), \qquad T_m = \xi_k \xi_{k-1} \cdots \xi_{k-m+1}, \]
with $\deg q \le k$ and $q(1) = 1$. Every polynomial $q$ with $\deg q \le k$, $q(1) = 1$ and $T_1, \dots, T_{k-1} \ne 0$
is reached, by the weights $\xi_{k-m} = T_{m+1} / T_m$, $T_0 = 1$; they are peeled off one by one:
\[ \xi_j = 1 - q_j(0), \qquad q_{j-1}(g) = \frac{q_j(g) - q_j(0)}{\xi_j\, g}. \]
So on $d$ modes of distinct gains $0 < g_k < 1$, $d$ rounds reach all gains, in particular the Wiener gains (if none of
$T_1, \dots, T_{d-1}$ vanishes). Modes of one gain stay together; the best for $n$ of them is
$\sum c_k^2 / (\sum c_k^2 + n s^2)$.""",
    words="Rounds of self-distillation are polynomials of one training's gain, tied to 1 where the training is "
    "complete. "
    "Each round adds one degree, so that weights, far outside [0, 1] and of both signs, undo any profile of gains as "
    "soon "
    "as there are as many rounds as distinct eigenvalues. The weights grow fast where eigenvalues cluster.",
    assumptions={
        "linear-model": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "one-training": "All rounds, the teacher's too, run the same procedure with the same parameters on the same "
        "inputs.",
        "same-start": "Every round starts from the zero function again.",
        "any-weights": "Weights may lie outside [0, 1].",
        "enough-rounds": "For reaching all gains: at least as many rounds as distinct gains.",
        "distinct-gains": "For reaching all gains: modes differ in their gains, which lie strictly between 0 and 1.",
        "no-zero-product": "None of the products vanishes but the last: otherwise a small change of the procedure "
        "helps.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="repeated-distillation",
)
def k_step_distillation(case: ThreeModes) -> Margin:
    """Margins of what three rounds reach, with drawn weights, with peeled ones, and with those of the Wiener gains."""
    return margins(case, Formulas())
