"""C12: when a student still lags although its teacher has another kernel with the same eigenvectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientFlow, flattest_teacher
from kdtheory.procedures.matching import matched_progress
from kdtheory.testing import Case, Margin, logarithmic, odds, tolerance

Array = NDArray[np.float64]
_STEP = 1e-30


@dataclass(frozen=True)
class CommutingKernels(Case):
    """Two modes; the teacher's ratio of eigenvalues is the student's to the power ``steepness``."""

    teacher_progress: Annotated[Any, logarithmic(1e-3, 8.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-3, 8.0, simple=1.0)]
    ratio: Annotated[Any, odds(0.02, 0.98, simple=0.5)]
    steepness: Annotated[Any, logarithmic(0.02, 20.0, simple=2.0)]


def _elasticity(gain: Array) -> Array:
    """Of gradient flow, as a function of its gain."""
    return -(1.0 - gain) * np.log1p(-gain) / gain


@dataclass(frozen=True)
class Formulas:
    """Elasticity at a gain, the criterion, and the teacher's ratio of eigenvalues up to which the student lags."""

    elasticity: Callable[..., Array] = _elasticity
    slack: Callable[..., Array] = lambda steepness, teacher, student, reference: (
        steepness * teacher + student - reference
    )
    flattest: Callable[..., Array] = flattest_teacher


def _log_ahead(case: CommutingKernels, teacher_ratio: Array) -> Array:
    """Log of the matched reference's gain on mode 2 over the student's, from the gains."""
    a, b, r = (np.asarray(x) for x in (case.teacher_progress, case.student_progress, case.ratio))
    reference = GradientFlow(matched_progress(a, b)).gain(r)
    return np.log(reference / (GradientFlow(a).gain(teacher_ratio) * GradientFlow(b).gain(r)))


def _slope(case: CommutingKernels) -> Array:
    """By how much the student loses on the reference towards lower eigenvalues, by a complex step."""
    a, b = np.asarray(case.teacher_progress), np.asarray(case.student_progress)
    log_eigenvalue = 1j * _STEP
    taught = np.log(-np.expm1(-a * np.exp(np.asarray(case.steepness) * log_eigenvalue)))
    learned = np.log(-np.expm1(-b * np.exp(log_eigenvalue)))
    reference = np.log(-np.expm1(-matched_progress(a, b) * np.exp(log_eigenvalue)))
    return np.imag(taught + learned - reference) / _STEP


def margins(case: CommutingKernels, formulas: Formulas) -> Margin:
    """The criterion against derivatives, steep kernels, and the exact threshold for flat ones."""
    a, b, r, steep = (np.asarray(x) for x in case.values.values())
    u, v = -np.expm1(-a), -np.expm1(-b)
    elasticities = [formulas.elasticity(gain) for gain in (u, v, u * v)]
    slope = formulas.slack(steep, *elasticities)
    spare = tolerance(4, 100.0)
    taught = r**steep
    flattest = formulas.flattest(a, b, r)
    lag = _log_ahead(case, taught)
    at_most = _log_ahead(case, r ** np.maximum(steep, 1.0))
    return Margin(
        criterion=Margin.within(slope - _slope(case), tolerance(4, 100.0) * (1.0 + steep + np.exp(b))).values,
        steep_slope=formulas.slack(np.maximum(steep, 1.0), *elasticities) + spare,
        steep_lags=at_most + spare,
        threshold=Margin.within(_log_ahead(case, flattest), spare * np.exp(a)).values,
        lags_below_only=np.sign(flattest - taught) * lag + spare * np.exp(a),
        flatter_is_possible=np.log(flattest / r) + spare * np.exp(a),
        but_not_flat=1.0 - flattest + spare,
    )


@dataclass(frozen=True)
class Plane:
    """Gradient flow on two modes of the student's kernel; the teacher's eigenvectors are turned by ``angle``."""

    student: tuple[float, float] = (2.0, 0.5)
    teacher: tuple[float, float] = (2.0, 0.5)
    angle: float = 0.0
    labels: tuple[float, float] = (1.0, 1.0)
    times: tuple[float, float] = (1.0, 1.0)

    @property
    def shares(self) -> Array:
        """What the student has of the labels in each of its modes."""
        turn = np.array([[np.cos(self.angle), -np.sin(self.angle)], [np.sin(self.angle), np.cos(self.angle)]])
        taught = turn @ np.diag(GradientFlow(self.times[0]).gain(self.teacher)) @ turn.T @ np.asarray(self.labels)
        return GradientFlow(self.times[1]).gain(self.student) * taught / np.asarray(self.labels)


def lag_margin(case: Plane) -> Margin:
    """The matched reference's share of mode 2 less the student's, over the reference's; and the student's share."""
    one, two = case.shares
    time = -np.log1p(-one) / case.student[0]
    return Margin(lag=1.0 - two / GradientFlow(time).gain(case.student[1]), sign=two)


# Times at which the teacher has learned 0.95 of its first mode and 0.05 of its second, and a student nearly everything.
_STEEP = (-np.log(0.05), -np.log(0.95))

COUNTEREXAMPLES = (
    Counterexample(
        "flat-teacher-kernel",
        violates="steep-enough",
        words="A teacher that learns both modes equally fast leaves the student less to exaggerate than one training "
        "on labels would.",
        case=Plane(teacher=(2.0, 2.0)),
        restored=Plane(),
        margin=-0.16819873965261367,
        check=lag_margin,
    ),
    Counterexample(
        "swapped-kernels",
        violates="same-order",
        words="A teacher that learns first what the student learns last: the student has 3.45 times as much of mode 2.",
        case=Plane(teacher=(0.5, 2.0)),
        restored=Plane(),
        margin=-2.4455939967256897,
        check=lag_margin,
    ),
    Counterexample(
        "turned-kernels",
        violates="same-eigenvectors",
        words="Turned by 0.4 rad, a teacher with gains 0.95 and 0.05 writes what it knows of the large coefficient "
        "into "
        "the small one, with the wrong sign and 6.27 times its size; a long-trained student repeats it.",
        case=Plane((2.0, 0.5), _STEEP, angle=-0.4, labels=(1.0, 0.05), times=(1.0, 40.0)),
        restored=Plane((2.0, 0.5), _STEEP, labels=(1.0, 0.05), times=(1.0, 40.0)),
        margin=-6.269722824379068,
        check=lag_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("elasticity-sign", "the elasticity is negative", elasticity=lambda u: (1.0 - u) * np.log1p(-u) / u),
    mutate("elasticity-exponent", "the residual is squared", elasticity=lambda u: -((1.0 - u) ** 2) * np.log1p(-u) / u),
    mutate("slack-factor", "the steepness acts on the student", slack=lambda k, t, s, r: t + k * s - r),
    mutate("slack-sign", "the reference is added", slack=lambda k, t, s, r: k * t + s + r),
    mutate("slack-steepness", "the steepness is left out", slack=lambda k, t, s, r: t + s - r),
    mutate("flattest-is-own", "the student's ratio is the limit", flattest=lambda a, b, r: r + 0.0 * a),
    mutate("flattest-factor", "student and teacher swapped", flattest=lambda a, b, r: flattest_teacher(b, a, r)),
    mutate("flattest-exponent", "the root of the limit", flattest=lambda a, b, r: np.sqrt(flattest_teacher(a, b, r))),
)


def _simulation() -> Margin:
    """Euler steps in JAX on two kernels, one flatter than the threshold and one steeper."""
    import kdtheory as kd

    flattest = float(flattest_teacher(1.0, 1.0, 0.5))
    task, found = kd.tasks.from_spectrum([1.0, 0.5], coefficients=[1.0, 1.0], seed=0), []
    spectrum = kd.LinearModel().spectrum(task)
    # A step h moves log-gains by about h / 2, and there are three of them.
    step = 0.002
    for ratio in (0.9 * flattest, 1.1 * flattest):
        gram = spectrum.basis @ np.diag([1.0, ratio]) @ spectrum.basis.T
        flow = kd.GradientFlow(time=1.0)
        recipe = kd.Recipe(
            teacher=kd.Fit(kd.Phase(kd.labels, flow), model=kd.KernelModel(gram=gram)),
            student=kd.Fit(kd.Phase(kd.output_of("teacher"), flow)),
        )
        student = kd.simulate(recipe, kd.LinearModel(), task, step_size=step)["student"]
        one, two = (spectrum.coefficients(student.train) / spectrum.coefficients(np.asarray(task.targets)))[:, 0]
        found.append(float(np.log(-np.expm1(0.5 * np.log1p(-one)) / two)))
    return Margin(lags_if_steeper=found[0] - 1.5 * step, leads_if_flatter=-found[1] - 1.5 * step)


@claim(
    id="cross-kernel-lag",
    title="A student lags behind its own kernel's training unless its teacher's kernel is too flat",
    topic="kernels and width",
    source="derived here",
    figure="cross-kernel",
    statement=r"""Let the Gram matrices of teacher and student commute, with $\lambda_T = \varphi(\lambda_S)$ and
$e_\varphi = d \log \varphi / d \log \lambda$. With elasticities $E$ as functions of the gain the student loses on the
matched reference (on the student's kernel) towards lower modes where
\[ E_R(u v) < e_\varphi E_T(u) + E_S(v). \]
For gradient flow and two modes, with the ratio $r < 1$ of the student's eigenvalues and $r_T$ of the teacher's, gains
$u = 1 - e^{-a}$ and $v$ on mode 1 and $g_r(u) = 1 - (1 - u)^r$: the student lags on mode 2 exactly if
\[ r_T < r_T^* = - \frac1a \log\Bigl(1 - \frac{g_r(u v)}{g_r(v)}\Bigr), \qquad r < r_T^* < 1: \]
always if the teacher's kernel falls at least as steeply, $r_T \le r$ ($e_\varphi \ge 1$), and never if it is flat.""",
    words="What exaggerates is that two trainings in a row prefer the same modes. A teacher on a steeper kernel "
    "prefers "
    "them more, on a flatter one less; there is an exact ratio beyond which the student has more of a low mode than a "
    "training on labels would have. With other eigenvectors nothing is left mode by mode.",
    assumptions={
        "squared-loss": "Both models are linear in their parameters and the loss is squared error.",
        "same-eigenvectors": "The two Gram matrices commute.",
        "same-order": "The teacher's eigenvalues fall where the student's do.",
        "steep-enough": "The teacher's ratio of eigenvalues is below the threshold.",
        "one-procedure": "Teacher, student and reference follow the gradient flow, for times of their own.",
        "zero-start": "All trainings start at zero.",
        "matched": "The reference is trained on the student's kernel, as far as the student on mode 1.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def cross_kernel_lag(case: CommutingKernels) -> Margin:
    """Margins of the criterion, of steep kernels, and of the threshold."""
    return margins(case, Formulas())
