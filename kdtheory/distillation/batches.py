"""How training visits the data."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe


@dataclass(frozen=True)
class Minibatch:
    """Minibatches of a fixed size; their gradients are scaled by ``n / size`` so that they estimate the full one.

    Parameters
    ----------
    size : int
        Samples per step.
    replace : bool
        ``True``: every step draws independently with replacement (what the theory of SGD noise assumes). ``False``: the
        data are shuffled once per epoch and cut into batches, as data loaders do; a remainder smaller than ``size`` is
        left out of its epoch.
    """

    size: int
    replace: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", count("size", self.size, at_least=1))
        if not isinstance(self.replace, bool):
            raise InvalidArgument("replace", expected="True or False", got=describe(self.replace), fix="pass a boolean")

    def check(self, samples: int) -> None:
        """Raise unless a batch fits into the data."""
        if self.size > samples:
            got = f"{self.size}"
            raise InvalidArgument("batch", expected=f"at most {samples} samples", got=got, fix="take a smaller batch")
