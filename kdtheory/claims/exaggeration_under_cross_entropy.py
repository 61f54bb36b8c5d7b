"""C14.12: under cross-entropy at a high temperature, students exaggerate from one time on, for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._soft_clusters import chance, drop, integral, label_progress, soft_progress
from kdtheory.distillation import margins_on_labels, margins_on_teacher
from kdtheory.measures import exaggeration_time
from kdtheory.testing import Case, Margin, logarithmic, odds

Array = NDArray[np.float64]
QUADRATURE = 1e-8
HOT, HOT_ROOM = 1e7, 1e-4
_HALVINGS, _DEEPEST = 90, 400.0


@dataclass(frozen=True)
class SoftClusters(Case):
    """An easy and a hard cluster, a teacher trained on one-hot labels, and a student at a temperature.

    Attributes
    ----------
    classes : between 2 and 1000
        Rounded to a whole number.
    progress : between 0.01 and 10000
        The easy cluster's eigenvalue times the teacher's time.
    ratio : between 0.01 and 0.99
        The hard cluster's eigenvalue over it.
    temperature : between 2 and 100
    share : between 0.001 and 0.999
        What a cluster still lacks, over the hard cluster's teacher margin.
    """

    classes: Annotated[Any, logarithmic(2.0, 1000.0, simple=2.0)]
    progress: Annotated[Any, logarithmic(0.01, 1e4, simple=10.0)]
    ratio: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    temperature: Annotated[Any, logarithmic(2.0, 100.0, simple=4.0)]
    share: Annotated[Any, odds(0.001, 0.999, simple=0.5)]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    label_progress: Callable[..., Array] = label_progress
    soft_progress: Callable[..., Array] = soft_progress
    hot_speed: Callable[..., Array] = lambda classes: 1.0 / classes
    hot_crossing: Callable[..., Array] = lambda lam, told, classes: exaggeration_time(lam / classes, told)
    hot_peak: Callable[..., Array] = lambda lam, classes: exaggeration_time(lam / classes, lam)


def teacher_margins(progress: Array, k: Array) -> Array:
    """Margins that labels lead to, for many numbers of classes at once: by halving, from the exact bounds."""
    low, high = np.zeros_like(progress), np.minimum(np.log1p((k + 1) * progress), (k + 1) * progress / k)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = label_progress(middle, k) < progress
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return (low + high) / 2


def margins(case: SoftClusters, formulas: Formulas) -> Margin:
    """Margins of all parts; times are in units of the easy cluster's."""
    k = np.rint(np.atleast_1d(case.classes))[:, None] - 1.0
    ratio, tau = np.atleast_1d(case.ratio), np.atleast_1d(case.temperature)[:, None]
    lam = np.stack([np.ones_like(ratio), ratio], axis=-1)
    told = teacher_margins(lam * np.atleast_1d(case.progress)[:, None], k) / tau
    deficit = (np.atleast_1d(case.share) * told[:, 1])[:, None]
    speeds = lam * drop(told, deficit, k)
    time = formulas.soft_progress(told, deficit, k) / lam
    ahead = np.log(deficit[:, 0]) - _crossing(told, k, lam, formulas)
    return Margin(
        **_times(told, tau, deficit, k, formulas),
        rates=np.log(speeds[:, 0] / speeds[:, 1]),
        crossing=np.log(time[:, 0] / time[:, 1]) * np.sign(ahead),
        **_hot(told * tau, lam, k, formulas),
    )


def _crossing(told: Array, k: Array, lam: Array, formulas: Formulas) -> Array:
    """Log of the deficit that both clusters have at one and the same time, by halving."""
    high = np.log(told[:, 1])
    low = high - _DEEPEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        time = formulas.soft_progress(told, np.exp(middle)[:, None], k) / lam
        easy_first = time[:, 0] < time[:, 1]
        low, high = np.where(easy_first, middle, low), np.where(easy_first, high, middle)
    return (low + high) / 2


def _times(told: Array, tau: Array, deficit: Array, k: Array, formulas: Formulas) -> dict[str, Array]:
    """Both closed forms against integrals of one over the speed."""
    grow, kk, own = 1.0 + 1.0 / k, k[..., None], told * tau
    by_labels = integral(lambda m: grow[..., None] * (1.0 - chance(m, kk)), 0.0 * own, own)
    logs = np.log(told), np.log(deficit) + 0.0 * told

    def speed(log: Array) -> Array:
        return -grow[..., None] * drop(told[..., None], np.exp(log), kk) / np.exp(log)

    by_soft = integral(speed, *logs)
    found = {
        "label_time": np.abs(np.log(by_labels / formulas.label_progress(own, k))),
        "soft_time": np.abs(np.log(by_soft / formulas.soft_progress(told, deficit, k))),
    }
    return {name: 1.0 - np.max(error, axis=-1) / QUADRATURE for name, error in found.items()}


def _hot(own: Array, lam: Array, k: Array, formulas: Formulas) -> dict[str, Array]:
    """At a temperature without end: exponential decay at the speed 1 / classes, its crossing and its peak."""
    told, classes = own / HOT, k + 1.0
    halved = formulas.soft_progress(told, told / 2, k)
    lacking = np.exp(_crossing(told, k, lam, formulas))[:, None]
    found = (formulas.soft_progress(told, lacking, k) / lam)[:, 0]
    crossing = np.reshape(formulas.hot_crossing(lam, own, classes), -1)
    peak = crossing + np.reshape(formulas.hot_peak(lam, classes), -1)
    # The slope is largest where both clusters move equally fast.
    left = told * np.exp(-lam / classes * peak[:, None])
    speeds = np.log(lam * drop(told, left, k))
    errors = {
        "hot_speed": np.max(np.abs(halved * formulas.hot_speed(classes) / np.log(2.0) - 1.0), axis=-1),
        "hot_crossing": np.abs(np.log(found / crossing)),
        "hot_peak": np.abs(speeds[:, 0] - speeds[:, 1]),
    }
    return {name: 1.0 - error / HOT_ROOM for name, error in errors.items()}


@dataclass(frozen=True)
class Run:
    """Two clusters: eigenvalues, teacher's time or own margins, student's time, temperature, classes."""

    eigenvalues: tuple[float, float]
    student_time: float
    temperature: float
    teacher_time: float = 1.0
    classes: int = 2
    teacher_margins: tuple[float, float] | None = None


def slope_margin(case: Run) -> Margin:
    """Log of what the hard cluster lacks over what the easy one does: positive iff the slope is above 1."""
    own = case.teacher_margins
    if own is None:
        own = margins_on_labels(case.eigenvalues, case.teacher_time, classes=case.classes)
    said = {"temperature": case.temperature, "classes": case.classes}
    lacking = margins_on_teacher(case.eigenvalues, case.student_time, own, **said).deficits
    return Margin(np.log(lacking[1] / lacking[0]))


def _simulation() -> Margin:
    """Softmax trained in small steps on three clusters of three classes: margins are those of the closed forms.

    Steps of h times the largest eigenvalue move margins by about half of that, relatively.
    """
    import kdtheory as kd

    sizes, step = (6, 3, 1), 0.002
    inputs = np.repeat(np.eye(3), sizes, axis=0)
    task, model = kd.tasks.from_arrays(inputs, np.repeat([0, 1, 2], sizes)), kd.LinearModel()
    soft = kd.CrossEntropy(temperature=4.0)
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(2500, step), kd.CrossEntropy()))}
    for name, steps in {"early": 30, "late": 2500}.items():
        fits[name] = kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientDescent(steps, step), soft))
    ends = kd.simulate(kd.Recipe(**fits), model, task)
    rows, found = np.array([0, 6, 9]), {}
    for name in fits:
        logits = np.asarray(ends[name].train)[rows]
        found[name] = logits[np.arange(3), np.arange(3)] - logits[np.arange(3), [1, 2, 0]]
    lam = np.asarray(sizes, dtype=float)
    own = margins_on_labels(lam, 2500 * step, classes=3)
    said = {"teacher": own}
    for name, steps in {"early": 30, "late": 2500}.items():
        said[name] = margins_on_teacher(lam, steps * step, own, temperature=4.0, classes=3).margins
    error = max(float(np.abs(found[name] / said[name] - 1.0).max()) for name in fits)
    slopes = {name: np.diff(found[name])[0] / np.diff(found["teacher"])[0] for name in ("early", "late")}
    return Margin(
        agreement=1.0 - error / (2 * step * lam.max()), early=1.0 - slopes["early"], late=slopes["late"] - 1.0
    )


COUNTEREXAMPLES = (
    Counterexample(
        "early-student",
        violates="past-the-crossing",
        words="At a twentieth of the teacher's time the student lacks most where the teacher is most confident.",
        case=Run((20.0, 5.0), student_time=0.05, temperature=4.0),
        restored=Run((20.0, 5.0), student_time=1.0, temperature=4.0),
        margin=-0.16992909288323857,
        check=slope_margin,
    ),
    Counterexample(
        "temperature-one",
        violates="high-temperature",
        words="At temperature 1 a teacher with margins above 4 is followed slowest on its most confident cluster: "
        "long after its own time the student's slope is below 1.",
        case=Run((1000.0, 400.0), student_time=20.0, temperature=1.0),
        restored=Run((1000.0, 400.0), student_time=1.0, temperature=2.0),
        margin=-0.04242462947693295,
        check=slope_margin,
    ),
    Counterexample(
        "another-teacher",
        violates="one-hot-teacher",
        words="A teacher that is sure of the easy cluster beyond what labels teach in any time: even at temperature 4 "
        "that cluster follows more slowly, and the slope stays below 1.",
        case=Run((1.0, 0.5), student_time=50.0, temperature=4.0, teacher_margins=(40.0, 4.0)),
        restored=Run((1.0, 0.5), student_time=50.0, temperature=4.0, teacher_time=20.0),
        margin=-11.71289014938142,
        check=slope_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("label-time-sign", "k m - e^m", label_progress=lambda m, k: np.abs(k * m - np.expm1(m)) / (k + 1)),
    mutate("label-time-factor", "one class for the others", label_progress=lambda m, k: (m + np.expm1(m)) / 2),
    mutate(
        "soft-time-confidence", "all margins are followed equally fast",
        soft_progress=lambda told, d, k: (k + 1) * np.log(told / d),
    ),
    mutate(
        "soft-time-classes", "two classes for all",
        soft_progress=lambda told, d, k: soft_progress(told, d, 1.0),
    ),
    mutate(
        "soft-time-temperature", "the speed is that of temperature 1",
        soft_progress=lambda told, d, k: soft_progress(4 * told, 4 * d, k),
    ),
    mutate("hot-speed-quarter", "1/4 for all numbers of classes", hot_speed=lambda classes: 0.25 + 0 * classes),
    mutate("hot-speed-others", "one over the other classes", hot_speed=lambda classes: 1 / (classes - 1)),
    mutate("hot-crossing-classes", "classes left out", hot_crossing=lambda lam, told, c: exaggeration_time(lam, told)),
    mutate("hot-crossing-factor", "half of it", hot_crossing=lambda lam, told, c: exaggeration_time(lam / c, told) / 2),
    mutate("hot-peak-classes", "classes left out", hot_peak=lambda lam, c: exaggeration_time(lam, lam)),
    mutate("hot-peak-sign", "before the crossing", hot_peak=lambda lam, c: -exaggeration_time(lam / c, lam)),
    mutate.flipped("hard-first", "the hard cluster is followed faster", "rates"),
)  # fmt: skip


@claim(
    id="exaggeration-under-cross-entropy",
    title="At temperatures from 2, cross-entropy students exaggerate from one time on, for ever",
    topic="open questions",
    source="nagarajan2023, the phenomenon; hinton2015, the temperature; derived here",
    statement=r"""Softmax cross-entropy with $K$ classes, $k = K - 1$; clusters with orthogonal kernels and eigenvalues
$\lambda$; margin $m$ = true logit minus any other; gradient flow from zero. A teacher of one-hot labels has
$k m_T + e^{m_T} = 1 + K \lambda T$. Its student at the temperature $\tau$ (loss times $\tau^2$) follows
\[ \dot m = \lambda \frac{K}{k} \tau \left[ p(m_T / \tau) - p(m / \tau) \right], \qquad p(m) = \frac{e^m}{e^m + k}. \]
For $\tau \ge 2$ (with two classes $\tau \ge 20/19$) and any two clusters, $\lambda_1 > \lambda_2$, there is exactly one
time $s_c$ with
\[ \frac{m(\lambda_1) - m(\lambda_2)}{m_T(\lambda_1) - m_T(\lambda_2)} < 1 \ \text{ for } s < s_c, \qquad
> 1 \ \text{ for } s > s_c, \]
and the slope goes from 0 over a maximum to 1, from above. As $\tau \to \infty$:
$m = m_T (1 - e^{-\lambda s / K})$ and
\[ s_c = \frac{K \log (m_{T1} / m_{T2})}{\lambda_1 - \lambda_2}, \qquad
s_{\max} = s_c + \frac{K \log (\lambda_1 / \lambda_2)}{\lambda_1 - \lambda_2}. \]""",
    words="At a high temperature the student is one of square loss again, 1/K as fast, of a teacher whose margins grow "
    "like the logarithm of its time. Easy clusters are then followed first, and once they lack less than hard ones it "
    "stays so: the slope passes 1, has a maximum, and comes back to 1 from above: the ladder of slopes over student "
    "time. This is about train points that share no kernel; networks, test points and label noise are not in it.",
    assumptions={
        "orthogonal-clusters": "The kernel vanishes between clusters: each learns alone, and wrong logits stay equal.",
        "gradient-flow": "Both are trained by gradient flow of the summed loss, from the zero function.",
        "one-hot-teacher": "The teacher was trained on one-hot labels, with the student's kernel.",
        "teacher-only": "The student's target is its teacher's soft labels.",
        "high-temperature": "The temperature is at least 2 (20/19 with two classes), the same for teacher and student.",
        "past-the-crossing": "Exaggeration: the student's time is beyond s_c.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
    figure="cross-entropy-slopes",
)
def exaggeration_under_cross_entropy(case: SoftClusters) -> Margin:
    """Margins of times, of the order of speeds, of the one crossing, and of the limit of high temperatures."""
    return margins(case, Formulas())
