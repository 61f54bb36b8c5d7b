"""Losses of a phase. Both are sums over samples: see the units in `kdtheory.conventions`."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.errors import InvalidArgument
from kdtheory.validation import describe, number


@dataclass(frozen=True)
class SquaredError:
    """One half of the sum of squared differences over samples and outputs."""


@dataclass(frozen=True)
class CrossEntropy:
    """Softmax cross-entropy, summed over samples, with a temperature for what a teacher says.

    Each term of a target has a temperature of its own: outputs of a teacher are compared at ``temperature``
    (``cross-entropy(softmax(teacher / T), softmax(student / T))``), labels at ``label_temperature``.

    Parameters
    ----------
    temperature : float
        Temperature of the terms that imitate a fit's outputs.
    scaled : bool
        Multiply these terms by the temperature squared, so that gradients keep their size (``hinton2015``). On
        unless told otherwise; some libraries leave it out.
    label_temperature : float
        Temperature of the terms that imitate labels; they are scaled by its square likewise.
    """

    temperature: float = 1.0
    scaled: bool = True
    label_temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("temperature", "label_temperature"):
            object.__setattr__(self, name, number(name, getattr(self, name), above=0.0))
        if not isinstance(self.scaled, bool):
            raise InvalidArgument("scaled", expected="True or False", got=describe(self.scaled), fix="pass a boolean")


Loss = SquaredError | CrossEntropy
