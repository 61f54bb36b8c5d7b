"""C11d: exact moments of SGD that sees every sample once, and of a student on samples of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.risk import one_pass_sgd
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance, whole

Array = NDArray[np.float64]
MOST = 8
_NODES = np.array([-np.sqrt(3.0), 0.0, np.sqrt(3.0)])
_MASSES = np.array([1.0, 4.0, 1.0]) / 6.0
# Three nodes have the Gaussian moments up to the fifth: the two-step products need the fourth in each coordinate.
GAUSSIAN = (
    np.stack(np.meshgrid(_NODES, _NODES, indexing="ij"), axis=-1).reshape(-1, 2),
    np.outer(_MASSES, _MASSES).ravel(),
)
SIGNS = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]), np.full(4, 0.25)


@dataclass(frozen=True)
class OnePassProblem(Case):
    """Two eigenvalues, 1 and ``ratio``; weights of the truth; a step size; and the samples of teacher and student."""

    ratio: Annotated[Any, logarithmic(1e-3, 1.0, simple=0.5)]
    weight: Annotated[Any, linear(-3.0, 3.0, simple=1.0)]
    other_weight: Annotated[Any, linear(-3.0, 3.0, simple=1.0)]
    noise_variance: Annotated[Any, logarithmic(1e-3, 10.0)]
    step_size: Annotated[Any, logarithmic(1e-3, 0.4, simple=0.1)]
    samples: Annotated[Any, whole(1, MOST)]
    student_samples: Annotated[Any, whole(1, MOST)]

    @property
    def eigenvalues(self) -> Array:
        """Shape (cases, 2)."""
        ratio = np.atleast_1d(self.ratio)
        return np.stack([np.ones_like(ratio), ratio], axis=-1)

    @property
    def truth(self) -> Array:
        """Shape (cases, 2)."""
        return np.stack(np.broadcast_arrays(np.atleast_1d(self.weight), np.atleast_1d(self.other_weight)), axis=-1)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    gain: Callable[..., Array] = lambda h, steps: 1.0 - (1.0 - h) ** steps
    step: Callable[..., Array] = lambda m, lam, eta, s: (
        m - 2.0 * eta * lam * m + eta**2 * (2.0 * lam**2 * m + (np.sum(lam * m, axis=-1, keepdims=True) + s) * lam)
    )
    horizon: Callable[..., Array] = lambda steps: np.log(2.0) / steps
    shorter: Callable[..., Array] = lambda bound: bound * (1.0 - bound / 2.0)
    chain: Callable[..., Array] = np.multiply


def literal(case: OnePassProblem, law: tuple[Array, Array] = GAUSSIAN) -> tuple[Array, Array, Array, Array]:
    """Moments step by step from an enumeration of inputs that has the law's fourth moments.

    The joint vector is (student, teacher, truth): its mean and full second moment move by one random matrix per node.
    Returns mean and second moment of the teacher and of its student, which is taught on samples of its own.
    """
    nodes, masses = law
    points = nodes * np.sqrt(case.eigenvalues)[:, None, :]
    outer = points[..., :, None] * points[..., None, :]
    eta = np.atleast_1d(case.step_size)[:, None, None, None]
    zero, eye = np.zeros_like(outer), np.broadcast_to(np.eye(2), outer.shape)
    learn = np.block([[eye, zero, zero], [zero, eye - eta * outer, eta * outer], [zero, zero, eye]])
    copy = np.block([[eye - eta * outer, eta * outer, zero], [zero, eye, zero], [zero, zero, eye]])
    start = np.concatenate([np.zeros_like(case.truth), np.zeros_like(case.truth), case.truth], axis=-1)
    mean, second = start, start[:, :, None] * start[:, None, :]
    noise = np.zeros_like(second)
    noise[:, 2:4, 2:4] = np.square(eta[:, 0]) * np.atleast_1d(case.noise_variance)[:, None, None] * np.einsum(
        "kij,k->ij", np.einsum("ki,kj->kij", nodes, nodes), masses
    ) * np.sqrt(case.eigenvalues[:, :, None] * case.eigenvalues[:, None, :])  # fmt: skip
    for matrices, steps, added in ((learn, case.samples, noise), (copy, case.student_samples, np.zeros_like(noise))):
        flat = matrices.reshape(len(matrices), -1, 36)
        pairs = (np.swapaxes(flat, 1, 2) * masses) @ flat
        twice = pairs.reshape(-1, 6, 6, 6, 6).transpose(0, 1, 3, 2, 4).reshape(-1, 36, 36)
        once = np.einsum("k,ckij->cij", masses, matrices)
        for step in range(MOST):
            going = (step < np.atleast_1d(steps))[:, None]
            moved = (twice @ second.reshape(-1, 36, 1)).reshape(-1, 6, 6) + added
            second = np.where(going[..., None], moved, second)
            mean = np.where(going, (once @ mean[..., None])[..., 0], mean)
    diagonal = np.diagonal(second, axis1=-2, axis2=-1)
    return mean[:, 2:4], diagonal[:, 2:4], mean[:, :2], diagonal[:, :2]


def margins(case: OnePassProblem, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    lam, truth = case.eigenvalues, case.truth
    eta, noise = np.atleast_1d(case.step_size)[:, None], np.atleast_1d(case.noise_variance)[:, None]
    steps, more = (np.atleast_1d(number)[:, None] for number in (case.samples, case.student_samples))
    mean, second, student_mean, student_second = literal(case)
    gain, own = formulas.gain(eta * lam, steps), formulas.gain(eta * lam, more)
    error = _run(formulas, np.square(truth), lam, eta, noise, steps)
    moment = error - np.square(truth) + 2.0 * gain * np.square(truth)
    follows = _run(formulas, moment, lam, eta, 0.0, more)
    taught = follows + (2.0 * own - 1.0) * moment
    size = np.sum(np.square(truth) + second, axis=-1, keepdims=True) + noise
    bound = formulas.horizon(steps)
    exact = -np.expm1(-np.log(2.0) / steps)
    return Margin(
        mean=_same(gain * truth, mean, size),
        second=_same(moment, second, size),
        product=_same(formulas.chain(gain, own) * truth, student_mean, size),
        student=_same(taught, student_second, size),
        horizon=_half(bound, steps, 1.0),
        short=_half(formulas.shorter(bound), steps, -1.0),
        exact=1.0 - np.abs(formulas.gain(exact, steps)[:, 0] - 0.5) / tolerance(condition=MOST),
    )


def _run(formulas: Formulas, moments: Array, lam: Array, eta: Array, noise: Any, steps: Array) -> Array:
    for step in range(MOST):
        moments = np.where(step < steps, formulas.step(moments, lam, eta, noise), moments)
    return moments


def _half(h: Array, steps: Array, sign: float) -> Array:
    """By how much the mean gain is above (or below) one half where step size times eigenvalue is h, by products."""
    left = np.ones_like(h)
    for step in range(MOST):
        left = np.where(step < steps, left * (1.0 - h), left)
    return sign * (0.5 - left[:, 0])


def _same(one: Array, other: Array, size: Array) -> Array:
    return np.min(1.0 - np.abs(one - other) / (size * tolerance(18 * MOST)), axis=-1)


def _simulation() -> Margin:
    """20,000 runs of a teacher and its student on fresh Gaussian samples: within four standard errors."""
    lam, truth, eta, runs = np.array([1.0, 0.2]), np.array([1.0, -2.0]), 0.1, 20_000
    generator = np.random.default_rng(3)
    teacher, student = np.zeros((2, runs, 2))
    for weights, steps, noise in ((teacher, 15, 0.5), (student, 25, 0.0)):
        target = truth if noise else teacher
        for _ in range(steps):
            x = generator.standard_normal((runs, 2)) * np.sqrt(lam)
            residual = np.sum(x * (target - weights), axis=-1) + np.sqrt(noise) * generator.standard_normal(runs)
            weights += eta * x * residual[:, None]
    first = one_pass_sgd(lam, truth, step_size=eta, samples=15, noise_variance=0.5)
    second = one_pass_sgd(lam, truth, step_size=eta, samples=25, teacher=first)
    found = {}
    for name, weights, run in (("teacher", teacher, first), ("student", student, second)):
        for what, drawn, value in (
            ("mean", weights, run.mean),
            ("second", np.square(weights), run.second_moment),
            ("risk", np.sum(lam * np.square(weights - truth), axis=-1), run.risk),
        ):
            error = np.std(drawn, axis=0, ddof=1) / np.sqrt(runs)
            found[f"{name}_{what}"] = np.min(1.0 - np.abs(np.mean(drawn, axis=0) - value) / (4.0 * error))
    return Margin(**found)


@dataclass(frozen=True)
class Reused(Case):
    """A plain problem in which something is not as assumed where a number is 1."""

    signs: Annotated[Any, linear(0.0, 1.0)]
    same_samples: Annotated[Any, linear(0.0, 1.0)]
    twice: Annotated[Any, linear(0.0, 1.0)]


PLAIN = OnePassProblem(0.5, 1.0, 1.0, 1.0, 0.3, 1.0, 1.0)


def _inputs_of_signs(case: Reused) -> Margin:
    """Of the second moment, where inputs are Gaussian or have independent signs for entries."""
    found = literal(PLAIN, SIGNS if case.signs else GAUSSIAN)[1][0]
    run = one_pass_sgd([1.0, 0.5], [1.0, 1.0], step_size=0.3, samples=1, noise_variance=1.0)
    return Margin(1.0 - np.max(np.abs(found - run.second_moment)) / tolerance(18 * MOST))


def _product(case: Reused) -> Margin:
    """Of the student's mean, one step for each: on the teacher's sample, on its own, or with that one seen twice."""
    nodes, masses = GAUSSIAN
    points = nodes * np.sqrt([1.0, 0.5])
    first = 0.3 * points[:, :, None] * points[:, None, :]
    seen = np.einsum("kij,kjl->kil", first, 2.0 * np.eye(2) - first) if case.twice else first
    mean = np.einsum("k,kij->ij", masses, first)
    other = np.einsum("k,kij->ij", masses, seen)
    product = np.einsum("k,kij,kjl->il", masses, seen, first) if case.same_samples else other @ mean
    student = product @ np.ones(2)
    gains = one_pass_sgd([1.0, 0.5], [1.0, 1.0], step_size=0.3, samples=1).gains
    more = one_pass_sgd([1.0, 0.5], [1.0, 1.0], step_size=0.3, samples=2 if case.twice else 1).gains
    return Margin(1.0 - np.max(np.abs(student - gains * more)) / tolerance(18 * MOST))


_KEPT = Reused(0.0, 0.0, 0.0)
COUNTEREXAMPLES = (
    Counterexample(
        "entries-of-sign",
        violates="gaussian",
        words="Inputs with entries plus and minus one have smaller fourth moments, and the weights vary less.",
        case=replace(_KEPT, signs=1.0),
        restored=_KEPT,
        margin=-2814749767105.5605,
        check=_inputs_of_signs,
    ),
    Counterexample(
        "the-teachers-samples",
        violates="own-samples",
        words="A student that sees its teacher's sample again learns more than the product of mean gains.",
        case=replace(_KEPT, same_samples=1.0),
        restored=_KEPT,
        margin=-3518437208882.1973,
        check=_product,
    ),
    Counterexample(
        "a-second-pass",
        violates="one-pass",
        words="Two steps on one sample are not two steps on two.",
        case=replace(_KEPT, twice=1.0),
        restored=_KEPT,
        margin=-1055531162663.9612,
        check=_product,
    ),
)

_step = Formulas().step
mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("gain-sign", "the mean moves away from the truth", gain=lambda h, n: 1.0 - (1.0 + h) ** n),
    mutate("gain-factor", "the steps count twice", gain=lambda h, n: 1.0 - (1.0 - h) ** (2 * n)),
    mutate("gain-exponent", "the eigenvalue enters squared", gain=lambda h, n: 1.0 - (1.0 - h**2) ** n),
    mutate(
        "step-fourth-moment",
        "the product of the moments lacks its factor of two",
        step=lambda m, lam, eta, s: _step(m, lam, eta, s) - eta**2 * lam**2 * m,
    ),
    mutate(
        "step-trace",
        "the trace is left out",
        step=lambda m, lam, eta, s: _step(m, lam, eta, s) - eta**2 * lam * np.sum(lam * m, axis=-1, keepdims=True),
    ),
    mutate("step-noise", "the noise counts half", step=lambda m, lam, eta, s: _step(m, lam, eta, s / 2.0)),
    mutate(
        "step-sign", "the drift is outward", step=lambda m, lam, eta, s: _step(m, lam, eta, s) + 4.0 * eta * lam * m
    ),
    mutate("horizon-factor", "the horizon is half as far", horizon=lambda n: np.log(2.0) / (2.0 * n)),
    mutate(
        "horizon-exponent", "the horizon falls with the square of the samples", horizon=lambda n: np.log(2.0) / n**2
    ),
    mutate("shorter-sign", "the bound below is above", shorter=lambda b: b * (1.0 + b / 2.0)),
    mutate("shorter-factor", "there is no second order", shorter=lambda b: b),
    mutate("chain-sum", "gains of teacher and student add up", chain=np.add),
    mutate("chain-first", "the student keeps the teacher's gain", chain=lambda g, own: g),
)


@claim(
    id="one-pass-sgd",
    title="One-pass SGD multiplies mean gains on independent samples, with exact second moments",
    topic="high dimension",
    source="wu2026, the setting (its theorems are not reproduced); moments, horizon and product derived here",
    figure="fresh-samples-and-hard-labels",
    statement=r"""Let SGD start at zero and see $N$ fresh samples $x \sim N(0, S)$, $y = x \cdot b^* + \text{noise}$ of
variance $s^2$, one a step of size $\eta$. Then
\[ E[b] = \bigl(I - (I - \eta S)^N\bigr)\, b^*, \]
and $M = E[(b - b^*)(b - b^*)^\top]$ moves by
\[ M \leftarrow M - \eta (S M + M S) + \eta^2 \bigl(2 S M S + \mathrm{tr}(S M)\, S + s^2 S\bigr). \]
For $\eta \lambda \le 1$ the mean gain is at least one half exactly where $\eta \lambda \ge 1 - 2^{-1/N}$, with
\[ \frac{\log 2}{N} \Bigl(1 - \frac{\log 2}{2 N}\Bigr) < 1 - 2^{-1/N} < \frac{\log 2}{N}. \]
A student of such a teacher on $N'$ samples of its own has
\[ E[b] = \bigl(I - (I - \eta S)^{N'}\bigr) \bigl(I - (I - \eta S)^N\bigr)\, b^*; \]
its error from the teacher moves as $M$ does without noise, from the teacher's second moment.""",
    words="A single pass over fresh data learns, on average, what descent on the population learns: directions above a "
    "horizon of about log 2 over step size and samples. The covariance of the weights follows exactly as well. "
    "Taught by "
    "such a run on other samples, a student shrinks once more: the two gains are multiplied.",
    assumptions={
        "gaussian": "Inputs are Gaussian with mean zero (for the second moment; means need the covariance only).",
        "one-pass": "Every step sees a sample that no step before it has seen.",
        "own-samples": "The student's samples are independent of the teacher's.",
        "zero-start": "Both start at zero, and steps have one size.",
        "squared-loss": "The loss is squared error, and noise is independent of the inputs.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def one_pass(case: OnePassProblem) -> Margin:
    """Margins against an enumeration of inputs with Gaussian fourth moments, step by step, in all coordinates."""
    return margins(case, Formulas())
