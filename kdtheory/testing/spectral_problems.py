"""Problems given by their spectrum: up to eight modes, a target, noise, a teacher's training and a student's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.testing.cases import Case
from kdtheory.testing.variables import linear, logarithmic, odds, whole
from kdtheory.validation import count, finite_array

if TYPE_CHECKING:
    from kdtheory.tasks import Task

Array = NDArray[np.float64]
MOST = 8
_RATIOS = tuple(f"ratio_{k}" for k in range(2, MOST + 1))
_SIZES = tuple(f"coefficient_{k}" for k in range(1, MOST + 1))

Apart = Annotated[Any, odds(0.001, 0.999, simple=0.5)]
TiedOrZero = Annotated[Any, odds(0.001, 0.999, simple=0.5, edges=True)]
Size = Annotated[Any, logarithmic(1e-3, 1e3, simple=1.0)]
Progress = Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]


@dataclass(frozen=True)
class SpectralProblem(Case):
    """One to eight modes with positive, distinct, falling eigenvalues; a counterexample shrinks to one or two of them.

    Properties with one number per mode have shape (8,), or (cases, 8) for a batch; modes that a case does not have are
    filled up with eigenvalue 0 and coefficient 0, which add nothing to any sum. What is one number per case has shape
    (1,) or (cases, 1) there, so that the two broadcast: ``kd.GradientFlow(case.teacher_time).gain(case.eigenvalues)``.

    Attributes
    ----------
    modes : whole, between 1 and 8
    log10_largest : between -8 and 8
        Decimal logarithm of the largest eigenvalue.
    ratio_2, ..., ratio_8 : between 0.001 and 0.999
        Eigenvalue over the previous one: near 1 they cluster, near 0 there is a gap.
    coefficient_1, ..., coefficient_8 : between 0.001 and 1000
        The target's coefficients; positive without loss of generality, since eigenvectors may be turned around.
    variance : between 1e-6 and 1e6
        Of the noise in each coefficient of the labels.
    teacher_progress, student_progress : between 1e-6 and 30
        Largest eigenvalue times training time.

    Examples
    --------
    >>> case = SpectralProblem.of([4.0, 1.0], [1.0, 2.0], teacher_progress=2.0)
    >>> case.eigenvalues[:3].tolist(), case.teacher_time.tolist(), case.present.sum()
    ([4.0, 1.0, 0.0], [0.5], np.int64(2))
    """

    modes: Annotated[Any, whole(1, MOST, simple=1)]
    log10_largest: Annotated[Any, linear(-8.0, 8.0, simple=0.0)]
    ratio_2: Apart
    ratio_3: Apart
    ratio_4: Apart
    ratio_5: Apart
    ratio_6: Apart
    ratio_7: Apart
    ratio_8: Apart
    coefficient_1: Size
    coefficient_2: Size
    coefficient_3: Size
    coefficient_4: Size
    coefficient_5: Size
    coefficient_6: Size
    coefficient_7: Size
    coefficient_8: Size
    variance: Annotated[Any, logarithmic(1e-6, 1e6, simple=1.0)]
    teacher_progress: Progress
    student_progress: Progress

    def __post_init__(self) -> None:
        super().__post_init__()
        kept = np.rint(self.modes) if np.ndim(self.modes) else float(round(self.modes))
        object.__setattr__(self, "modes", kept)
        for names, first in ((_RATIOS, 2), (_SIZES, 1)):
            for number, name in enumerate(names, start=first):
                simple = self.variables()[name].simple
                if np.ndim(kept):
                    object.__setattr__(self, name, np.where(kept >= number, getattr(self, name), simple))
                elif kept < number:
                    object.__setattr__(self, name, simple)

    @classmethod
    def of(cls, eigenvalues: Sequence[float], coefficients: Sequence[float], **others: float) -> Self:
        """The case with these falling eigenvalues and coefficients; other fields have their simple values.

        >>> SpectralProblem.of([4.0, 1.0], [1.0, 2.0]).ratio_2
        0.25
        """
        lam = finite_array("eigenvalues", eigenvalues, ndim=1)
        sizes = finite_array("coefficients", coefficients, ndim=1)
        if lam[0] <= 0 or np.any(np.diff(lam) > 0) or lam[-1] < 0 or len(lam) > MOST:
            expected = f"1 to {MOST} falling eigenvalues, the first positive"
            raise InvalidArgument("eigenvalues", expected=expected, got=f"{lam.tolist()}", fix="sort them")
        if len(sizes) != len(lam):
            fix = "give one coefficient per eigenvalue"
            raise InvalidArgument("coefficients", expected=f"{len(lam)} numbers", got=f"{len(sizes)}", fix=fix)
        ratios = np.divide(lam[1:], lam[:-1], out=np.zeros(len(lam) - 1), where=lam[:-1] > 0)
        given = {"modes": float(len(lam)), "log10_largest": float(np.log10(lam[0])), **others}
        given |= dict(zip(_RATIOS, ratios, strict=False)) | dict(zip(_SIZES, sizes, strict=False))
        return cls(**{name: given.pop(name, variable.simple) for name, variable in cls.variables().items()}, **given)

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether the case has the mode."""
        return np.arange(MOST) < np.asarray(self.modes)[..., None]

    @property
    def largest(self) -> Array:
        """The largest eigenvalue, shape (1,) or (cases, 1)."""
        return np.asarray(np.power(10.0, self.per_mode(self.log10_largest)), dtype=np.float64)

    @property
    def relative(self) -> Array:
        """Eigenvalues over the largest one."""
        ratios = np.stack([np.ones_like(self.ratio_2), *(getattr(self, name) for name in _RATIOS)], axis=-1)
        return np.where(self.present, np.cumprod(ratios, axis=-1, dtype=np.float64), 0.0)

    @property
    def eigenvalues(self) -> Array:
        """Falling; 0 for modes that the case does not have."""
        return self.largest * self.relative

    @property
    def coefficients(self) -> Array:
        """Of the clean target; 0 for modes that the case does not have."""
        return np.stack([np.asarray(getattr(self, name)) for name in _SIZES], axis=-1) * self.present

    @property
    def noise_variance(self) -> Array:
        """Of the noise in each coefficient of the labels, shape (1,) or (cases, 1)."""
        return self.per_mode(self.variance)

    @property
    def teacher_time(self) -> Array:
        """Gradient-flow time of the teacher, shape (1,) or (cases, 1); one over it serves as a ridge penalty."""
        return self.per_mode(self.teacher_progress) / self.largest

    @property
    def student_time(self) -> Array:
        """Gradient-flow time of the student, shape (1,) or (cases, 1)."""
        return self.per_mode(self.student_progress) / self.largest

    def least(self, values: ArrayLike) -> Array:
        """The smallest of the values of the modes that each case has: from one margin per mode to one per case."""
        return np.min(np.where(self.present, values, np.inf), axis=-1)

    def task(self, seed: int = 0) -> Task:
        """A single case as a task for `kdtheory.solve`, `simulate` and `train`, without noise."""
        from kdtheory.tasks import from_spectrum

        kept = count("modes", self.modes, at_least=1)
        return from_spectrum(self.eigenvalues[:kept], coefficients=self.coefficients[:kept], seed=seed)

    def simpler(self) -> Sequence[Self]:
        """Cases that are simpler in one field, and those without one of the modes."""
        kept, lam = int(self.modes), self.relative
        fewer = []
        for gone in range(kept if kept > 1 else 0):
            left = [k for k in range(kept) if k != gone]
            ratios = [lam[k] / lam[j] if lam[j] > 0 else 0.0 for j, k in pairwise(left)]
            sizes = [getattr(self, _SIZES[k]) for k in left]
            changes = dict(zip(_RATIOS, ratios, strict=False)) | dict(zip(_SIZES, sizes, strict=False))
            fewer.append(type(self)(**{**self.values, **changes, "modes": kept - 1.0}))
        return sorted([*fewer, *super().simpler()], key=lambda case: case.complexity())

    @property
    def varied(self) -> tuple[str, ...]:
        """All fields but the ratios and coefficients of the modes that the case has not."""
        absent = {*_RATIOS[max(int(self.modes) - 1, 0) :], *_SIZES[int(self.modes) :]}
        return tuple(name for name in self.variables() if name not in absent)

    @cached_property
    def _complexity(self) -> tuple[int, float]:
        return self._measured({name: getattr(self, name) for name in self.varied})

    def describe(self) -> str:
        """Eigenvalues, coefficients and the other numbers, for example ``eigenvalues=(1, 0.5), ...``."""
        kept = int(self.modes)
        told = {"eigenvalues": self.eigenvalues[:kept], "coefficients": self.coefficients[:kept]}
        words = [f"{name}=({', '.join(f'{value:.12g}' for value in values)})" for name, values in told.items()]
        hidden = {"modes", "log10_largest", *_RATIOS, *_SIZES}
        others = {name: value for name, value in self.values.items() if name not in hidden}
        return ", ".join([*words, *(f"{name}={value:.15g}" for name, value in others.items())])


@dataclass(frozen=True)
class DegenerateProblem(SpectralProblem):
    """A `SpectralProblem` that also has ties (ratio 1) and eigenvalues 0 (ratio 0)."""

    ratio_2: TiedOrZero
    ratio_3: TiedOrZero
    ratio_4: TiedOrZero
    ratio_5: TiedOrZero
    ratio_6: TiedOrZero
    ratio_7: TiedOrZero
    ratio_8: TiedOrZero
