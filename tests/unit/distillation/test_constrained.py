"""Constrained rounds: every round fits within its tolerance, by the same penalty as one round alone."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.conventions import from_mobahi, to_mobahi
from kdtheory.distillation import constrained_rounds
from kdtheory.errors import InvalidArgument

RNG = np.random.default_rng(3)
EIGENVALUES, COEFFICIENTS = 10 ** RNG.uniform(-4, 4, (40, 6)), 10 ** RNG.uniform(-2, 2, (40, 6))
TOLERANCE = np.sum(np.square(COEFFICIENTS), axis=1) / 6 / 10 ** RNG.uniform(0.05, 1.5, 40)


def test_each_round_is_ridge_at_the_penalty_of_one_round_alone():
    found = constrained_rounds(EIGENVALUES, COEFFICIENTS, TOLERANCE)
    assert found.collapsed.all()
    for i, (lam, tolerance) in enumerate(zip(EIGENVALUES, TOLERANCE, strict=True)):
        targets = COEFFICIENTS[i]
        for j in range(found.rounds[i]):
            alone = from_mobahi(tolerance, lam, targets)
            assert found.penalties[i, j] == pytest.approx(alone, rel=1e-7)
            assert to_mobahi(found.penalties[i, j], lam, targets) == pytest.approx(tolerance, rel=1e-13)
            targets = kd.Ridge(found.penalties[i, j]).gain(lam) * targets
            np.testing.assert_allclose(found.coefficients[i, j + 1], targets, rtol=1e-13)
        assert from_mobahi(tolerance, lam, targets) == np.inf
        assert np.all(found.coefficients[i, found.rounds[i] + 1 :] == 0)


def test_gains_are_those_of_the_coefficients_and_a_batch_is_its_problems():
    found = constrained_rounds(EIGENVALUES, COEFFICIENTS, TOLERANCE)
    np.testing.assert_allclose(
        np.cumprod(found.gains, axis=1) * COEFFICIENTS[:, None], found.coefficients[:, 1:], rtol=1e-13
    )
    np.testing.assert_allclose(
        found.ratios, np.linalg.norm(found.coefficients, axis=-1) / np.sqrt(6 * TOLERANCE)[:, None], rtol=1e-14
    )
    for i in (0, 17):
        alone = constrained_rounds(EIGENVALUES[i], COEFFICIENTS[i], TOLERANCE[i])
        np.testing.assert_allclose(alone.penalties, found.penalties[i, : alone.rounds], rtol=1e-9)


def test_kd_solve_runs_the_recipe_to_the_same_coefficients():
    lam, y = [4.0, 1.0, 0.25], [3.0, -2.0, 1.0]
    found = constrained_rounds(lam, y, tolerance=0.4)
    task, model = kd.tasks.from_spectrum(lam, coefficients=y, seed=0), kd.LinearModel()
    solved = kd.solve(found.recipe(), model, task)
    assert len(found.recipe()) == found.rounds >= 3
    for one, expected in zip(solved, np.cumprod(found.gains, axis=0), strict=True):
        np.testing.assert_allclose(solved[one].gains, expected, rtol=1e-12)


def test_labels_within_the_tolerance_are_not_fitted():
    for size in (1.0, 2.0):
        found = constrained_rounds([1.0, 2.0], [0.0, 1.0], tolerance=0.5 * size)
        assert found.rounds == 0
        assert found.collapsed
        assert np.all(found.coefficients[-1] == 0)
        with pytest.raises(InvalidArgument, match=r"^rounds: expected one problem with at least one round, got"):
            found.recipe()


def test_fewer_rounds_can_be_asked_for():
    found = constrained_rounds(np.ones(4), [3.0, 4.0, 0.0, 0.0], tolerance=0.01, most=3)
    assert found.penalties.shape == (3,)
    assert not found.collapsed
    assert constrained_rounds(np.ones(4), [3.0, 4.0, 0.0, 0.0], tolerance=0.01).rounds == 24


def test_it_is_said_where_one_more_round_was_possible():
    short = constrained_rounds([2.0, 2.0], [3.0, 4.0], tolerance=2.0, most=1)
    assert short.ratios[-1] == pytest.approx(1.5)
    assert not short.collapsed


def test_labels_on_null_modes_that_are_just_within_the_tolerance_collapse():
    found = constrained_rounds([1.0, 0.0], [0.0, 1.0], tolerance=0.5)
    assert found.ratios[0] == 1
    assert found.rounds == 0


def test_a_part_on_null_modes_is_missed_once_and_within_the_tolerance_only():
    found = constrained_rounds([1.0, 0.0], [2.0, 0.5], tolerance=0.5)
    first = found.coefficients[0] - found.coefficients[1]
    assert np.sum(first**2) == pytest.approx(1.0, rel=1e-14)
    assert found.coefficients[1, 1] == 0
    with pytest.raises(InvalidArgument, match=r"^tolerance: expected more than 0.5, got 0.4; raise it"):
        constrained_rounds([1.0, 0.0], [2.0, 1.0], tolerance=0.4)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_scales_far_from_one_keep_the_rounds(scale: float):
    found = constrained_rounds(EIGENVALUES[0], COEFFICIENTS[0] * scale, TOLERANCE[0] * scale**2)
    np.testing.assert_allclose(
        found.penalties, constrained_rounds(EIGENVALUES[0], COEFFICIENTS[0], TOLERANCE[0]).penalties, rtol=1e-9
    )


def test_shapes_that_do_not_fit_answer_in_one_line():
    with pytest.raises(InvalidArgument, match=r"^coefficients: expected shapes that fit together, got shapes"):
        constrained_rounds([1.0, 2.0], [1.0, 2.0, 3.0], 0.1)
