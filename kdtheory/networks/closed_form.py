"""What a network would do if its tangent kernel did not change, in closed form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import Fit, Recipe, Result, solve
from kdtheory.distillation.results import ArrayFit
from kdtheory.distillation.setting import Setting, settings
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.models import KernelModel
from kdtheory.networks.base import Network
from kdtheory.networks.options import Options, refuse_untrainable
from kdtheory.networks.schedule import schedule
from kdtheory.networks.tangent_kernel import empirical_ntk, initialized
from kdtheory.tasks import Task, from_arrays
from kdtheory.validation import describe

Array = NDArray[np.float64]


def solve_linearized(
    recipe: Recipe, network: Network, task: Task, *, seeds: Iterable[int] = (0,), step_size: float | None = None
) -> Result:
    """Run a recipe in closed form on networks linearized at their start: `train`'s prediction, network by network.

    Every fit has the empirical neural tangent kernel of its own initial weights, over all points and outputs at once;
    it starts at the zero function, as `train` has it by default.

    Parameters
    ----------
    recipe : Recipe
        Squared error, without sweeps, starts and tasks of single fits.
    network : Network
        A fit's own ``model`` takes precedence.
    task : Task
    seeds : whole numbers
        Those of `train`.
    step_size : float, optional
        As in `train`.

    Returns
    -------
    Result
        One `ArrayFit` per fit, shapes as from `train`.

    Raises
    ------
    UnsupportedRecipe
        For cross-entropy, sweeps, starts, tasks of single fits.

    Notes
    -----
    One eigenproblem of ``n * outputs`` modes per seed and stream (``lee2019``).

    >>> import kdtheory as kd
    >>> recipe = kd.self_distillation(
    ...     kd.GradientDescent(steps=20), kd.GradientDescent(steps=20)
    ... )
    >>> net = kd.networks.MLP(width=256, depth=1, parametrization="ntk")
    >>> task = kd.tasks.digits(train=20, test=20)
    >>> closed, nets = solve_linearized(recipe, net, task), kd.train(recipe, net, task)
    >>> bool(kd.measures.deviation(nets["student"], closed["student"], on="test")[0] < 0.1)
    True
    """
    chosen = settings(recipe, network, task, Network, "network")
    options = Options(seeds, None, None, step_size, True, "float64", 1)
    refuse_untrainable(recipe, chosen, None)
    for name, fit in recipe.items():
        if fit.task is not None or fit.start is not None:
            what, fix = ("task", "solve for one task") if fit.task is not None else ("start", "start at zero")
            raise UnsupportedRecipe(name, expected=f"a fit without a {what} of its own", got=repr(fit), fix=fix)
    flat = flattened(task)
    literal = Recipe(**{name: _with_step_size(fit, chosen[name], options) for name, fit in recipe.items()})
    runs = [_solved(literal, chosen, flat, seed) for seed in options.seeds]
    fits = {name: _stacked(name, task, [run[name] for run in runs], options) for name in recipe}
    return Result("solve", recipe, task, fits, {"model": f"{network!r}, linearized", "task": task.provenance})


def flattened(task: Task) -> Task:
    """Every output of every point as a point of its own, numbered: for kernels that couple outputs.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_arrays([[0.5], [0.7]], [0, 1])
    >>> flattened(task).targets.ravel().tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    if not isinstance(task, Task):
        raise InvalidArgument("task", expected="a task", got=describe(task), fix="use kd.tasks.from_arrays(X, y)")
    known: list[Any] = []
    for inputs, targets in ((task.inputs, task.targets), (task.test_inputs, task.test_targets)):
        size = 0 if inputs is None else len(inputs) * int(task.outputs or 0)
        known.append(np.arange(float(size))[:, None] if size else None)
        known.append(None if targets is None else targets.reshape(-1, 1))
    return from_arrays(*known, name=f"{task.name}, output by output")


def linearized_model(network: Network, task: Task, *, seed: int = 0, stream: str = "teacher") -> KernelModel:
    """The kernel model of the `flattened` task that a network is at its start.

    >>> import kdtheory as kd
    >>> task = kd.tasks.digits(train=20)
    >>> model = linearized_model(kd.networks.MLP(width=8, depth=1), task)
    >>> model.gram(flattened(task)).shape
    (200, 200)
    """
    # Looks at the arguments first, which the cache would not.
    initialized(network, task, seed=seed, stream=stream)
    return _model(network, task, seed, stream)


@lru_cache(maxsize=4)
def _model(network: Network, task: Task, seed: int, stream: str) -> KernelModel:
    module = initialized(network, task, seed=seed, stream=stream)
    size = task.size * int(task.outputs or 0)
    gram = empirical_ntk(module, task.inputs).reshape(size, size)
    if task.test_inputs is None:
        return KernelModel(gram=gram)
    return KernelModel(gram=gram, cross=empirical_ntk(module, task.test_inputs, task.inputs).reshape(-1, size))


def _with_step_size(fit: Fit, setting: Setting, options: Options) -> Fit:
    """Open step sizes as `train` fills them in."""
    phases = []
    for phase in fit.phases:
        descent = schedule(phase, setting, options)
        procedure = phase.procedure
        if "step_size" in procedure.parameters and "step_size" in descent.rates:
            procedure = replace(procedure, step_size=descent.rates["step_size"])  # type: ignore[type-var]
        phases.append(replace(phase, procedure=procedure))
    return replace(fit, phases=tuple(phases))


def _solved(recipe: Recipe, chosen: Mapping[str, Setting], flat: Task, seed: int) -> Result:
    models: dict[tuple[Network, str], KernelModel] = {}
    fits = {}
    for name, fit in recipe.items():
        start = (chosen[name].model, name if fit.stream is None else fit.stream)
        if start not in models:
            models[start] = linearized_model(start[0], chosen[name].task, seed=seed, stream=start[1])
        fits[name] = replace(fit, model=models[start])
    return solve(Recipe(**fits), next(iter(models.values())), flat)


def _stacked(name: str, task: Task, runs: list[Any], options: Options) -> ArrayFit:
    def outputs(on: str) -> Array:
        return np.stack([run.outputs(on).reshape(-1, int(task.outputs or 0)) for run in runs])

    test = None if task.test_inputs is None else outputs("test")
    return ArrayFit(name, task, {"seed": np.array(options.seeds)}, outputs("train"), test)
