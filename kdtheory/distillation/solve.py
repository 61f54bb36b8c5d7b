"""Recipes in closed form."""

from __future__ import annotations

import numpy as np

from kdtheory.axes import Axis, place
from kdtheory.distillation.composition import OFFSET, START, Key, State, TargetFactors, advance, mix
from kdtheory.distillation.exact import LABELS, OUTPUT, ExactFit
from kdtheory.distillation.losses import CrossEntropy
from kdtheory.distillation.recipe import Fit, Phase, Recipe, Start
from kdtheory.distillation.results import Array, Result
from kdtheory.distillation.setting import Setting, settings
from kdtheory.distillation.targets import Source, Target
from kdtheory.errors import UnsupportedRecipe
from kdtheory.models import Model
from kdtheory.tasks import Task


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
    spectrum = setting.model.spectrum(setting.task)
    axes = tuple(recipe.axes)
    related = {teacher: solved[teacher] for teacher in fit.teachers}
    inherited = {known for teacher in related.values() for known in teacher.axes}
    own = {parameter.name for parameter in fit.parameters if isinstance(parameter, Axis)}
    exact = ExactFit(
        name=name,
        task=setting.task,
        model=setting.model,
        spectrum=spectrum,
        fit=fit,
        state=State.initial(Key(START, name)),
        outputs_count=setting.outputs,
        axes={axis: recipe.axes[axis].coordinates for axis in axes if axis in own | inherited},
        all_axes=axes,
        foreign={**{n: f for t in related.values() for n, f in t.foreign.items()}, **related},
        labelled={**{k: v for t in related.values() for k, v in t.labelled.items()}, id(setting.task): setting.task},
    )
    for phase in fit.phases:
        _refuse_cross_entropy(name, phase)
        procedure = phase.procedure.resolved(spectrum.largest).placed(list(axes))
        target = _target_factors(phase.target, exact, related, axes)
        exact.state = advance(exact.state, procedure, target, spectrum.eigenvalues, phase.restart)
    return exact


def _target_factors(
    target: Target, exact: ExactFit, related: dict[str, ExactFit], axes: tuple[str, ...]
) -> TargetFactors:
    terms = [(np.asarray(place(w, list(axes))), _source_factors(s, exact, related)) for w, s in target.terms]
    mixed = mix(terms)
    if (exact.fit.start or Start()).offset is None:
        return mixed
    offset = Key(OFFSET, exact.name)
    return TargetFactors({**mixed.factors, offset: mixed.factors.get(offset, 0.0) - np.ones(1)}, mixed.residual)


def _source_factors(source: Source, exact: ExactFit, related: dict[str, ExactFit]) -> TargetFactors:
    if source.fit is None:
        return TargetFactors({Key(LABELS, id(exact.task)): np.ones(1)}, np.zeros(1))
    teacher = related[source.fit]
    if shares_spectrum(teacher, exact):
        return teacher.output_factors()
    return TargetFactors({Key(OUTPUT, source.fit): np.ones(1)}, np.ones(1))


def shares_spectrum(teacher: ExactFit, student: ExactFit) -> bool:
    """Whether two fits have the same inputs, kernel and centring, so that their maps commute."""
    same_inputs = teacher.task is student.task or teacher.task.inputs is student.task.inputs
    same_shift = _equal(teacher.task.target_shift, student.task.target_shift)
    return same_inputs and same_shift and teacher.model == student.model


def _equal(left: Array | None, right: Array | None) -> bool:
    return (left is None and right is None) or (left is not None and right is not None and np.array_equal(left, right))


def _refuse_cross_entropy(name: str, phase: Phase) -> None:
    if isinstance(phase.loss, CrossEntropy):
        raise UnsupportedRecipe(
            name,
            expected="squared error, which has a closed form",
            got=repr(phase.loss),
            fix="use simulate(...) or train(...)",
        )
