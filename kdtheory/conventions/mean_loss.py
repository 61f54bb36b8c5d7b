"""Losses that are means."""

from __future__ import annotations

from kdtheory.validation import count, number


def time_of_mean_loss(time: float, samples: int, outputs: int = 1) -> float:
    """Gradient-flow time, on one half of the *mean* of squared errors, of what takes ``time`` here.

    It is ``samples * time`` where the mean is over samples and the sum over outputs (also: mean cross-entropy);
    ``samples * outputs * time`` where it is a mean over both.

    >>> time_of_mean_loss(0.5, samples=100)
    50.0
    """
    return number("time", time, at_least=0.0) * _pairs(samples, outputs)


def penalty_of_mean_loss(penalty: float, samples: int, outputs: int = 1) -> float:
    """Penalty beside one half of a *mean* of squares that equals ``penalty`` here: ``penalty / (samples * outputs)``.

    The penalized term is one half of the squared norm in both; ``outputs`` as in `time_of_mean_loss`.

    >>> penalty_of_mean_loss(50.0, samples=100)
    0.5
    """
    return number("penalty", penalty, at_least=0.0) / _pairs(samples, outputs)


def _pairs(samples: int, outputs: int) -> int:
    return count("samples", samples, at_least=1) * count("outputs", outputs, at_least=1)
