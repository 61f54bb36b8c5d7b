"""Noisy problems on which statements about risk are checked, and the risk without any formula for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.axes import Axis
from kdtheory.distillation import Fit, Phase, Recipe, labels, output_of, solve
from kdtheory.models import LinearModel
from kdtheory.procedures import GradientFlow, Procedure, Ridge
from kdtheory.tasks import from_spectrum
from kdtheory.testing import LinearProblem, SpectralProblem, linear, logarithmic

Array = NDArray[np.float64]
Pair = tuple[Array, Array]


@dataclass(frozen=True)
class NoisyRidge(SpectralProblem):
    """Up to eight modes with noise; ridge students with a weight of their teacher that may lie outside [0, 1].

    Attributes
    ----------
    penalty_ratio : between 1e-3 and 1e3
        Penalty over the largest eigenvalue.
    mixing : between -2 and 3
    """

    penalty_ratio: Annotated[Any, logarithmic(1e-3, 1e3, simple=1.0)]
    mixing: Annotated[Any, linear(-2.0, 3.0, simple=0.5)]

    @property
    def penalty(self) -> Array:
        """Shape (1,) or (cases, 1)."""
        return self.per_mode(self.penalty_ratio) * self.largest

    @property
    def ridge(self) -> Pair:
        """Gains and residuals of ridge, shape (8,) or (cases, 8)."""
        run = Ridge(self.penalty)
        return run.gain(self.eigenvalues), run.residual(self.eigenvalues)

    @property
    def flow(self) -> Pair:
        """Gains and residuals of the teacher's gradient flow."""
        run = GradientFlow(self.teacher_time)
        return run.gain(self.eigenvalues), run.residual(self.eigenvalues)

    def students(self, teacher: type[Procedure], mixings: Sequence[Any]) -> list[Pair]:
        """Gains and residuals of ridge students with these weights of one teacher, from recipes that are solved."""
        lam = np.where(self.present, self.relative, 1.0)
        penalty = np.broadcast_to(self.per_mode(self.penalty_ratio), lam.shape) / lam
        time = np.broadcast_to(self.per_mode(self.teacher_progress), lam.shape) * lam
        taught = Ridge(swept(penalty)) if teacher is Ridge else GradientFlow(swept(time))
        fits = {"teacher": Fit(Phase(labels, taught))}
        for number, mixing in enumerate(mixings):
            weight = swept(np.broadcast_to(self.per_mode(mixing), lam.shape))
            target = weight * output_of("teacher") + (1 - weight) * labels
            fits[f"student_{number}"] = Fit(Phase(target, Ridge(swept(penalty))))
        solved = solve(Recipe(**fits), LinearModel(), from_spectrum([1.0], coefficients=[1.0]))
        names = [name for name in fits if name != "teacher"]
        return [tuple(np.reshape(v, lam.shape) for v in (solved[n].gains, solved[n].residuals)) for n in names]  # type: ignore[misc]


def swept(values: Any) -> Axis:
    """One value per case and mode, along one axis."""
    array = np.reshape(np.asarray(values, dtype=float), -1)
    return Axis("case", np.arange(float(array.size)), array)


def risk(case: SpectralProblem, fit: Pair, variance: Any = None) -> Array:
    """Squared error and noise at the train points, shape (cases,), for the case's noise or another variance."""
    gains, residuals = fit
    noise = case.noise_variance if variance is None else variance
    return np.sum((residuals * case.coefficients) ** 2 + noise * gains**2 * case.present, axis=-1)


def risk_over_all_signs(case: SpectralProblem, fit: Pair) -> Array:
    """The mean squared error over every outcome of noise that is ``+`` or ``-`` its deviation in each mode."""
    gains, residuals = (values * case.present for values in fit)
    missed, deviation = -residuals * case.coefficients, gains * np.sqrt(case.noise_variance)
    total: Any = 0.0
    signs = np.array(list(product([1.0, -1.0], repeat=gains.shape[-1])))
    for outcome in signs:
        total = total + np.sum((missed + deviation * outcome) ** 2, axis=-1)
    return np.asarray(total / len(signs))


@dataclass(frozen=True)
class NoisyDesign(LinearProblem):
    """A linear problem of up to eight samples and features; a truth to predict elsewhere, and noise.

    Attributes
    ----------
    variance : between 1e-3 and 1e3
        Of the noise of each label; labels are of unit size.
    penalty_ratio : between 1e-3 and 1e3
        Penalty over the largest eigenvalue.
    mixing : between -2 and 3
    """

    variance: Annotated[Any, logarithmic(1e-3, 1e3, simple=1.0)]
    penalty_ratio: Annotated[Any, logarithmic(1e-3, 1e3, simple=1.0)]
    mixing: Annotated[Any, linear(-2.0, 3.0, simple=0.5)]

    @property
    def penalty(self) -> Array:
        """The ridge penalty."""
        return np.asarray(self.penalty_ratio) * self.largest

    @property
    def outcomes(self) -> Array:
        """Labels, and one column per sample with the deviation of its noise: squared errors sum to the expected one."""
        noise = np.sqrt(np.asarray(self.variance))[..., None, None] * np.eye(8)
        return np.concatenate([self.targets[..., None], noise], axis=-1)

    def ridge(self, targets: Array, penalty: Any) -> Array:
        """Ridge weights by solving the normal equations; penalties may be complex, shape (..., 8, columns)."""
        X = self.inputs
        turned = np.swapaxes(X, -1, -2)
        system = turned @ X + np.asarray(penalty)[..., None, None] * np.eye(8)
        found: Any = np.linalg.solve(system, turned @ targets)
        return found

    def student(self, targets: Array, mixing: Any, teacher: Array | None = None) -> Array:
        """Ridge weights after one round of self-distillation, or with other weights as the teacher's."""
        weight = np.asarray(mixing)[..., None, None]
        first = self.ridge(targets, self.penalty) if teacher is None else teacher
        return self.ridge(weight * (self.inputs @ first) + (1 - weight) * targets, self.penalty)
