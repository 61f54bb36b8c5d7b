"""Targets: affine mixtures of labels and earlier fits' outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.axes import Axis
from kdtheory.errors import InvalidArgument
from kdtheory.validation import describe, one_of

Weight = float | Axis


@dataclass(frozen=True)
class Source:
    """One thing to imitate: the task's labels, or the outputs of an earlier fit (always raw outputs, never softmax).

    ``mode`` is how a network that is imitated answers: as it predicts, or as it is trained (with its dropout on).
    """

    fit: str | None = None
    mode: str = "evaluation"

    def __str__(self) -> str:
        if self.fit is None:
            return "labels"
        return f"output_of({self.fit!r}{'' if self.mode == 'evaluation' else f', mode={self.mode!r}'})"


@dataclass(frozen=True, eq=False)
class Target:
    """A mixture ``sum of weight * source``; the weights of a finished target sum to 1.

    With squared loss, the mixture of losses is the loss of the mixture; with cross-entropy each term is a loss of
    its own.
    """

    terms: tuple[tuple[Weight, Source], ...]

    def __mul__(self, factor: Weight) -> Target:
        if isinstance(factor, bool) or not isinstance(factor, int | float | np.number | Axis):
            fix = "write for example 0.7 * output_of('teacher') + 0.3 * labels"
            raise InvalidArgument("weight", expected="a number or kd.axis(...)", got=describe(factor), fix=fix)
        return Target(tuple((_product(factor, weight), source) for weight, source in self.terms))

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Target:
        return self * (1.0 / divisor)

    def __add__(self, other: Target) -> Target:
        if not isinstance(other, Target):
            fix = "add labels or output_of(...)"
            raise InvalidArgument("target", expected="a target to add", got=describe(other), fix=fix)
        return Target(self.terms + other.terms)

    def __sub__(self, other: Target) -> Target:
        return self + -1.0 * other

    @property
    def weights(self) -> list[Weight]:
        """The weights of the terms."""
        return [weight for weight, _ in self.terms]

    @property
    def teachers(self) -> list[str]:
        """Names of the fits whose outputs are used."""
        return [source.fit for _, source in self.terms if source.fit is not None]

    def refuse_unless_affine(self) -> None:
        """Raise unless the weights sum to 1."""
        weights = [np.asarray(w.values if isinstance(w, Axis) else w) for w in self._merged()]
        total = np.asarray(sum(weights))
        largest = np.max([np.max(np.abs(weight)) for weight in weights])  # whose rounding the sum carries
        if not np.allclose(total, 1.0, rtol=0, atol=1e-12 * max(1.0, largest)):
            fix = "for example mixing * output_of('teacher') + (1 - mixing) * labels"
            got = f"{float(total.flat[np.argmax(np.abs(total - 1.0))]):.6g}"
            raise InvalidArgument("target", expected="weights that sum to 1", got=got, fix=fix)

    def _merged(self) -> list[Weight]:
        sweeps = {weight.name for weight in self.weights if isinstance(weight, Axis)}
        if len(sweeps) > 1:
            fix = "sweep one mixing weight per target"
            raise InvalidArgument("target", expected="at most one swept weight", got=", ".join(sorted(sweeps)), fix=fix)
        return self.weights

    def __str__(self) -> str:
        return " + ".join(str(source) if _is_one(weight) else f"{weight!r} * {source}" for weight, source in self.terms)

    __repr__ = __str__


labels = Target(((1.0, Source()),))


def output_of(fit: str, mode: str = "evaluation") -> Target:
    """The raw outputs (logits) of an earlier fit, by name, evaluated on the inputs of the fit that imitates them.

    With ``mode="training"`` a network answers as it is trained, anew in every step: its dropout is on, its batches are
    normalized by themselves. Closed forms and simulations know no such difference, and refuse it.

    >>> 0.75 * output_of("teacher") + 0.25 * labels
    0.75 * output_of('teacher') + 0.25 * labels
    """
    if not isinstance(fit, str):
        raise InvalidArgument(
            "fit", expected="the name of a fit, such as 'teacher'", got=describe(fit), fix="pass its name"
        )
    return Target(((1.0, Source(fit, one_of("mode", mode, ("evaluation", "training")))),))


def mixture(teacher: str, mixing: Weight) -> Target:
    """``mixing * output_of(teacher) + (1 - mixing) * labels``, without terms of weight zero."""
    if _is_one(mixing):
        return output_of(teacher)
    if isinstance(mixing, int | float) and mixing == 0:
        return labels
    return mixing * output_of(teacher) + (1 - mixing) * labels


def _product(factor: Weight, weight: Weight) -> Weight:
    if isinstance(factor, Axis) and isinstance(weight, Axis):
        fix = "sweep one factor of a weight"
        raise InvalidArgument("weight", expected="at most one sweep in a product", got="two", fix=fix)
    if isinstance(factor, Axis):
        return factor * weight  # pyright: ignore[reportOperatorIssue]
    return weight * factor if isinstance(weight, Axis) else float(factor) * float(weight)


def _is_one(weight: Weight) -> bool:
    return not isinstance(weight, Axis) and weight == 1.0
