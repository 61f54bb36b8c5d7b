"""What a teacher fitted to noisy labels does to the noise in the gradient, mode by mode."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit, SquaredError, Start
from kdtheory.distillation.composition import LABELS
from kdtheory.errors import InvalidArgument
from kdtheory.measures._moments import GradientNoise, Moments, batch_variance
from kdtheory.measures._named import Array, Named, align
from kdtheory.measures._positions import of_width, oracle_values, position
from kdtheory.spectrum import Spectrum
from kdtheory.tasks import Task
from kdtheory.validation import count, describe, number


def gradient_denoising(
    teacher: ExactFit,
    at: Start | ArrayLike | None = None,
    *,
    batch: int | None = None,
    oracle_targets: ArrayLike | None = None,
    oracle_noise_variance: float | None = None,
) -> GradientNoise:
    r"""Bias and variance of the gradients over the noise of the labels on which the teacher itself was trained; exact.

    Labels are :math:`y = f^* + \varepsilon` with independent noise of variance :math:`s^2` per sample and output; the
    teacher is refitted to each draw, so that with gains a the gradient of mode k has the bias
    :math:`\sqrt{\lambda_k}\,(1 - a_k) c^*_k` and the variance :math:`\lambda_k a_k^2 s^2`, against 0 and
    :math:`\lambda_k s^2` of the labels. The ratio of mean squared errors (``ratio``) is

    .. math:: a_k^2 + (1 - a_k)^2 \, c^{*2}_k / s^2,

    below 1 iff :math:`(c^{*2} - s^2)/(c^{*2} + s^2) < a < 1` and least at the Wiener gain (derived here, after the
    denoising view of ``nagarajan2023`` and ``safaryan2023``).

    Parameters
    ----------
    teacher : ExactFit
        A closed form whose only labels are those of its own task. Any start and procedure.
    at : Start or array of shape ``(*axes, n, outputs)``, optional
        A point that does not depend on the noise: a trained fit is refused, since cross terms would appear. Matters for
        ``batch`` only. Default: the zero function.
    batch : int, optional
        Batch size, drawn with replacement: its variance (the mean over noise of the conditional one) is added. Default:
        all samples.
    oracle_targets, oracle_noise_variance : optional
        :math:`f^*` of shape (n, outputs) and :math:`s^2`. Default: those of the task.

    Notes
    -----
    Units as in `gradients`. Here one noisy data set is drawn for the whole training: the variance over noise does not
    fall with the batch size, as it does for the fresh labels of `gradient_noise`; at batch size 1 the two agree for
    labels.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> fit = kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)))  # gains .8 and .5
    >>> teacher = kd.solve(kd.Recipe(teacher=fit), kd.LinearModel(), task)["teacher"]
    >>> truth = {"oracle_targets": task.targets, "oracle_noise_variance": 1.0}
    >>> gradient_denoising(teacher, **truth).ratio.round(12).tolist()
    [0.68, 0.5]
    """
    task, spectrum, s2 = _checked(teacher, at, oracle_noise_variance)
    oracle = oracle_values(oracle_targets, task, SquaredError())
    of_width(oracle, teacher.outputs_count)
    point = position(at, teacher.model, task, teacher.outputs_count)
    shrinkage, rest = teacher.residuals[..., None], _unlearned(teacher)
    truth = Named("oracle_targets", spectrum.coefficients(oracle.values), oracle.axes, 2)
    items = [truth, *(Named("teacher", each, teacher.axes, 2) for each in (shrinkage, teacher.gains[..., None], rest))]
    axes, (values, wanted, residual, gain, other) = align([point, *items])
    root = np.sqrt(spectrum.eigenvalues)
    missing = residual * wanted - other
    noise = s2 * teacher.outputs_count * spectrum.eigenvalues
    size = None if batch is None else count("batch", batch, at_least=1)

    def moments(bias: Array, filtered: Array) -> Moments:
        variance = noise * np.square(filtered)
        if size is not None:
            slopes = values - spectrum.values(wanted - bias)
            variance = variance + batch_variance(spectrum, slopes) / size
            variance = variance + noise * _batch_noise(spectrum, filtered) / size
        return Moments(root[:, None] * bias, variance)

    distillation = moments(missing, gain[..., 0])
    one_hot = moments(np.zeros_like(missing), np.ones_like(gain[..., 0]))
    return GradientNoise(distillation, one_hot, spectrum.eigenvalues, axes, size, "noisy")


def _batch_noise(spectrum: Spectrum, gains: Array) -> Array:
    r"""Mean over unit noise of the variance of one sample's share, :math:`n \sum_i u_{ik}^2 (A A^T)_{ii} - a_k^2`."""
    squares = np.square(spectrum.basis)
    per_sample = np.square(gains) @ squares.T
    return len(squares) * (per_sample @ squares) - np.square(gains)


def _unlearned(teacher: ExactFit) -> Array:
    """The part of the teacher's coefficients that does not come from labels (start, offset)."""
    known = teacher.spectrum.coefficients(np.asarray(teacher.task.targets))
    return teacher.errors + teacher.residuals[..., None] * known


def _checked(teacher: object, at: object, variance: float | None) -> tuple[Task, Spectrum, float]:
    if not isinstance(teacher, ExactFit):
        fix = "use kd.solve(...), or gradient_noise for a teacher as a fixed function"
        raise InvalidArgument("teacher", expected="a fit in closed form", got=describe(teacher), fix=fix)
    labels = [key for key in teacher.sources if key.kind == LABELS]
    # A teacher on other inputs has no gains, and says so itself.
    if not teacher.has_foreign_teacher and labels != [teacher.link.labels]:
        fix = "train it on the labels of its own task alone"
        raise InvalidArgument("teacher", expected="labels of one task", got=f"{len(labels)} sources of them", fix=fix)
    if teacher.task.target_shift is not None:
        fix = "center the inputs by themselves"
        expected, got = "a task whose targets are not centred", repr(teacher.task)
        raise InvalidArgument("teacher", expected=f"{expected} (their mean holds noise)", got=got, fix=fix)
    if at is not None and not isinstance(at, Start) and hasattr(at, "task"):
        fix = "pass Start(weights=...) or function values"
        raise InvalidArgument("at", expected="a point that does not depend on the labels", got=repr(at), fix=fix)
    if variance is None and teacher.task.noise_variance is None:
        fix = "pass oracle_noise_variance="
        got = repr(teacher.task)
        raise InvalidArgument("oracle_noise_variance", expected="a known noise variance", got=got, fix=fix)
    known = teacher.task.noise_variance if variance is None else variance
    return teacher.task, teacher.spectrum, number("oracle_noise_variance", known, at_least=0.0)
