"""PyTorch's losses and optimizers.

Learning rates of mean losses do not depend on the batch size: a mean over a batch estimates the mean over all samples.
Momentum is the same number in both (``torch.optim.SGD`` without dampening is the heavy ball).
"""

from __future__ import annotations

from kdtheory.validation import count, number


def learning_rate_of_mse(step_size: float, samples: int, outputs: int) -> float:
    """Learning rate with PyTorch's ``MSELoss`` that equals ``step_size`` here: ``step_size * samples * outputs / 2``.

    ``MSELoss`` is a mean over samples and outputs, without the half. ``samples`` are all training samples, whatever the
    batch.

    >>> learning_rate_of_mse(0.01, samples=100, outputs=10)
    5.0
    """
    pairs = count("samples", samples, at_least=1) * count("outputs", outputs, at_least=1)
    return number("step_size", step_size, above=0.0) * pairs / 2


def weight_decay_of_mse(penalty: float, samples: int, outputs: int) -> float:
    """``weight_decay`` of ``torch.optim.SGD`` beside ``MSELoss`` that decays weights as ``penalty`` does here.

    ``2 * penalty / (samples * outputs)``; beside ``CrossEntropyLoss``, ``penalty_of_mean_loss(penalty, samples)``.

    >>> weight_decay_of_mse(5.0, samples=100, outputs=10)
    0.01
    """
    pairs = count("samples", samples, at_least=1) * count("outputs", outputs, at_least=1)
    return 2 * number("penalty", penalty, at_least=0.0) / pairs


def learning_rate_of_cross_entropy(step_size: float, samples: int) -> float:
    """Learning rate with PyTorch's ``CrossEntropyLoss`` that equals ``step_size`` here: ``step_size * samples``.

    ``CrossEntropyLoss`` is a mean over samples, with labels and with soft targets; ``KLDivLoss`` has its gradient with
    ``reduction="batchmean"`` only. A distillation loss is multiplied by the temperature squared here unless told
    otherwise (``hinton2015``): do the same there.

    >>> learning_rate_of_cross_entropy(0.01, samples=100)
    1.0
    """
    return number("step_size", step_size, above=0.0) * count("samples", samples, at_least=1)


def learning_rate_of_sum(step_size: float, samples: int, batch: int) -> float:
    """Learning rate with a loss *summed* over a minibatch that equals ``step_size`` here.

    ``step_size * samples / batch``, for ``CrossEntropyLoss(reduction="sum")`` and for one half of
    ``MSELoss(reduction="sum")``.

    >>> learning_rate_of_sum(0.01, samples=100, batch=20)
    0.05
    """
    samples = count("samples", samples, at_least=1)
    return number("step_size", step_size, above=0.0) * samples / count("batch", batch, at_least=1, at_most=samples)
