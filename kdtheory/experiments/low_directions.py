"""One unit of the study of filtered teachers: what a teacher says without its low eigendirections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import CrossEntropy, Fit, Minibatch, Phase, Recipe, labels
from kdtheory.kernels import Kernel
from kdtheory.measures import accuracy, confidence
from kdtheory.models import KernelModel
from kdtheory.networks import Network, Optimizer, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task

Array = NDArray[np.float64]


def low_directions(
    task: Task,
    network: Network,
    kernel: Kernel,
    seed: int,
    *,
    epochs: int,
    batch: int,
    optimizer: Optimizer,
    temperature: float,
    kept: float,
    shares: Sequence[float] = (0.1, 0.3),
) -> dict[str, float]:
    """Filter a teacher's logits on the training points, and teach two students: with and without low directions.

    Parameters
    ----------
    task : Task
        With test inputs and labels; its clean targets, where it has any, tell what was denoised.
    network : Network
    kernel : Kernel
        Whose Gram matrix on the training points has the eigendirections.
    seed : int
    epochs, batch : int
    optimizer : Optimizer
    temperature : float
    kept : float
        Share of the directions that stays, from the top.
    shares : sequence of float
        When one-hot nets are stopped early.

    Returns
    -------
    dict of str to float
        ``filtered teacher, slope`` and ``..., lowest_fifth`` against the teacher on train points (confidence in the
        given labels). ``filtered teacher, denoised``: its accuracy on clean training labels minus the teacher's.
        ``filtered student, slope difference`` and ``..., lowest_fifth difference`` on train points, ``filtered student,
        gain`` in test accuracy: over the student of the whole teacher. ``student, gain over control``, ``stop at 0.3,
        gain over control``.

    >>> import kdtheory as kd
    >>> task, net = kd.tasks.digits(train=40, test=40), kd.networks.MLP(width=8, depth=1)
    >>> known = {"epochs": 4, "batch": 20, "optimizer": kd.Adam(), "temperature": 4.0}
    >>> numbers = low_directions(task, net, kd.kernels.NTK(depth=1), 0, **known, kept=1.0)
    >>> round(numbers["filtered teacher, slope"], 6), numbers["filtered student, gain"]
    (1.0, 0.0)
    """
    steps, settings = epochs * (task.size // batch), {"optimizer": optimizer, "batch": Minibatch(batch)}
    taught = train(Recipe(teacher=_fit(steps, 1.0, stream="teacher")), network, task, seeds=[seed], **settings)[
        "teacher"
    ]
    teacher = taught.train[0]
    basis = KernelModel(kernel).spectrum(task).basis[:, : max(1, round(kept * task.size))]
    filtered = basis @ (basis.T @ teacher)
    fits = {
        "student": _fit(steps, temperature, _teaching(task, teacher, temperature)),
        "filtered student": _fit(steps, temperature, _teaching(task, filtered, temperature)),
        "control": _fit(steps, 1.0),
        **{f"stop at {share:g}": _fit(round(share * steps), 1.0) for share in shares},
    }
    nets = train(Recipe(**fits), network, task, seeds=[seed], **settings)
    said = confidence(teacher, filtered, labels=task.labels)
    against = {
        name: confidence(teacher, nets[name].train[0], labels=task.labels) for name in ("student", "filtered student")
    }
    clean = np.argmax(task.targets if task.clean_targets is None else task.clean_targets, axis=1)  # type: ignore[arg-type]
    tested = {name: float(accuracy(nets[name], on="test")[0]) for name in nets}
    numbers = {
        "teacher, accuracy": float(accuracy(taught, on="test")[0]),
        "filtered teacher, slope": float(said.slope),
        "filtered teacher, lowest_fifth": float(said.low_confidence_deviation),
        "filtered teacher, denoised": _right(filtered, clean) - _right(teacher, clean),
        "filtered student, gain": tested["filtered student"] - tested["student"],
        "student, slope": float(against["student"].slope),
    }
    for word, field in (("slope", "slope"), ("lowest_fifth", "low_confidence_deviation")):
        own, other = (float(getattr(against[name], field)) for name in ("filtered student", "student"))
        numbers[f"filtered student, {word} difference"] = own - other
    others = {name: value - tested["control"] for name, value in tested.items() if name != "control"}
    return numbers | {f"{name}, gain over control": value for name, value in others.items()}


def _teaching(task: Task, outputs: Array, temperature: float) -> Task:
    """The task with soft labels; its classes stay what they were."""
    scaled = outputs / temperature
    shifted = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return replace(task, targets=shifted / shifted.sum(axis=1, keepdims=True))


def _right(outputs: Array, classes: Array) -> float:
    return float(np.mean(np.argmax(outputs, axis=1) == classes))


def _fit(steps: int, temperature: float, task: Task | None = None, stream: str = "student") -> Fit:
    loss = CrossEntropy(label_temperature=temperature)
    return Fit(Phase(labels, GradientDescent(steps=steps), loss), task=task, stream=stream)
