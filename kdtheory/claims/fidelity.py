"""C14.8: how far a student stays from its teacher, and that this bounds what it can gain on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientDescent, GradientFlow, HeavyBall
from kdtheory.testing import Margin, SpectralProblem, logarithmic, tolerance, whole

Array = NDArray[np.float64]
_SHARE = 0.9


@dataclass(frozen=True)
class Imitations(SpectralProblem):
    """A teacher's outputs, a student by gradient flow, and one by a few steps of gradient descent."""

    steps: Annotated[Any, whole(1, 12, simple=2)]
    longer: Annotated[Any, logarithmic(1e-3, 10.0, simple=1.0)]


@dataclass(frozen=True)
class Formulas:
    """Squared distances from the teacher's outputs."""

    flow: Callable[..., Array] = lambda lam, s, taught: np.exp(-2.0 * lam * s) * taught**2
    descent: Callable[..., Array] = lambda h, steps, taught: (1.0 - h) ** (2.0 * steps) * taught**2
    rate: Callable[..., Array] = lambda lam, s: 2.0 * lam * s


def _after(case: Imitations, taught: Array) -> Array:
    """The student's outputs, step by step."""
    h, steps = _SHARE * case.relative, case.per_mode(case.steps)
    outputs = np.zeros_like(taught)
    for step in range(int(np.max(steps))):
        outputs = np.where(step < steps, outputs + h * (taught - outputs), outputs)
    return outputs


def margins(case: Imitations, formulas: Formulas) -> Margin:
    """Distances as formulas and as run; how they fall; and what the student can gain."""
    lam, time = case.eigenvalues, case.student_time
    taught = GradientFlow(case.teacher_time).gain(lam) * case.coefficients
    total = np.sum(taught**2, axis=-1)
    stepped, student = _after(case, taught), GradientFlow(time).gain(lam) * taught
    flow = np.sum(formulas.flow(lam, time, taught), axis=-1)
    descent = np.sum(formulas.descent(_SHARE * case.relative, case.per_mode(case.steps), taught), axis=-1)
    slack = tolerance(size=8, condition=100.0)
    more = case.per_mode(case.longer)
    later = np.sum(formulas.flow(lam, time * (1.0 + more), taught), axis=-1)
    lowest = np.min(np.where(case.present, lam, np.inf), axis=-1, keepdims=True)
    least, most = (formulas.rate(bound, time * more)[..., 0] for bound in (lowest, case.largest))
    fell = np.log(flow / later)
    spare = slack * (1.0 + most * (1.0 + 1.0 / more[..., 0]))
    gained = _norm(stepped - case.coefficients) - _norm(taught - case.coefficients)
    return Margin(
        flow=Margin.within(np.sum((taught - student) ** 2, axis=-1) - flow, slack * total).values,
        descent=Margin.within(np.sum((taught - stepped) ** 2, axis=-1) - descent, slack * total).values,
        falls_at_least=fell - least + spare,
        falls_at_most=most - fell + spare,
        gain_is_bounded=_norm(taught - stepped) - np.abs(gained) + slack * _norm(case.coefficients),
    )


def _norm(values: Array) -> Array:
    return np.sqrt(np.sum(values**2, axis=-1))


@dataclass(frozen=True)
class Imitation:
    """One student of a teacher whose outputs are 1 in both modes, of eigenvalues 1 and 0.5."""

    time: float = 3.0
    mixing: float = 1.0
    labels: float = 2.0
    start: float = 0.0
    momentum: float = 0.0

    @property
    def left(self) -> Array:
        """The teacher's outputs minus the student's."""
        lam = np.array([1.0, 0.5])
        flow = GradientFlow(self.time)
        gain = HeavyBall(steps=30, momentum=self.momentum, step_size=0.1).gain(lam) if self.momentum else flow.gain(lam)
        target = self.mixing + (1.0 - self.mixing) * self.labels
        return 1.0 - (gain * target + (1.0 - gain) * self.start)


def law_margin(case: Imitation) -> Margin:
    """How far the log of the squared distance is from the formula's, against one tenth."""
    formula = Formulas().flow(np.array([1.0, 0.5]), case.time, 1.0)
    return Margin(law=Margin.within(np.log(np.sum(case.left**2) / np.sum(formula)), 0.1).values)


COUNTEREXAMPLES = (
    Counterexample(
        "labels-mixed-in",
        violates="pure-distillation",
        words="With labels that are twice the outputs, of weight one half, the student ends beyond its teacher.",
        case=Imitation(mixing=0.5),
        restored=Imitation(),
        margin=-12.822634048831912,
        check=law_margin,
    ),
    Counterexample(
        "start-near-the-teacher",
        violates="zero-start",
        words="A student that starts at nine tenths of its teacher is ten times nearer all the way.",
        case=Imitation(start=0.9),
        restored=Imitation(),
        margin=-45.05170185988087,
        check=law_margin,
    ),
    Counterexample(
        "momentum",
        violates="gradient-flow",
        words="With momentum a student of the same time (30 steps of 0.1) comes nearer than the exponential says.",
        case=Imitation(momentum=0.5),
        restored=Imitation(),
        margin=-39.04071603586722,
        check=law_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("flow-sign", "the distance grows", flow=lambda lam, s, taught: np.exp(2.0 * lam * s) * taught**2),
    mutate("flow-factor", "the exponent lacks the two", flow=lambda lam, s, taught: np.exp(-lam * s) * taught**2),
    mutate("flow-exponent", "the outputs are not squared", flow=lambda lam, s, taught: np.exp(-2.0 * lam * s) * taught),
    mutate(
        "descent-exponent", "one step too many", descent=lambda h, k, taught: (1.0 - h) ** (2.0 * k + 2) * taught**2
    ),
    mutate("descent-factor", "residuals not squared", descent=lambda h, k, taught: (1.0 - h) ** k * taught**2),
    mutate("descent-sign", "residuals of 1 + h", descent=lambda h, k, taught: (1.0 + h) ** (2.0 * k) * taught**2),
    mutate("rate-factor", "the distance is squared, the rate is not", rate=lambda lam, s: lam * s),
    mutate("rate-sign", "the rate is negative", rate=lambda lam, s: -2.0 * lam * s),
    mutate.flipped("gain-sign", "a student gains more than its distance", "gain_is_bounded"),
)


def _simulation() -> Margin:
    """Descent in JAX: the measured deviation of the student from its teacher is the root of the formula."""
    import kdtheory as kd

    task = kd.tasks.from_spectrum([1.0, 0.4, 0.1], coefficients=[1.0, -2.0, 3.0], seed=0)
    model, run = kd.LinearModel(), GradientDescent(steps=7, step_size=_SHARE)
    result = kd.simulate(kd.self_distillation(GradientDescent(steps=9, step_size=_SHARE), run), model, task)
    spectrum = model.spectrum(task)
    taught = spectrum.coefficients(result["teacher"].train)[:, 0]
    expected = np.sqrt(np.sum(Formulas().descent(_SHARE * spectrum.eigenvalues, 7, taught)) / np.sum(taught**2))
    found = kd.measures.deviation(result["student"], result["teacher"])
    return Margin(deviation=Margin.within(found / expected - 1.0, tolerance(7 * 8, 10.0)).values)


@claim(
    id="fidelity",
    title="A student's distance from its teacher falls with its own time, and bounds what it can gain",
    topic="stopping and switching",
    source="stanton2021, the notion; formulas and bound derived here",
    figure="gp-self-distillation",
    statement=r"""A gradient-flow student of time $s$ that starts at zero differs from the teacher's outputs $f_T$,
with coefficients $a_T y$, by
\[ |f_T - f_S|^2 = \sum_k e^{-2 \lambda_k s}\, a_T(\lambda_k)^2\, y_k^2; \]
$k$ steps of size $\eta$ put $(1 - \eta \lambda)^{2k}$ for the exponential. It falls at least as fast as in
the lowest mode, and is at least as large as if all modes were the largest: with $\lambda_n \le \lambda_k \le
\lambda_1$,
\[ e^{2 \lambda_n (s' - s)} \le \frac{|f_T - f_S|^2}{|f_T - f_{S'}|^2} \le e^{2 \lambda_1 (s' - s)}
\quad (s' > s \ge 0). \]
For every target $y^*$, $\bigl| |f_S - y^*| - |f_T - y^*| \bigr| \le |f_T - f_S|$.""",
    words="How faithful a student is depends on its own training alone, mode by mode: it leaves out what it had no "
    "time "
    "for, which are its lower modes. Perfect fidelity is no effect at all: what a student can gain on its teacher, or "
    "lose, is at most its distance from it.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "same-modes": "Teacher and student have the same inputs and kernel.",
        "pure-distillation": "The student sees the teacher's outputs only.",
        "zero-start": "The student starts at the zero function.",
        "gradient-flow": "The student follows the gradient flow, or descent without momentum.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def fidelity(case: Imitations) -> Margin:
    """Margins of both formulas, of how the distance falls, and of the bound on the gain."""
    return margins(case, Formulas())
