"""What running a recipe gives back, the same in every world."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation.recipe import Recipe
from kdtheory.errors import InvalidArgument
from kdtheory.spectrum import Spectrum
from kdtheory.tasks import Task
from kdtheory.validation import describe, lookup, one_of

Array = NDArray[np.float64]


class FitResult(ABC):
    """One trained fit. Sweeps and seeds are leading axes of every array, named by ``axes``.

    Attributes
    ----------
    name : str
        The fit's name in the recipe.
    task : Task
        What it was trained on.
    axes : dict of str to array
        Names and coordinates of the leading axes.
    logits : bool
        Whether outputs are logits (the last phase used cross-entropy) or values (squared error).
    noisy : FitResult or None
        What a network says with its noise left on (``train(noisy_draws=...)``).
    """

    name: str
    task: Task
    axes: dict[str, Array]
    logits: bool
    noisy: FitResult | None = None

    @property
    @abstractmethod
    def train(self) -> Array:
        """Fitted values, shape ``(*axes, n, outputs)``."""

    @property
    @abstractmethod
    def test(self) -> Array:
        """Predictions on the test inputs, shape ``(*axes, m, outputs)``."""

    def outputs(self, on: str) -> Array:
        """``train`` or ``test``, by word."""
        if one_of("on", on, ("train", "test")) == "train":
            return self.train
        if self.task.test_inputs is None:
            fix = "make the task with test inputs, or ask on='train'"
            raise InvalidArgument("on", expected="a task with test inputs", got=f"'test' on {self.task!r}", fix=fix)
        return self.test

    def loss(self, task: Task | None = None, *, on: str = "test") -> Array:
        """One half of the sum of squared errors over samples and outputs, shape ``(*axes,)``.

        ``task`` gives the targets to compare with (default: the task it was trained on); its inputs must be the same.
        """
        reference, targets = self._reference(task, on)
        return 0.5 * np.sum(np.square(self.outputs(on) - reference.restored(targets)), axis=(-2, -1))

    def _reference(self, task: Task | None, on: str) -> tuple[Task, Array]:
        """The task to compare with, and its targets."""
        if task is not None and not isinstance(task, Task):
            fix = "pass a task, or on='train' or on='test' by name"
            raise InvalidArgument("task", expected="a Task to compare with", got=describe(task), fix=fix)
        if self.logits:
            fix = "use measures.negative_log_likelihood"
            raise InvalidArgument(
                "loss", expected="a fit trained on squared error", got="one that gives logits", fix=fix
            )
        reference = self.task if task is None else task
        test = one_of("on", on, ("train", "test")) == "test"
        targets = reference.test_targets if test else reference.targets
        if targets is None:
            fix = "pass a task that has them"
            raise InvalidArgument("task", expected=f"{on} targets to compare with", got=repr(reference), fix=fix)
        inputs = self.task.test_inputs if test else self.task.inputs
        size = 0 if inputs is None else len(inputs)
        if len(targets) != size:
            fix = "pass a task with the same inputs"
            raise InvalidArgument("task", expected=f"{size} {on} targets", got=f"{len(targets)}", fix=fix)
        return reference, targets

    def on(self, spectrum: Spectrum) -> ModeView:
        """Coefficients and effective gains of the fitted values in a spectrum's eigenbasis, measured in any world."""
        if not isinstance(spectrum, Spectrum):
            fix = "pass model.spectrum(task)"
            raise InvalidArgument("spectrum", expected="a Spectrum", got=describe(spectrum), fix=fix)
        if len(spectrum.basis) != self.task.size:
            fix = "take the spectrum of the fit's own task"
            raise InvalidArgument(
                "spectrum", expected=f"a basis of {self.task.size} inputs", got=f"{len(spectrum.basis)}", fix=fix
            )
        shift = 0.0 if self.task.target_shift is None else self.task.target_shift
        targets = None if self.task.targets is None else spectrum.coefficients(self.task.targets)
        return ModeView(spectrum.eigenvalues, spectrum.coefficients(self.train - shift), targets)

    def __repr__(self) -> str:
        shape = ", ".join(f"{name}={len(values)}" for name, values in self.axes.items())
        return f"{type(self).__name__}({self.name!r}{', ' if shape else ''}{shape})"


@dataclass(frozen=True)
class ModeView:
    """A fit seen mode by mode.

    Attributes
    ----------
    eigenvalues : array of shape (modes,)
    coefficients : array of shape ``(*axes, modes, outputs)``
    target_coefficients : array of shape (modes, outputs), or None for unlabelled inputs
    """

    eigenvalues: Array
    coefficients: Array
    target_coefficients: Array | None

    @property
    def gains(self) -> np.ma.MaskedArray[Any, Any]:
        """Effective gain per mode, ``<coefficient, target> / <target, target>``, shape ``(*axes, modes)``.

        Masked where the target has no coefficient to speak of (below 1e-8 of its largest): the ratio is noise there.
        """
        if self.target_coefficients is None:
            fix = "use coefficients instead"
            raise InvalidArgument("task", expected="a labelled task", got="unlabelled inputs", fix=fix)
        squared = np.sum(np.square(self.target_coefficients), axis=-1)
        small = squared <= 1e-16 * squared.max(initial=0.0)
        products = np.sum(self.coefficients * self.target_coefficients, axis=-1)
        gains = np.divide(products, squared, out=np.zeros_like(products), where=~small)
        return np.ma.masked_array(gains, mask=np.broadcast_to(small, gains.shape))


class Result(Mapping[str, FitResult]):
    """Fits by name, with what is needed to know where they came from.

    Attributes
    ----------
    world : str
        ``"solve"``, ``"simulate"`` or ``"train"``.
    recipe : Recipe
    task : Task
    provenance : dict
        Settings of the run: model, seeds, versions.
    """

    def __init__(
        self, world: str, recipe: Recipe, task: Task, fits: Mapping[str, FitResult], provenance: dict[str, Any]
    ) -> None:
        self.world, self.recipe, self.task, self.provenance = world, recipe, task, provenance
        self._fits = dict(fits)

    def __getitem__(self, name: str) -> Any:
        return lookup(self._fits, name, "fit")

    def __iter__(self) -> Iterator[str]:
        return iter(self._fits)

    def __len__(self) -> int:
        return len(self._fits)

    def __repr__(self) -> str:
        return f"Result({self.world}: {', '.join(self)} on {self.task.name!r})"


@dataclass(eq=False, repr=False)
class ArrayFit(FitResult):
    """A fit whose outputs were computed step by step: simulation and networks.

    Attributes
    ----------
    weights : array of shape ``(*axes, p, outputs)``, optional
        Of models with explicit weights.
    noisy : ArrayFit, optional
        What a network with noise of its own (dropout) says with that noise left on, several times: the same axes, and
        ``draw`` before them. See ``train(noisy_draws=...)``.
    """

    name: str
    task: Task
    axes: dict[str, Array]
    train_outputs: Array
    test_outputs: Array | None = None
    weights: Array | None = None
    logits: bool = False
    noisy: FitResult | None = None

    @property
    def train(self) -> Array:
        """Fitted values, shape ``(*axes, n, outputs)``."""
        return self.train_outputs

    @property
    def test(self) -> Array:
        """Predictions on the test inputs, shape ``(*axes, m, outputs)``."""
        if self.test_outputs is None:
            fix = "make the task with test inputs"
            raise InvalidArgument("test", expected="a task with test inputs", got=repr(self.task), fix=fix)
        return self.test_outputs
