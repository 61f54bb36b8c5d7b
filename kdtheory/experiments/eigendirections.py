"""One unit of the study of weights: how far they move along top and low eigendirections of a layer's inputs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import CrossEntropy, Fit, Minibatch, Phase, Recipe, Target, labels, output_of
from kdtheory.experiments.watched import Layer, Watched
from kdtheory.measures import accuracy
from kdtheory.networks import Network, Optimizer, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task

NAMES = ("first layer", "hidden layer")
SMALLEST = 1e-6
"""Eigenvalues below this share of the largest are none (pixels that are always black)."""


def eigendirections(
    task: Task,
    network: Network,
    seed: int,
    *,
    epochs: int,
    batch: int,
    optimizer: Optimizer,
    step_size: float | None,
    temperatures: Sequence[float],
    shares: Sequence[float],
    top: int = 10,
) -> dict[str, float]:
    """Low displacement at matched top displacement, students against the one-hot net of their start and batches.

    Parameters
    ----------
    task : Task
    network : Network
        With two hidden layers at least, for the hidden layer.
    seed : int
    epochs, batch : int
    optimizer : Optimizer
    step_size : float, optional
        On the loss as a sum over samples, for SGD.
    temperatures, shares : sequences of float
        One student each; when trajectories are looked at, as shares of the teacher's time.
    top : int
        Number of top directions; low ones are the last half of those with eigenvalues worth the name.

    Returns
    -------
    dict of str to float
        ``t4, first layer, log ratio``: logarithm of the student's low displacement over the control's, mean over
        matched top displacements; below zero where it moves less. ``t4, first layer, log ratio at end`` unmatched.
        ``t4, gain`` and ``control at 0.3, gain`` over the teacher, in test accuracy.

    >>> import kdtheory as kd
    >>> task, net = kd.tasks.digits(train=40, test=40), kd.networks.MLP(width=8, depth=2)
    >>> known = {"epochs": 4, "batch": 20, "optimizer": kd.Adam(), "step_size": None}
    >>> numbers = eigendirections(task, net, 0, **known, temperatures=[4.0], shares=[0.5, 1.0])
    >>> "t4, hidden layer, log ratio" in numbers
    True
    """
    steps = epochs * (task.size // batch)
    courses = {"control": (labels, 1.0)} | {f"t{t:g}": (output_of("teacher"), t) for t in temperatures}
    watched = {(who, share): Watched(network, task.inputs) for who in courses for share in shares}
    fits = {"teacher": _fit(labels, steps, 1.0, None)}
    for who, (target, temperature) in courses.items():
        for share in shares:
            fits[f"{who} at {share:g}"] = _fit(target, round(share * steps), temperature, watched[who, share])
    batches = Minibatch(batch)
    nets = train(Recipe(**fits), network, task, seeds=[seed], optimizer=optimizer, batch=batches, step_size=step_size)
    tested = {name: float(accuracy(nets[name], on="test")[0]) for name in nets}
    numbers = {"teacher, accuracy": tested["teacher"]}
    numbers |= {f"{name}, gain": value - tested["teacher"] for name, value in tested.items() if name != "teacher"}
    paths = {who: np.array([_moved(watched[who, share].layers, top) for share in shares]) for who in courses}
    for who in courses:
        for place, layer in enumerate(NAMES if who != "control" else ()):
            own, other = paths[who][:, place], paths["control"][:, place]
            numbers[f"{who}, {layer}, log ratio"] = matched(own, other)
            numbers[f"{who}, {layer}, log ratio at end"] = float(np.log(own[-1, 1] / other[-1, 1]))
    return numbers


def matched(own: NDArray[np.float64], other: NDArray[np.float64], points: int = 16) -> float:
    """Mean logarithm of ``own`` over ``other`` low displacement, at equal top displacements that both have reached.

    Paths of shape (times, 2): top and low displacement. Between times, low is a power of top. Paths that share no top
    displacement are compared at their nearest ends.

    >>> path = np.array([[1.0, 1.0], [2.0, 4.0]])
    >>> round(matched(path * [1.0, 0.5], path), 3)
    -0.693
    """
    logs = [np.log(path[np.argsort(path[:, 0])]) for path in (own, other)]
    low, high = max(path[0, 0] for path in logs), min(path[-1, 0] for path in logs)
    grid = np.linspace(low, high, points) if low < high else np.array([(low + high) / 2])
    return float(np.mean(np.interp(grid, *logs[0].T) - np.interp(grid, *logs[1].T)))


def _moved(layers: list[Layer], top: int) -> list[tuple[float, float]]:
    """Root mean square displacement along top and low directions, for every layer but the last."""
    return [_displacements(layer, top) for layer in layers[: len(NAMES)]]


def _displacements(layer: Layer, top: int) -> tuple[float, float]:
    eigenvalues, directions = np.linalg.eigh(layer.inputs.T @ layer.inputs)
    known = directions[:, eigenvalues > SMALLEST * eigenvalues[-1]][:, ::-1]
    moved = np.sum(np.square((layer.now - layer.start) @ known), axis=0)
    low = moved[max(top, len(moved) // 2) :] if len(moved) > top else moved[-1:]
    return float(np.sqrt(np.mean(moved[:top]))), float(np.sqrt(np.mean(low)))


def _fit(target: Target, steps: int, temperature: float, model: Watched | None) -> Fit:
    phase = Phase(target, GradientDescent(steps=steps), CrossEntropy(temperature=temperature))
    return Fit(phase, model=model, stream=None if model is None else "student")
