"""What a model offers to the solvers: Gram matrices, spectra, predictions from dual coefficients."""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.spectrum import Spectrum
from kdtheory.tasks import Task

Array = NDArray[np.float64]

_SPECTRA: dict[int, dict[Any, Spectrum]] = {}


class Model(ABC):
    """A model that is linear in its weights, seen through its kernel.

    Its functions are ``f(x) = offset(x) + start(x) + sum_i k(x, x_i) dual_i`` over the training inputs ``x_i``.
    Models are compared by value: two equal models share one spectrum per set of training inputs, which is computed
    once.
    """

    @abstractmethod
    def gram(self, task: Task) -> Array:
        """Gram matrix of the training inputs, shape (n, n)."""

    @abstractmethod
    def cross_gram(self, inputs: Array, task: Task) -> Array:
        """Kernel of ``inputs`` (m of them) with the training inputs, shape (m, n)."""

    @abstractmethod
    def _spectrum(self, task: Task) -> Spectrum: ...

    def spectrum(self, task: Task) -> Spectrum:
        """The Gram matrix of the training inputs in its eigenbasis; computed once and kept while the inputs live."""
        key = id(task.inputs)
        if key not in _SPECTRA:
            _SPECTRA[key] = {}
            weakref.finalize(task.inputs, _SPECTRA.pop, key, None)
        known = _SPECTRA[key]
        if self not in known:
            known[self] = self._spectrum(task)
        return known[self]

    def features(self, inputs: Array) -> Array:
        """Explicit features of the inputs, shape (n, p); only models with explicit weights have them."""
        raise InvalidArgument(
            "model",
            expected="a model with explicit weights",
            got=repr(self),
            fix="use LinearModel, or drop what needs weights (Start(weights=...), .weights)",
        )
