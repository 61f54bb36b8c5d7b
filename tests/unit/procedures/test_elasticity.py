"""Elasticities against mpmath, for every family, at all gains; matching; refusals."""

import mpmath
import numpy as np
import pytest

from kdtheory import procedures as p
from kdtheory.errors import InvalidArgument
from kdtheory.procedures.elasticity import elasticity, elasticity_at_gain, elasticity_estimate, parameter_at_gain
from kdtheory.procedures.exaggeration import exaggeration, increasing, log_ahead, log_gain, matched, slack
from tests.unit.procedures import exact

TIMES = np.geomspace(1e-6, 60.0, 9)
FAMILIES = {
    "flow": [(p.GradientFlow(t), exact.flow, (t,)) for t in TIMES],
    "descent": [(p.GradientDescent(k, h), exact.descent(k), (h,)) for k in (1, 2, 50) for h in (1e-5, 0.1, 0.9, 1.5)],
    "ridge": [(p.Ridge(c), exact.ridge, (c,)) for c in TIMES],
    "iterated": [(p.IteratedTikhonov(c, 7), exact.iterated_tikhonov(7), (c,)) for c in TIMES],
    "averaged flow": [(p.AveragedFlow(t), exact.averaged_flow, (t,)) for t in TIMES],
    "averaged descent": [(p.AveragedDescent(k, 0.3), exact.averaged_descent(k), (0.3,)) for k in (2, 9, 100)],
    "decay flow": [(p.WeightDecayFlow(t, 0.2), exact.weight_decay_flow, (t, 0.2)) for t in TIMES],
    "decay descent": [
        (p.WeightDecayDescent(k, 0.2, 0.4), exact.weight_decay_descent(k), (0.2, 0.4)) for k in (1, 5, 60)
    ],
    "Nesterov flow": [(p.NesterovFlow(t), exact.nesterov_flow, (t,)) for t in (1e-3, 0.5, 3.8317, 5.0, 20.0)],
    "heavy-ball flow": [
        (p.HeavyBallFlow(t, g), exact.heavy_ball_flow, (t, g)) for t in (1e-3, 1.0, 2.5, 12.0) for g in (0.0, 0.5, 1.999, 6.0)
    ],
    "heavy ball": [
        (p.HeavyBall(k, 0.5, h), exact.momentum(k, "heavy ball"), (h, 0.5)) for k in (1, 4, 30) for h in (0.01, 0.08, 0.5)
    ],
    "Nesterov": [
        (p.Nesterov(k, 0.5, h), exact.momentum(k, "iterate"), (h, 0.5)) for k in (1, 4, 30) for h in (0.01, 0.11, 0.5)
    ],
}  # fmt: skip


def exactly(formula, arguments, lam=1.0):
    """The definition, by differences in 100 digits."""
    with mpmath.workdps(exact.DIGITS):
        numbers, part = [mpmath.mpf(float(a)) for a in arguments], mpmath.mpf(10) ** -30
        up, down = (mpmath.log(formula(mpmath.mpf(lam) * mpmath.exp(s * part), *numbers)["gain"]) for s in (1, -1))
        return (up - down) / (2 * part)


@pytest.mark.parametrize("name", FAMILIES)
def test_elasticities_are_those_of_the_definition_and_within_their_own_error(name):
    for procedure, formula, arguments in FAMILIES[name]:
        found, true = elasticity_estimate(procedure, 1.0), exactly(formula, arguments)
        error = abs(float(mpmath.mpf(float(found.value)) - true))
        assert error <= float(found.error), (procedure, error, found)
        assert error <= 1e-11 * abs(float(true)) + 1e-13, (procedure, error, found)


def test_where_the_residual_is_1e_20_the_elasticity_keeps_its_digits():
    found = float(elasticity(p.GradientFlow(46.0), 1.0))
    assert found == pytest.approx(46.0 * np.exp(-46.0), rel=1e-11, abs=0)


@pytest.mark.parametrize("lam", [1e-8, 3.0, 1e8])
def test_the_unit_of_the_eigenvalue_does_not_matter(lam):
    assert float(elasticity(p.AveragedFlow(2.0 / lam), lam)) == pytest.approx(
        float(elasticity(p.AveragedFlow(2.0), 1.0))
    )


def test_parameters_broadcast_against_eigenvalues():
    times, eigenvalues = np.array([[1.0], [2.0]]), np.array([0.5, 1.0, 4.0])
    found = elasticity(p.GradientFlow(times), eigenvalues)
    assert found.shape == (2, 3)
    assert found[1, 0] == pytest.approx(found[0, 1], rel=1e-12)


@pytest.mark.parametrize(
    ("family", "longest", "closed"),
    [
        (p.GradientFlow, None, lambda u: -(1 - u) * np.log1p(-u) / u),
        (p.Ridge, None, lambda u: 1 - u),
        (lambda t: p.HeavyBallFlow(t, 0.0), 0.5 * np.pi, lambda u: np.arccos(1 - u) / 2 / np.tan(np.arccos(1 - u) / 2)),
    ],
    ids=["flow", "ridge", "undamped"],
)
def test_elasticity_at_a_gain_is_that_of_the_table(family, longest, closed):
    u = np.array([1e-3, 0.2, 0.5, 0.8, 0.999])
    np.testing.assert_allclose(elasticity_at_gain(family, u, longest=longest), closed(u), rtol=1e-10)


def test_the_parameter_of_a_gain_is_found_to_the_last_digits_also_by_its_residual():
    left = np.array([0.9, 0.5, 1e-3, 1e-15])
    np.testing.assert_allclose(parameter_at_gain(p.GradientFlow, 1 - left, residual=left), -np.log(left), rtol=1e-14)
    np.testing.assert_allclose(parameter_at_gain(p.Ridge, [0.1, 0.9]), [9.0, 1 / 9], rtol=1e-14)


def test_few_trainings_are_needed_to_find_a_parameter():
    made = []

    def family(time):
        made.append(time)
        return p.GradientFlow(time)

    parameter_at_gain(family, np.linspace(0.01, 0.99, 50))
    assert len(made) < 30


def test_cut_offs_null_modes_and_unreachable_gains_are_refused():
    cut_off = p.SpectralCutOff(1.0)
    assert float(elasticity(cut_off, 3.0)) == 0.0
    with pytest.raises(InvalidArgument, match="a gain that is smooth there"):
        elasticity(cut_off, 1.0)
    for procedure, lam in ((cut_off, 0.5), (p.GradientFlow(1.0), 0.0), (p.GradientFlow(0.0), 1.0)):
        with pytest.raises(InvalidArgument, match="positive ones with positive gains"):
            elasticity(procedure, lam)
    with pytest.raises(InvalidArgument, match="gains that the family reaches"):
        parameter_at_gain(p.NesterovFlow, 0.9, longest=0.1)


def test_the_slack_is_the_slope_of_the_lag():
    runs = matched(p.GradientFlow(1.0), p.Ridge(0.5), p.AveragedFlow)
    assert abs(float(log_ahead(*runs, 1.0))) < 1e-14
    step = 1e-4
    slope = (log_ahead(*runs, np.exp(-step)) - log_ahead(*runs, np.exp(step))) / (2 * step)
    assert float(slack(*runs, 1.0).value) == pytest.approx(float(slope), rel=1e-7)


def test_the_slack_of_ridge_is_the_product_of_residuals():
    left = np.array([1e-9, 1e-4, 0.3, 0.9])
    runs = matched(p.Ridge(left / (1 - left)), p.Ridge(0.25), p.Ridge)
    found = slack(*runs, np.ones(4))
    assert np.all(np.abs(found.value - left * 0.2) <= found.error + 1e-14 * left)


def test_verdicts_of_any_families():
    assert exaggeration(p.GradientFlow).verdict == "holds"
    mixed = exaggeration(p.Ridge, p.GradientFlow, p.GradientFlow)
    assert mixed.verdict == "fails"
    assert mixed.most > 2
    assert exaggeration(p.GradientFlow, p.GradientFlow, p.Ridge).verdict == "holds"
    assert exaggeration(lambda t: p.WeightDecayFlow(t, 0.5), top=2 / 3).verdict == "fails"
    assert exaggeration(lambda t: p.WeightDecayFlow(t, 0.6), top=1 / 1.6).verdict == "holds"
    assert increasing(p.Ridge)


def test_log_gains_keep_the_digits_of_residuals_and_say_where_they_underflow():
    assert float(log_gain(p.GradientFlow(30.0), 1.0)) == pytest.approx(np.log1p(-np.exp(-30.0)), rel=1e-15)
    assert float(log_gain(p.GradientFlow(1e-300), 1e-5)) == -np.inf
