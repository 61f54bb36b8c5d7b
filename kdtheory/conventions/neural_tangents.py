"""neural-tangents: times, regularizers and kernels of its networks (``novak2020``; read in version 0.6.5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdtheory.conventions.mean_loss import time_of_mean_loss
from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, finite_array, number


def time_of_neural_tangents(time: float, samples: int, outputs: int) -> float:
    """Time ``t`` of ``predict.gradient_descent_mse`` (at ``learning_rate=1``) that equals ``time`` here.

    Its loss is one half of the mean over samples *and* outputs: ``t = samples * outputs * time``. Otherwise
    ``learning_rate * t`` is that number.

    >>> time_of_neural_tangents(0.5, samples=100, outputs=10)
    500.0
    """
    return time_of_mean_loss(time, samples, outputs)


def diag_reg_of_neural_tangents(penalty: float, trace: float, samples: int) -> float:
    """``diag_reg`` of ``neural_tangents.predict`` that equals a ``penalty`` here: relative to the mean eigenvalue.

    ``penalty * samples / trace`` with the trace of the Gram matrix; with ``diag_reg_absolute_scale=True`` it is the
    penalty itself.

    >>> diag_reg_of_neural_tangents(0.5, trace=200.0, samples=100)
    0.25
    """
    samples = count("samples", samples, at_least=1)
    return number("penalty", penalty, at_least=0.0) * samples / number("trace", trace, above=0.0)


def kernel_factor_of_neural_tangents(weight_stds: Sequence[float]) -> float:
    r"""What to multiply ``NTK(depth)`` and ``NNGP(depth)`` by to get neural-tangents' kernels of the same network.

    The network is ``Dense(width, W_std=w_1), Relu(), ..., Dense(1, W_std=w_{L+1})`` without biases, in its default
    (NTK) parametrization. ReLUs hand factors through, so that its function is
    :math:`\prod_l w_l / \sqrt2^{\,L}` times the one of `kdtheory.kernels.NTK`, and its kernels are the square of that
    times ours.

    Parameters
    ----------
    weight_stds : sequence of L + 1 numbers
        ``W_std`` of each ``Dense`` layer, the last one included.

    >>> round(kernel_factor_of_neural_tangents([2**0.5, 2**0.5, 1.0]), 12)
    1.0
    """
    stds = finite_array("weight_stds", list(weight_stds), ndim=1)
    if stds.min() <= 0:
        fix = "pass the W_std of every Dense layer"
        raise InvalidArgument("weight_stds", expected="numbers above 0", got=f"{stds.min():g}", fix=fix)
    return float(np.prod(np.square(stds)) / 2.0 ** (len(stds) - 1))
