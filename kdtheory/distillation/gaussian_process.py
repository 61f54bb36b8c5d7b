r"""Self-distillation of Gaussian process regression, of both kinds, which regularize in opposite directions.

With prior covariance K, noise variance :math:`s^2` and :math:`g = \lambda / (\lambda + s^2)` in a mode of K:

- *data-centric*: every round fits the process anew to the previous round's mean. The mean has the gain :math:`g^m`,
  the covariance is that of one fit;
- *distribution-centric*: every round takes the previous posterior as its prior and sees the labels again. Mean and
  covariance are those of one fit with the noise variance :math:`s^2 / m`.

Source: ``borup2023``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.models import Model
from kdtheory.spectrum import Spectrum
from kdtheory.tasks import Task, from_arrays
from kdtheory.validation import count, describe, finite_array, number, one_of

Array = NDArray[np.float64]
KINDS = ("data", "distribution")


@dataclass(frozen=True, eq=False)
class Posterior:
    """A Gaussian process after some rounds of regression on one task's inputs; made by `gaussian_process`.

    Attributes
    ----------
    model, task : Model, Task
        The prior covariance, and the data.
    dual : array of shape (n, outputs)
        The mean is ``cross_gram @ dual``.
    noise_variance : float
        That of the one fit whose covariance this is.
    """

    model: Model
    task: Task
    dual: Array
    noise_variance: float

    def mean(self, inputs: ArrayLike | None = None) -> Array:
        """Of the noise-free function at the inputs (default: the training inputs), shape (points, outputs)."""
        return self.task.restored(self._cross(inputs) @ self.dual)

    def covariance(self, inputs: ArrayLike | None = None) -> Array:
        """Of the noise-free function between the inputs (default: the training inputs), shape (points, points)."""
        spectrum = self._spectrum
        if inputs is None:
            left = spectrum.eigenvalues * (self.noise_variance / (spectrum.eigenvalues + self.noise_variance))
            return (spectrum.basis * left) @ spectrum.basis.T
        points = self._points(inputs)
        projected = self._cross(inputs) @ spectrum.basis
        return self.model.gram(from_arrays(points)) - (projected / _noisy(spectrum, self.noise_variance)) @ projected.T

    @property
    def _spectrum(self) -> Spectrum:
        return self.model.spectrum(self.task)

    def _points(self, inputs: ArrayLike) -> Array:
        points = finite_array("inputs", inputs, ndim=2)
        if points.shape[1] != self.task.inputs.shape[1]:
            expected, got = f"{self.task.inputs.shape[1]} columns as in training", f"{points.shape[1]}"
            raise InvalidArgument("inputs", expected=expected, got=got, fix="use the same features")
        return points if self.task.input_shift is None else points - self.task.input_shift

    def _cross(self, inputs: ArrayLike | None) -> Array:
        if inputs is None:
            return self.model.gram(self.task)
        return self.model.cross_gram(self._points(inputs), self.task)


def gaussian_process(
    model: Model, task: Task, noise_variance: float, *, rounds: int = 1, kind: str = "data"
) -> Posterior:
    """Gaussian process regression, self-distilled.

    Parameters
    ----------
    model : Model
        Its kernel is the prior covariance.
    task : Task
        With targets; one process per output, of one prior.
    noise_variance : float
        Of the labels, positive.
    rounds : int
        Number of fits m, at least 1 (which is ordinary regression).
    kind : {"data", "distribution"}
        Whether a round is taught by the previous mean, or starts from the previous posterior.

    Examples
    --------
    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([3.0, 1.0], coefficients=[1.0, 1.0])
    >>> for kind in ("data", "distribution"):
    ...     made = gaussian_process(kd.LinearModel(), task, 1.0, rounds=2, kind=kind)
    ...     (made.mean() / task.targets).round(4).ravel().tolist()
    [0.5625, 0.25]
    [0.8571, 0.6667]
    """
    if not isinstance(model, Model):
        fix = "pass kd.KernelModel(kernel)"
        raise InvalidArgument("model", expected="a model", got=describe(model), fix=fix)
    if not isinstance(task, Task) or task.targets is None:
        got = describe(task) if not isinstance(task, Task) else "no targets"
        raise InvalidArgument("task", expected="a Task with targets", got=got, fix="make it with kd.tasks")
    variance = number("noise_variance", noise_variance, above=0.0)
    rounds, kind = count("rounds", rounds, at_least=1), one_of("kind", kind, KINDS)
    spectrum = model.spectrum(task)
    seen = variance / rounds if kind == "distribution" else variance
    noisy = _noisy(spectrum, seen)
    again = (spectrum.eigenvalues / noisy) ** (rounds - 1) if kind == "data" else np.ones_like(noisy)
    dual = spectrum.values((again / noisy)[:, None] * spectrum.coefficients(task.targets))
    return Posterior(model, task, dual, seen)


def _noisy(spectrum: Spectrum, noise_variance: float) -> Array:
    return spectrum.eigenvalues + noise_variance
