"""Minibatch gradients with labels and with a teacher, as estimators of the gradient of the clean targets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation import CrossEntropy, FitResult, Loss, SquaredError
from kdtheory.errors import InvalidArgument
from kdtheory.measures._loss_slopes import distributions, label_factor, label_slopes, teacher_slopes
from kdtheory.measures._moments import GradientNoise, Moments, batch_variance
from kdtheory.measures._named import Array, Named, align
from kdtheory.measures._positions import (
    Position,
    label_values,
    of_width,
    on_inputs,
    oracle_values,
    position,
    refuse_unless,
)
from kdtheory.models import Model
from kdtheory.spectrum import Spectrum
from kdtheory.tasks import Task
from kdtheory.validation import count, number, one_of


def gradient_noise(
    model: Model,
    task: Task,
    teacher: FitResult | ArrayLike,
    at: Position = None,
    *,
    batch: int = 1,
    labels: str = "fresh",
    loss: Loss = SquaredError(),  # noqa: B008, frozen
    oracle_targets: ArrayLike | None = None,
    oracle_noise_variance: float | None = None,
) -> GradientNoise:
    r"""Bias and variance of minibatch gradients, for a teacher and for labels, at a fixed point; exact.

    Batches of B samples are drawn with replacement from the n training inputs and scaled by n / B. With sample
    gradients :math:`g_i` their variance is :math:`V/B`, :math:`V = n\sum_i |g_i - \bar g|^2`, to which fresh labels add
    :math:`n \sum_i E|g_i(Y) - E g_i|^2` (the second term of the law of total variance, which clean targets remove:
    ``menon2021``). The teacher is a fixed function; its bias is :math:`\sum_i \phi(x_i)(y^*_i - q_i)^T` on squared
    loss.

    Parameters
    ----------
    model, task, loss
        As in `gradients`.
    teacher : FitResult or array of shape ``(*axes, n, outputs)``
        Raw outputs on the task's training inputs.
    at : FitResult, Start or array, optional
        A neutral point, never the student's own trajectory. Default: the zero function.
    batch : int
        B, at least 1.
    labels : {"fresh", "given"}
        ``"fresh"``: each drawn sample gets a label drawn from the truth (one-hot is unbiased). ``"given"``: the
        labels of the task as they are, wrong ones too (their bias is reported).
    oracle_targets : array of shape (n, outputs), optional
        Clean targets: means of the fresh labels. Default: those of the task.
    oracle_noise_variance : float, optional
        Variance of fresh labels, per output. Default: that of the task; for one-hot labels that of their
        probabilities, :math:`1 - |p|^2` in total.

    Notes
    -----
    Units: sums over samples; gradients of mean losses have :math:`1/n^2` of these variances. Use temperature 1: others
    aim at another gradient, and that counts as bias.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_arrays([[1.0], [1.0]])
    >>> truth = {"oracle_targets": [[0.0], [0.0]], "oracle_noise_variance": 2.0}
    >>> noise = gradient_noise(kd.LinearModel(), task, [[0.5], [0.5]], **truth)
    >>> noise.one_hot.total_variance.round(9), noise.critical_batch.round(9)  # 4 * 2, 8 / 1
    (np.float64(8.0), np.float64(8.0))
    """
    refuse_unless(model, task, loss)
    batch = count("batch", batch, at_least=1)
    one_of("labels", labels, ("fresh", "given"))
    oracle = oracle_values(oracle_targets, task, loss)
    width = oracle.values.shape[-1]
    items = [position(at, model, task, width), of_width(on_inputs("teacher", teacher, task), width), oracle]
    if labels == "given":
        items.append(of_width(label_values("labels", None, task, loss), width))
    axes, (values, told, truth, *given) = align(items)
    spectrum = model.spectrum(task)
    clean = label_slopes(loss, values, truth)
    distillation = _moments(spectrum, teacher_slopes(loss, values, told), clean, batch)
    if given:
        one_hot = _moments(spectrum, label_slopes(loss, values, given[0]), clean, batch)
    else:
        one_hot = _moments(spectrum, clean, clean, batch)
        spread = label_factor(loss) ** 2 * _label_variance(oracle, oracle_noise_variance, task, loss)
        added = task.size * spectrum.eigenvalues * (spread @ np.square(spectrum.basis))
        one_hot = Moments(one_hot.bias, one_hot.variance + added / batch)
    return GradientNoise(distillation, one_hot, spectrum.eigenvalues, axes, batch, labels)


def _moments(spectrum: Spectrum, slopes: Array, clean: Array, batch: int) -> Moments:
    bias = np.sqrt(spectrum.eigenvalues)[:, None] * spectrum.coefficients(slopes - clean)
    return Moments(bias, batch_variance(spectrum, slopes) / batch)


def _label_variance(oracle: Named, given: float | None, task: Task, loss: Loss) -> Array:
    """Total variance of a fresh label at each training input, shape (n,)."""
    variance = task.noise_variance if given is None else given
    if variance is not None and not isinstance(loss, CrossEntropy):
        return np.full(task.size, oracle.values.shape[-1] * number("oracle_noise_variance", variance, at_least=0.0))
    if given is not None:
        fix = "drop it: one-hot labels have the variance of their probabilities"
        raise InvalidArgument("oracle_noise_variance", expected="none with cross-entropy", got=f"{given}", fix=fix)
    if task.labels is None and not isinstance(loss, CrossEntropy):
        fix = "pass oracle_noise_variance=, or labels='given'"
        raise InvalidArgument("oracle_noise_variance", expected="a known noise variance", got=repr(task), fix=fix)
    probabilities = distributions("oracle_targets", oracle.values)
    _refuse_impossible(probabilities, task)
    return np.sum(probabilities * (1.0 - probabilities), axis=-1)


def _refuse_impossible(probabilities: Array, task: Task) -> None:
    """Raise if the task has labels of probability zero: then fresh ones would be cleaner than its own."""
    if task.labels is None:
        return
    likely = np.take_along_axis(probabilities, task.labels[:, None], axis=-1)
    if np.any(likely <= 0):
        got = f"{int(np.sum(likely <= 0))} labels of probability 0"
        fix = "pass the probabilities of noisy labels as oracle_targets, or labels='given'"
        raise InvalidArgument("oracle_targets", expected="probabilities of the task's labels", got=got, fix=fix)
