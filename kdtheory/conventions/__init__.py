"""Units, and converters to and from other people's.

kdtheory's loss is one half of the sum of squared errors over samples **and** outputs (cross-entropy: the sum over
samples); time is the gradient-flow time of that loss; a penalty is added to the eigenvalue of the Gram matrix; a
step size multiplies that loss's gradient. Minibatch gradients are scaled by ``samples / batch`` so that they estimate
the full one. ``mixing`` is the weight of the teacher, ``1 - mixing`` that of the labels.

``something_of_other(ours)`` and ``to_paper(...)`` give the number to be used elsewhere, ``from_paper(...)`` the number
to be used here. scikit-learn's ``alpha`` of ``Ridge`` and ``KernelRidge`` is the penalty as it is.
"""

from kdtheory.conventions.mean_loss import penalty_of_mean_loss, time_of_mean_loss
from kdtheory.conventions.mobahi import from_mobahi, to_mobahi
from kdtheory.conventions.neural_tangents import (
    diag_reg_of_neural_tangents,
    kernel_factor_of_neural_tangents,
    time_of_neural_tangents,
)
from kdtheory.conventions.papers import (
    PenaltyAndMixing,
    from_borup,
    from_das,
    from_pareek,
    time_of_phuong,
    to_borup,
    to_das,
    to_pareek,
)
from kdtheory.conventions.pytorch import (
    learning_rate_of_cross_entropy,
    learning_rate_of_mse,
    learning_rate_of_sum,
    weight_decay_of_mse,
)

__all__ = [
    "PenaltyAndMixing", "diag_reg_of_neural_tangents", "from_borup", "from_das", "from_mobahi", "from_pareek",
    "kernel_factor_of_neural_tangents", "learning_rate_of_cross_entropy", "learning_rate_of_mse",
    "learning_rate_of_sum", "penalty_of_mean_loss", "time_of_mean_loss", "time_of_neural_tangents", "time_of_phuong",
    "to_borup", "to_das", "to_mobahi", "to_pareek", "weight_decay_of_mse",
]  # fmt: skip
