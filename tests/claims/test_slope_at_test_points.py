"""C14.11 for ridge: slopes at test points."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.slope_at_test_points import HiddenSignal, drawn_slopes, hidden_signal
from kdtheory.risk import Population, proportional_test_slope


def test_a_slope_of_1_27_in_the_limit_is_seen_in_samples():
    limit = float(proportional_test_slope(hidden_signal(1e4), 0.1, 0.1))
    slopes = drawn_slopes(1e4, 0.1)
    error = np.std(slopes, ddof=1) / np.sqrt(len(slopes))
    assert limit == pytest.approx(1.2746, abs=1e-4)
    assert abs(np.mean(slopes) - limit) < 4 * error
    assert np.mean(slopes) > 1 + 10 * error


def test_about_a_fifth_of_the_drawn_problems_have_a_slope_above_one():
    """So that the bounds are tested where they matter."""
    case = HiddenSignal.draw(np.random.default_rng(0), 4000)
    slopes = proportional_test_slope(case.population, case.penalties[0], case.penalties[0])
    assert 0.1 < np.mean(slopes > 1) < 0.3
    assert 1.4 < slopes.max() < 2


def test_two_is_approached():
    """Strong directions use up all samples but one in a million; what hides below is seven decades weaker."""
    masses = np.array([1 - 1e-6, 1e-9])
    extreme = Population([1.0, 1e-7], [0.0, 1e7], masses.sum(), 0.0, masses / masses.sum())
    grid = np.geomspace(1e-17, 1e-12, 400)
    assert 1.9 < float(np.max(proportional_test_slope(extreme, grid, grid))) < 2.0


def test_noise_brings_every_slope_below_one():
    for noise in (100.0, 1e4):
        population = Population([1e4, 1.0], [0.0, 1.0], 0.95, noise, [18 / 19, 1 / 19])
        grid = np.geomspace(1e-3, 1e3, 60)
        assert np.all(proportional_test_slope(population, grid, grid) < 1)


@pytest.mark.parametrize("run", [kd.Ridge(3.0), kd.GradientFlow(0.1), kd.IteratedTikhonov(3.0, 2)])
def test_at_train_points_and_isotropic_test_points_no_student_is_steeper(run):
    """Any training with gains below one, by the toolkit, on one task."""
    lam = np.ones(6)
    task = kd.tasks.regression(lam, np.arange(1.0, 7.0), train=9, test=0, noise_variance=2.0, seed=3)
    solved = kd.solve(kd.self_distillation(run, run), kd.LinearModel(), task)
    for of in (lambda fit: fit.train, lambda fit: fit.weights):
        teacher, student = of(solved["teacher"]), of(solved["student"])
        assert np.sum(teacher * student) / np.sum(teacher**2) < 1


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("unexplained", lambda m: lambda: m.noise, {"The power's derivative"}),
        ("output_power", lambda m: lambda: m.signal(lambda share: share**2), {"The power's derivative"}),
        ("bracket", lambda m: lambda: m.signal(lambda share: share), {"The power's derivative"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "slope-at-test-points")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
