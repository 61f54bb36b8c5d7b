"""One unit of the study of linearization: a network beside the closed form of its own tangent kernel at the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import Fit, Phase, Recipe, Result, labels, output_of
from kdtheory.experiments.claims_in_outputs import claims_in_outputs
from kdtheory.experiments.watched import Watched
from kdtheory.measures import deviation
from kdtheory.networks import (
    Network,
    empirical_ntk,
    flattened,
    initialized,
    linearized_model,
    solve_linearized,
    train,
)
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task

Array = NDArray[np.float64]
FITS = ("teacher", "student", "control", "switched", "mixed")


def linearization(
    task: Task,
    network: Network,
    seed: int,
    *,
    horizons: Sequence[int],
    rate: float = 0.5,
    moved: float = 0.05,
    points: int = 20,
) -> dict[str, float]:
    """How far every way of distilling is from its closed form, and how far the kernel has moved, over training time.

    Parameters
    ----------
    task : Task
        Squared error, full gradients. With test inputs, and clean targets beside noisy ones.
    network : Network
    seed : int
    horizons : increasing sequence of int
        Numbers of steps; teacher and student are both trained for each.
    rate : float
        Step size, in units of 1 / the largest eigenvalue of the two tangent kernels at the start.
    moved : float
        Relative change of the tangent kernel up to which the closed form is asked to hold.
    points : int
        Training inputs on which that change is measured, in the Frobenius norm.

    Returns
    -------
    dict of str to float
        For the teacher, student, control (one-hot, with the student's start), switched (to the teacher after half of
        the steps) and mixed (half teacher, half labels): ``FIT, 10 steps, deviation`` (relative, on test points) and
        ``..., moved`` for every horizon, ``FIT, deviation at end``, and ``FIT, deviation within``: the largest before
        any of the five kernels has moved by ``moved``, up to horizon ``steps within``.

        For every claim of `claims_in_outputs`, at the last horizon within and at the end: ``CLAIM, predicted within``
        by the closed form, ``CLAIM, seen within`` in the network, and ``CLAIM, error within``, their distance.

    >>> import kdtheory as kd
    >>> task = kd.tasks.with_label_noise(kd.tasks.digits(train=20, test=20), 0.2, seed=0)
    >>> net = kd.networks.MLP(width=256, depth=1, parametrization="ntk")
    >>> numbers = linearization(task, net, 0, horizons=[1, 2, 4, 8])
    >>> numbers["student, deviation within"] < 0.1
    True
    """
    flat, recipe = flattened(task), _recipe(horizons)
    kernels = {name: linearized_model(network, task, seed=seed, stream=name) for name in ("teacher", "student")}
    size = rate / max(float(kernel.spectrum(flat).largest) for kernel in kernels.values())
    watched = {name: Watched(network, task.inputs) for name in recipe}
    looked_at = Recipe(**{name: Fit(fit.phases, watched[name], stream=fit.stream) for name, fit in recipe.items()})
    nets = train(looked_at, network, task, seeds=[seed], step_size=size, dtype="float64")
    closed = solve_linearized(recipe, network, task, seeds=[seed], step_size=size)
    numbers = {f"{name}, deviation": float(deviation(nets[name], closed[name], on="test")[0]) for name in recipe}
    for name, change in _changes(recipe, watched, network, task, seed, points).items():
        numbers[f"{name}, moved"] = change
    last = _last_within(numbers, horizons, moved)
    numbers["steps within"] = float(last)
    for fit in FITS:
        ends = {steps: numbers[f"{_name(fit, steps)}, deviation"] for steps in horizons}
        numbers[f"{fit}, deviation within"] = max(value for steps, value in ends.items() if steps <= last)
        numbers[f"{fit}, deviation at end"] = ends[horizons[-1]]
    for word, steps in (("within", last), ("at end", horizons[-1])):
        predicted, seen = (
            claims_in_outputs(_at(run, steps), _path(run, horizons), task, kernels["student"]) for run in (closed, nets)
        )
        for claim, value in predicted.items():
            numbers[f"{claim}, predicted {word}"], numbers[f"{claim}, seen {word}"] = value, seen[claim]
            numbers[f"{claim}, error {word}"] = abs(seen[claim] - value)
    return numbers


def _name(fit: str, steps: int) -> str:
    return f"{fit}, {steps} steps"


def _recipe(horizons: Sequence[int]) -> Recipe:
    """All fits for all horizons; those of one stream are one training, looked at several times."""
    fits = {}
    for steps in horizons:
        whole, taught = GradientDescent(steps=steps), output_of(_name("teacher", steps))
        half, rest = GradientDescent(steps=steps // 2), GradientDescent(steps=steps - steps // 2)
        made = {
            "teacher": [Phase(labels, whole)],
            "student": [Phase(taught, whole)],
            "control": [Phase(labels, whole)],
            "switched": [Phase(labels, half), Phase(taught, rest)] if steps > 1 else [Phase(taught, whole)],
            "mixed": [Phase(0.5 * taught + 0.5 * labels, whole)],
        }
        for fit, phases in made.items():
            fits[_name(fit, steps)] = Fit(phases, stream="teacher" if fit == "teacher" else "student")
    return Recipe(**fits)


def _changes(
    recipe: Recipe, watched: Mapping[str, Watched], network: Network, task: Task, seed: int, points: int
) -> dict[str, float]:
    """Relative change of every fit's tangent kernel since its start, in the Frobenius norm."""
    at, found = task.inputs[:points], {}
    starts = {
        stream: empirical_ntk(initialized(network, task, seed=seed, stream=stream), at)
        for stream in ("teacher", "student")
    }
    for name, fit in recipe.items():
        start = starts[str(fit.stream)]
        found[name] = float(np.linalg.norm(empirical_ntk(watched[name].module, at) - start) / np.linalg.norm(start))
    return found


def _last_within(numbers: Mapping[str, float], horizons: Sequence[int], moved: float) -> int:
    """The last horizon before any kernel has moved that far; the first one, if that is not before."""
    last = horizons[0]
    for steps in horizons:
        if max(numbers[f"{_name(fit, steps)}, moved"] for fit in FITS) > moved:
            break
        last = steps
    return last


def _at(run: Result, steps: int) -> dict[str, tuple[Array, Array]]:
    """Outputs of every way of distilling on train and test points, one array each."""
    return {fit: (run[_name(fit, steps)].train[0], run[_name(fit, steps)].test[0]) for fit in FITS}


def _path(run: Result, horizons: Sequence[int]) -> Array:
    """The control's outputs on train points, over time from zero on."""
    outputs = [run[_name("control", steps)].train[0] for steps in horizons]
    return np.stack([np.zeros_like(outputs[0]), *outputs])
