"""What each family becomes at the ends of its parameters, where it turns, and its published counterexamples."""

import numpy as np
import pytest
from scipy.optimize import brentq

from kdtheory import procedures as p

LAM = np.array([5.0, 2.0, 2.0, 0.3, 1e-4, 0.0])
NAMES = ("gain", "retain", "residual", "dual_gain", "anchoring", "dual_retain")


def assert_same(one, other, rtol=1e-13, atol=1e-15):
    for name in NAMES:
        np.testing.assert_allclose(
            getattr(one, name)(LAM), getattr(other, name)(LAM), rtol=rtol, atol=atol, err_msg=name
        )


def distance(one, other):
    return np.abs(one.gain(LAM) - other.gain(LAM)).max()


@pytest.mark.parametrize(
    "special, general",
    [
        (p.GradientDescent(9, 0.1), p.HeavyBall(9, 0.0, 0.1)),
        (p.GradientDescent(9, 0.3), p.HeavyBall(9, 0.0, 0.3)),
        (p.GradientDescent(9, 0.1), p.Nesterov(9, 0.0, 0.1)),
        (p.GradientDescent(9, 0.3), p.Nesterov(9, 0.0, 0.3, output="look-ahead")),
        (p.GradientDescent(9, 0.1), p.WeightDecayDescent(9, 0.0, 0.1)),
        (p.GradientFlow(0.7), p.WeightDecayFlow(0.7, 0.0)),
        (p.Ridge(0.5), p.WeightDecayFlow(np.inf, 0.5)),
        (p.Ridge(0.5, center="start"), p.WeightDecayFlow(np.inf, 0.5, center="start")),
        (p.Ridge(0.5), p.Ridge(0.5).as_decay(steps=1000).resolved(5.0)),
        (p.Ridge(0.5, center="start"), p.Ridge(0.5, center="start").as_decay(steps=1000, step_size=0.2)),
        (p.Ridge(0.0), p.SpectralCutOff(0.0)),
    ],
    ids=lambda value: repr(value),
)
def test_a_family_at_the_end_of_its_parameter_is_another(special, general):
    assert_same(special, general)


def test_one_iteration_of_tikhonov_is_ridge_centred_at_the_start():
    iterated, ridge = p.IteratedTikhonov(0.5, 1), p.Ridge(0.5, center="start")
    np.testing.assert_allclose(iterated.gain(LAM), ridge.gain(LAM), rtol=1e-15)
    np.testing.assert_allclose(iterated.retain(LAM), ridge.anchoring(LAM), rtol=1e-15)


@pytest.mark.parametrize(
    "limit, near",
    [
        (p.GradientFlow(2.0), lambda many: p.IteratedTikhonov(penalty=many / 2.0, iterations=many)),
        (p.GradientFlow(2.0), lambda many: p.GradientDescent(many, 2.0 / many)),
        (p.WeightDecayFlow(2.0, 0.4), lambda many: p.WeightDecayDescent(many, 0.4, 2.0 / many)),
        (p.AveragedFlow(2.0), lambda many: p.AveragedDescent(many, 2.0 / many)),
        (p.HeavyBallFlow(2.0, 0.8), lambda many: p.HeavyBallFlow(2.0, 0.8).as_descent(many)),
        (p.HeavyBallFlow(2.0, 0.8), lambda many: p.Nesterov(many, 1 - 0.8 * 2.0 / many, (2.0 / many) ** 2)),
    ],
    ids=["implicit Euler", "Euler", "decayed", "averaged", "heavy ball", "Nesterov"],
)
def test_many_small_steps_are_a_flow_at_first_order(limit, near):
    errors = [distance(limit, near(many)) for many in (2000, 4000, 8000)]
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.02)
    assert errors[1] / errors[2] == pytest.approx(2.0, rel=0.02)


def test_heavy_friction_is_gradient_flow_in_slower_time():
    """The difference falls like 1 / friction^2."""
    errors = [distance(p.GradientFlow(0.7), p.HeavyBallFlow(0.7 * g, g)) for g in (100.0, 200.0)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.01)


def test_undamped_heavy_ball_flow_is_a_pendulum():
    """THEORY C2: no friction, eigenvalues 1 and 4/9, time 3 pi / 2: gains exactly 1 and 2."""
    gains = p.HeavyBallFlow(time=1.5 * np.pi, friction=0.0).gain([1.0, 4 / 9])
    np.testing.assert_allclose(gains, [1.0, 2.0], rtol=1e-15)


def test_descent_that_overshoots_alternates():
    """THEORY C0: h = 1.5 gives 1.5, .75, 1.125."""
    gains = [p.GradientDescent(k, 1.5).gain([1.0]).item() for k in (1, 2, 3)]
    assert gains == pytest.approx([1.5, 0.75, 1.125], rel=1e-15)


def test_nesterov_flow_passes_the_target_first_at_the_first_zero_of_the_bessel_function():
    crossing = brentq(lambda x: p.NesterovFlow(x).residual([1.0]).item(), 3.0, 4.5, xtol=1e-14)
    assert crossing == pytest.approx(3.8317059702075123, rel=1e-13)
    before = p.NesterovFlow(np.linspace(0, 3.8317, 1000)[:, None]).residual([1.0])
    assert (before > 0).all()
    assert (np.diff(before[:, 0]) < 0).all()


@pytest.mark.parametrize("mu", [0.25, 0.9])
def test_heavy_ball_overshoots_only_beyond_its_critical_point(mu):
    critical = (1 - np.sqrt(mu)) ** 2
    steps = np.arange(400)[:, None]
    assert (p.HeavyBall(steps, mu, 1.0).residual([critical * (1 - 1e-9)]) >= 0).all()
    assert (p.HeavyBall(steps, mu, 1.0).residual([critical * 1.1]) < 0).any()


@pytest.mark.parametrize("mu", [0.25, 0.9])
def test_nesterov_overshoots_only_beyond_its_critical_point(mu):
    critical = ((1 - mu) / (1 + mu)) ** 2
    steps = np.arange(400)[:, None]
    assert (p.Nesterov(steps, mu, 1.0).residual([critical * (1 - 1e-9)]) >= 0).all()
    assert (p.Nesterov(steps, mu, 1.0).residual([critical * 1.2]) < 0).any()


def test_the_look_ahead_point_is_made_of_two_iterates():
    iterate = {k: p.Nesterov(k, 0.6, 0.1).residual(LAM) for k in (6, 7)}
    ahead = p.Nesterov(7, 0.6, 0.1, output="look-ahead").residual(LAM)
    np.testing.assert_allclose(ahead, 1.6 * iterate[7] - 0.6 * iterate[6], rtol=0, atol=1e-15)


def test_averaged_descent_is_the_average_of_the_iterates_before_each_step():
    iterates = [p.GradientDescent(k, 0.3).gain(LAM) for k in range(9)]
    np.testing.assert_allclose(p.AveragedDescent(9, 0.3).gain(LAM), np.mean(iterates, axis=0), rtol=1e-14)
