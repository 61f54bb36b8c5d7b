"""C8a: bias and variance on new inputs, given the training inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import NoisyDesign
from kdtheory.risk import oracle_random_design
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]
ALLOWED = 1e-9


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; ``along`` is the truth along the right singular vectors, ``seen`` their size."""

    mean: Callable[..., Array] = lambda a, along: a * along
    spread: Callable[..., Array] = lambda a, lam, s2: s2 * a**2 / lam
    lost: Callable[..., Array] = lambda truth, reached: truth - reached


def margins(case: NoisyDesign, formulas: Formulas) -> Margin:
    """A distilled ridge student, by linear systems for every label and noise, against the formulas."""
    truth, tests = case.starts[0], case.test_inputs
    clean = np.einsum("...ij,...j->...i", case.inputs, truth)
    targets = np.concatenate([clean[..., None], case.outcomes[..., 1:]], axis=-1)
    fitted = tests @ case.student(targets, case.mixing)
    literal_bias = np.sum((fitted[..., 0] - np.einsum("...ij,...j->...i", tests, truth)) ** 2, axis=-1)
    literal_variance = np.sum(fitted[..., 1:] ** 2, axis=(-2, -1))

    _, singular, right = np.linalg.svd(case.inputs)
    lam = np.where(singular > 1e-9 * singular[..., :1], singular**2, np.inf)  # infinite: not seen
    penalty, mixing = case.penalty[..., None], np.asarray(case.mixing)[..., None]
    g = np.where(np.isfinite(lam), 1 / (1 + penalty / lam), 0.0)
    a = g * (1 - mixing + mixing * g)
    along = np.einsum("...kj,...j->...k", right, truth)
    reached = np.einsum("...kj,...k->...j", right, formulas.mean(a, along))
    shown = tests @ np.swapaxes(right, -1, -2)
    missed = np.einsum("...ij,...j->...i", tests, formulas.lost(truth, reached))
    s2 = np.asarray(case.variance)[..., None]
    size = np.sum(shown**2, axis=-2)
    variance = np.sum(formulas.spread(a, lam, s2) * size, axis=-1)
    rough = tolerance(64, condition=1 + 1 / np.asarray(case.penalty_ratio))
    most = np.sum(s2 * (g * (1 + 2 * np.abs(mixing))) ** 2 / lam * size, axis=-1)
    scale = (1 + np.abs(case.mixing)) ** 2 * np.sum(shown**2, axis=(-2, -1)) * np.sum(truth**2, axis=-1)
    return Margin(
        bias=Margin.within(literal_bias - np.sum(missed**2, axis=-1), rough * scale).values,
        variance=Margin.within(literal_variance - variance, rough * most).values,
    )


@dataclass(frozen=True)
class Draws:
    """Ridge of penalty 1 on two samples, and everything in which its labels may leave the assumptions.

    Attributes
    ----------
    noise : tuple of tuples
        Columns of a root of the labels' covariance.
    beyond : pair of floats
        What of the clean labels no linear function gives.
    start : pair of floats
        Weights that the penalty pulls towards.
    turned : bool
        Whether the test inputs' truth has turned around.
    """

    noise: tuple[tuple[float, float], tuple[float, float]] = ((1.0, 0.0), (0.0, 1.0))
    beyond: tuple[float, float] = (0.0, 0.0)
    start: tuple[float, float] = (0.0, 0.0)
    turned: bool = False


def formula_margin(case: Draws) -> Margin:
    """How exactly the library's risk is that of these labels, from linear systems."""
    X, truth, covariance = np.array([[2.0, 1.0], [0.0, 1.0]]), np.array([1.0, 0.5]), np.diag([1.0, 2.0])
    start, root = np.array(case.start), np.array(case.noise).T
    labels = np.column_stack([X @ truth + np.array(case.beyond) - X @ start, root])
    weights = np.linalg.solve(X.T @ X + np.eye(2), X.T @ labels)
    there = -truth if case.turned else truth
    errors = weights - np.column_stack([there - start, np.zeros((2, 2))])
    literal = np.sum(errors * (covariance @ errors))
    lam = np.linalg.svd(X, compute_uv=False) ** 2
    said = oracle_random_design(X, truth, covariance, 1.0).total(lam / (lam + 1))
    return Margin(same=ALLOWED - np.abs(np.log(literal / said)))


COUNTEREXAMPLES = (
    Counterexample(
        "one-error-in-all-labels",
        violates="independent-noise",
        words="An error that all labels share falls onto few modes.",
        case=Draws(noise=((1.0, 1.0), (0.0, 0.0))),
        restored=Draws(),
        margin=-0.05096644259202714,
        check=formula_margin,
    ),
    Counterexample(
        "truth-that-is-not-linear",
        violates="linear-truth",
        words="What of the truth no weights express acts like noise with a mean.",
        case=Draws(beyond=(0.5, -0.5)),
        restored=Draws(),
        margin=-0.1112256341102244,
        check=formula_margin,
    ),
    Counterexample(
        "start-elsewhere",
        violates="zero-start",
        words="A penalty towards other weights leaves another bias.",
        case=Draws(start=(0.5, 0.5)),
        restored=Draws(),
        margin=-0.003273324344969249,
        check=formula_margin,
    ),
    Counterexample(
        "another-truth-elsewhere",
        violates="one-truth",
        words="Where predictions are made, something else is true than where labels were.",
        case=Draws(turned=True),
        restored=Draws(),
        margin=-2.2030174962290032,
        check=formula_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("mean-sign", "what is left is taken for what is learned", mean=lambda a, along: (1 - a) * along),
    mutate("mean-exponent", "the gain enters the mean squared", mean=lambda a, along: a**2 * along),
    mutate("spread-exponent", "the gain enters the variance once", spread=lambda a, lam, s2: s2 * np.abs(a) / lam),
    mutate("spread-inverse", "the variance is not divided by the eigenvalue", spread=lambda a, lam, s2: s2 * a**2),
    mutate("spread-factor", "the variance is doubled", spread=lambda a, lam, s2: 2 * s2 * a**2 / lam),
    mutate("lost-sign", "what is reached is added to the truth", lost=lambda truth, reached: truth + reached),
)


@claim(
    id="random-design-risk",
    title="Bias and variance on new inputs are quadratic in the gains",
    topic="risk",
    source="derived here",
    statement=r"""Let $X = U \Lambda^{1/2} V^T$, labels $X b^* + \varepsilon$ with $E \varepsilon = 0$,
$E \varepsilon \varepsilon^T = s^2 I$, and let a fit have the gains $a_k$. Given $X$, on a new input with second moment
$\Sigma$,
\[ R(a) = \bigl| \Sigma^{1/2} (V \mathrm{diag}(a) V^T b^* - b^*) \bigr|^2
        + s^2 \sum_k \frac{a_k^2}{\lambda_k} v_k^T \Sigma v_k, \]
the sum being over $\lambda_k > 0$, in particular for every student of any number of rounds.""",
    words="Given the training inputs, the error on new ones is a quadratic form of the gains, too; but it is not "
    "diagonal: "
    "what one mode misses another can make up for, unless the new inputs have the same eigenvectors. The second moment "
    "is that of the new inputs, whether or not they are distributed as the training inputs are.",
    assumptions={
        "linear-model": "The model is linear in its parameters and the loss is squared error.",
        "linear-truth": "Clean labels are a linear function of the inputs.",
        "independent-noise": "The noise of the labels is uncorrelated with one variance, and independent of the "
        "inputs.",
        "one-truth": "The same weights are true on the new inputs.",
        "zero-start": "Trainings start from, and penalties pull towards, zero weights.",
        "gains-set-ahead": "Gains do not depend on the noise.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
)
def random_design_risk(case: NoisyDesign) -> Margin:
    """Margins of bias and variance of a distilled ridge student."""
    return margins(case, Formulas())
