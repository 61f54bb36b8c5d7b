"""C9c: the slope over many clusters, against exact fractions and a solved recipe."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.logit_slope_many_clusters import Formulas

gains = st.lists(st.fractions(Fraction(0), Fraction(1), max_denominator=20), min_size=2, max_size=6)


@given(gains=gains, sizes=st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_in_exact_fractions_point_by_point(gains: list[Fraction], sizes: list[int]):
    points = [g for g, n in zip(gains, sizes, strict=False) for _ in range(n)]
    mean = sum(points) / len(points)
    second, third = (sum((g - mean) ** m for g in points) / len(points) for m in (2, 3))
    if second:
        squares = sum(g * g for g in points) / len(points)
        line = sum((g - mean) * (g * g - squares) for g in points) / len(points) / second
        assert line == Formulas().slope(mean, second, third)


def test_a_solved_recipe_on_seven_clusters_has_it():
    sizes = (20, 9, 7, 4, 2, 2, 1)
    task = kd.tasks.from_arrays(np.repeat(np.eye(7), sizes, axis=0), np.ones(sum(sizes)))
    run = kd.Ridge(3.0)
    result = kd.solve(kd.self_distillation(run, run), kd.LinearModel(), task)
    gains = run.gain(np.asarray(sizes, dtype=float))
    mean = np.average(gains, weights=sizes)
    second, third = (np.average((gains - mean) ** m, weights=sizes) for m in (2, 3))
    slope = kd.measures.confidence(result["teacher"], result["student"], scale="value").slope
    assert slope == pytest.approx(float(Formulas().slope(mean, second, third)), rel=1e-12)
    assert slope == pytest.approx(kd.measures.cluster_slopes(gains, gains, sizes).least_squares, rel=1e-12)


def test_the_derivation_does_not_verify_a_law_without_skew(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "logit-slope-many-clusters")
    monkeypatch.setattr(module, "law", lambda: 2 * module.moment(module.gains))
    assert {step.name for step in module.prove().steps if not step.verified} == {"The slope"}
