"""One unit of the study of gradient noise: a real network's teaching, as an estimator of the clean gradient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdtheory.distillation import CrossEntropy, Fit, Minibatch, Phase, Recipe, labels
from kdtheory.kernels import Kernel
from kdtheory.measures import accuracy, gradient_noise
from kdtheory.models import KernelModel
from kdtheory.networks import Network, Optimizer, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task


def teachers_noise(
    task: Task, teacher: Network, kernel: Kernel, seed: int, *, epochs: Sequence[int], batch: int, optimizer: Optimizer
) -> dict[str, float]:
    """Bias and variance, apart, of distillation's and of one-hot gradients, by how long the teacher was trained.

    Gradients are those of the infinitely wide network with that neural tangent kernel at step 0, where all its outputs
    are equal, at temperature 1 with one sample per batch: a point on nobody's trajectory.

    Parameters
    ----------
    task : Task
        Its ``clean_targets`` are the truth; where there are none, its labels.
    teacher : Network
    kernel : Kernel
        Of the student.
    seed : int
    epochs : sequence of int
        Training times: the teachers are one training, stopped at these.
    batch : int
        Of the teacher's training.
    optimizer : Optimizer

    Returns
    -------
    dict of str to float
        Per training time: ``5 epochs, variance`` and ``..., squared bias`` of distillation and ``..., error`` (their
        sum), each over the one-hot gradient's mean squared error; ``..., confidence`` (mean largest probability on
        train points) and ``..., accuracy`` (test). ``one-hot, variance`` and ``one-hot, squared bias``, over their sum.

    >>> import kdtheory as kd
    >>> task, net = kd.tasks.digits(train=40, test=40), kd.networks.MLP(width=8, depth=1)
    >>> known = {"epochs": [1, 5], "batch": 20, "optimizer": kd.Adam()}
    >>> numbers = teachers_noise(task, net, kd.kernels.NTK(depth=1), 0, **known)
    >>> numbers["one-hot, squared bias"], numbers["1 epochs, variance"] < 1
    (0.0, True)
    """
    each = task.size // batch
    # One stream: what is stopped early is the same training.
    fits = {f"{n} epochs": _fit(n * each) for n in epochs} | {"control": _fit(epochs[-1] * each, "student")}
    nets = train(Recipe(**fits), teacher, task, seeds=[seed], optimizer=optimizer, batch=Minibatch(batch))
    truth = task.targets if task.clean_targets is None else task.clean_targets
    numbers = {}
    for name in nets:
        outputs = nets[name].train[0]
        found = gradient_noise(
            KernelModel(kernel), task, outputs, labels="given", loss=CrossEntropy(), oracle_targets=truth
        )
        whole = float(found.one_hot.total_error)
        numbers[f"{name}, variance"] = float(found.distillation.total_variance) / whole
        numbers[f"{name}, squared bias"] = float(found.distillation.total_squared_bias) / whole
        numbers[f"{name}, error"] = float(found.distillation.total_error) / whole
        numbers[f"{name}, confidence"] = float(np.mean(np.max(_softmax(outputs), axis=1)))
        numbers[f"{name}, accuracy"] = float(accuracy(nets[name], on="test")[0])
        numbers["one-hot, variance"] = float(found.one_hot.total_variance) / whole
        numbers["one-hot, squared bias"] = float(found.one_hot.total_squared_bias) / whole
    return numbers


def _fit(steps: int, stream: str = "teacher") -> Fit:
    return Fit(Phase(labels, GradientDescent(steps=steps), CrossEntropy()), stream=stream)


def _softmax(outputs: np.ndarray) -> np.ndarray:
    shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
