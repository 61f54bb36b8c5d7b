"""The settings of a run of `train`, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kdtheory.distillation import CrossEntropy, Minibatch, Phase, Recipe
from kdtheory.distillation.setting import Setting
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.networks.optimizers import SGD, Adam, Optimizer
from kdtheory.validation import count, describe, number, one_of


@dataclass(frozen=True)
class Options:
    """How every fit of a run is trained; the arguments of `train` by the same names."""

    seeds: Iterable[int]
    optimizer: Optimizer | None
    batch: Minibatch | None
    step_size: float | None
    subtract_initial: bool
    dtype: str
    threads: int
    seeds_at_once: int = 1
    noisy_draws: int = 0

    def __post_init__(self) -> None:
        _refuse_unless("optimizer", self.optimizer, SGD | Adam | None, "SGD, Adam or None", "pass Adam(rate=1e-3)")
        _refuse_unless("batch", self.batch, Minibatch | None, "a Minibatch or None", "pass Minibatch(64)")
        _refuse_unless("subtract_initial", self.subtract_initial, bool, "True or False", "pass a boolean")
        clean = {
            "seeds": _seeds(self.seeds),
            "optimizer": SGD() if self.optimizer is None else self.optimizer,
            "step_size": None if self.step_size is None else number("step_size", self.step_size, above=0.0),
            "dtype": one_of("dtype", self.dtype, ("float32", "float64")),
            "threads": count("threads", self.threads, at_least=1),
            "seeds_at_once": count("seeds_at_once", self.seeds_at_once, at_least=1),
            "noisy_draws": count("noisy_draws", self.noisy_draws),
        }
        for name, value in clean.items():
            object.__setattr__(self, name, value)

    @property
    def plain(self) -> bool:
        """Whether weights move by the literal steps of the procedures."""
        return self.optimizer == SGD()

    def refuse_a_point_alone(self, model: object, place: str, points: int) -> None:
        """In training mode batch normalization has no deviation to divide by."""
        if self.noisy_draws and points == 1 and getattr(model, "batch_norm", False):
            fix = "evaluate more points, or leave noisy_draws at 0"
            raise InvalidArgument(place, expected="at least 2 points for noisy_draws with batch_norm", got="1", fix=fix)

    def described(self) -> dict[str, Any]:
        """For the provenance: numbers and words by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: repr(value) if isinstance(value, SGD | Adam | Minibatch) else value for name, value in values.items()
        }


def refuse_untrainable(recipe: Recipe, chosen: Mapping[str, Setting], batch: Minibatch | None) -> None:
    """Raise one line if a recipe asks for what networks cannot do."""
    if recipe.axes:
        fix = "train one recipe per value, or sweep with kd.solve"
        got = f"the axes {', '.join(recipe.axes)}"
        raise UnsupportedRecipe("recipe", expected="no sweep with networks", got=got, fix=fix)
    for name, fit in recipe.items():
        if fit.start is not None and fit.start.weights is not None:
            fix = "drop the weights; Start(offset=...) is honoured"
            raise UnsupportedRecipe(name, expected="a start without weights", got="Start(weights=...)", fix=fix)
        for phase in fit.phases:
            if isinstance(phase.loss, CrossEntropy):
                _refuse_improper_classes(name, phase, chosen[name])
        size = chosen[name].task.size
        if batch is not None:
            batch.check(size)
            size = batch.size
        if size == 1 and getattr(chosen[name].model, "batch_norm", False):
            fix = "take larger batches"
            raise InvalidArgument("batch", expected="at least 2 samples with batch_norm", got="1", fix=fix)


def _refuse_unless(name: str, value: object, kind: Any, expected: str, fix: str) -> None:
    if not isinstance(value, kind):
        raise InvalidArgument(name, expected=expected, got=describe(value), fix=fix)


def _seeds(seeds: object) -> list[int]:
    fix = "pass (0,) or range(5)"
    if isinstance(seeds, str | bytes | Mapping) or not isinstance(seeds, Iterable):
        raise InvalidArgument("seeds", expected="several whole numbers", got=describe(seeds), fix=fix)
    numbers = [count("seeds", seed, at_most=2**32 - 1) for seed in seeds]
    if not numbers or len(set(numbers)) < len(numbers):
        got = describe(numbers) if numbers else "none"
        raise InvalidArgument("seeds", expected="at least one seed, each once", got=got, fix=fix)
    return numbers


def _refuse_improper_classes(name: str, phase: Phase, setting: Setting) -> None:
    """Cross-entropy needs two classes, and labels, where they are used, that are probabilities."""
    if setting.outputs < 2:
        fix = "use one-hot targets, or SquaredError()"
        raise InvalidArgument(name, expected="at least 2 outputs with cross-entropy", got=f"{setting.outputs}", fix=fix)
    if len(phase.target.teachers) == len(phase.target.terms):
        return
    targets = setting.task.restored(setting.task.targets)  # type: ignore[arg-type]
    improper = (targets < -1e-9).any(axis=1) | (np.abs(targets.sum(axis=1) - 1) > 1e-9)
    if improper.any():
        row = int(np.argmax(improper))
        got = f"{np.array2string(targets[row], precision=3, threshold=4)} in row {row}"
        fix = "use class labels, or SquaredError()"
        expected = "labels that are probabilities (at least 0, sum 1 over outputs) with cross-entropy"
        raise InvalidArgument(name, expected=expected, got=got, fix=fix)
