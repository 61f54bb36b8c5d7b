"""Recipes step by step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import numpy as np

from kdtheory.distillation import CrossEntropy, Minibatch, Recipe, Result
from kdtheory.distillation.results import ArrayFit
from kdtheory.distillation.setting import settings
from kdtheory.models import Model
from kdtheory.simulation.options import Options, checked
from kdtheory.simulation.precision import precision
from kdtheory.simulation.sweeps import swept_by
from kdtheory.simulation.training import Trained, Trainer
from kdtheory.tasks import Task


def simulate(
    recipe: Recipe,
    model: Model,
    task: Task,
    *,
    step_size: float | None = None,
    batch: Minibatch | None = None,
    seeds: Iterable[int] | None = None,
    dtype: str = "float64",
) -> Result:
    """Run a recipe step by step in JAX: gradient descent or minibatch SGD, on squared or cross-entropy loss.

    The literal dynamics, in the coordinates that training moves: weights for models with explicit features, dual
    coefficients for kernel models.

    Parameters
    ----------
    recipe : Recipe
        Of procedures that descend; ``GradientFlow`` is run as Euler steps. Sweeps (``kd.axis``) are run point after
        point and become leading axes of what depends on them.
    model : Model
        ``LinearModel()`` or ``KernelModel(...)``; a fit's own model takes precedence.
    task : Task
        A fit's own task takes precedence.
    step_size : float, optional
        Largest Euler step of gradient flows, and the step of procedures that leave theirs open; default: half of
        ``1 / largest eigenvalue``.
    batch : Minibatch, optional
        Default: all samples in every step. Gradients of minibatches are scaled by ``n / size``.
    seeds : sequence of int, optional
        Seeds of the minibatches. They become the first axis, ``seed``, of every fit (of equal entries, without
        ``batch``). Without ``seeds`` there is no such axis, and minibatches use seed 0. What a seed draws depends on
        nothing but the seed and the fit's stream: not on the other seeds, sweeps or fits beside it.
    dtype : {"float64", "float32"}
        Precision of the steps; results are float64 arrays in any case. JAX's own 64-bit setting is neither needed nor
        changed.

    Returns
    -------
    Result
        One `ArrayFit` per fit: ``train``, ``test``, and ``weights`` of models with explicit features. Its provenance
        holds steps and step sizes per phase (over the sweeps), seeds, batch, precision and the version of JAX.

    Raises
    ------
    UnsupportedRecipe
        For procedures that are no descent (ridge) and infinite times.
    InvalidArgument
        For unstable steps on squared error, outputs that leave the finite numbers, missing labels, and labels that are
        no probabilities with cross-entropy.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> descent = kd.GradientDescent(steps=2, step_size=0.25)
    >>> steps = kd.simulate(kd.self_distillation(descent, descent), kd.LinearModel(), task)
    >>> steps["student"].train.ravel().round(3).tolist()
    [1.0, 0.191]
    """
    chosen = settings(recipe, model, task)
    options = checked(step_size, batch, seeds, dtype, swept=recipe.axes)
    trained: dict[str, Trained] = {}
    with precision(options.dtype):
        for name, fit in recipe.items():
            teachers = {teacher: trained[teacher] for teacher in fit.teachers}
            swept = swept_by(fit).union(*(teacher.axes for teacher in teachers.values()))
            axes = {axis: len(values) for axis, values in recipe.axes.items() if axis in swept}
            trained[name] = Trainer(name, fit, chosen[name], teachers, options).train(axes)
    fits = {name: _result(name, trained[name], recipe, options) for name in recipe}
    return Result("simulate", recipe, task, fits, _provenance(model, task, trained, options))


def _result(name: str, fit: Trained, recipe: Recipe, options: Options) -> ArrayFit:
    parametrization = fit.parametrization
    task = parametrization.task

    def shown(array: Any) -> Any:
        """The axis of runs as the axis of seeds, or gone."""
        if options.seeds is None:
            return array[0]
        return np.array(np.broadcast_to(array, (len(options.seeds), *array.shape[1:])))

    return ArrayFit(
        name=name,
        task=task,
        axes={**options.axes, **{axis: recipe.axes[axis].coordinates for axis in fit.axes}},
        train_outputs=shown(fit.values(task.inputs)),
        test_outputs=None if task.test_inputs is None else shown(fit.values(task.test_inputs)),
        weights=shown(fit.positions) if parametrization.explicit else None,
        logits=isinstance(recipe[name].phases[-1].loss, CrossEntropy),
    )


def _provenance(model: Model, task: Task, trained: dict[str, Trained], options: Options) -> dict[str, Any]:
    drawn = None if options.batch is None else options.runs
    return {
        "model": repr(model),
        "task": task.provenance,
        "steps": {name: fit.steps.tolist() for name, fit in trained.items()},
        "step_sizes": {name: fit.step_sizes.tolist() for name, fit in trained.items()},
        "batch": None if options.batch is None else repr(options.batch),
        "seeds": drawn if options.seeds is None else options.seeds,
        "dtype": options.dtype,
        "jax": jax.__version__,
    }
