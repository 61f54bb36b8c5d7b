"""Gradients of models that are linear in their parameters, per sample and summed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import CrossEntropy, FitResult, Loss, SquaredError
from kdtheory.errors import InvalidArgument
from kdtheory.measures._loss_slopes import label_slopes, teacher_slopes
from kdtheory.measures._named import Array, align
from kdtheory.measures._positions import Position, label_values, of_width, on_inputs, position, refuse_unless
from kdtheory.models import Model
from kdtheory.tasks import Task
from kdtheory.validation import finite_array, number


@dataclass(frozen=True, eq=False)
class Gradients:
    r"""Gradients of a loss at one point (or a sweep of points) of a model; made by `gradients`.

    The gradient of sample i is :math:`\phi(x_i)\, s_i^T`, with the model's features :math:`\phi` (for kernels,
    :math:`k(x_i, \cdot)`) and the slope :math:`s_i = \partial L_i / \partial f(x_i)`. In the eigenbasis of the Gram
    matrix it has the coordinates :math:`\sqrt{\lambda_k}\, u_{ik} s_i` along the unit directions
    :math:`v_k = \sum_i \phi(x_i) u_{ik} / \sqrt{\lambda_k}`, which are all there is: norms are the same.

    Attributes
    ----------
    slopes : array of shape ``(*axes, n, outputs)``
        Derivatives of each sample's loss by its outputs: also the dual coefficients of the summed gradient.
    axes : dict of str to array
    model : Model
    task : Task
    """

    slopes: Array
    axes: dict[str, Array]
    model: Model
    task: Task

    @property
    def modes(self) -> Array:
        """The summed gradient along each mode's direction, shape ``(*axes, modes, outputs)``."""
        spectrum = self.model.spectrum(self.task)
        return np.sqrt(spectrum.eigenvalues)[:, None] * spectrum.coefficients(self.slopes)

    @property
    def per_sample_modes(self) -> Array:
        """Each sample's gradient along each mode's direction, shape ``(*axes, n, modes, outputs)``."""
        spectrum = self.model.spectrum(self.task)
        directions = spectrum.basis * np.sqrt(spectrum.eigenvalues)
        return directions[:, :, None] * self.slopes[..., :, None, :]

    @property
    def weights(self) -> Array:
        """The summed gradient by the weights, shape ``(*axes, p, outputs)``; explicit weights only."""
        return self.model.features(self.task.inputs).T @ self.slopes

    @property
    def per_sample_weights(self) -> Array:
        """Each sample's gradient by the weights, shape ``(*axes, n, p, outputs)``; explicit weights only."""
        return self.model.features(self.task.inputs)[:, :, None] * self.slopes[..., :, None, :]

    def batch(self, samples: ArrayLike) -> Gradients:
        """The gradient of a minibatch of sample numbers (repeats count), scaled by n / batch as in training."""
        chosen = finite_array("samples", samples, ndim=1)
        bad = chosen[(chosen != np.round(chosen)) | (chosen < 0) | (chosen >= self.task.size)]
        if bad.size:
            expected = f"sample numbers from 0 to {self.task.size - 1}"
            raise InvalidArgument("samples", expected=expected, got=f"{bad[0]:g}", fix="number the training inputs")
        counts = np.bincount(chosen.astype(np.intp), minlength=self.task.size)
        return replace(self, slopes=(counts * self.task.size / len(chosen))[:, None] * self.slopes)


def gradients(
    model: Model,
    task: Task,
    at: Position = None,
    *,
    teacher: FitResult | ArrayLike | None = None,
    labels: ArrayLike | None = None,
    mixing: float = 1.0,
    loss: Loss = SquaredError(),  # noqa: B008, frozen
) -> Gradients:
    r"""Gradient of the loss on the training inputs of a task, per sample and summed.

    Parameters
    ----------
    model : Model
        Linear in its parameters: linear, random features or kernel.
    task : Task
        Its inputs, and its labels where they are needed.
    at : FitResult, Start, array of shape ``(*axes, n, outputs)``, optional
        Where: the function of a fit; weights and offset; function values. Default: the zero function.
    teacher : FitResult or array of shape ``(*axes, n, outputs)``, optional
        Raw outputs to imitate (logits, if the loss is cross-entropy). Without one, the targets are the labels.
    labels : array of shape ``(*axes, n, outputs)``, optional
        Default: those of the task. Probabilities, for cross-entropy.
    mixing : float
        Weight of the teacher; ``1 - mixing`` is that of the labels.
    loss : SquaredError or CrossEntropy
        Each term of the mixture keeps its own temperature.

    Notes
    -----
    Units: one half of the sum of squares over samples and outputs, cross-entropy summed over samples; nothing is
    divided by n (PyTorch's mean losses are). All values are in the original units of a centred task.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_arrays([[1.0], [2.0]], [1.0, 3.0])
    >>> gradient = gradients(kd.LinearModel(), task, kd.Start(weights=[1.0]))
    >>> gradient.weights.tolist(), gradient.per_sample_weights.ravel().tolist()
    ([[-2.0]], [0.0, -2.0])
    """
    refuse_unless(model, task, loss)
    share = number("mixing", mixing, **({"at_least": 0, "at_most": 1} if isinstance(loss, CrossEntropy) else {}))
    aims = []
    if teacher is not None:
        aims.append(on_inputs("teacher", teacher, task))
    if teacher is None or share != 1.0 or labels is not None:
        aims.append(label_values("labels", labels, task, loss))
    width = aims[-1].values.shape[-1]
    point = position(at, model, task, width)
    axes, (values, *known) = align([point, *(of_width(aim, width) for aim in aims)])
    if teacher is None:
        return Gradients(label_slopes(loss, values, known[0]), axes, model, task)
    slopes = share * teacher_slopes(loss, values, known[0])
    if share != 1.0:
        slopes = slopes + (1.0 - share) * label_slopes(loss, values, known[1])
    return Gradients(slopes, axes, model, task)
