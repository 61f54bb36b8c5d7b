"""The criterion of C2 on drawn cases: any comparison, at any gains, locally and on lower modes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._comparisons import Boundaries, Comparison, Family, comparisons, families
from kdtheory.claims._elasticities import Elasticities
from kdtheory.procedures import Procedure
from kdtheory.procedures.elasticity import elasticity_estimate, parameter_at_gain
from kdtheory.procedures.exaggeration import GAINS, TINY, Matched, Verdict, judge, log_gain, matched
from kdtheory.procedures.matching import Estimate
from kdtheory.testing import EPSILON, Case, Margin, linear, logarithmic, odds

Array = NDArray[np.float64]
RIGHT, CLOSED = Boundaries(), Elasticities()
NEAR = 0.999
"""The local statement is compared with lower modes at this ratio."""

_NODES = np.exp(np.log(NEAR) * (0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)))  # Gauss, two points
_MOST_STEPS = 2**22
_SHAPES, _ORDERS = np.array([0.02, 0.5, 0.98]), np.array([1.0, 3.0, 100.0])
_COMPARISONS = len(comparisons(RIGHT))


@dataclass(frozen=True)
class Compared(Case):
    """A comparison of `comparisons` and its gains on mode 1.

    Attributes
    ----------
    comparison : its number, rounded down
    ratio : smaller eigenvalue over the larger one
    teacher_share, student_share : gains of mode 1, over the largest that the family reaches
    shape, order : what else a family depends on (friction, decay, iterations, ...)
    """

    comparison: Annotated[Any, linear(0.0, _COMPARISONS - 0.001, simple=0.0)]
    ratio: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    teacher_share: Annotated[Any, odds(1e-6, 1 - 1e-6, simple=0.5)]
    student_share: Annotated[Any, odds(1e-6, 1 - 1e-6, simple=0.5)]
    shape: Annotated[Any, linear(0.02, 0.98, simple=0.5)]
    order: Annotated[Any, logarithmic(1.0, 100.0, simple=1.0)]

    def describe(self) -> str:
        """With the name of the comparison."""
        return f"{comparisons(RIGHT)[int(self.comparison)].name}: {super().describe()}"


def added_up(teacher: Estimate, student: Estimate, reference: Estimate) -> Estimate:
    """The slack, from three elasticities."""
    value = teacher.value + student.value - reference.value
    return Estimate(value, teacher.error + student.error + reference.error)


def compared(teacher: Array, student: Array, reference: Array) -> Array:
    """How far the reference is ahead of the student, from three log-gains; 0 where one underflows."""
    with np.errstate(invalid="ignore"):
        ahead = reference - (teacher + student)
    return np.where(np.isneginf(reference) | np.isneginf(teacher + student), 0.0, ahead)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    slack: Callable[..., Estimate] = added_up
    log_ahead: Callable[..., Array] = compared
    elasticities: Elasticities = CLOSED
    boundaries: Boundaries = RIGHT


class Row(NamedTuple):
    """One line of the table: a comparison, its verdict, and the shape and order of the smallest slack."""

    comparison: Comparison
    verdict: Verdict
    shape: float
    order: float


def margins(case: Compared, formulas: Formulas) -> Margin:
    """Margins of all parts, comparison by comparison."""
    parts: dict[str, Array] = {}
    for chosen, drawn in _prepared(case, formulas.boundaries):
        for name, values in _margins(drawn, formulas).items():
            parts.setdefault(name, np.empty(chosen.shape))[chosen] = values
    return Margin(**{name: values.reshape(np.shape(case.comparison)) for name, values in parts.items()})


@dataclass(frozen=True)
class Drawn:
    """What the formulas are applied to: one comparison's trainings, their elasticities and log-gains.

    Teacher, student, reference in this order; eigenvalues: 1, `NEAR`, the case's own ratio, and the two nodes between
    1 and `NEAR` at which a slack is averaged.
    """

    comparison: Comparison
    runs: Matched
    elasticities: list[Estimate]
    at_nodes: list[list[Estimate]]
    logs: list[list[Array]]
    shape: Array
    order: Array


_last: list[Any] = [None, None]


def _prepared(case: Compared, boundaries: Boundaries) -> list[tuple[NDArray[np.bool_], Drawn]]:
    """The trainings of all cases, by comparison; those of the last cases are kept, as mutants are tried on the same."""
    fields = {name: np.atleast_1d(value) for name, value in case.values.items()}
    number = np.floor(fields["comparison"]).astype(int)
    if _last[0] is not case:
        _last[:] = case, _trained(fields, number, RIGHT, set(number.tolist()))
    changed = {name for name in vars(boundaries) if getattr(boundaries, name) is not getattr(RIGHT, name)}
    listed = comparisons(boundaries)
    anew = {int(index) for index in _last[1] if any(family.boundary in changed for family in listed[index].families)}
    drawn = {**_last[1], **_trained(fields, number, boundaries, anew)}
    return [(number == index, each) for index, each in drawn.items()]


def _trained(fields: dict[str, Array], number: Any, boundaries: Boundaries, chosen: set[int]) -> dict[int, Drawn]:
    listed = comparisons(boundaries) if chosen else ()
    return {i: _drawn(listed[i], {name: value[number == i] for name, value in fields.items()}) for i in chosen}


def _drawn(comparison: Comparison, f: dict[str, Array]) -> Drawn:
    runs = trained(comparison, f["teacher_share"], f["student_share"], f["shape"], f["order"])
    one = np.ones(f["ratio"].shape)
    e = [elasticity_estimate(run, np.stack([one, *(node * one for node in _NODES)])) for run in runs]
    each = [[Estimate(run.value[i], run.error[i]) for run in e] for i in range(3)]
    logs = [[log_gain(run, lam * one) for run in runs] for lam in (1.0, NEAR, f["ratio"])]
    return Drawn(comparison, runs, each[0], each[1:], logs, f["shape"], f["order"])


def _margins(drawn: Drawn, formulas: Formulas) -> dict[str, Array]:
    comparison, e = drawn.comparison, drawn.elasticities
    ahead, near, low = (formulas.log_ahead(*logs) for logs in drawn.logs)
    here, nodes = formulas.slack(*e), [formulas.slack(*each) for each in drawn.at_nodes]
    moved, step = near - ahead, -np.log(NEAR)
    expected = step * 0.5 * (nodes[0].value + nodes[1].value)
    logs = np.sum(np.abs([*drawn.logs[0], *drawn.logs[1]]), axis=0)
    doubt = step * (nodes[0].error + nodes[1].error) + EPSILON * (64 * logs + 16)
    doubt = doubt + 1e-10 * step * np.sum([each.value for each in e], axis=0)
    identity = 1.0 - np.abs(moved - expected) / doubt
    signs = np.sign([here.value, nodes[0].value, nodes[1].value])
    decided = (np.abs(here.value) > here.error) & (np.abs(expected) > doubt) & np.all(signs == signs[0], axis=0)
    total = np.maximum(e[0].value + e[1].value, TINY)
    lag = low - (0.0 if comparison.reference.counted else ahead)
    family = comparison.teacher
    edge = None if family.edge is None else family.edge(formulas.boundaries, drawn.shape)
    return {
        "local": np.where(decided, signs[0] * moved / (step * total), identity),
        "identity": identity,
        "lag": lag if comparison.name in holding() else np.full(lag.shape, np.inf),
        "elasticity": formulas.elasticities.margin(family.name, drawn.runs.teacher, e[0]),
        "boundary": np.full(lag.shape, np.inf if edge is None else 1.0)
        - (0.0 if edge is None else np.abs(edge) / 1e-12),
    }


def trained(comparison: Comparison, first: Array, second: Array, shape: Array, order: Array) -> Matched:
    """Teacher and student of these shares of their largest gains, and the reference as far as the student."""
    teacher = _member(comparison.teacher, first, shape, order)
    student = _member(comparison.student, second, shape, order)
    family = comparison.reference
    if not family.counted:
        return matched(
            teacher, student, lambda p: family.member(p, shape, order), longest=_longest(family, shape, order)
        )
    one = np.ones(first.shape)
    left, right = teacher.residual(one), student.residual(one)
    gain = teacher.gain(one) * student.gain(one)
    return Matched(teacher, student, _counted(family, gain, left + right - left * right, shape, order))


def _member(family: Family, amount: Array, shape: Array, order: Array, *, share: bool = True) -> Procedure:
    """The member with that gain, or that share of the family's largest one."""
    gain = amount * family.top(shape, order) if share and family.top is not None else amount
    residual = 1.0 - gain
    if family.counted:
        return _counted(family, gain, residual, shape, order)
    longest = _longest(family, shape, order)
    found = parameter_at_gain(lambda p: family.member(p, shape, order), gain, residual=residual, longest=longest)
    return family.member(found, shape, order)


def _longest(family: Family, shape: Array, order: Array) -> Array | None:
    return None if family.longest is None else np.broadcast_to(family.longest(shape, order), shape.shape)


def _counted(family: Family, gain: Array, residual: Array, shape: Array, order: Array) -> Procedure:
    """The member with the smallest number of steps that reaches the gain."""
    low, high = np.zeros(gain.shape), np.full(gain.shape, float(_MOST_STEPS))
    one = np.ones(gain.shape)
    while np.any(high - low > 1):
        middle = np.floor(0.5 * (low + high))
        member = family.member(middle, shape, order)
        there = np.where(gain > 0.5, member.residual(one) <= residual, member.gain(one) >= gain)
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    return family.member(high, shape, order)


@cache
def table() -> tuple[Row, ...]:
    """The table of C2, computed: every comparison on a grid of gains, shapes and orders."""
    return tuple(_row(comparison) for comparison in comparisons(RIGHT))


@cache
def holding() -> frozenset[str]:
    """Names of the comparisons whose computed verdict is that lower modes always lag."""
    return frozenset(row.comparison.name for row in table() if row.verdict.verdict == "holds")


def _row(comparison: Comparison) -> Row:
    varied = " ".join(family.varied for family in comparison.families)
    shapes = _SHAPES if "shape" in varied else _SHAPES[1:2]
    orders = _ORDERS if "order" in varied else _ORDERS[:1]
    u, v, shape, order = (axis.ravel() for axis in np.meshgrid(GAINS[::2], GAINS[::2], shapes, orders))
    runs = trained(comparison, u, v, shape, order)
    found = judge(runs, one_sided=comparison.reference.counted)
    return Row(comparison, found, float(shape[found.worst]), float(order[found.worst]))


def condition(name: str, gains: Any, shape: float = 0.5, order: float = 1.0) -> Estimate:
    """``E(u) / log(1/u)`` of a family that depends on one scale: where it increases throughout, the family exaggerates.

    >>> condition("stable", [0.1, 0.5, 0.9]).value.round(9).tolist()
    [1.75, 1.75, 1.75]
    """
    family, one = families(RIGHT)[name], np.ones(np.shape(gains))
    found = elasticity_estimate(_member(family, np.asarray(gains), shape * one, order * one, share=False), one)
    depth = -np.log(gains)
    return Estimate(found.value / depth, found.error / depth)
