"""The best weights for one round, for several together, and one round after the other."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import risk
from kdtheory.errors import InvalidArgument

GENERATOR = np.random.default_rng(5)
COEFFICIENTS = np.array([2.0, 1.0, 0.3, 0.0, 0.5])
LAM = np.array([4.0, 2.0, 1.0, 0.3, 0.1])
FIXED = risk.oracle_fixed_design(COEFFICIENTS, 0.4)
RANDOM = risk.oracle_random_design(
    GENERATOR.standard_normal((9, 5)) * np.sqrt(LAM), np.array([1.0, 0.3, -0.5, 0.0, 2.0]), np.diag([1.0, 3.0, 0.1, 1.0, 2.0]), 0.4,
    test_weights=[1.0, 0.0, -1.0, 0.5, 1.0],
)  # fmt: skip


def literal(gains, mixings):
    """The gains of the last round, from outputs that are 1 where the labels are."""
    outputs = gains
    for mixing in mixings:
        outputs = gains * (1 - mixing + mixing * outputs)
    return outputs


@pytest.mark.parametrize("found", [FIXED, RANDOM], ids=["fixed", "random"])
@pytest.mark.parametrize("procedure", [kd.Ridge(0.8), kd.GradientFlow(0.7), kd.GradientDescent(1, 0.4)])
def test_no_weight_of_one_round_has_less_risk(found, procedure):
    g = procedure.gain(LAM)
    best = scipy.optimize.minimize_scalar(lambda xi: float(found.total(literal(g, [xi]))))
    assert risk.oracle_step_mixing(found, g) == pytest.approx(best.x, abs=1e-6)
    for solver in (risk.oracle_mixings, risk.oracle_mixings_one_by_one):
        assert solver(found, g, 1).mixings == pytest.approx([risk.oracle_step_mixing(found, g)], rel=1e-9)


def test_sweeps_and_other_teachers():
    g = kd.Ridge(np.array([[0.1], [5.0]])).gain(LAM)
    teacher = kd.GradientFlow(0.3)
    swept = risk.oracle_step_mixing(FIXED, g, teacher_residuals=np.stack([teacher.residual(LAM)] * 2))
    for one, gains in zip(swept, g, strict=True):
        outputs = scipy.optimize.minimize_scalar(
            lambda xi, gains=gains: float(FIXED.total(gains * (1 - xi + xi * teacher.gain(LAM))))
        )
        assert one == pytest.approx(outputs.x, abs=1e-6)


@pytest.mark.parametrize("found", [FIXED, RANDOM], ids=["fixed", "random"])
@pytest.mark.parametrize("rounds", [2, 3, 4])
def test_no_weights_of_several_rounds_have_less_risk(found, rounds):
    """Against least squares with polynomials in float64, and random weights nearby; the recipe reaches what is said."""
    g = kd.Ridge(0.8).gain(LAM)
    best = risk.oracle_mixings(found, g, rounds)
    columns = (g * (1 - g))[:, None] * np.vander(g, rounds, increasing=True)
    matrix = found.signal if found.signal.ndim == 2 else np.diag(found.signal)
    stacked = np.vstack([matrix, -np.diag(np.sqrt(found.noise))])
    goal = -np.concatenate([matrix @ (1 - g) + found.unreachable, np.sqrt(found.noise) * g])
    least = np.sum((stacked @ columns @ np.linalg.lstsq(stacked @ columns, goal, rcond=None)[0] - goal) ** 2)
    assert best.risk == pytest.approx(least, rel=1e-9)
    np.testing.assert_allclose(literal(g, best.mixings), best.gains, atol=1e-15 * best.condition * rounds)
    for shift in 1e-3 * GENERATOR.standard_normal((20, rounds)):
        assert found.total(literal(g, best.mixings + shift)) > best.risk


def test_weights_run_as_a_recipe():
    task = kd.tasks.from_spectrum(LAM, coefficients=COEFFICIENTS, seed=0)
    ridge = kd.Ridge(0.8)
    best = risk.oracle_mixings(FIXED, ridge.gain(LAM), 3, residuals=ridge.residual(LAM))
    recipe = kd.self_distillation(ridge, ridge, mixing=best.mixings, rounds=3)
    last = kd.solve(recipe, kd.LinearModel(), task)["student_3"]
    np.testing.assert_allclose(last.gains, best.gains, atol=1e-12)
    assert risk.decompose(last, clean_targets=task.targets, noise_variance=0.4).total == pytest.approx(best.risk)


def test_as_many_rounds_as_modes_reach_the_wiener_gains():
    g = kd.Ridge(0.8).gain(LAM)
    wiener = FIXED.oracle_gains()
    excess = [risk.oracle_mixings(FIXED, g, rounds).risk - FIXED.total(wiener) for rounds in range(1, 8)]
    assert excess[0] > excess[1] > excess[2] > excess[3] > 1e-6
    assert max(excess[4:]) < 1e-12
    best = risk.oracle_mixings(FIXED, g, 7)
    assert best.mixings[:2] == (0.0, 0.0)  # more rounds than needed: the first ones do not matter
    np.testing.assert_allclose(best.gains, wiener, atol=1e-12)


@pytest.mark.parametrize("shake", [0.0, 1e-15])
def test_tied_modes_get_the_pooled_wiener_gain(shake):
    lam, c = np.array([2.0, 2.0 * (1 + shake), 1.0]), np.array([3.0, 1.0, 0.2])
    best = risk.oracle_mixings(risk.oracle_fixed_design(c, 0.5), kd.Ridge(1.0).gain(lam), 3)
    np.testing.assert_allclose(best.gains, [10 / 11, 10 / 11, 0.04 / 0.54], rtol=1e-10)
    assert best.condition < 100


def test_gains_that_no_teacher_changes_stay():
    best = risk.oracle_mixings(risk.oracle_fixed_design([1.0, 1.0, 1.0, 1.0], 1.0), [1.0, 0.7, 0.2, 0.0], 2)
    np.testing.assert_allclose(best.gains, [1.0, 0.5, 0.5, 0.0], atol=1e-13)


def test_a_best_training_is_left_alone():
    g = kd.Ridge(0.4).gain(LAM)
    best = risk.oracle_mixings(risk.oracle_fixed_design(np.sqrt(LAM), 0.4), g, 3)
    assert max(abs(xi) for xi in best.mixings[-1:]) < 1e-12
    np.testing.assert_allclose(best.gains, g, rtol=1e-13)
    even = risk.oracle_mixings(risk.oracle_fixed_design([1.0], 1.0), [0.5], 2)  # exactly best: no weight is asked for
    assert even.mixings == (0.0, 0.0)


@settings(max_examples=30)
@given(
    numerators=st.lists(st.integers(1, 31), min_size=1, max_size=6, unique=True),
    signal=st.lists(st.integers(0, 5), min_size=6, max_size=6),
)
def test_the_last_digits_are_those_of_exact_fractions(numerators, signal):
    """Interpolation in fractions: as many rounds as modes, noise 1."""
    gains = [Fraction(n, 32) for n in sorted(numerators)]
    goal = [Fraction(c * c, c * c + 1) for c in signal[: len(gains)]]
    values = [(g - a) / (g * (1 - g)) for g, a in zip(gains, goal, strict=True)]
    products = _interpolated(gains, values)
    found = risk.oracle_fixed_design(signal[: len(gains)], 1.0)
    floats = np.array([float(g) for g in gains])
    try:
        best = risk.oracle_mixings(found, floats, len(gains), condition_limit=1e40)
    except InvalidArgument:  # a product that vanishes between others
        assert any(a == 0 for a in products[:-1])
        return
    reached = products[0]
    for exact, weight in zip(products, best.mixings[::-1], strict=True):
        if reached != 0 and exact != 0:
            ratio = exact if exact is products[0] else exact / reached
            assert weight == pytest.approx(float(ratio), rel=1e-12)
        reached = exact
    np.testing.assert_allclose(best.gains, [float(a) for a in goal], atol=1e-13)


def _interpolated(nodes, values):
    """Coefficients, lowest first, of the polynomial through the points (Newton's form, expanded)."""
    divided = list(values)
    for order in range(1, len(nodes)):
        for i in range(len(nodes) - 1, order - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - order])
    found = [Fraction(0)] * len(nodes)
    for node, top in zip(reversed(nodes), reversed(divided), strict=True):
        found = [a - node * b for a, b in zip([Fraction(0), *found[:-1]], found, strict=True)]
        found[0] += top
    return found


def test_clusters_are_refused_with_their_condition():
    lam = np.linspace(1.0, 2.0, 12)
    found = risk.oracle_fixed_design([0.0] * 11 + [100.0], 1.0)
    with pytest.raises(InvalidArgument) as error:
        risk.oracle_mixings(found, lam / (lam + 1), 12)
    message = str(error.value)
    assert message.startswith("rounds: expected weights of condition at most 1e+08, got 2.72e+14 with")
    assert message.endswith(" 12 rounds; ask for fewer rounds, or pass a larger condition_limit")
    loose = risk.oracle_mixings(found, lam / (lam + 1), 12, condition_limit=1e20)
    np.testing.assert_allclose(loose.gains, found.oracle_gains(), atol=1e-12)  # known, though float64 would not run it
    off = np.abs(literal(lam / (lam + 1), loose.mixings) - loose.gains).max()
    assert 1e-6 < off < 1e-15 * loose.condition * 12


def test_the_condition_is_what_errors_of_weights_are_multiplied_by():
    g = kd.Ridge(0.8).gain(LAM)
    best = risk.oracle_mixings(FIXED, g, 4)
    weights = np.array(best.mixings)
    off = [np.abs(literal(g, weights * (1 + 1e-7 * s)) - best.gains).max() for s in (np.eye(4) - 2 * np.eye(4)[::-1])]
    assert 1e-2 * best.condition < max(off) / 1e-7 < 12 * best.condition


def test_one_by_one_is_best_for_each_round_and_not_for_all():
    g = kd.Ridge(0.8).gain(LAM)
    greedy = risk.oracle_mixings_one_by_one(FIXED, g, 3)
    for rounds in (1, 2, 3):
        done = greedy.mixings[: rounds - 1]
        best = scipy.optimize.minimize_scalar(lambda xi, done=done: float(FIXED.total(literal(g, [*done, xi]))))
        assert greedy.mixings[rounds - 1] == pytest.approx(best.x, abs=1e-6)
    np.testing.assert_allclose(greedy.gains, literal(g, greedy.mixings), rtol=1e-13)
    assert risk.oracle_mixings(FIXED, g, 3).risk < greedy.risk < FIXED.total(g)


MESSAGES = [
    (lambda: risk.oracle_step_mixing(FIXED, np.ones(5)), "gains: expected a teacher that changes the risk, got none that does; every mixing gives the same student: use a teacher that changes it"),
    (lambda: risk.oracle_mixings(FIXED, np.full((2, 5), 0.5), 1), "gains: expected an array of shape (modes,), got shape (2, 5); pass one training's gains"),
    (lambda: risk.oracle_mixings(0.5, [0.5], 1), "risk: expected a QuadraticRisk, got 0.5; pass kd.risk.oracle_fixed_design(...) or kd.risk.oracle_random_design(...)"),
    (lambda: risk.oracle_mixings(risk.oracle_fixed_design([1.0, 5.0], [3.0, 135.0]), [0.5, 0.25], 2), "gains: expected finite weights, got weight 2 from the end beyond 1e+50: the one after it is 0; change the gains a little, for example the penalty"),
]  # fmt: skip


@pytest.mark.parametrize("call, message", MESSAGES)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
