"""A population of Gaussian inputs in high dimension: what the risk of a linear model depends on there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.tasks import Task
from kdtheory.validation import describe, finite_array

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Population:
    r"""Inputs :math:`x \sim N(0, S)`, labels :math:`x \cdot b^* + \text{noise}`, and features per sample.

    Fields may have leading axes, which broadcast: many populations at once.

    Attributes
    ----------
    eigenvalues : array of shape ``(..., k)``
        Distinct (or not) eigenvalues of S.
    signal : array of shape ``(..., k)``, or a number
        Squared length of the part of :math:`b^*` in each eigenspace.
    aspect_ratio : number or array of shape ``(...)``
        Features per sample, p / n.
    noise_variance : number or array of shape ``(...)``
        Of a label.
    shares : array of shape ``(..., k)``, optional
        Share of the features that each eigenvalue has; default: all the same.

    Examples
    --------
    >>> population = Population(
    ...     [1.0, 0.1], signal=[1.0, 0.0], aspect_ratio=2.0, noise_variance=0.1
    ... )
    >>> population.shares.tolist(), float(population.power)
    ([0.5, 0.5], 1.0)
    """

    eigenvalues: Array
    signal: Array
    aspect_ratio: Array
    noise_variance: Array
    shares: Array

    def __init__(
        self,
        eigenvalues: ArrayLike,
        signal: ArrayLike,
        aspect_ratio: ArrayLike,
        noise_variance: ArrayLike = 0.0,
        shares: ArrayLike | None = None,
    ) -> None:
        lam = _nonnegative("eigenvalues", eigenvalues)
        if lam.ndim == 0:
            fix = "pass one number per eigenspace"
            raise InvalidArgument("eigenvalues", expected="a list of numbers", got=describe(eigenvalues), fix=fix)
        even = np.full(lam.shape[-1], 1.0 / lam.shape[-1])
        share = even if shares is None else _nonnegative("shares", shares)
        if np.any(np.abs(np.sum(share, axis=-1) - 1.0) > _ROUNDING):
            got = f"a sum of {np.sum(share, axis=-1).flat[0]:g}"
            raise InvalidArgument("shares", expected="shares that sum to 1", got=got, fix="divide them by their sum")
        ratio = _nonnegative("aspect_ratio", aspect_ratio)
        if ratio.min() <= 0:
            raise InvalidArgument("aspect_ratio", expected="numbers above 0", got="0", fix="pass features / samples")
        fields = {
            "eigenvalues": lam,
            "signal": _nonnegative("signal", signal),
            "aspect_ratio": ratio,
            "noise_variance": _nonnegative("noise_variance", noise_variance),
            "shares": share,
        }
        _refuse_misfit(fields)
        for name, array in fields.items():
            wide = name in ("signal", "shares")
            object.__setattr__(
                self, name, np.broadcast_to(array, np.broadcast_shapes(array.shape, lam.shape)) if wide else array
            )

    @classmethod
    def of(cls, task: Task) -> Self:
        """The population of a task whose truth is known, at its number of samples: for `kd.tasks.regression`.

        >>> import kdtheory as kd
        >>> task = kd.tasks.regression([1.0, 0.5], [1.0, 2.0], train=10, noise_variance=0.3)
        >>> Population.of(task).signal.round(9).tolist()
        [1.0, 8.0]
        """
        moment, weights = getattr(task, "oracle_covariance", None), getattr(task, "oracle_weights", None)
        noise = getattr(task, "noise_variance", None)
        if moment is None or weights is None or noise is None or np.ndim(noise) != 0:
            fix = "make it with kd.tasks.regression, or pass the population's numbers"
            raise InvalidArgument("task", expected="a task with a known population", got=describe(task), fix=fix)
        if np.size(weights) != len(moment):
            fix = "ask for one output at a time"
            raise InvalidArgument("task", expected="one output", got=f"{np.shape(weights)[1]} outputs", fix=fix)
        lam, vectors = np.linalg.eigh(moment)
        signal = np.square(vectors.T @ np.reshape(weights, -1))
        ratio = len(lam) / task.size
        return cls(np.clip(lam, 0.0, None)[::-1], signal[::-1], ratio, noise)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the leading axes: ``()`` for one population."""
        spectra = (self.eigenvalues.shape[:-1], self.signal.shape[:-1], self.shares.shape[:-1])
        return np.broadcast_shapes(*spectra, self.aspect_ratio.shape, self.noise_variance.shape)

    @property
    def masses(self) -> Array:
        """Features of each eigenvalue per sample, shape ``(..., k)``."""
        return self.aspect_ratio[..., None] * self.shares

    @property
    def strengths(self) -> Array:
        """Power of the clean labels in each eigenspace, eigenvalue times signal, shape ``(..., k)``."""
        return self.eigenvalues * self.signal

    @property
    def power(self) -> Array:
        """Expected square of a clean label: the risk of predicting zero."""
        return np.sum(self.strengths, axis=-1)


def refuse_other_populations(population: Any) -> None:
    """One clear line for what is not a `Population`."""
    if not isinstance(population, Population):
        fix = "pass kd.risk.Population(eigenvalues, signal, aspect_ratio, noise_variance)"
        raise InvalidArgument("population", expected="a Population", got=describe(population), fix=fix)


def refuse_other_shapes(population: Population, per_mode: bool = False, **arrays: Array) -> None:
    """One clear line for arrays that do not broadcast with the population's leading axes."""
    shape = (*population.shape, population.eigenvalues.shape[-1]) if per_mode else population.shape
    known = [shape]
    for name, array in arrays.items():
        try:
            known.append(np.broadcast_shapes(*known, array.shape))
        except ValueError:
            fix = "give numbers, or one more axis to one of the two"
            expected = f"a shape that broadcasts with {known[-1]}"
            raise InvalidArgument(name, expected=expected, got=f"shape {array.shape}", fix=fix) from None


def _nonnegative(argument: str, value: ArrayLike) -> Array:
    array = finite_array(argument, value)
    if array.min() < 0:
        raise InvalidArgument(argument, expected="no negative number", got=f"{array.min():g}", fix=f"change {argument}")
    return array


def _refuse_misfit(fields: dict[str, Array]) -> None:
    wide = ("eigenvalues", "signal", "shares")
    shapes = [array.shape if name in wide else (*array.shape, 1) for name, array in fields.items()]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        got = ", ".join(f"{name} {array.shape}" for name, array in fields.items())
        fix = "give one number per eigenvalue along the last axis"
        raise InvalidArgument("population", expected="shapes that broadcast", got=got, fix=fix) from None
