"""The options of a simulation, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.distillation import Minibatch
from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe, number, one_of


@dataclass(frozen=True)
class Options:
    """What `simulate` was asked for besides recipe, model and task.

    ``seeds`` is what the caller gave (None: no axis), ``runs`` the seeds that are worth running: full-batch descent
    has no randomness, so that one run stands for all of its seeds.
    """

    step_size: float | None
    batch: Minibatch | None
    seeds: list[int] | None
    dtype: str

    @property
    def runs(self) -> list[int]:
        """Seeds of the runs; 0 where the caller gave none."""
        return [0] if self.batch is None or self.seeds is None else self.seeds

    @property
    def axes(self) -> dict[str, Any]:
        """The leading axis ``seed``, if seeds were given."""
        return {} if self.seeds is None else {"seed": np.array(self.seeds)}


def checked(step_size: Any, batch: Any, seeds: Any, dtype: Any, swept: Iterable[str]) -> Options:
    """Options made of the arguments of `simulate`."""
    if step_size is not None:
        step_size = number("step_size", step_size, above=0.0)
    if batch is not None and not isinstance(batch, Minibatch):
        fix = "pass for example kd.Minibatch(64)"
        raise InvalidArgument("batch", expected="a Minibatch, or None for all samples", got=describe(batch), fix=fix)
    if seeds is not None and "seed" in swept:
        fix = "call the swept parameter something else"
        raise InvalidArgument("seeds", expected="an axis 'seed' of its own", got="a sweep called 'seed'", fix=fix)
    return Options(step_size, batch, _seeds(seeds), one_of("dtype", dtype, ("float64", "float32")))


def _seeds(seeds: Any) -> list[int] | None:
    if seeds is None:
        return None
    expected, fix = "a sequence of whole numbers", "pass for example range(5), or [5] for the seed 5 alone"
    if isinstance(seeds, str) or not isinstance(seeds, Iterable):
        raise InvalidArgument("seeds", expected=expected, got=describe(seeds), fix=fix)
    numbers = [count("seeds", seed) for seed in seeds]
    if not numbers:
        raise InvalidArgument("seeds", expected=expected, got="an empty one", fix=fix)
    if len(set(numbers)) < len(numbers):
        raise InvalidArgument("seeds", expected="each seed once", got=describe(numbers), fix=fix)
    return numbers
