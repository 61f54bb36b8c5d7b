"""Distillation's gradient is the one-hot gradient minus what it would be at the teacher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit, FitResult, Loss, SquaredError
from kdtheory.errors import NotDiagonal
from kdtheory.measures._loss_slopes import label_slopes, teacher_slopes
from kdtheory.measures._named import Array, Named, align
from kdtheory.measures._positions import (
    Position,
    label_values,
    of_width,
    on_inputs,
    position,
    refuse_other_model,
    refuse_unless,
)
from kdtheory.measures.gradients import Gradients
from kdtheory.models import Model
from kdtheory.tasks import Task


@dataclass(frozen=True, eq=False)
class GradientRelation:
    r"""Both sides of :math:`g_{KD}(b) = g_{OH}(b) - g_{OH}(b_T)`; made by `gradient_relation`.

    Attributes
    ----------
    distillation : Gradients
        :math:`g_{KD}(b)`, from the teacher's outputs.
    one_hot : Gradients
        :math:`g_{OH}(b)`, from the labels.
    anchor : Gradients
        :math:`g_{OH}(b_T)`, the one-hot gradient at the teacher. For closed forms it comes from the teacher's composed
        residuals (:math:`-e^{-T\Sigma}X^T(y - Xb_0)` for gradient flow), not from its outputs: the two sides are
        computed apart.
    gains : array of shape ``(*axes, modes)``, or None
        Gains of a closed-form teacher on squared loss and all samples: what the low-pass form needs.
    """

    distillation: Gradients
    one_hot: Gradients
    anchor: Gradients
    gains: Array | None

    @property
    def axes(self) -> dict[str, Array]:
        """Names and coordinates of the leading axes."""
        return self.distillation.axes

    @property
    def difference(self) -> Array:
        """Largest difference of the sides, over the largest entry of any of the three gradients; shape ``(*axes,)``."""
        return self._relative(self.one_hot.modes - self.anchor.modes)

    @property
    def low_pass(self) -> Array | None:
        r"""Gain times one-hot gradient in each mode, shape ``(*axes, modes, outputs)``: an identity at the start only.

        For procedures that retain ``1 - gain`` of the teacher's start :math:`c_0`, the distillation gradient at a
        function with coefficients c is :math:`\sqrt\lambda\,(1 - a)(c - c_0)` more than that: nothing at the start.
        """
        return None if self.gains is None else self.gains[..., None] * self.one_hot.modes

    @property
    def low_pass_difference(self) -> Array | None:
        """As `difference`, between distillation's gradient and `low_pass`."""
        return None if self.low_pass is None else self._relative(self.low_pass)

    def _relative(self, other: Array) -> Array:
        sides = [each.modes for each in (self.distillation, self.one_hot, self.anchor)]
        scale = np.max([np.max(np.abs(side), axis=(-2, -1)) for side in sides], axis=0)
        largest = np.max(np.abs(sides[0] - other), axis=(-2, -1))
        return np.divide(largest, scale, out=np.zeros_like(largest), where=scale > 0)[()]


def gradient_relation(
    model: Model,
    task: Task,
    teacher: FitResult | ArrayLike,
    at: Position = None,
    *,
    labels: ArrayLike | None = None,
    samples: ArrayLike | None = None,
    loss: Loss = SquaredError(),  # noqa: B008, frozen
) -> GradientRelation:
    r"""Measure both sides of the gradient relation at a point b, for a teacher :math:`b_T` that is a fit of the model.

    .. math:: g_{KD}(b) = g_{OH}(b) - g_{OH}(b_T)

    It needs no label noise, holds at every point, for each minibatch and for any training of the teacher: with the
    anchor's full gradient added back it would be SVRG (``safaryan2023``; ``nagarajan2023`` as denoising). With
    :math:`b = b_0`, the teacher's start, it becomes the low-pass form :math:`g_{KD} = A\,g_{OH}`, with the teacher's
    gains A (for gradient flow :math:`I - e^{-T\Sigma}`).

    Parameters
    ----------
    model, task, at, labels, loss
        As in `gradients`. For cross-entropy (derived here) it needs ``temperature == label_temperature``.
    teacher : FitResult or array of shape ``(*axes, n, outputs)``
        Raw outputs of a fit of this model on the task's inputs (a closed form of another model is refused).
    samples : array of shape (batch,), optional
        Sample numbers of a minibatch. Default: all.

    Notes
    -----
    Gradients point uphill; for descent directions all signs flip. Units as in `gradients`.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> recipe = kd.self_distillation(kd.GradientFlow(0.5), kd.GradientFlow(0.5))
    >>> teacher = kd.solve(recipe, kd.LinearModel(), task)["teacher"]
    >>> elsewhere = kd.Start(weights=[1.0, -2.0])
    >>> sides = gradient_relation(kd.LinearModel(), task, teacher, elsewhere)
    >>> sides.difference.round(12).item(), sides.low_pass_difference.round(1).item()
    (0.0, 0.4)
    """
    refuse_unless(model, task, loss)
    refuse_other_model(teacher, model)
    truth = label_values("labels", labels, task, loss)
    width = truth.values.shape[-1]
    taught = of_width(on_inputs("teacher", teacher, task), width)
    items = [position(at, model, task, width), taught, truth]
    exact = _closed_form(teacher, task) if labels is None and isinstance(loss, SquaredError) else None
    if exact is not None:
        items.append(Named("teacher", exact.spectrum.values(exact.errors), exact.axes, 2))
    gains = None if exact is None or samples is not None else _gains(exact)
    axes, (values, outputs, known, *errors) = align([*items, *([] if gains is None else [gains])])
    filtered = errors.pop() if gains is not None else None
    slopes = (
        teacher_slopes(loss, values, outputs),
        label_slopes(loss, values, known),
        errors[0] if errors else label_slopes(loss, outputs, known),
    )
    sides = [Gradients(each, axes, model, task) for each in slopes]
    if samples is not None:
        sides = [side.batch(samples) for side in sides]
    return GradientRelation(*sides, gains=filtered)


def _closed_form(teacher: object, task: Task) -> ExactFit | None:
    """The teacher, if its composed residuals are those of this task's labels and its basis is complete."""
    if not isinstance(teacher, ExactFit) or teacher.task is not task:
        return None
    return teacher if teacher.spectrum.size == task.size else None


def _gains(teacher: ExactFit) -> Named | None:
    try:
        return Named("teacher", teacher.gains, teacher.axes, 1)
    except NotDiagonal:
        return None
