"""Moments of SGD: what they are for, their axes and their messages; the exact numbers are checked in tests/oracle."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import risk
from kdtheory.errors import InvalidArgument


def draw(*shape, seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape)


X, Y = draw(8, 3), draw(8, 2)
BATCH = kd.Minibatch(2, replace=True)


def moments(steps, **more):
    return risk.sgd_moments(X, Y, **{"step_size": 0.01, "steps": steps, "batch": BATCH, **more})


def floor(features, targets, batch=BATCH, step_size=0.01):
    return risk.sgd_stationary(features, targets, step_size=step_size, batch=batch).excess_loss(features)


@pytest.mark.parametrize("steps", [0, 1, 30])
def test_the_mean_is_gradient_descent(steps):
    """THEORY C11d: the mean gain is 1 - (1 - step_size * eigenvalue)^steps, whatever the batch."""
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps, 0.01))))
    task = kd.tasks.from_arrays(X, Y)
    exact = kd.solve(recipe, kd.LinearModel(), task)["teacher"]
    np.testing.assert_allclose(moments(steps).mean, exact.weights, rtol=1e-12, atol=1e-15)
    lam = exact.spectrum.eigenvalues
    gains = 1 - (1 - 0.01 * lam) ** steps
    coefficients = exact.spectrum.coefficients(X @ moments(steps).mean)
    np.testing.assert_allclose(coefficients, gains[:, None] * exact.spectrum.coefficients(Y), atol=1e-12)


def test_several_numbers_of_steps_are_a_leading_axis():
    several = moments([0, 3, 3, 10])
    assert several.mean.shape == (4, 3, 2)
    assert several.covariance.shape == (4, 2, 3, 3)
    for place, steps in enumerate([0, 3, 3, 10]):
        np.testing.assert_array_equal(several.covariance[place], moments(steps).covariance)
        np.testing.assert_array_equal(several.mean[place], moments(steps).mean)
    assert several.excess_loss(X).shape == (4,)
    assert several.variance_at(X[:5]).shape == (4, 5, 2)


def test_outputs_do_not_see_each_other():
    alone = risk.sgd_moments(X, Y[:, 1], step_size=0.01, steps=5, batch=BATCH)
    np.testing.assert_allclose(moments(5).covariance[1], alone.covariance[0], rtol=1e-13)


def test_the_recursion_can_go_on_where_it_began_only_with_its_covariance():
    """The covariance remembers: from the mean alone, five more steps have less of it."""
    again = moments(5, start=moments(5).mean)
    np.testing.assert_allclose(again.mean, moments(10).mean, rtol=1e-12)
    assert (np.linalg.eigvalsh(moments(10).covariance - again.covariance) > 0).all()


def test_the_recursion_ends_in_the_stationary_moments():
    end, long = risk.sgd_stationary(X, Y, step_size=0.03, batch=BATCH), moments(2000, step_size=0.03)
    np.testing.assert_allclose(long.mean, end.mean, rtol=1e-10)
    np.testing.assert_allclose(long.covariance, end.covariance, rtol=1e-10)
    np.testing.assert_allclose(long.second_moment, end.second_moment, rtol=1e-10)
    np.testing.assert_allclose(end.mean, np.linalg.lstsq(X, Y)[0], rtol=1e-10)


@pytest.mark.parametrize("deficient", ["columns", "rows"])
def test_off_the_row_space_the_start_stays(deficient):
    """Two equal columns with noise in the labels; more features than samples, where there is no noise left."""
    features = np.column_stack([X, X[:, 0]]) if deficient == "columns" else draw(3, 5)
    targets = Y[: len(features)]
    start = draw(features.shape[1], 2)
    step_size = 0.2 * risk.sgd_step_limit(features, BATCH)
    options = {"step_size": step_size, "batch": BATCH, "start": start}
    end = risk.sgd_stationary(features, targets, **options)
    long = risk.sgd_moments(features, targets, steps=6000, **options)
    np.testing.assert_allclose(long.mean, end.mean, atol=1e-8)
    np.testing.assert_allclose(long.covariance, end.covariance, atol=1e-8)
    assert (np.abs(end.covariance).max() > 1e-3) == (deficient == "columns")


@pytest.mark.parametrize("mixing", [0.3, 0.9, 1.0, 1.5, -0.5])
@pytest.mark.parametrize("size", [1, 3])
def test_mixing_scales_the_floor_by_its_square(mixing, size):
    """THEORY C7d, for a teacher that is as far from the labels as one likes; the centre moves, and only by its share."""
    batch, teacher = kd.Minibatch(size, replace=True), 10 * draw(3, 2)
    mixed = (1 - mixing) * Y + mixing * X @ teacher
    before, after = floor(X, Y, batch), floor(X, mixed, batch)
    assert before > 1e-3
    assert after == pytest.approx((1 - mixing) ** 2 * before, rel=1e-10, abs=1e-20)
    ends = [risk.sgd_stationary(X, targets, step_size=0.01, batch=batch).mean for targets in (Y, mixed)]
    np.testing.assert_allclose(ends[1] - ends[0], mixing * (teacher - ends[0]), rtol=1e-9)


def test_a_teacher_out_of_reach_has_a_floor_of_its_own():
    """The assumption of the law: what the student cannot realise is noise to it."""
    unreachable = 10 * draw(8, 2, seed=1)
    assert floor(X, 0.5 * Y + 0.5 * unreachable) > 2 * 0.25 * floor(X, Y)


def test_small_steps_have_a_floor_proportional_to_step_over_batch():
    ratio = floor(X, Y, kd.Minibatch(1, replace=True), 1e-6) / floor(X, Y, kd.Minibatch(4, replace=True), 1e-6)
    assert ratio == pytest.approx(4, rel=1e-3)
    assert floor(X, Y, step_size=2e-6) / floor(X, Y, step_size=1e-6) == pytest.approx(2, rel=1e-3)


def test_the_limit_of_large_batches_is_that_of_gradient_descent():
    limit = risk.sgd_step_limit(X, kd.Minibatch(10**9, replace=True))
    assert limit == pytest.approx(2 / np.linalg.norm(X, 2) ** 2, rel=1e-6)
    assert risk.sgd_step_limit(X, BATCH) < 0.9 * limit
    one = X[:, :1]
    lam, fourth = np.sum(one**2), np.sum(one**4)
    assert risk.sgd_step_limit(one, BATCH) == pytest.approx(2 * 2 / (lam + 8 * fourth / lam))


@pytest.mark.parametrize("share", [1 - 1e-14, 1.0, 1 + 1e-14])
def test_at_the_limit_itself_there_is_no_stationary_covariance(share):
    with pytest.raises(InvalidArgument, match="step_size: expected below"):
        floor(X, Y, step_size=share * risk.sgd_step_limit(X, BATCH))
    assert np.isfinite(floor(X, Y, step_size=(1 - 1e-9) * risk.sgd_step_limit(X, BATCH)))


def test_features_of_rank_0_do_not_learn():
    assert risk.sgd_step_limit(np.zeros((2, 2)), BATCH) == np.inf
    end = risk.sgd_stationary(np.zeros((2, 2)), [1.0, 2.0], step_size=1.0, batch=BATCH, start=[3.0, 4.0])
    assert end.mean.tolist() == [[3.0], [4.0]]
    assert not end.covariance.any()


MESSAGES = [
    (lambda: moments(3, batch=kd.Minibatch(2)), "batch: expected batches drawn with replacement, got Minibatch(size=2, replace=False); pass kd.Minibatch(size, replace=True): shuffled epochs have no such recursion"),
    (lambda: moments(3, batch=2), "batch: expected a Minibatch, got 2; pass kd.Minibatch(size, replace=True)"),
    (lambda: moments(3, start=np.ones(2)), "start: expected shape (3, 2), got (2, 1); pass one weight per feature and output"),
    (lambda: moments(-1), "steps: expected a whole number of at least 0, got -1; change steps"),
    (lambda: moments([3, 1]), "steps: expected increasing whole numbers, got [3, 1]; pass for example range(0, 101, 10)"),
    (lambda: moments([]), "steps: expected increasing whole numbers, got []; pass for example range(0, 101, 10)"),
    (lambda: moments(3, step_size=0.0), "step_size: expected a number above 0, got 0.0; change step_size"),
    (lambda: moments(1000, step_size=1.0), "step_size: expected moments that stay finite, got infinity or NaN after 1000 steps of size 1; take a smaller step (see sgd_step_limit), or larger batches"),
    (lambda: risk.sgd_moments(X, Y[:3], step_size=0.01, steps=1, batch=BATCH), "targets: expected 8 rows, got 3; pass one row of targets per row of features"),
    (lambda: moments(1).variance_at(np.ones((2, 2))), "features: expected 3 columns, got 2; use the features that were trained on"),
    (lambda: risk.sgd_stationary([[1.0], [1.0]], [1.0, 3.0], step_size=1.5, batch=kd.Minibatch(1, replace=True)), "step_size: expected below 1, got 1.5; take a smaller step, or larger batches"),
    (lambda: risk.sgd_step_limit(np.eye(101), BATCH), "features: expected a rank of at most 100, got 101; use fewer features, or run sgd_moments for many steps"),
]  # fmt: skip


@pytest.mark.parametrize("call, message", MESSAGES)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
