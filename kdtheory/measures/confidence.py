"""What did the student do to the teacher's confidence?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import FitResult
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array, align
from kdtheory.measures._outputs import Classes, Outputs, checked_classes, known_classes, read, refuse_other_points
from kdtheory.measures._summary import confidence_summary
from kdtheory.measures.log_odds import class_confidence
from kdtheory.measures.slopes import least_squares, refuse_constant, theil_sen
from kdtheory.validation import number, one_of

FIELDS = ("slope", "theil_sen", "intercept", "low_confidence_deviation")


@dataclass(frozen=True, eq=False, repr=False)
class Confidence:
    """Student's against teacher's confidence, point by point; made by `confidence`.

    Attributes
    ----------
    teacher, student : arrays of shape ``(*axes, n)``
        Confidence in the chosen class of each point.
    axes : dict of str to array
        Names and coordinates of the leading axes (sweeps, seeds).
    of : {"labels", "teacher"}
        Whose class it is.
    scale : {"logit", "value"}
        Log odds, or raw outputs.
    on : str
        Which points: ``"train"`` or ``"test"`` (of plain arrays: as they came).
    fraction : float
        What counts as low confidence.
    control : Confidence or None
        The retrain control against the same teacher, on the same axes.
    """

    teacher: Array
    student: Array
    axes: dict[str, Array] = field(default_factory=dict)
    of: str = "labels"
    scale: str = "logit"
    on: str = "train"
    fraction: float = 0.2
    control: Confidence | None = None

    @cached_property
    def _line(self) -> tuple[Array, Array]:
        self._refuse_constant()
        return least_squares(self.teacher, self.student)

    @property
    def slope(self) -> Array:
        """Least-squares slope of student on teacher (with intercept), shape ``(*axes,)``; above 1: exaggeration."""
        return self._line[0]

    @property
    def intercept(self) -> Array:
        """Intercept of that line, shape ``(*axes,)``."""
        return self._line[1]

    @cached_property
    def theil_sen(self) -> Array:
        """Theil-Sen slope of student on teacher, shape ``(*axes,)``; above 2000 points see `slopes.theil_sen`."""
        self._refuse_constant()
        return theil_sen(self.teacher, self.student)

    @cached_property
    def low_confidence_deviation(self) -> Array:
        """Mean of student minus teacher where the *teacher's* confidence is lowest, shape ``(*axes,)``.

        The points are the ``fraction`` of lowest teacher confidence, at least one; ties with the last count too.
        Negative: the student is less confident still (``nagarajan2023``, where the teacher has low confidence).
        """
        size = self.teacher.shape[-1]
        last = max(1, round(self.fraction * size)) - 1
        threshold = np.partition(self.teacher, last, axis=-1)[..., last, None]
        return np.mean(self.student - self.teacher, axis=-1, where=self.teacher <= threshold)[()]

    def difference(self, field: str) -> Array:
        """Student minus control of one number, paired cell by cell (seed by seed), shape ``(*axes,)``.

        ``field`` is ``"slope"``, ``"theil_sen"``, ``"intercept"`` or ``"low_confidence_deviation"``.
        """
        one_of("field", field, FIELDS)
        if self.control is None:
            fix = "pass control=, a fit on labels with the student's initialization and batches"
            raise InvalidArgument("control", expected="a retrain control", got="None", fix=fix)
        return getattr(self, field) - getattr(self.control, field)

    def _refuse_constant(self) -> None:
        fix = "a slope needs a teacher that is more confident on some points than on others"
        refuse_constant("teacher confidence", self.teacher, list(self.axes), fix=fix)

    def __repr__(self) -> str:
        return confidence_summary(self)


def confidence(
    teacher: FitResult | ArrayLike,
    student: FitResult | ArrayLike,
    labels: ArrayLike | None = None,
    *,
    on: str = "train",
    control: FitResult | ArrayLike | None = None,
    of: str | None = None,
    scale: str | None = None,
    fraction: float = 0.2,
) -> Confidence:
    r"""Compare a student's confidence with its teacher's, point by point.

    Confidence in class j is its log odds :math:`z_j - \log\sum_{i\ne j} e^{z_i}` (see `log_odds`), for fits on squared
    error the raw output j. Both slopes above 1 and a negative deviation at low confidence are the exaggeration of
    ``nagarajan2023``. A student may show them for no other reason than that the class was chosen by the teacher or that
    it is another training run: pass ``control`` and report `Confidence.difference`.

    Parameters
    ----------
    teacher, student : FitResult or array of shape ``(*axes, n, classes)``
        Fits of any world, or raw outputs on the same points (never probabilities). Axes such as seeds and sweeps stay,
        and are matched by name; one may lack an axis that the other has. Axes of plain arrays broadcast as in NumPy.
    labels : integer array of shape (n,), optional
        Classes from 0; for a single output 0 and 1 or -1 and +1. Default: those of the fits' task; for a single output
        the sign of its target.
    on : {"train", "test"}
        Which inputs of the fits.
    control : FitResult or array, optional
        A one-hot net with the student's initialization and batches (``Fit(..., stream="student")``), compared with the
        same teacher and paired with the student.
    of : {"labels", "teacher"}, optional
        The class in question: the true one, or the teacher's top class, which biases the plot towards lower students
        (regression to the mean). Default: the true one where it is known.
    scale : {"logit", "value"}, optional
        ``"logit"``: log odds. ``"value"``: the output itself. A single output is a margin in both, with the sign of
        its class. Default: what the results say (`FitResult.logits`); plain arrays follow the results beside them, and
        alone they are logits.
    fraction : float
        Share of points that counts as low confidence, in (0, 1].

    Raises
    ------
    InvalidArgument
        On different points or axes, NaN, labels out of range; slopes raise when the teacher's confidence is constant.

    >>> import kdtheory as kd
    >>> teacher, student = [[3.0], [2.0], [1.0]], [[5.0], [3.0], [1.0]]
    >>> measured = kd.measures.confidence(teacher, student, labels=[1, 1, 1])
    >>> measured.slope.item(), measured.theil_sen.item(), measured.intercept.item()
    (2.0, 2.0, -1.0)
    """
    share = number("fraction", fraction, above=0.0, at_most=1.0)
    given = {"teacher": teacher, "student": student} | ({} if control is None else {"control": control})
    outputs = [read(name, value, on) for name, value in given.items()]
    for other in outputs[1:]:
        refuse_other_points(outputs[0], other)
    scale = _scale(outputs, scale)
    classes = _true_classes(outputs, labels, binary=scale == "logit")
    of = _choice(of, classes, outputs)
    axes, values = align(outputs)
    if of == "teacher" or classes is None:
        classes = _top_classes(values[0])
    measured = [
        class_confidence(array, classes, scale, item.argument) for array, item in zip(values, outputs, strict=True)
    ]
    settings = {
        "axes": axes,
        "of": of,
        "scale": scale,
        "on": on if outputs[0].fit is not None else "",
        "fraction": share,
    }
    reference = Confidence(measured[0], measured[2], **settings) if control is not None else None
    return Confidence(measured[0], measured[1], **settings, control=reference)


def _scale(outputs: list[Outputs], scale: str | None) -> str:
    if scale is not None:
        return one_of("scale", scale, ("logit", "value"))
    said = {item.argument: item.fit.logits for item in outputs if item.fit is not None}
    if len(set(said.values())) > 1:
        got = ", ".join(f"{'logits' if logits else 'values'} of the {name}" for name, logits in said.items())
        fix = "say which to use: scale='logit' or scale='value'"
        raise InvalidArgument("scale", expected="outputs of one kind", got=got, fix=fix)
    return "logit" if all(said.values()) else "value"


def _true_classes(outputs: list[Outputs], labels: ArrayLike | None, *, binary: bool) -> Classes | None:
    if labels is not None:
        return checked_classes(labels, outputs[0].points, outputs[0].width, binary=binary)
    known = (known_classes(item.fit, item.on) for item in reversed(outputs) if item.fit is not None)
    return next((classes for classes in known if classes is not None), None)


def _choice(of: str | None, classes: Classes | None, outputs: list[Outputs]) -> str:
    if of is None:
        return "teacher" if classes is None else "labels"
    if one_of("of", of, ("labels", "teacher")) == "labels" and classes is None:
        known = next((repr(item.fit.task) for item in outputs if item.fit is not None), "arrays")
        fix = "pass labels=, or of='teacher' for the teacher's top class"
        raise InvalidArgument("labels", expected="known classes of the points", got=f"None beside {known}", fix=fix)
    return of


def _top_classes(teacher: Array) -> Classes:
    if teacher.shape[-1] == 1:
        return np.where(teacher[..., 0] < 0, -1, 1)
    return np.argmax(teacher, axis=-1)
