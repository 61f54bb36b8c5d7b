"""Which steps a phase takes on a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kdtheory.distillation import Phase
from kdtheory.distillation.setting import Setting
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.models import KernelModel
from kdtheory.networks.optimizers import Adam
from kdtheory.networks.options import Options
from kdtheory.procedures import Descent, Procedure, StepRule


def schedule(phase: Phase, setting: Setting, options: Options) -> Descent:
    """A phase as literal steps; one line for a procedure that the network or the optimizer cannot follow.

    ``options.step_size`` is that of procedures which leave it open. Where it is ``None`` too, it is half of 1 / the
    largest eigenvalue of the network's limit kernel on the fit's task.
    """
    procedure, optimizer = phase.procedure, options.optimizer
    _refuse_arrays(procedure)
    _refuse_times(procedure, setting, options)
    if options.plain:
        return _with_step_size(procedure, setting, options)
    literal = procedure.descent(1.0)  # any eigenvalue: the rule and the number of steps do not depend on it
    if literal.rule != StepRule():
        fix = "drop optimizer=, or use GradientDescent(steps=...)"
        expected = f"None, for {procedure!r} has a rule of its own"
        raise UnsupportedRecipe("optimizer", expected=expected, got=repr(optimizer), fix=fix)
    if isinstance(optimizer, Adam):
        _refuse_step_size(procedure, options)
        return optimizer.descent(literal.steps)
    steps = _with_step_size(procedure, setting, options)
    return optimizer.descent(steps.steps, steps.rates["step_size"])  # type: ignore[union-attr]


def _with_step_size(procedure: Procedure, setting: Setting, options: Options) -> Descent:
    size = options.step_size
    if procedure.parameters.get("step_size") is not None:
        return procedure.descent(0.0)
    if size is None:
        return procedure.descent(_largest_eigenvalue(setting))
    if "step_size" in procedure.parameters:
        procedure = replace(procedure, step_size=size)  # type: ignore[type-var]
    return procedure.descent(0.0, size)


def _largest_eigenvalue(setting: Setting) -> float:
    if setting.model.limit is None:
        raise InvalidArgument(
            "step_size",
            expected=f"a number, for {setting.model!r} has no limit kernel to choose it by",
            got="None",
            fix="pass step_size=, or optimizer=Adam(rate=1e-3), or use MLP(parametrization='ntk')",
        )
    return KernelModel(setting.model.kernel()).spectrum(setting.task).largest


def _refuse_times(procedure: Procedure, setting: Setting, options: Options) -> None:
    """A time has a meaning only where the network's gradient flow is that of a known kernel."""
    if "steps" in procedure.parameters or (options.plain and setting.model.limit is not None):
        return
    who = f"{setting.model!r}, whose limit kernel is unknown" if options.plain else repr(options.optimizer)
    fix = "use GradientDescent(steps=...), or plain SGD on MLP(parametrization='ntk')"
    raise UnsupportedRecipe("procedure", expected=f"steps, not a time, with {who}", got=repr(procedure), fix=fix)


def _refuse_step_size(procedure: Procedure, options: Options) -> None:
    sizes = (options.step_size, procedure.parameters.get("step_size"))
    given = next((size for size in sizes if size is not None), None)
    if given is not None:
        expected = f"None with {options.optimizer!r}, which has a rate"
        fix = "leave step_size out and change Adam(rate=...)"
        raise UnsupportedRecipe("step_size", expected=expected, got=f"{given:g}", fix=fix)


def _refuse_arrays(procedure: Procedure) -> None:
    for name, value in procedure.parameters.items():
        if np.ndim(value):
            fix = "train one recipe per value"
            raise UnsupportedRecipe(name, expected="one number", got=f"an array of shape {np.shape(value)}", fix=fix)
