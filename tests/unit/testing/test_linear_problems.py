"""Random linear problems: shapes, ranks and spectra are those that the numbers of a case say."""

import numpy as np
import pytest
from hypothesis import given

from kdtheory.testing import LinearProblem

BATCH = LinearProblem.draw(np.random.default_rng(0), 300)


def test_singular_values_have_the_rank_the_size_and_the_spread_of_the_case():
    sizes = np.linalg.svd(BATCH.inputs, compute_uv=False)
    np.testing.assert_array_equal(np.sum(sizes > 1e-10 * sizes[:, :1], axis=1), BATCH.rank)
    np.testing.assert_allclose(sizes[:, 0] ** 2, BATCH.largest, rtol=1e-13)
    smallest = np.take_along_axis(sizes, BATCH.rank[:, None] - 1, axis=1)[:, 0]
    np.testing.assert_allclose(sizes[:, 0] / smallest, BATCH.condition, rtol=1e-10)
    assert np.all(BATCH.condition <= 10 ** (BATCH.decades / 2))


def test_what_is_beyond_the_shape_is_zero():
    samples, features = BATCH.shape
    rows, columns = np.arange(8) >= samples[:, None], np.arange(8) >= features[:, None]
    assert not BATCH.inputs[rows].any()
    assert not np.swapaxes(BATCH.inputs, 1, 2)[columns].any()
    assert not BATCH.targets[rows].any()
    assert not np.swapaxes(BATCH.test_inputs, 1, 2)[columns].any()
    assert not any(start[columns].any() for start in BATCH.starts)
    assert all(np.all(start[~columns] != 0) for start in BATCH.starts)
    assert np.all(BATCH.targets[~rows] != 0)


def test_the_projector_is_that_of_the_row_space():
    inputs = BATCH.inputs / np.sqrt(BATCH.largest)[:, None, None]
    exact = np.linalg.pinv(inputs, rcond=1e-9) @ inputs
    np.testing.assert_allclose(BATCH.projector, exact, atol=1e-12)
    np.testing.assert_allclose(np.trace(BATCH.projector, axis1=1, axis2=2), BATCH.rank, rtol=1e-12)


def test_predictions_of_starts_and_test_points_have_the_size_of_targets():
    for inputs in (BATCH.inputs, BATCH.test_inputs):
        sizes = np.linalg.norm((inputs @ BATCH.starts[0][..., None])[..., 0], axis=1)
        assert 0.1 < np.median(sizes) < 10


@pytest.mark.parametrize("name", ["inputs", "targets", "test_inputs", "projector", "condition", "rank"])
def test_a_batch_holds_its_problems_one_by_one(name: str):
    for index in (0, 7, 299):
        np.testing.assert_array_equal(getattr(BATCH, name)[index], getattr(BATCH.at(index), name))


def test_other_seeds_give_other_problems():
    one, two = (LinearProblem(seed, 4, 4, 0, 1, 0) for seed in (1, 2))
    assert np.abs(one.inputs - two.inputs).max() > 0.1
    assert np.abs(one.targets - two.targets).max() > 0.1
    assert np.abs(one.starts[0] - one.starts[1]).max() > 0.1


@given(case=LinearProblem.strategy())
def test_single_problems_have_at_least_one_direction(case: LinearProblem):
    assert 1 <= case.rank <= min(case.shape)
    assert np.linalg.matrix_rank(case.inputs, tol=1e-9 * np.sqrt(case.largest)) == case.rank
