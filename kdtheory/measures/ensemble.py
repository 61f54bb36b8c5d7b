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


def ensemble(result: FitResult, over: str = "seed", *, temperature: float = 1.0) -> ArrayFit:
    r"""The members along one axis as one fit: :math:`\tau \log E\,\mathrm{softmax}(z / \tau)`, in logits.

    Over ``"seed"`` it is the deep ensemble (``lakshminarayanan2017``), over ``"draw"`` of
    ``train(noisy_draws=...)["student"].noisy`` Monte Carlo dropout (``gal2016``). A mean of probabilities is less
    confident than its members. At the temperature of a student's loss and for additive noise, it is this mean that
    training fits to the teacher, and not what the student says in evaluation mode (claim ``logit-noise``); dropout of a
    linear model's inputs leaves it less confident still (claim ``dropout-route``).

    Parameters
    ----------
    result : FitResult
        Of any world. Fits on squared error have values, of which it takes the mean.
    over : str
        The axis that the members lie along; other axes stay. Of ``noisy`` fits, ``"seed"`` averages over seeds draw by
        draw: say ``"draw"``.
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
    if result is None:
        fix = "train with noisy_draws=20"
        raise InvalidArgument("result", expected="a fit that was heard with its noise on", got="None", fix=fix)
    if read("result", result, "train").fit is None:
        fix = "pass a fit of solve, simulate or train, for example nets['student']"
        raise InvalidArgument("result", expected="a fit", got=describe(result), fix=fix)
    if over not in list(result.axes):
        expected = f"one of the axes {', '.join(map(repr, result.axes))}" if result.axes else "a fit with axes"
        fix = "sweeps and seeds are axes, and draws are those of result[name].noisy"
        raise InvalidArgument("over", expected=expected, got=describe(over), fix=fix)
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
