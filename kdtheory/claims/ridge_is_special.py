"""C8d: only families whose odds are a power of the eigenvalue stay on their own path when they are distilled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientFlow, IteratedTikhonov, Ridge
from kdtheory.testing import EPSILON, Margin, TwoModes, decided, logarithmic, tolerance

Array = NDArray[np.float64]
TINY = 1e-30


@dataclass(frozen=True)
class Powers(TwoModes):
    """Two modes; ``power`` is that of the eigenvalue in the odds of a family that stays on its path."""

    power: Annotated[Any, logarithmic(0.1, 10.0, simple=1.0)]

    @property
    def scaled(self) -> Array:
        """Eigenvalues over the scale of the training, shape (2,) or (2, cases)."""
        return self.teacher_progress * np.stack([np.ones_like(self.ratio), np.asarray(self.ratio)])


@dataclass(frozen=True)
class Formulas:
    """Slopes of log-odds against log-eigenvalue, and a problem with noise on mode 2 and signal on mode 1 only."""

    power: Callable[..., Array] = lambda z, p: p + 0 * z
    flow: Callable[..., Array] = lambda z: z / -np.expm1(-z)
    iterated: Callable[..., Array] = lambda z: 2 * (1 + z) / (2 + z)
    signal: Callable[..., Array] = lambda g, e, slope: (
        (g[0] + np.sqrt(slope[1] / slope[0]) * g[1] ** 2 * e[1] / (g[0] * e[0])) / e[0]
    )


def margins(case: Powers, formulas: Formulas) -> Margin:
    """Slopes by complex derivatives of gains; and problems on which gradient flow and Tikhonov break the sign rule."""
    z = case.scaled
    p = np.asarray(case.power)
    families = {
        "power": (lambda x: 1 / (1 + x**-p), lambda x: 1 / (1 + x**p), formulas.power(z, p)),
        "flow": (lambda x: -np.expm1(-x), lambda x: np.exp(-x), formulas.flow(z)),
        "iterated": (lambda x: -np.expm1(-2 * np.log1p(x)), lambda x: (1 + x) ** -2.0, formulas.iterated(z)),
    }
    found: dict[str, Array] = {}
    for name, (gain, residual, slope) in families.items():
        g, e = gain(z), residual(z)
        # Their slope along the path over what distillation takes away.
        literal = np.imag(gain(z * (1 + 1j * TINY))) / TINY / (g * e)
        found[f"{name}_slope"] = np.min(1 - np.abs(literal / slope - 1) / tolerance(condition=2 + z + p), axis=0)
        if name != "power":
            found |= {f"{name}_{part}": value for part, value in _broken(formulas, case, name, g, e, slope).items()}
    ridge = Ridge(1.0)
    apart = np.abs(1 / (1 + 1 / z) - ridge.gain(z)) / ridge.gain(z)
    found["ridge"] = np.min(1 - apart / tolerance(), axis=0)
    toolkit = np.stack(
        [GradientFlow(1.0).residual(z) / np.exp(-z), IteratedTikhonov(1.0, 2).residual(z) * (1 + z) ** 2]
    )
    found["toolkit"] = np.min(1 - np.abs(toolkit - 1) / tolerance(condition=1 + z), axis=(0, 1))
    return Margin(**found)


def _broken(formulas: Formulas, case: Powers, name: str, g: Array, e: Array, slope: Array) -> dict[str, Array]:
    """Risk with noise 1 on mode 2, noise 1 and signal on mode 1: it falls along the path and by distillation, too."""
    signal = formulas.signal(g, e, slope)
    # Half of the risk's slope by each gain; on mode 1 it is minus what the problem was made for.
    pulls = np.stack([g[0] - signal * e[0], g[1]])
    by_weight = g * e * pulls
    size = np.sum(np.abs(by_weight), axis=0)
    along = np.sum(by_weight * slope, axis=0) / np.sum(np.abs(by_weight) * slope, axis=0)
    error = 64 * EPSILON * (1 + g[0] ** 2 * e[0] / size)
    exactly = partial(_exactly, case, name)
    return {
        "falls": decided(-along, error, lambda index: exactly(index)[0]),
        "helps": decided(np.sum(by_weight, axis=0) / size, error, lambda index: exactly(index)[1]),
    }


def _exactly(case: Powers, name: str, index: int) -> tuple[float, float]:
    """The same two numbers in 60 digits."""
    import mpmath

    context = mpmath.mp.clone()
    context.dps = 60
    z = [context.mpf(float(np.reshape(x, -1)[index])) for x in case.scaled]
    e = [context.exp(-x) if name == "flow" else (1 + x) ** -2 for x in z]
    g = [-context.expm1(-x) if name == "flow" else x * (2 + x) / (1 + x) ** 2 for x in z]
    slope = [x / one if name == "flow" else 2 * (1 + x) / (2 + x) for x, one in zip(z, g, strict=True)]
    ratio = context.sqrt(slope[1] / slope[0])
    first = -ratio * g[1] ** 2 * e[1]
    parts = [first, g[1] ** 2 * e[1]]
    along = sum(x * s for x, s in zip(parts, slope, strict=True))
    return (
        float(-along / sum(abs(x) * s for x, s in zip(parts, slope, strict=True))),
        float(sum(parts) / sum(abs(x) for x in parts)),
    )


@dataclass(frozen=True)
class Modes:
    """A family on two modes, and the claim that some problem breaks the sign rule there.

    Attributes
    ----------
    gain : callable
        By eigenvalue times scale.
    eigenvalues : pair of floats
    """

    gain: Callable[[Any], Any]
    eigenvalues: tuple[float, float] = (3.0, 0.1)


def broken_margin(case: Modes) -> Margin:
    """By how much the slopes of log-odds differ: the room for problems on which the sign rule fails."""
    z = np.array(case.eigenvalues)
    g = case.gain(z)
    slopes = np.imag(case.gain(z * (1 + 1j * TINY))) / TINY / (g * (1 - g))
    difference = np.abs(np.log(slopes[0] / slopes[1]))
    return Margin(room=difference if difference > tolerance() else 0.0)


def tangent_margin(case: Modes) -> Margin:
    """How exactly distillation of this family moves along its own path."""
    return Margin(on_path=1e-9 - np.abs(broken_margin(case).values))


def _ridge(z: Any) -> Any:
    return z / (z + 1)


def _flow(z: Any) -> Any:
    return 1 - np.exp(-z)


COUNTEREXAMPLES = (
    Counterexample(
        "gradient-flow-leaves-its-path",
        violates="odds-a-power",
        words="Distillation takes from gradient flow what no shorter time would: more of the small modes.",
        case=Modes(_flow),
        restored=Modes(_ridge),
        margin=-1.1000981005607664,
        check=tangent_margin,
    ),
    Counterexample(
        "cut-off-smoothed",
        violates="odds-a-power",
        words="Averaging ridge over two penalties leaves the path as well.",
        case=Modes(lambda z: (z / (z + 1) + z / (z + 10)) / 2),
        restored=Modes(_ridge),
        margin=-0.2794235825064846,
        check=tangent_margin,
    ),
    Counterexample(
        "square-of-the-kernel",
        violates="linear-start",
        words="A penalty on the weights of the squared kernel has the odds of the squared eigenvalue: no ridge of this "
        "kernel, and on its path all the same, so that there is no problem to break the rule.",
        case=Modes(lambda z: z**2 / (z**2 + 1)),
        restored=Modes(_flow),
        margin=0.0,
        check=broken_margin,
    ),
    Counterexample(
        "tied-eigenvalues",
        violates="distinct-eigenvalues",
        words="On modes of one eigenvalue there is only one way to go.",
        case=Modes(_flow, (3.0, 3.0)),
        restored=Modes(_flow),
        margin=0.0,
        check=broken_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("power-inverse", "the speed is one over the power", power=lambda z, p: 1 / p + 0 * z),
    mutate("power-exponent", "the speed is the power squared", power=lambda z, p: p**2 + 0 * z),
    mutate("flow-sign", "the exponent has the other sign", flow=lambda z: z / np.expm1(z)),
    mutate("flow-factor", "the slope is halved", flow=lambda z: z / -np.expm1(-z) / 2),
    mutate("iterated-factor", "the slope is not halved at zero", iterated=lambda z: 4 * (1 + z) / (2 + z)),
    mutate("iterated-inverse", "the slope falls", iterated=lambda z: (2 + z) / (1 + z)),
    mutate(
        "signal-sign",
        "the signal is too weak",
        signal=lambda g, e, slope: (g[0] - np.sqrt(slope[1] / slope[0]) * g[1] ** 2 * e[1] / (g[0] * e[0])) / e[0],
    ),
    mutate(
        "signal-inverse",
        "the ratio of slopes is turned around",
        signal=lambda g, e, slope: (g[0] + np.sqrt(slope[0] / slope[1]) * g[1] ** 2 * e[1] / (g[0] * e[0])) / e[0],
    ),
    mutate.flipped("falls-sign", "risk rises along the path", "flow_falls"),
)


@claim(
    id="ridge-is-special",
    title="Among trainings with one scale only ridge is distilled along its own path",
    topic="risk",
    source="derived here",
    statement=r"""Let the gains of a family be $F(\lambda s)$, $F$ differentiable with $0 < F < 1$. Infinitesimal
self-distillation moves the gains along the family's own path, at every scale $s$ and on every spectrum, exactly if
\[ z F'(z) = \kappa F(z) (1 - F(z)) \;\text{ for one }\; \kappa \ne 0, \quad\text{that is}\quad
   \frac{F(z)}{1 - F(z)} = (z / z_0)^\kappa. \]
If moreover $F(z) / z$ has a finite positive limit at 0, it is ridge: $F(z) = z / (z + z_0)$. For every other family
there are two eigenvalues, coefficients and a noise variance for which the sign rule fails. For gradient flow and for
Tikhonov iterated twice any two eigenvalues $\lambda_1 > \lambda_2$ do, since
\[ \frac{z F'}{F (1 - F)} = \frac{z}{1 - e^{-z}} \quad\text{and}\quad \frac{2 (1 + z)}{2 + z} \]
rise strictly: noise on mode 2 and, at the right size, signal on mode 1 make risk fall with more training, and fall with
a positive weight of the teacher as well.""",
    words="That distillation of ridge is the same as another penalty, to first order, is a property of ridge. "
    "Gradient flow "
    "and its kin lose more of their small modes by distillation than by stopping earlier; so an under-trained flow may "
    "gain from distillation although it should be trained longer.",
    assumptions={
        "one-scale": "Gains depend on eigenvalue times scale: ridge, gradient flow, iterated Tikhonov.",
        "odds-a-power": "For being on the path: the odds of the gain are a power of the eigenvalue.",
        "linear-start": "For being ridge: the gain of small eigenvalues is proportional to them, as it is of every "
        "descent.",
        "distinct-eigenvalues": "For breaking the sign rule: two modes differ in their eigenvalues.",
        "fixed-design": "For breaking the sign rule: risk is the expected squared error at the train points.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
)
def ridge_is_special(case: Powers) -> Margin:
    """Margins of the slopes, and of problems on which gradient flow and iterated Tikhonov break the sign rule."""
    return margins(case, Formulas())
