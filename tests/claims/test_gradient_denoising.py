"""C7b, d, f and c: distillation denoises gradients, with no label noise needed, and with label noise too."""

import itertools
from dataclasses import fields
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._denoised_cases import Mixed, Noisy, benefit_margin, floor_margin
from kdtheory.claims._denoising import Denoising, Problems
from kdtheory.claims.gradient_denoising import COUNTEREXAMPLES, MUTANTS, Formulas, margins
from kdtheory.risk import sgd_moments, sgd_stationary

CLAIM = kd.claims.get("gradient-denoising")
seeds = st.integers(0, 2**32 - 1)


@given(case=Denoising.strategy())
def test_the_law_holds(case: Denoising):
    assert CLAIM(case).smallest > 0


def problem(seed: int) -> tuple[Any, ...]:
    """Features (n, p), labels, start, a point and the weights of a gradient-flow teacher, all in matrices."""
    generator = np.random.default_rng(seed)
    n, p = (int(size) for size in generator.integers(2, 9, size=2))
    X, y, start, point = (generator.normal(size=shape) for shape in ((n, p), (n, 1), (p, 1), (p, 1)))
    time = float(np.exp(generator.uniform(-3, 1)))
    kept = _expm(-time * X.T @ X)
    least = np.linalg.lstsq(X, y, rcond=None)[0]
    off = start - np.linalg.pinv(X) @ (X @ start)
    teacher = least + off + kept @ (start - least - off)
    return X, y, start, point, time, kept, teacher


def _expm(matrix: Any) -> Any:
    import scipy.linalg

    return scipy.linalg.expm(matrix)


@given(seed=seeds)
def test_the_relation_in_matrices_needs_no_modes(seed: int):
    """The statement with matrix exponentials, for n < p and n > p, against gradients written out, and per minibatch."""
    X, y, start, point, time, kept, teacher = problem(seed)
    scale = np.abs(X).sum() * (np.abs(y).max() + np.abs(X @ point).max() + np.abs(X @ start).max())
    distilled, onehot, anchor = X.T @ (X @ point - X @ teacher), X.T @ (X @ point - y), X.T @ (X @ teacher - y)
    np.testing.assert_allclose(distilled, onehot - anchor, atol=1e-13 * scale)
    np.testing.assert_allclose(-anchor, kept @ X.T @ (y - X @ start), atol=1e-11 * scale)
    low_pass = onehot - kept @ onehot
    np.testing.assert_allclose(distilled - low_pass, kept @ X.T @ X @ (point - start), atol=1e-11 * scale)
    at_start = X.T @ (X @ start - X @ teacher)
    passed = X.T @ (X @ start - y)
    np.testing.assert_allclose(at_start, passed - kept @ passed, atol=1e-11 * scale)

    task, model = kd.tasks.from_arrays(X, y), kd.LinearModel()
    fit = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time)), start=kd.Start(weights=start))
    taught = kd.solve(kd.Recipe(teacher=fit), model, task)["teacher"]
    np.testing.assert_allclose(taught.weights, teacher, atol=1e-9 * (1 + np.abs(teacher).max()))
    batch = np.random.default_rng(seed).integers(len(X), size=3)
    sides = kd.measures.gradient_relation(model, task, taught, kd.Start(weights=point), samples=batch)
    chosen = X[batch]
    literal = len(X) / 3 * chosen.T @ (chosen @ point - chosen @ teacher)
    np.testing.assert_allclose(sides.distillation.weights, literal, atol=1e-9 * scale)
    np.testing.assert_allclose(sides.one_hot.weights - sides.anchor.weights, literal, atol=1e-9 * scale)


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


@given(case=Denoising.strategy())
def test_the_small_problems_are_stationary_as_the_toolkit_says(case: Denoising):
    problems = Problems.of(case)
    targets = problems.mixed(case.mixing)
    mean, covariance = problems.stationary(targets)
    X, batch = problems.features[0], kd.Minibatch(1, replace=True)
    moments = sgd_stationary(X, targets[0], step_size=float(problems.rate[0]) / 3, batch=batch)
    scale = float(problems.rate[0]) * (1 + abs(case.mixing)) ** 2 * (1 + np.abs(problems.teacher).max()) ** 2
    np.testing.assert_allclose(moments.covariance[0], covariance[0], rtol=0, atol=1e-9 * scale / case.ratio)
    np.testing.assert_allclose(moments.mean[:, 0], mean[0], atol=1e-11 * (1 + np.abs(mean).max()) / case.ratio)


SIGNS = np.array(list(itertools.product((-1.0, 1.0), repeat=4))).T


@pytest.mark.parametrize("trained", [0.0, 0.7])
def test_the_error_ratio_by_all_draws_of_noise_at_a_point_that_depends_on_the_noise_too(trained: float):
    """Noise of plus or minus sigma on four samples: all 16 labellings, each with its own teacher and its own student.

    Against the clean gradient at the same point the ratio holds along the student's trajectory as well; it is the
    *variance* of gradients that changes there, to (gain(s) - a)^2 against (1 - gain(s))^2.
    """
    lam, wanted, sigma, time = np.array([3.0, 1.0, 0.4, 0.1]), np.array([2.0, 0.3, -1.0, 0.0]), 0.6, 1.3
    task = kd.tasks.from_spectrum(lam, coefficients=wanted[:, None] + sigma * SIGNS)
    model, flow = kd.LinearModel(), kd.GradientFlow(time)
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, flow))}
    fits["student"] = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(trained)))
    solved = kd.solve(kd.Recipe(**fits), model, task)
    at = solved["student"].train
    clean = np.broadcast_to(wanted[:, None], at.shape)
    distilled = kd.measures.gradients(model, task, at, teacher=solved["teacher"]).modes
    onehot, true = (kd.measures.gradients(model, task, at, labels=each).modes for each in (task.targets, clean))
    ratio = np.mean((distilled - true) ** 2, axis=-1) / np.mean((onehot - true) ** 2, axis=-1)
    gain, missing = -np.expm1(-lam * time), np.exp(-lam * time)
    expected = Formulas().ratio(gain, missing, wanted**2 / sigma**2)
    np.testing.assert_allclose(ratio, expected, rtol=1e-12)
    spread = np.var(distilled, axis=-1) / np.var(onehot, axis=-1)
    student = -np.expm1(-lam * trained)
    np.testing.assert_allclose(spread, ((student - gain) / (1 - student)) ** 2, rtol=1e-10)


@given(power=st.floats(-5, 6))
def test_threshold_and_best_time_against_60_digits(power: float):
    snr = 10.0**power
    with mpmath.workdps(60):
        even, best = mpmath.log((1 + mpmath.mpf(snr)) / 2), mpmath.log(1 + mpmath.mpf(snr))
    # Near SNR = 1 the threshold vanishes; what stays is the sensitivity to a relative change of the ratio.
    assert float(Formulas().threshold(snr)) == pytest.approx(float(even), rel=1e-14, abs=1e-15)
    assert float(Formulas().wiener(snr)) == pytest.approx(float(best), rel=1e-14)


@pytest.mark.parametrize("snr", [0.2, 1.0])
def test_with_no_more_signal_than_noise_every_teacher_helps(snr: float):
    for progress in (1e-3, 0.1, 1.0, 20.0):
        assert benefit_margin(Noisy(progress, snr, 1.0)).smallest > 0


def test_the_control_variate_may_want_any_weight():
    """The best weight of the teacher is below 0 or above 1 for some: then labels, or more than distillation, is best."""
    problems = Problems.of(Denoising.draw(np.random.default_rng(2), 500))
    at_point = problems.gradients(problems.point, problems.targets)
    at_teacher = problems.gradients(problems.teacher, problems.targets)
    best = np.sum(at_point * at_teacher, axis=(1, 2)) / np.sum(at_teacher**2, axis=(1, 2))
    assert (best < 0).any()
    assert (best > 1).any()
    with np.errstate(divide="raise"):
        own = [np.sum(problems.gradients(problems.point, problems.mixed(xi)) ** 2, axis=(1, 2)) for xi in (0.0, 1.0)]
    np.testing.assert_array_equal(own[1] < own[0], best > 0.5)


@pytest.mark.parametrize("item", COUNTEREXAMPLES, ids=lambda item: item.name)
def test_each_counterexample_fails_with_its_frozen_digits_and_holds_once_restored(item: Any):
    assert item.margin <= 0
    assert CLAIM.margin_of(item) == pytest.approx(item.margin, rel=1e-9, abs=0)
    assert CLAIM.margin_of(item, restored=True) > 0.1


def test_no_noise_is_needed_for_the_floor_and_a_teacher_out_of_reach_breaks_it_for_every_mixing():
    for mixing in (-0.5, 0.25, 0.9, 2.0):
        assert floor_margin(Mixed(mixing, 0.0)).smallest > 2
        assert floor_margin(Mixed(mixing, 0.5)).smallest < -9


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_is_caught(mutant: Any):
    cases = Denoising.draw(np.random.default_rng(11), 500)
    assert CLAIM(cases).held.all()
    assert np.count_nonzero(~mutant.check(cases).held) >= 250


def test_each_formula_has_mutants():
    right = Formulas()
    cells = [cell.cell_contents for mutant in MUTANTS for cell in mutant.check.__closure__]
    wrong = [cell for cell in cells if isinstance(cell, Formulas)]
    names = {field.name for field in fields(Formulas)}
    assert {name for each in wrong for name in names if getattr(each, name) is not getattr(right, name)} == names


@pytest.mark.parametrize("name", [field.name for field in fields(Formulas)])
def test_a_relative_error_of_1e_9_in_any_formula_is_caught(name: str):
    right = getattr(Formulas(), name)
    cases = Denoising.draw(np.random.default_rng(12), 500)
    wrong: Any = {name: lambda *arguments: right(*arguments) * (1 + 1e-9)}
    assert not margins(cases, Formulas(**wrong)).held.all()


def test_the_derivation_verifies_every_step_and_no_wrong_formula(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "gradient-denoising")
    derivation = module.prove()
    assert [step.name for step in derivation.steps if not step.verified] == []
    assert len(derivation.steps) == 15
    assert derivation.not_carried
    monkeypatch.setattr(module, "floor_factor", lambda: 1 - module.xi)
    monkeypatch.setattr(module, "error_ratio", lambda: module.a + (1 - module.a) ** 2 * module.S)
    failed = {step.name for step in [*module.floor(), *module.noisy()] if not step.verified}
    assert failed == {"The floor", "The ratio of mean squared errors", "When it is below 1", "The best time"}


def test_the_evidence_holds_at_every_level():
    found = kd.claims.check("gradient-denoising", examples=10_000, shrinking=20)
    assert found.held
    assert found.derived is not None
    assert found.simulated is not None
    assert found.tested is not None
    assert found.tested.failures == 0
    assert all(run.confirmed for run in found.tested.counterexamples)
    assert all(run.caught for run in found.tested.mutants)
