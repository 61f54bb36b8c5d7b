"""Sweeps, one grid point after another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kdtheory.axes import Axis
from kdtheory.distillation import Fit
from kdtheory.errors import InvalidArgument
from kdtheory.procedures import Procedure

Point = dict[str, int]


def swept_by(fit: Fit) -> set[str]:
    """Names of the axes among a fit's own parameters."""
    return {parameter.name for parameter in fit.parameters if isinstance(parameter, Axis)}


def value_at(parameter: Any, point: Point) -> Any:
    """A parameter's value at a grid point, ``{axis: index}``."""
    return parameter.values[point[parameter.name]].item() if isinstance(parameter, Axis) else parameter


def procedure_at(procedure: Procedure, point: Point) -> Procedure:
    """A procedure with numbers in place of sweeps."""
    values = {name: value_at(value, point) for name, value in procedure.parameters.items()}
    for name, value in values.items():
        if np.ndim(value):
            got, fix = f"an array of shape {np.shape(value)}", f"sweep it: {name}=kd.axis({name!r}, values)"
            raise InvalidArgument(name, expected="a number or kd.axis(...) to simulate with", got=got, fix=fix)
    return replace(procedure, **values)  # type: ignore[type-var]
