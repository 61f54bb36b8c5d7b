"""Recipes on networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import CrossEntropy, Minibatch, Recipe, Result
from kdtheory.distillation.results import ArrayFit
from kdtheory.distillation.setting import Setting, settings
from kdtheory.networks.backend import quiet_torch, require_torch
from kdtheory.networks.base import Network
from kdtheory.networks.optimizers import Optimizer, over_all
from kdtheory.networks.options import Options, refuse_untrainable
from kdtheory.networks.places import Said, places_of, said_by
from kdtheory.networks.schedule import schedule
from kdtheory.networks.streams import stream_seed
from kdtheory.procedures import Descent
from kdtheory.tasks import Task

Array = NDArray[np.float64]


def train(
    recipe: Recipe,
    network: Network,
    task: Task,
    *,
    seeds: Iterable[int] = (0,),
    optimizer: Optimizer | None = None,
    batch: Minibatch | None = None,
    step_size: float | None = None,
    subtract_initial: bool = True,
    dtype: str = "float32",
    threads: int = 1,
) -> Result:
    r"""Run a recipe on PyTorch networks: squared error or softmax cross-entropy, once per seed.

    Parameters
    ----------
    recipe : Recipe
        Without sweeps. Losses, mixtures and temperatures are those of `Phase`; a teacher is evaluated on the student's
        inputs.
    network : Network
        For example ``networks.MLP(width=512)``; a fit's own ``model`` takes precedence.
    task : Task
        A fit's own task takes precedence.
    seeds : whole numbers
        One network per fit and seed. Initialization and batches depend on the seed and the fit's ``stream`` (default:
        its name) only, not on what else is run: fits of one stream share the weights they start from and the batches.
    optimizer : SGD or Adam, optional
        Default: plain descent, the literal steps of the procedures; gradient flow runs as Euler steps. With `Adam`,
        with momentum, or with a network whose limit kernel is unknown (standard parametrization), procedures give
        numbers of steps (``GradientDescent(steps=...)``), not times. What an optimizer remembers (velocity, Adam's
        moments) goes on from phase to phase of a fit, unless its rates change or ``Phase(restart=True)`` says so.
    batch : Minibatch, optional
        Default: full gradients. The order of batches goes on from phase to phase.
    step_size : float, optional
        For procedures that leave it open, on a loss that is a sum over samples: PyTorch's rates belong to a mean
        (`kdtheory.conventions`). Default: half of 1 / the largest eigenvalue of the limit kernel; in standard
        parametrization there is no default.
    subtract_initial : bool
        Whether every fit is :math:`f(x) = \mathrm{net}(x) - \mathrm{net}_0(x)`, zero at its start as closed forms are.
        Weight decay then pulls back to the initial weights, which are the zero function.
    dtype : {"float32", "float64"}
        Precision of the training; the weights at the start agree.
    threads : int
        Threads of PyTorch during the call. One machine and number of threads give the same bits in every run. More than
        one pays only for widths of thousands on idle cores.

    Returns
    -------
    Result
        One `ArrayFit` per fit: ``train`` of shape (seed, n, outputs), ``test`` of shape (seed, m, outputs), float64.

    Raises
    ------
    MissingPackage
        Without PyTorch.
    UnsupportedRecipe
        Sweeps, ridge, starts given by weights; times where only steps make sense.
    InvalidArgument
        Training that diverges (a loss that ends at more than twice the larger of its start and the zero function's, or
        is a million times as large on the way), and arguments out of range.

    Notes
    -----
    In NTK parametrization a network follows ``solve`` with ``KernelModel(network.kernel())`` as its width grows
    (``jacot2018``, ``lee2019``). Temperatures: ``hinton2015``.

    >>> import kdtheory as kd
    >>> recipe = kd.self_distillation(
    ...     kd.GradientDescent(steps=20), kd.GradientDescent(steps=10)
    ... )
    >>> net = kd.networks.MLP(width=64, depth=1, parametrization="ntk")
    >>> kd.train(recipe, net, kd.tasks.digits(train=50), seeds=range(2))["student"].train.shape
    (2, 50, 10)
    """
    chosen = settings(recipe, network, task, Network, "network")
    options = Options(seeds, optimizer, batch, step_size, subtract_initial, dtype, threads)
    refuse_untrainable(recipe, chosen, batch)
    for name in recipe:
        for place, inputs in places_of(name, recipe, chosen).items():
            chosen[name].model.refuse(inputs, f"{name}, {place} inputs")
    require_torch()
    descents = {
        name: over_all([schedule(phase, chosen[name], options) for phase in fit.phases]) for name, fit in recipe.items()
    }
    runs = [_run(recipe, chosen, descents, seed, options) for seed in options.seeds]
    fits = {name: _stacked(name, recipe, chosen[name].task, [run[name] for run in runs], options) for name in recipe}
    return Result("train", recipe, task, fits, _provenance(network, task, descents, options))


def _run(
    recipe: Recipe, chosen: Mapping[str, Setting], descents: Mapping[str, list[Descent]], seed: int, options: Options
) -> dict[str, dict[str, Array]]:
    """All fits with one seed: outputs by fit and place."""
    from kdtheory.networks._fitting import Job, fit_network

    done: dict[str, Said] = {}
    for name, fit in recipe.items():
        job = Job(name, fit, chosen[name], descents[name], options, seed)
        targets = [said_by(phase.target, name, chosen, done) for phase in fit.phases]
        with quiet_torch(options.threads, stream_seed(seed, job.stream, "layers")):
            done[name] = fit_network(job, targets, places_of(name, recipe, chosen))
    return {name: dict(said.outputs) for name, said in done.items()}


def _stacked(name: str, recipe: Recipe, task: Task, runs: list[dict[str, Array]], options: Options) -> ArrayFit:
    outputs = {place: np.stack([run[place] for run in runs]) for place in ("train", "test") if place in runs[0]}
    return ArrayFit(
        name,
        task,
        axes={"seed": np.array(options.seeds)},
        train_outputs=outputs["train"],
        test_outputs=outputs.get("test"),
        logits=isinstance(recipe[name].phases[-1].loss, CrossEntropy),
    )


def _provenance(
    network: Network, task: Task, descents: Mapping[str, list[Descent]], options: Options
) -> dict[str, Any]:
    import torch

    return {
        "model": repr(network),
        "task": task.provenance,
        **options.described(),
        "steps": {name: [descent.steps for descent in each] for name, each in descents.items()},
        "rates": {name: [dict(descent.rates) for descent in each] for name, each in descents.items()},
        "torch": str(torch.__version__),
    }
