"""Recipes on networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
PLACES = ("train", "test")


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
    seeds_at_once: int = 1,
    noisy_draws: int = 0,
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

    seeds_at_once : int
        How many seeds are trained in one batch of networks. With 1, a seed's bits do not depend on which others are
        run; with more, its numbers agree with these up to rounding only, which long trainings amplify. It pays for
        networks of some thousands of weights (``python -m tests.benchmarks.seeds_in_one_batch``). Fits of networks
        above 100,000 weights, with dropout, stochastic depth, batch normalization, disturbed images, embeddings or
        layers of your own, and targets in training mode are trained one by one all the same.
    noisy_draws : int
        How often each fit, once it is trained, also answers in training mode, to all points of a place at once: with
        its dropout, its stochastic depth or its disturbed images (batch normalization takes the means of that batch,
        the same in every draw). The answers are ``result[name].noisy``; ``measures.ensemble(..., over="draw")``
        averages them (Monte Carlo dropout). They change nothing else, and more draws begin with those of fewer.

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
    options = Options(seeds, optimizer, batch, step_size, subtract_initial, dtype, threads, seeds_at_once, noisy_draws)
    refuse_untrainable(recipe, chosen, batch)
    for name in recipe:
        for place, inputs in places_of(name, recipe, chosen).items():
            chosen[name].model.refuse(inputs, f"{name}, {place} inputs")
            options.refuse_a_point_alone(chosen[name].model, f"{name}, {place} inputs", len(inputs))
    require_torch()
    descents = {
        name: over_all([schedule(phase, chosen[name], options) for phase in fit.phases]) for name, fit in recipe.items()
    }
    seeds, size = list(options.seeds), options.seeds_at_once
    groups = [seeds[first : first + size] for first in range(0, len(seeds), size)]
    runs = [run for group in groups for run in _run(recipe, chosen, descents, group, options)]
    fits = {name: _stacked(name, recipe, chosen[name].task, [run[name] for run in runs], options) for name in recipe}
    return Result("train", recipe, task, fits, _provenance(network, task, descents, options))


def _run(
    recipe: Recipe,
    chosen: Mapping[str, Setting],
    descents: Mapping[str, list[Descent]],
    seeds: Sequence[int],
    options: Options,
) -> list[dict[str, dict[str, Array]]]:
    """All fits with some seeds: for each seed, outputs by fit and place."""
    from kdtheory.networks._fitting import Job
    from kdtheory.networks._together import fit_networks

    done: list[dict[str, Said]] = [{} for _ in seeds]
    for name, fit in recipe.items():
        jobs = [Job(name, fit, chosen[name], descents[name], options, seed) for seed in seeds]
        targets = [[said_by(phase.target, name, chosen, earlier) for phase in fit.phases] for earlier in done]
        for earlier, said in zip(done, fit_networks(jobs, targets, places_of(name, recipe, chosen)), strict=True):
            earlier[name] = said
    return [
        {
            name: {**said.outputs, **_noisy(said, options, seed, recipe[name].stream or name)}
            for name, said in run.items()
        }
        for seed, run in zip(seeds, done, strict=True)
    ]


def _noisy(said: Said, options: Options, seed: int, stream: str) -> dict[str, Array]:
    """Answers in training mode by ``noisy PLACE``, shape (draws, points, outputs)."""
    drawn = {}
    for place in (place for place in PLACES if options.noisy_draws and place in said.outputs):
        with quiet_torch(options.threads, stream_seed(seed, stream, f"noisy draws, {place}")):
            answers = [said.aloud(place, slice(None)) for _ in range(options.noisy_draws)]
        drawn[f"noisy {place}"] = np.stack([answer.double().numpy() for answer in answers])
    return drawn


def _stacked(name: str, recipe: Recipe, task: Task, runs: list[dict[str, Array]], options: Options) -> ArrayFit:
    seeds = np.array(options.seeds)
    fit = ArrayFit(
        name,
        task,
        axes={"seed": seeds},
        train_outputs=np.stack([run["train"] for run in runs]),
        test_outputs=_of_all(runs, "test", axis=0),
        logits=isinstance(recipe[name].phases[-1].loss, CrossEntropy),
    )
    if options.noisy_draws:
        axes = {"draw": np.arange(options.noisy_draws), "seed": seeds}
        train, test = np.stack([run["noisy train"] for run in runs], axis=1), _of_all(runs, "noisy test", axis=1)
        fit.noisy = ArrayFit(name, task, axes, train, test, logits=fit.logits)
    return fit


def _of_all(runs: list[dict[str, Array]], place: str, axis: int) -> Array | None:
    return np.stack([run[place] for run in runs], axis=axis) if place in runs[0] else None


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
