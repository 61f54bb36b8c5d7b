"""C14.5: after how many rounds a mislabelled point is outvoted by its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.risk import oracle_correcting_rounds
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance, whole

Array = NDArray[np.float64]
SIZE = 15


@dataclass(frozen=True)
class Blocks(Case):
    """One class of up to 15 equally similar points, labelled with three labels, and rounds of ridge.

    ``right``, ``wrong`` and ``other`` count the points by their label; ``penalty`` is that of ridge.
    """

    right: Annotated[Any, whole(1, 6, simple=2)]
    wrong: Annotated[Any, whole(1, 6, simple=1)]
    other: Annotated[Any, whole(0, 3, simple=0)]
    similarity: Annotated[Any, linear(0.01, 0.99, simple=0.5)]
    penalty: Annotated[Any, logarithmic(1e-2, 1e3, simple=1.0)]
    rounds: Annotated[Any, whole(1, 12, simple=1)]

    @property
    def counts(self) -> Array:
        """Points by label, shape (cases, 3)."""
        return np.stack([np.asarray(n) for n in (self.right, self.wrong, self.other)], axis=-1)

    @property
    def labels(self) -> Array:
        """One-hot labels, right ones first; shape (cases, 15, 3), zero for points that the case does not have."""
        ends = np.cumsum(self.counts, axis=-1)[..., None, :]
        place = np.arange(SIZE)[:, None]
        return ((place < ends) & (place >= ends - self.counts[..., None, :])).astype(float)

    @property
    def gram(self) -> Array:
        """1 on the diagonal, ``similarity`` elsewhere; nothing for points that the case does not have."""
        present = np.sum(self.labels, axis=-1)
        alike = np.asarray(self.similarity)[..., None, None]
        return (alike + (1.0 - alike) * np.eye(SIZE)) * present[..., :, None] * present[..., None, :]

    @property
    def gains(self) -> tuple[Array, Array]:
        """Of the mean, and of all other directions."""
        rest = 1.0 - np.asarray(self.similarity)
        lead = rest + np.sum(self.counts, axis=-1) * np.asarray(self.similarity)
        return lead / (lead + self.penalty), rest / (rest + self.penalty)


@dataclass(frozen=True)
class Formulas:
    """Scores of two labels at mislabelled and at rightly labelled points, and the number of rounds."""

    wrong: Callable[..., Array] = lambda p, q, m, gap: p**m * gap - q**m * (1.0 + gap)
    right: Callable[..., Array] = lambda p, q, m, gap: p**m * gap + q**m * (1.0 - gap)
    third: Callable[..., Array] = lambda p, q, m, gap: (p**m - q**m) * gap
    rounds: Callable[..., Array] = oracle_correcting_rounds


def _trained(gram: Array, labels: Array, penalty: Any, rounds: Any) -> Array:
    """Outputs after that many ridge regressions, each on the previous one's outputs."""
    size = gram.shape[-1]
    operator = np.linalg.solve(gram + np.asarray(penalty)[..., None, None] * np.eye(size), gram)
    counts, outputs = np.asarray(rounds)[..., None, None], labels
    for number in range(int(np.max(rounds))):
        outputs = np.where(number < counts, operator @ outputs, outputs)
    return outputs


def margins(case: Blocks, formulas: Formulas) -> Margin:
    """Scores by literal ridge regressions against the formulas, and who wins against the number of rounds."""
    outputs = _trained(case.gram, case.labels, case.penalty, case.rounds)
    right = outputs[..., 0, :]
    wrong = np.take_along_axis(outputs, np.asarray(case.right, dtype=int)[..., None, None], axis=-2)[..., 0, :]
    shares = case.counts / np.sum(case.counts, axis=-1, keepdims=True)
    gap, rest = shares[..., 0] - shares[..., 1], shares[..., 0] - shares[..., 2]
    p, q = case.gains
    m = np.asarray(case.rounds)
    slack = tolerance(SIZE, 12.0 * (1.0 + SIZE)) * p**m
    score = wrong[..., 0] - wrong[..., 1]
    enough = np.sign(m - formulas.rounds(p, q, gap))
    return Margin(
        mislabelled=Margin.within(score - formulas.wrong(p, q, m, gap), slack).values,
        rightly_labelled=Margin.within(right[..., 0] - right[..., 1] - formulas.right(p, q, m, gap), slack).values,
        third_label=Margin.within(wrong[..., 0] - wrong[..., 2] - formulas.third(p, q, m, rest), slack).values,
        corrected=enough * score / p**m + slack / p**m,
        stays_right=np.where(gap > 0, right[..., 0] - right[..., 1], slack) / p**m,
    )


@dataclass(frozen=True)
class Class:
    """Points of one class, the last of which are mislabelled; ``outlier`` is the last one's similarity."""

    right: int = 6
    wrong: int = 2
    similarity: float = 0.6
    outlier: float = 0.6
    rounds: int = 12
    hardened: bool = False


def correction_margin(case: Class) -> Margin:
    """Score of the right label less that of the wrong one at the last point, relative to the largest score."""
    size = case.right + case.wrong
    gram = case.similarity + (1.0 - case.similarity) * np.eye(size)
    gram[-1, :-1] = gram[:-1, -1] = case.outlier
    outputs = np.eye(2)[[0] * case.right + [1] * case.wrong]
    for _ in range(case.rounds):
        outputs = _trained(gram, outputs, 1.0, 1)
        outputs = (outputs >= outputs.max(axis=1, keepdims=True)).astype(float) if case.hardened else outputs
    return Margin(corrected=(outputs[-1, 0] - outputs[-1, 1]) / np.max(outputs))


COUNTEREXAMPLES = (
    Counterexample(
        "outvoted",
        violates="majority",
        words="Where six of eight points have the wrong label, rounds make it unanimous.",
        case=Class(right=2, wrong=6),
        restored=Class(right=6, wrong=2),
        margin=-0.6666677522439491,
        check=correction_margin,
    ),
    Counterexample(
        "few-rounds",
        violates="enough-rounds",
        words="One training fits the wrong label better than the class.",
        case=Class(rounds=1, similarity=0.1, outlier=0.1),
        restored=Class(similarity=0.1, outlier=0.1),
        margin=-0.66996699669967,
        check=correction_margin,
    ),
    Counterexample(
        "outlier",
        violates="equal-similarity",
        words="A mislabelled point that is not similar to its class hears nobody but itself.",
        case=Class(outlier=0.0),
        restored=Class(),
        margin=-0.003018206559190317,
        check=correction_margin,
    ),
    Counterexample(
        "hardened-outputs",
        violates="raw-outputs",
        words="Outputs rounded to one-hot labels before they are handed on forget by how little the label won.",
        case=Class(similarity=0.1, outlier=0.1, hardened=True),
        restored=Class(similarity=0.1, outlier=0.1),
        margin=-1.0,
        check=correction_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("wrong-sign", "own label pulls to the right one", wrong=lambda p, q, m, d: p**m * d + q**m * (1 + d)),
    mutate("wrong-factor", "1 - D for 1 + D", wrong=lambda p, q, m, d: p**m * d - q**m * (1 - d)),
    mutate("wrong-exponent", "one training less", wrong=lambda p, q, m, d: p ** (m - 1) * d - q ** (m - 1) * (1 + d)),
    mutate("right-sign", "own label pulls away", right=lambda p, q, m, d: p**m * d - q**m * (1 - d)),
    mutate("right-exponent", "one training more", right=lambda p, q, m, d: p ** (m + 1) * d + q ** (m + 1) * (1 - d)),
    mutate("third-sign", "gains add up", third=lambda p, q, m, d: (p**m + q**m) * d),
    mutate("rounds-factor", "log(1 + D) above", rounds=lambda p, q, d: np.log1p(np.maximum(d, 0)) / np.log(p / q)),
    mutate(
        "rounds-inverse", "D for 1 / D", rounds=lambda p, q, d: np.where(d > 0, np.log1p(d) / np.log(p / q), np.inf)
    ),
    mutate("rounds-shift", "one round more", rounds=lambda p, q, d: 1.0 + oracle_correcting_rounds(p, q, d)),
)


def _simulation() -> Margin:
    """Descent in JAX on one class of eight points, two of them mislabelled: corrected in the round that is said."""
    import kdtheory as kd

    right, wrong, similarity, rounds = 6, 2, 0.1, 8
    size = right + wrong
    gram = similarity + (1.0 - similarity) * np.eye(size)
    labels = np.eye(2)[[0] * right + [1] * wrong]
    task = kd.tasks.from_arrays(np.linalg.cholesky(gram), labels)
    run = kd.GradientDescent(steps=4, step_size=0.25)
    result = kd.simulate(kd.self_distillation(run, run, rounds=rounds - 1), kd.LinearModel(), task)
    scores = np.array([np.asarray(result[name].train)[-1] @ [1.0, -1.0] for name in result])
    p, q = run.gain([1.0 - similarity + size * similarity, 1.0 - similarity])
    gap = (right - wrong) / size
    numbers = np.arange(1, rounds + 1)
    expected = Formulas().wrong(p, q, numbers, gap)
    return Margin(
        scores=Margin.within(scores - expected, tolerance(4 * size * rounds, 10.0)).values.min(),
        corrected=np.min(np.sign(numbers - oracle_correcting_rounds(p, q, gap)) * scores),
    )


@claim(
    id="label-averaging",
    title="Rounds of self-distillation average labels over a class, and correct a wrong one after a known number",
    topic="rounds and mixing",
    source="jeong2025, setting; number of rounds derived here",
    statement=r"""Let the $n$ points of a class have the Gram matrix $(1 - \rho) I + \rho\, 1 1^\top$, and 0 with all
other points. One training has the gain $p$ on their mean and $q < p$ on all other directions. After $m$ trainings, each
on the previous one's outputs, a point that has the wrong label prefers the right one to it by
\[ p^m D - q^m (1 + D), \]
where $D$ is the share of the class with the right label less that with the wrong one. It is corrected exactly if $D >
0$
and
\[ m > \frac{\log(1 + 1 / D)}{\log(p / q)}. \]
Points with the right label prefer it by $p^m D + q^m (1 - D)$, and a third label loses by $(p^m - q^m)\, D'$.""",
    words="Each round shrinks what is a point's own by more than what it shares with its class, until the class "
    "decides. "
    "The larger the majority and the more alike the points, the fewer rounds it takes; without a majority no number of "
    "rounds helps, and the few right labels are lost.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error, on one-hot labels.",
        "equal-similarity": "The points of a class are equally similar to one another, and those of other classes "
        "apart.",
        "majority": "The right label is more frequent in the class than the wrong one.",
        "enough-rounds": "The number of trainings is larger than the bound.",
        "raw-outputs": "What a round hands on are its raw outputs.",
        "same-procedure": "All rounds run the same procedure from zero, with more gain on the larger eigenvalue.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def label_averaging(case: Blocks) -> Margin:
    """Margins of all scores and of the number of rounds, against literal ridge regressions."""
    return margins(case, Formulas())
