"""C9, temperature: at high temperatures the gradient of soft labels is the difference of logits, over K."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import EPSILON, Case, Margin, linear, logarithmic

Array = NDArray[np.float64]
Logit = Annotated[Any, linear(-6.0, 6.0, simple=1.0)]


@dataclass(frozen=True)
class TwoRows(Case):
    """Logits of a student and of a teacher for three classes; the first of each serve as single outputs, too.

    Attributes
    ----------
    student_1, ..., teacher_3 : between -6 and 6
    temperature : between 1 and 1000
    """

    student_1: Logit
    student_2: Logit
    student_3: Logit
    teacher_1: Logit
    teacher_2: Logit
    teacher_3: Logit
    temperature: Annotated[Any, logarithmic(1.0, 1e3, simple=4.0)]

    def rows(self, who: str) -> Array:
        """Logits of shape (cases, 3)."""
        return np.stack([np.atleast_1d(getattr(self, f"{who}_{j}")) for j in (1, 2, 3)], axis=-1)


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    binary: Callable[..., Array] = lambda z, told: (z - told) / 4
    binary_room: Callable[..., Array] = lambda z, told, tau: np.abs(z**3 - told**3) / (48 * tau**2)
    centred: Callable[..., Array] = lambda z: (z - z.mean(axis=-1, keepdims=True)) / z.shape[-1]
    second: Callable[..., Array] = lambda c, tau: (
        (c**2 - np.mean(c**2, axis=-1, keepdims=True)) / (2 * c.shape[-1] * tau)
    )
    room: Callable[..., Array] = lambda spread, tau: spread**3 / (2 * tau**2)


def margins(case: TwoRows, formulas: Formulas) -> Margin:
    """Slopes of the loss, multiplied by the squared temperature, against their limits."""
    tau = np.atleast_1d(case.temperature)
    z, told = case.rows("student"), case.rows("teacher")
    one = tau * (_logistic(z[:, 0] / tau) - _logistic(told[:, 0] / tau))
    away = formulas.binary(z[:, 0], told[:, 0]) - one
    room = formulas.binary_room(z[:, 0], told[:, 0], tau) + 8 * EPSILON * tau
    wide = tau[:, None]
    many = wide * (_softmax(z / wide) - _softmax(told / wide))
    limit = formulas.centred(z) - formulas.centred(told)
    own, other = (each - each.mean(axis=-1, keepdims=True) for each in (z, told))
    rest = many - limit - formulas.second(own, wide) + formulas.second(other, wide)
    allowed = sum(formulas.room(np.ptp(each, axis=-1), tau) for each in (z, told)) + 8 * EPSILON * tau
    return Margin(
        binary=1.0 - np.abs(away) / room,
        # The student's slope never exceeds that of square loss.
        damped=np.sign(z[:, 0] - told[:, 0]) * away / room + 1e-9 + 8 * EPSILON * tau / room,
        multiclass=1.0 - np.max(np.abs(rest), axis=-1) / allowed,
    )


def _logistic(z: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-z))


def _softmax(z: Array) -> Array:
    grown = np.exp(z - z.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Slopes:
    """Logits of student and teacher, temperatures, and whether the loss is multiplied by their square."""

    student: tuple[float, ...]
    teacher: tuple[float, ...]
    temperatures: tuple[float, float] = (1e3, 1e4)
    scaled: bool = True


def order_margin(case: Slopes) -> Margin:
    """By how much the order in one over the temperature, at which centred logits over K are approached, exceeds 1.5."""
    z, told = (np.array([each]) for each in (case.student, case.teacher))
    errors = []
    for tau in case.temperatures:
        slope = (tau if case.scaled else 1 / tau) * (_softmax(z / tau) - _softmax(told / tau))
        errors.append(np.abs(slope - Formulas().centred(z) + Formulas().centred(told)).max())
    powers = np.log(errors[0] / errors[1]) / np.log(case.temperatures[1] / case.temperatures[0])
    return Margin(powers - 1.5)


COUNTEREXAMPLES = (
    Counterexample(
        "three-classes",
        violates="two-classes",
        words="With three classes the limit is approached like one over the temperature, not like its square: centred "
        "logits need not have equal squares.",
        case=Slopes((2.0, 0.0, -1.0), (1.0, 0.5, 0.0)),
        restored=Slopes((2.0, 0.0), (1.0, 0.5)),
        margin=-0.5000796060299594,
        check=order_margin,
    ),
    Counterexample(
        "unscaled-loss",
        violates="temperature-squared",
        words="Without the factor of the squared temperature the slope vanishes, and nothing is learned.",
        case=Slopes((2.0, 0.0), (1.0, 0.5), scaled=False),
        restored=Slopes((2.0, 0.0), (1.0, 0.5)),
        margin=-1.5000004299515644,
        check=order_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("binary-factor", "a half for a quarter", binary=lambda z, told: (z - told) / 2),
    mutate("binary-sign", "the sum of logits", binary=lambda z, told: (z + told) / 4),
    mutate("binary-order", "one over the cube", binary_room=lambda z, t, tau: np.abs(z**3 - t**3) / (48 * tau**3)),
    mutate("binary-constant", "96 for 48", binary_room=lambda z, t, tau: np.abs(z**3 - t**3) / (96 * tau**2)),
    mutate("not-centred", "logits as they are", centred=lambda z: z / z.shape[-1]),
    mutate("centred-factor", "over the other classes", centred=lambda z: (z - z.mean(axis=-1, keepdims=True)) / 2),
    mutate("second-left-out", "no term of first order", second=lambda c, tau: 0 * c / tau),
    mutate("second-sign", "its sign", second=lambda c, tau: -Formulas().second(c, tau)),
    mutate("room-order", "one over the cube", room=lambda spread, tau: spread**3 / (200 * tau**3)),
)


@claim(
    id="temperature-limit",
    title="At high temperatures soft labels teach the difference of logits, over K",
    topic="confidence",
    source="hinton2015, the limit; rates and bounds derived here",
    statement=r"""Slopes of the cross-entropy at the temperature $\tau$, multiplied by $\tau^2$, student logits $z$,
teacher logits $z_T$. One logit, $z > z_T$:
\[ 0 \le \frac{z - z_T}{4} - \tau \left[ \sigma(z / \tau) - \sigma(z_T / \tau) \right] \le
\frac{z^3 - z_T^3}{48\, \tau^2}. \]
$K$ classes, $c$ = logits minus their mean, $R$ = their range:
\[ \tau \left[ p_j(z / \tau) - p_j(z_T / \tau) \right] = \frac{c_j - c_{T,j}}{K} +
\frac{(c_j^2 - \overline{c^2}) - (c_{T,j}^2 - \overline{c_T^2})}{2 K \tau} + \rho, \qquad
|\rho| \le \frac{R^3 + R_T^3}{2 \tau^2}. \]""",
    words="Matching soft labels at a high temperature is regression on the teacher's centred logits, at 1/K of its "
    "speed (a quarter for one logit). Two classes come to it like one over the temperature squared, since their "
    "centred logits have equal squares; more classes only like one over the temperature.",
    assumptions={
        "temperature-squared": "The loss is multiplied by the temperature squared.",
        "two-classes": "The faster rate: there is one logit, or two classes.",
        "same-temperature": "Student and teacher are softened by the same temperature.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="soft-labels",
)
def temperature_limit(case: TwoRows) -> Margin:
    """Margins of the limits and of their bounds, for one logit and for three classes."""
    return margins(case, Formulas())
