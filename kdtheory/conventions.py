"""Units, and converters from other people's.

kdtheory's loss is one half of the sum of squared errors over samples **and** outputs (cross-entropy: the sum over
samples); time is the gradient-flow time of that loss; a penalty is added to the eigenvalue of the Gram matrix; a
step size multiplies that loss's gradient. Minibatch gradients are scaled by ``n / batch`` so that they estimate the
full one.
"""

from __future__ import annotations

from kdtheory.validation import count, number


def time_of_mean_loss(time: float, samples: int) -> float:
    """Gradient-flow time, on the half *mean* over samples, of what takes ``time`` here: ``samples * time``.

    neural-tangents measures time that way.

    >>> time_of_mean_loss(0.5, samples=100)
    50.0
    """
    return number("time", time, at_least=0.0) * count("samples", samples, at_least=1)


def penalty_of_mean_loss(penalty: float, samples: int) -> float:
    """Ridge penalty beside a *mean* over samples that equals ``penalty`` here: ``penalty / samples``.

    >>> penalty_of_mean_loss(50.0, samples=100)
    0.5
    """
    return number("penalty", penalty, at_least=0.0) / count("samples", samples, at_least=1)


def learning_rate_of_mse(step_size: float, samples: int, outputs: int) -> float:
    """Learning rate with PyTorch's ``MSELoss`` that equals ``step_size`` here.

    ``MSELoss`` is a mean over samples and outputs, without the half.

    >>> learning_rate_of_mse(0.01, samples=100, outputs=10)
    5.0
    """
    pairs = count("samples", samples, at_least=1) * count("outputs", outputs, at_least=1)
    return number("step_size", step_size, above=0.0) * pairs / 2
