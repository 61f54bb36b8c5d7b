"""Recipes in closed form."""

from __future__ import annotations

import numpy as np

from kdtheory.axes import Axis, on_grid
from kdtheory.distillation.composition import LABELS, Key
from kdtheory.distillation.exact import ExactFit
from kdtheory.distillation.link import Link
from kdtheory.distillation.losses import CrossEntropy
from kdtheory.distillation.recipe import Fit, Phase, Recipe, Start
from kdtheory.distillation.results import Array, Result
from kdtheory.distillation.setting import Setting, settings
from kdtheory.distillation.starts import start_weights
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.models import Model
from kdtheory.tasks import Task
from kdtheory.validation import describe


def solve(recipe: Recipe, model: Model, task: Task) -> Result:
    """Run a recipe in closed form: maps composed on the spectrum, exact, on squared loss.

    Parameters
    ----------
    recipe : Recipe
        May contain sweeps (``kd.axis``), which become leading axes of what depends on them.
    model : Model
        ``LinearModel()`` or ``KernelModel(...)``; a fit's own model takes precedence.
    task : Task
        A fit's own task takes precedence.

    Returns
    -------
    Result
        One `ExactFit` per fit: ``gains``, ``residuals``, ``coefficients``, ``train``, ``test``, ``weights``,
        ``operator``.

    Raises
    ------
    UnsupportedRecipe
        For cross-entropy, which has no closed form.
    InvalidArgument
        For unstable steps, missing labels, and kernels that are not positive semidefinite.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> recipe = kd.self_distillation(kd.Ridge(penalty=1.0), kd.Ridge(penalty=1.0))
    >>> kd.solve(recipe, kd.LinearModel(), task)["student"].gains.round(2).tolist()
    [0.64, 0.25]
    """
    chosen = settings(recipe, model, task)
    solved: dict[str, ExactFit] = {}
    for name, fit in recipe.items():
        solved[name] = _solve_fit(name, fit, chosen[name], solved, recipe)
    return Result("solve", recipe, task, solved, {"model": repr(model), "task": task.provenance})


def _solve_fit(name: str, fit: Fit, setting: Setting, solved: dict[str, ExactFit], recipe: Recipe) -> ExactFit:
    for phase in fit.phases:
        _refuse_cross_entropy(name, phase)
        _refuse_arrays(phase)
    if fit.start is not None and fit.start.weights is not None:
        start_weights(fit.start, setting.model.features(setting.task.inputs[:1]).shape[1], setting.outputs)
    spectrum = setting.model.spectrum(setting.task)
    related = {teacher: solved[teacher] for teacher in fit.teachers}
    inherited = {known for teacher in related.values() for known in teacher.axes}
    own = {parameter.name for parameter in fit.parameters if isinstance(parameter, Axis)}
    procedures = [phase.procedure.resolved(spectrum.largest) for phase in fit.phases]
    for procedure in procedures:
        procedure.placed(on_grid(tuple(recipe.axes))).refuse_unstable(spectrum.largest)
    link = Link(
        name,
        phases=tuple(zip(fit.phases, procedures, strict=True)),
        labels=Key(LABELS, id(setting.task)),
        has_offset=fit.start is not None and fit.start.offset is not None,
        teachers={teacher: exact.link for teacher, exact in related.items() if shares_spectrum(exact, setting)},
    )
    return ExactFit(
        name=name,
        task=setting.task,
        model=setting.model,
        spectrum=spectrum,
        start=fit.start or Start(),
        link=link,
        outputs_count=setting.outputs,
        axes={axis: swept.coordinates for axis, swept in recipe.axes.items() if axis in own | inherited},
        all_axes=tuple(recipe.axes),
        foreign={**{n: f for t in related.values() for n, f in t.foreign.items()}, **related},
        labelled={**{k: v for t in related.values() for k, v in t.labelled.items()}, id(setting.task): setting.task},
    )


def shares_spectrum(teacher: ExactFit, student: Setting) -> bool:
    """Whether two fits have the same inputs, kernel and centring, so that their maps commute."""
    same_inputs = teacher.task is student.task or teacher.task.inputs is student.task.inputs
    shifts = [(t.input_shift, t.target_shift) for t in (teacher.task, student.task)]
    same_shifts = all(_equal(one, other) for one, other in zip(*shifts, strict=True))
    return same_inputs and same_shifts and teacher.model == student.model


def _equal(left: Array | None, right: Array | None) -> bool:
    return (left is None and right is None) or (left is not None and right is not None and np.array_equal(left, right))


def _refuse_arrays(phase: Phase) -> None:
    for name, value in phase.procedure.parameters.items():
        if np.ndim(value):
            fix = f"sweep it: {name}=kd.axis({name!r}, values)"
            raise InvalidArgument(name, expected="a number or kd.axis(...)", got=describe(value), fix=fix)


def _refuse_cross_entropy(name: str, phase: Phase) -> None:
    if isinstance(phase.loss, CrossEntropy):
        raise UnsupportedRecipe(
            name,
            expected="squared error, which has a closed form",
            got=repr(phase.loss),
            fix="use simulate(...) or train(...)",
        )
