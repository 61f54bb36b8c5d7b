"""One recipe in several worlds, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.distillation import FitResult, Result
from kdtheory.errors import InvalidArgument, MissingPackage
from kdtheory.measures._named import Array
from kdtheory.measures._summary import spread, table
from kdtheory.measures.accuracy import accuracy
from kdtheory.measures.deviation import deviation
from kdtheory.validation import describe

# The axis over which networks and simulations are repeated; any other axis is a sweep.
SEED = "seed"


@dataclass(frozen=True, eq=False)
class Row:
    """One fit in one world.

    Attributes
    ----------
    fit, world : str
    train_deviation, test_deviation : array of shape ``(*axes,)``, or None
        Relative deviation from the first result; None for the first itself, and where there are no test inputs.
    train_accuracy, test_accuracy : array of shape ``(*axes,)``, or None
        Where classes are known.
    """

    fit: str
    world: str
    train_deviation: Array | None
    test_deviation: Array | None
    train_accuracy: Array | None
    test_accuracy: Array | None


MEASURES = ("train_deviation", "test_deviation", "train_accuracy", "test_accuracy")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """A table of fits and worlds that prints itself; made by `compare`."""

    rows: list[Row]

    def to_pandas(self) -> Any:
        """The table as a ``pandas.DataFrame``: per measure the mean and the worst over axes."""
        try:
            import pandas
        except ImportError as error:
            raise MissingPackage(
                "pandas", expected="the package pandas", got="none installed", fix="pip install pandas"
            ) from error
        records = []
        for row in self.rows:
            record: dict[str, Any] = {"fit": row.fit, "world": row.world}
            for name in MEASURES:
                values, (extreme, worst) = getattr(row, name), _worst(name)
                record[name] = np.nan if values is None else float(np.mean(values))
                record[f"{extreme}_{name}"] = np.nan if values is None else float(worst(values))
            records.append(record)
        return pandas.DataFrame.from_records(records)

    def __repr__(self) -> str:
        shown = [name for name in MEASURES if any(getattr(row, name) is not None for row in self.rows)]
        lines = [["fit", "world", *(name.replace("_", " ") for name in shown)]]
        for row in self.rows:
            values = [getattr(row, name) for name in shown]
            lines.append([row.fit, row.world, *("-" if value is None else spread(value, 3) for value in values)])
        several = any(np.size(getattr(row, name)) > 1 for row in self.rows for name in shown)
        note = "; mean [range]" if several else ""
        return f"deviations are relative to {self.rows[0].world!r}{note}\n{table(lines)}"


def compare(*results: Result, names: Sequence[str] | None = None) -> Comparison:
    """Put the same recipe's results in several worlds side by side; deviations are from the first one.

    Parameters
    ----------
    results : Result
        Of `solve`, `simulate`, `train`, on one task. Seeds are paired where both have them, else averaged over.
    names : sequence of str, optional
        What to call them; default: their worlds, numbered where one comes twice.

    Raises
    ------
    InvalidArgument
        If fits, tasks or sweeps differ.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    >>> runs = [kd.GradientFlow(1.0), kd.GradientDescent(steps=100, step_size=0.01)]
    >>> flow, descent = (
    ...     kd.solve(kd.self_distillation(p, p), kd.LinearModel(), task) for p in runs
    ... )
    >>> compare(flow, descent, names=["flow", "descent"]).rows[1].train_deviation.round(
    ...     4
    ... ).item()
    0.002
    """
    called = _names(results, names)
    for name, result in zip(called, results, strict=True):
        _refuse_different(name, result, results[0], called[0])
    rows = [
        _row(fit, name, result[fit], results[0][fit] if position else None)
        for fit in results[0]
        for position, (name, result) in enumerate(zip(called, results, strict=True))
    ]
    return Comparison(rows)


def _row(fit: str, world: str, result: FitResult, reference: FitResult | None) -> Row:
    tested = result.task.test_inputs is not None
    return Row(
        fit,
        world,
        None if reference is None else deviation(result, reference, on="train"),
        None if reference is None or not tested else deviation(result, reference, on="test"),
        _accuracy(result, "train"),
        _accuracy(result, "test") if tested else None,
    )


def _accuracy(result: FitResult, on: str) -> Array | None:
    labels = result.task.labels if on == "train" else result.task.test_labels
    return None if labels is None else accuracy(result, on=on)


def _names(results: Sequence[object], names: Sequence[str] | None) -> list[str]:
    if not results:
        raise InvalidArgument("results", expected="at least one result", got="none", fix="pass kd.solve(...)")
    worlds: list[str] = []
    for position, result in enumerate(results):
        if not isinstance(result, Result):
            got = repr(result) if isinstance(result, FitResult) else describe(result)
            fix = "pass what solve, simulate and train return, whole"
            raise InvalidArgument(f"results[{position}]", expected="a Result", got=got, fix=fix)
        worlds.append(result.world)
    if names is None:
        twice = [world for world in worlds if worlds.count(world) > 1]
        return [f"{w} {worlds[:i].count(w) + 1}" if w in twice else w for i, w in enumerate(worlds)]
    if isinstance(names, str) or len(names) != len(results):
        got = describe(names) if isinstance(names, str) else f"{len(names)}"
        raise InvalidArgument("names", expected=f"{len(results)} names", got=got, fix="pass one name per result")
    return [str(name) for name in names]


def _refuse_different(name: str, result: Result, first: Result, first_name: str) -> None:
    if list(result) != list(first):
        fix = "compare results of one recipe"
        got = ", ".join(result)
        raise InvalidArgument(name, expected=f"the fits of {first_name} ({', '.join(first)})", got=got, fix=fix)
    for fit in first:
        sweeps, expected = ([axis for axis in r[fit].axes if axis != SEED] for r in (result, first))
        if sorted(sweeps) != sorted(expected):
            wanted = ", ".join(expected) or "no sweep"
            got = ", ".join(sweeps) or "none"
            fix = "run every world with the same sweeps"
            raise InvalidArgument(
                f"{name}[{fit!r}]", expected=f"the sweeps of {first_name} ({wanted})", got=got, fix=fix
            )


def _worst(name: str) -> tuple[str, Any]:
    return ("largest", np.max) if name.endswith("deviation") else ("least", np.min)
