"""What several fits say together: their mean probability, as logits."""

from __future__ import annotations

import numpy as np
import scipy.special

from kdtheory.distillation import FitResult
from kdtheory.distillation.results import ArrayFit
from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.measures._outputs import read
from kdtheory.measures._probabilities import log_probabilities
from kdtheory.validation import describe, number


def ensemble(result: FitResult, *, over: str = "seed", temperature: float = 1.0) -> ArrayFit:
    r"""The members along one axis as one fit: :math:`\tau \log E\,\mathrm{softmax}(z / \tau)`, in logits.

    Over ``"seed"`` it is the deep ensemble (``lakshminarayanan2017``), over ``"draw"`` of
    ``train(noisy_draws=...)["student"].noisy`` Monte Carlo dropout (``gal2016``). Averaging probabilities makes them
    less confident than their members; at the temperature of a student's loss, it is the mean over its noise that
    training fits to the teacher, and not what the student says in evaluation mode (claim ``logit-noise``).

    Parameters
    ----------
    result : FitResult
        Of any world. Fits on squared error have values, of which it takes the mean.
    over : str
        The axis that the members lie along; other axes stay.
    temperature : float
        Of the softmax that is averaged.

    Raises
    ------
    InvalidArgument
        For what is no fit, and for an axis that it does not have.

    >>> import kdtheory as kd
    >>> net = kd.networks.MLP(width=16, depth=1, dropout=0.5)
    >>> recipe = kd.Recipe(
    ...     teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=50), kd.CrossEntropy()))
    ... )
    >>> nets = kd.train(
    ...     recipe, net, kd.tasks.digits(train=50), optimizer=kd.Adam(), noisy_draws=20
    ... )
    >>> averaged = ensemble(nets["teacher"].noisy, over="draw")
    >>> bool(kd.measures.confidence(nets["teacher"], averaged).slope < 1)
    True
    """
    tau = number("temperature", temperature, above=0.0)
    if not isinstance(result, FitResult):
        fix = "pass a fit of solve, simulate or train, for example nets['student']"
        raise InvalidArgument("result", expected="a fit", got=describe(result), fix=fix)
    if over not in list(result.axes):
        fix = "average over one of its axes; draws are result[name].noisy"
        got = ", ".join(map(repr, result.axes)) or "a fit without axes"
        raise InvalidArgument("over", expected=f"an axis {over!r}", got=got, fix=fix)
    position = list(result.axes).index(over)
    has_test = result.task.test_inputs is not None
    train, test = (_mean(result, on, position, tau) if on == "train" or has_test else None for on in ("train", "test"))
    axes = {name: values for name, values in result.axes.items() if name != over}
    return ArrayFit(result.name, result.task, axes, train, test, logits=result.logits)  # type: ignore[arg-type]


def _mean(result: FitResult, on: str, position: int, temperature: float) -> Array:
    outputs = read("result", result, on)
    if not result.logits:
        return np.mean(outputs.values, axis=position)
    logs = log_probabilities(outputs, None, temperature)
    mean = scipy.special.logsumexp(logs, axis=position) - np.log(logs.shape[position])
    return temperature * (np.diff(mean, axis=-1) if outputs.width == 1 else mean)
