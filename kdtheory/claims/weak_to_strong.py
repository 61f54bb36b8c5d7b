"""C14.7: how far a student that only regularizes can come beyond a teacher that projects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.risk import weak_to_strong_barrier
from kdtheory.testing import Case, Margin, linear, odds, tolerance
from kdtheory.testing.seeded import seeded

Array = NDArray[np.float64]
SIZE = 5


@dataclass(frozen=True)
class Teachers(Case):
    """A target of norm 1 in five dimensions, a teacher that projects it, and filters of a student.

    ``error`` is the teacher's, ``near`` how near a filter is to the best one, ``kept`` the eigenvalue of the target.
    """

    seed: Annotated[Any, linear(0.0, 1e9, simple=0.0)]
    error: Annotated[Any, odds(1e-3, 0.999, simple=0.5)]
    near: Annotated[Any, odds(1e-3, 0.999, simple=0.5)]
    kept: Annotated[Any, odds(1e-3, 0.999, simple=0.5)]

    @cached_property
    def random(self) -> Array:
        """Three matrices of random numbers per case."""
        return seeded(self.seed, 3, SIZE, SIZE)

    @property
    def target(self) -> Array:
        """Of norm 1."""
        return self._frame[..., 0]

    @property
    def projection(self) -> Array:
        """Onto three directions, one of which is not at right angles to the target; its error is ``error``."""
        frame, e = self._frame, self.per_mode(self.error)
        leading = np.sqrt(1.0 - e) * frame[..., 0] + np.sqrt(e) * frame[..., 1]
        span = np.stack([leading, frame[..., 2], frame[..., 3]], axis=-1)
        return span @ np.swapaxes(span, -1, -2)

    @property
    def filter(self) -> Array:
        """Any symmetric filter with eigenvalues from 0 to 1."""
        basis = np.linalg.qr(self.random[..., 1, :, :])[0]
        values = 1.0 / (1.0 + np.exp(-3.0 * self.random[..., 2, 0, :]))
        return (basis * values[..., None, :]) @ np.swapaxes(basis, -1, -2)

    @property
    def _frame(self) -> Array:
        return np.linalg.qr(self.random[..., 0, :, :])[0]


def _times(matrix: Array, vector: Array) -> Array:
    return np.squeeze(matrix @ vector[..., None], -1)


def _outer(vector: Array) -> Array:
    return vector[..., :, None] * vector[..., None, :]


def _square(vector: Array) -> Array:
    return np.sum(vector**2, axis=-1)


def best_filter(target: Array, taught: Array) -> Array:
    """The projection onto the point nearest to the target in the ball that filters can reach from ``taught``."""
    middle = taught / 2.0
    away = target - middle
    nearest = middle + away * np.sqrt(_square(middle) / _square(away))[..., None]
    return _outer(nearest) / _square(nearest)[..., None, None]


@dataclass(frozen=True)
class Formulas:
    """The barrier, its two simpler bounds, and the bound for filters that keep the target's direction."""

    barrier: Callable[..., Array] = weak_to_strong_barrier
    lower: Callable[..., Array] = lambda e: 0.75 * e**2
    upper: Callable[..., Array] = lambda e: e**2
    aligned: Callable[..., Array] = lambda e, kept: (1.0 - kept * (1.0 - e)) ** 2


def margins(case: Teachers, formulas: Formulas) -> Margin:
    """Errors of several students against the barrier, in logs."""
    target, e = case.target, np.asarray(case.error)
    taught = _times(case.projection, target)
    best, near = best_filter(target, taught), np.asarray(case.near)[..., None, None]
    onto, kept = _outer(target), np.asarray(case.kept)[..., None, None]
    rest = np.eye(SIZE) - onto
    keeping = kept * onto + rest @ case.filter @ rest
    filters = case.filter, best, near * best + (1.0 - near) * case.filter, onto, keeping
    errors = [_square(target - _times(one, taught)) for one in filters]
    barrier, slack = formulas.barrier(e), tolerance(SIZE**2, 100.0 / e)
    return Margin(
        teacher=Margin.within(np.log(_square(target - taught) / e), slack).values,
        any_filter=np.log(errors[0] / barrier) + slack,
        near_the_best=np.log(errors[2] / barrier) + slack,
        attained=Margin.within(np.log(errors[1] / barrier), slack).values,
        onto_the_target=Margin.within(np.log(errors[3] / formulas.upper(e)), slack).values,
        aligned=np.log(errors[4] / formulas.aligned(e, np.asarray(case.kept))) + slack,
        aligned_above_square=np.log(formulas.aligned(e, np.asarray(case.kept)) / formulas.upper(e)) + slack,
        above_three_quarters=np.log(barrier / formulas.lower(e)) + slack,
        below_the_square=np.log(formulas.upper(e) / barrier) + slack,
    )


@dataclass(frozen=True)
class Plane:
    """A teacher and a student in the plane, as matrices; the target is the first unit vector."""

    student: tuple[tuple[float, float], tuple[float, float]]
    teacher: tuple[tuple[float, float], tuple[float, float]] = ((0.5, 0.5), (0.5, 0.5))
    mixing: float = 1.0


def barrier_margin(case: Plane) -> Margin:
    """Log of one plus the student's error over one plus the barrier."""
    target, teacher, student = np.array([1.0, 0.0]), np.asarray(case.teacher), np.asarray(case.student)
    taught = teacher @ target
    error = _square(target - student @ (case.mixing * taught + (1.0 - case.mixing) * target))
    return Margin(barrier=np.log1p(error) - np.log1p(weak_to_strong_barrier(_square(target - taught))))


_ONTO = ((1.0, 0.0), (0.0, 0.0))
COUNTEREXAMPLES = (
    Counterexample(
        "extrapolation",
        violates="contraction",
        words="A student that overshoots to the gain 1 / (1 - e) = 2 in the target's direction has no error at all.",
        case=Plane(((2.0, 0.0), (0.0, 0.0))),
        restored=Plane(_ONTO),
        margin=-0.1747790212747626,
        check=barrier_margin,
    ),
    Counterexample(
        "rotation",
        violates="symmetric",
        words="A student that turns the teacher's outputs by 45 degrees shrinks nothing and is below the barrier.",
        case=Plane(((0.7071067811865476, 0.7071067811865476), (-0.7071067811865476, 0.7071067811865476))),
        restored=Plane(_ONTO),
        margin=-0.09247446953688195,
        check=barrier_margin,
    ),
    Counterexample(
        "skew-projection",
        violates="orthogonal-teacher",
        words="A teacher that projects askew keeps the whole target and adds an error at right angles: a student can "
        "leave it out.",
        case=Plane(_ONTO, teacher=((1.0, 0.0), (1.0, 0.0))),
        restored=Plane(_ONTO),
        margin=-0.6931471805599453,
        check=barrier_margin,
    ),
    Counterexample(
        "labels-mixed-in",
        violates="pure-distillation",
        words="A student that also sees the target, with weight one half, is no longer bound by its teacher.",
        case=Plane(_ONTO, mixing=0.5),
        restored=Plane(_ONTO),
        margin=-0.11415439945832777,
        check=barrier_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("barrier-without-symmetry", "the bound of the norms alone", barrier=lambda e: (1.0 - np.sqrt(1.0 - e)) ** 2),
    mutate("barrier-square", "the barrier is e squared", barrier=lambda e: e**2),
    mutate("barrier-sign", "1 + e below", barrier=lambda e: (np.sqrt(1 + 3 * e) - np.sqrt(1 + e)) ** 2 / 4),
    mutate("barrier-factor", "one half for one quarter", barrier=lambda e: 2.0 * weak_to_strong_barrier(e)),
    mutate("barrier-exponent", "not squared", barrier=lambda e: np.sqrt(weak_to_strong_barrier(e))),
    mutate("lower-factor", "0.77 for three quarters", lower=lambda e: 0.77 * e**2),
    mutate("upper-exponent", "e cubed", upper=lambda e: e**3),
    mutate("aligned-sign", "1 + e for 1 - e", aligned=lambda e, kept: (1.0 - kept * (1.0 + e)) ** 2),
    mutate("aligned-exponent", "the kept share squared", aligned=lambda e, kept: (1.0 - kept**2 * (1.0 - e)) ** 2),
)


def _simulation() -> Margin:
    """Random features as weak teacher, a kernel student at 40 times: none comes below the barrier."""
    import kdtheory as kd

    inputs = np.random.default_rng(0).standard_normal((40, 3))
    target = np.sin(inputs @ [1.0, 0.5, -0.5])
    task = kd.tasks.from_arrays(inputs, target / np.linalg.norm(target))
    weak = kd.RandomFeatures(kd.kernels.ArcCosine(order=1), count=10, seed=0)
    teacher = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time=np.inf)), model=weak)
    times = kd.axis("time", np.geomspace(1e-3, 1e3, 40))
    student = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientFlow(time=times)))
    strong = kd.KernelModel(kd.kernels.ArcCosine(order=1))
    result = kd.solve(kd.Recipe(teacher=teacher, student=student), strong, task)
    e = np.sum((result["teacher"].train - task.targets) ** 2)
    errors = np.sum((result["student"].train - task.targets) ** 2, axis=(-2, -1))
    return Margin(barrier=np.min(np.log(errors / weak_to_strong_barrier(e))))


@claim(
    id="weak-to-strong",
    title="A student that only regularizes keeps at least three quarters of the square of its teacher's error",
    topic="risk",
    source="medvedev2025, setting and order; sharp barrier derived here",
    figure="label-averaging",
    statement=r"""Let $|f^*| = 1$, let the teacher be $P f^*$ with an orthogonal projection $P$ and the error
$e = |f^* - P f^*|^2$, and let the student be $S P f^*$ with a symmetric filter $0 \preceq S \preceq I$. Then
\[ |f^* - S P f^*|^2 \ge \beta(e) = \tfrac14 \bigl(\sqrt{1 + 3 e} - \sqrt{1 - e}\bigr)^2,
   \qquad \tfrac34 e^2 \le \beta(e) \le e^2, \]
and for every $e$ some $S$ attains $\beta(e)$. If $f^*$ is an eigenvector of $S$ with eigenvalue $\sigma$, the error is
at
least $(1 - \sigma (1 - e))^2 \ge e^2$; $S = f^* f^{*\top}$ attains $e^2$. (Without symmetry the norms alone give
$(1 - \sqrt{1 - e})^2$.)""",
    words="A strong student can undo much of a weak teacher's error by leaving out what the teacher made up, but it "
    "can "
    "not give back what the teacher has lost without gains above one. Early stopping, ridge and any other filter on "
    "any "
    "kernel leave at least three quarters of the square of the teacher's error; extrapolation has no such barrier.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "orthogonal-teacher": "The teacher's function is the orthogonal projection of the target onto what it can say.",
        "symmetric": "The student's operator is symmetric.",
        "contraction": "Its eigenvalues lie between 0 and 1: no overshoot, no extrapolation.",
        "pure-distillation": "The student sees the teacher's outputs only.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def weak_to_strong(case: Teachers) -> Margin:
    """Margins of the barrier for several students, of its attainment, and of its bounds."""
    return margins(case, Formulas())
