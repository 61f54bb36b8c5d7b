"""C7d: a realisable teacher lowers the noise floor of SGD by exactly (1 - mixing)^2."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._stationary import Problems, SmallProblem
from kdtheory.claims.noise_floor import Formulas, Mixed, floor_margin, margins
from kdtheory.risk import sgd_moments, sgd_stationary

seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, mixing=st.floats(-1, 3), size=st.integers(1, 3))
def test_the_floor_of_larger_problems_by_the_toolkits_own_recursion(seed: int, mixing: float, size: int):
    """The claim solves three samples at a time; here up to 20 samples, 5 features and batches of three."""
    generator = np.random.default_rng(seed)
    X, y = generator.normal(size=(20, 5)), generator.normal(size=20)
    teacher = generator.normal(size=5)
    batch = kd.Minibatch(size, replace=True)
    rate = 0.4 * kd.risk.sgd_step_limit(X, batch)
    labels, mixed = (
        sgd_stationary(X, targets, step_size=rate, batch=batch)
        for targets in (y, (1 - mixing) * y + mixing * X @ teacher)
    )
    expected = (1 - mixing) ** 2 * labels.covariance
    np.testing.assert_allclose(mixed.covariance, expected, rtol=0, atol=1e-9 * np.abs(labels.covariance).max())
    center = labels.mean[:, 0] + mixing * (teacher - labels.mean[:, 0])
    np.testing.assert_allclose(mixed.mean[:, 0], center, atol=1e-9)


def test_pure_distillation_converges_linearly_though_there_are_more_samples_than_features():
    generator = np.random.default_rng(1)
    X, teacher = generator.normal(size=(20, 3)), np.array([1.0, -1.0, 2.0])
    batch = kd.Minibatch(1, replace=True)
    rate = 0.3 * kd.risk.sgd_step_limit(X, batch)
    marks = sgd_moments(X, X @ teacher, step_size=rate, steps=[200, 400, 600], batch=batch)
    errors = np.einsum("spp->s", marks.second_moment[:, 0] - _outer(marks.mean[..., 0])) + np.sum(
        (marks.mean[..., 0] - teacher) ** 2, axis=-1
    )
    decades = -np.diff(np.log10(errors))
    assert np.all(decades > 2)
    assert decades[0] == pytest.approx(decades[1], rel=0.05)


def _outer(vectors: Any) -> Any:
    return vectors[..., :, None] * vectors[..., None, :]


@given(case=SmallProblem.strategy())
def test_the_small_problems_are_stationary_as_the_toolkit_says(case: SmallProblem):
    problems = Problems.of(case)
    targets = problems.mixed(case.mixing)
    mean, covariance = problems.stationary(targets)
    X, batch = problems.features[0], kd.Minibatch(1, replace=True)
    moments = sgd_stationary(X, targets[0], step_size=float(problems.rate[0]) / 3, batch=batch)
    scale = float(problems.rate[0]) * (1 + abs(case.mixing)) ** 2 * (1 + np.abs(problems.teacher).max()) ** 2
    np.testing.assert_allclose(moments.covariance[0], covariance[0], rtol=0, atol=1e-9 * scale / case.ratio)
    np.testing.assert_allclose(moments.mean[:, 0], mean[0], atol=1e-11 * (1 + np.abs(mean).max()) / case.ratio)


def test_variances_of_gradients_are_those_of_drawn_batches():
    """The literal variance of one sample's gradient, by NumPy, mean over samples times three."""
    problems = Problems.of(SmallProblem.draw(np.random.default_rng(3), 5))
    centred = problems.gradients(problems.point, problems.targets)
    for index, (X, y, b) in enumerate(zip(problems.features, problems.targets, problems.point, strict=True)):
        each = X * (X @ b - y)[:, None]
        assert np.sum(centred[index] ** 2) == pytest.approx(3 * np.var(each, axis=0).sum(), rel=1e-12)


def test_the_control_variate_may_want_any_weight():
    """The best weight of the teacher is below 0 or above 1 for some: then labels, or more than distillation, is best."""
    problems = Problems.of(SmallProblem.draw(np.random.default_rng(2), 500))
    at_point = problems.gradients(problems.point, problems.targets)
    at_teacher = problems.gradients(problems.teacher, problems.targets)
    best = np.sum(at_point * at_teacher, axis=(1, 2)) / np.sum(at_teacher**2, axis=(1, 2))
    assert (best < 0).any()
    assert (best > 1).any()
    with np.errstate(divide="raise"):
        own = [np.sum(problems.gradients(problems.point, problems.mixed(xi)) ** 2, axis=(1, 2)) for xi in (0.0, 1.0)]
    np.testing.assert_array_equal(own[1] < own[0], best > 0.5)


def test_no_noise_is_needed_for_the_floor_and_a_teacher_out_of_reach_breaks_it_for_every_mixing():
    for mixing in (-0.5, 0.25, 0.9, 2.0):
        assert floor_margin(Mixed(mixing, 0.0)).smallest > 2
        assert floor_margin(Mixed(mixing, 0.5)).smallest < -9


@pytest.mark.parametrize("name", ["floor", "center", "control"])
def test_a_relative_error_of_1e_9_in_any_formula_is_caught(name: str):
    right = getattr(Formulas(), name)
    cases = SmallProblem.draw(np.random.default_rng(12), 500)
    wrong: Any = {name: lambda *arguments: right(*arguments) * (1 + 1e-9)}
    assert not margins(cases, Formulas(**wrong)).held.all()


def test_the_derivation_does_not_verify_a_wrong_floor(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "noise-floor")
    monkeypatch.setattr(module, "floor_factor", lambda: 1 - module.xi)
    assert {step.name for step in module.floor() if not step.verified} == {"The floor"}
