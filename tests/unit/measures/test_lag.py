import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory.distillation.results import ArrayFit
from kdtheory.errors import InvalidArgument
from kdtheory.measures import Progress, lag

TIMES = np.concatenate([[0.0], np.geomspace(1e-2, 10, 12)])


def student_of(eigenvalues, teacher, student, **axes):
    task = kd.tasks.from_spectrum(eigenvalues, coefficients=np.ones(len(eigenvalues)))
    return kd.solve(kd.self_distillation(teacher, student), kd.LinearModel(), task)["student"]


def one_hot(eigenvalues, procedure):
    task = kd.tasks.from_spectrum(eigenvalues, coefficients=np.ones(len(eigenvalues)))
    return kd.solve(kd.Recipe(one_hot=kd.Fit(kd.Phase(kd.labels, procedure))), kd.LinearModel(), task)["one_hot"]


def flow_lag(u, v, r):
    """THEORY C1: g(u) g(v) / g(uv) with g(u) = 1 - (1 - u)^r."""
    g = lambda gain: -np.expm1(r * np.log1p(-gain))  # noqa: E731
    return g(u) * g(v) / g(u * v)


@given(st.floats(1e-3, 0.999), st.floats(-8, 8), st.floats(1e-6, 5), st.floats(1e-6, 5))
def test_gradient_flow_lags_by_the_formula_of_c1_and_within_its_bounds(r, decade, teacher, student):
    lead = 10.0**decade
    flows = kd.GradientFlow(teacher / lead), kd.GradientFlow(student / lead)
    got = lag(student_of([lead, r * lead], *flows), kd.GradientFlow)
    assert got.ratio[0] == pytest.approx(1.0, rel=1e-11)
    assert got.ratio[1] == pytest.approx(flow_lag(-np.expm1(-teacher), -np.expm1(-student), r), rel=1e-10)
    assert r * (1 - 1e-11) < got.ratio[1] < 1 + 1e-11
    assert got.shortfall[1] > -1e-11


@pytest.mark.parametrize(("time", "expected"), [(0.1, 0.524), (1.0, 0.688), (5.0, 0.953)])
def test_the_examples_of_theory_c1(time, expected):
    got = lag(student_of([1.0, 0.5], kd.GradientFlow(time), kd.GradientFlow(time)), kd.GradientFlow)
    assert got.ratio[1] == pytest.approx(expected, abs=5e-4)


def test_ridge_against_ridge_has_the_gap_of_theory_c2():
    u, v, r = 0.9, 0.3, 0.2
    got = lag(student_of([1.0, r], kd.Ridge(1 / u - 1), kd.Ridge(1 / v - 1)), kd.Ridge)
    gap = r * (1 - r) * u * v * (1 - u) * (1 - v) / ((r * u * v + 1 - u * v) * (r * u + 1 - u) * (r * v + 1 - v))
    reference = r * u * v / (r * u * v + 1 - u * v)
    np.testing.assert_allclose(got.reference[1], reference, rtol=1e-12)
    np.testing.assert_allclose(got.shortfall[1], gap / reference, rtol=1e-11)


def test_a_ridge_teacher_under_gradient_flow_leads():
    """THEORY C2, mixed families: 2.26 at r = .1, u = .9, leading eigenvalue times s = 40."""
    got = lag(student_of([1.0, 0.1], kd.Ridge(1 / 0.9 - 1), kd.GradientFlow(40.0)), kd.GradientFlow)
    assert got.ratio[1] == pytest.approx(2.26, abs=5e-3)
    assert got.shortfall[1] == pytest.approx(1 - got.ratio[1], rel=1e-12)


def test_near_convergence_the_shortfall_keeps_its_sign_and_digits():
    got = lag(student_of([40.0, 36.0], kd.GradientFlow(1.0), kd.GradientFlow(1.0)), kd.GradientFlow)
    assert got.ratio[1] == 1.0
    residual = 2 * np.exp(-36.0)
    matched = np.exp(0.9 * np.log(2 * np.exp(-40.0)))
    assert got.shortfall[1] == pytest.approx(residual - matched, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("family", [kd.GradientFlow, kd.Ridge])
def test_equal_eigenvalues_have_equal_gains(family):
    task = kd.tasks.from_spectrum([2.0, 2.0, 0.0], coefficients=[1.0, 3.0, 1.0])
    flow = kd.GradientFlow(0.7)
    got = lag(kd.solve(kd.self_distillation(flow, flow), kd.LinearModel(), task)["student"], family)
    np.testing.assert_allclose(got.ratio[:2], 1.0, rtol=1e-12)
    assert np.ma.getmaskarray(got.ratio).tolist() == [False, False, True]  # eigenvalue 0: nothing was learned


def test_a_mode_without_target_is_masked_and_cannot_lead():
    task = kd.tasks.from_spectrum([2.0, 1.0, 0.5], coefficients=[1.0, 0.0, 1.0])
    flow = kd.GradientFlow(0.7)
    fit = kd.solve(kd.self_distillation(flow, flow), kd.LinearModel(), task)["student"]
    for array in (lag(fit, kd.GradientFlow).ratio, lag(fit, kd.GradientFlow).shortfall):
        assert np.ma.getmaskarray(array).tolist() == [False, True, False]
    with pytest.raises(
        InvalidArgument, match=r"^leading: expected a mode with a target coefficient, got mode 1; choose"
    ):
        lag(fit, kd.GradientFlow, leading=1)


def test_axes_of_the_student_stay():
    fit = student_of([1.0, 0.5], kd.GradientFlow(1.0), kd.GradientFlow(kd.axis("time", [0.1, 1.0, 1e3])))
    got = lag(fit, kd.GradientFlow)
    assert list(got.axes) == ["time"]
    assert got.ratio.shape == (3, 2)
    np.testing.assert_allclose(got.ratio[1, 1], 0.688, atol=5e-4)


def test_a_trajectory_of_flow_gives_the_family_on_a_coarse_grid():
    eigenvalues = [3.0, 1.0, 0.2]
    fit = student_of(eigenvalues, kd.GradientFlow(1.0), kd.GradientFlow(kd.axis("time", [0.05, 0.5, 2.0])))
    path = one_hot(eigenvalues, kd.GradientFlow(kd.axis("one_hot_time", [0.0, 0.3, 3.0])))
    exact, interpolated = lag(fit, kd.GradientFlow), lag(fit, path)
    np.testing.assert_allclose(interpolated.ratio, exact.ratio, rtol=1e-12)
    np.testing.assert_allclose(interpolated.shortfall, exact.shortfall, rtol=1e-10, atol=1e-13)
    # The same, when both axes have one name, and as plain arrays.
    same = one_hot(eigenvalues, kd.GradientFlow(kd.axis("time", [0.0, 0.3, 3.0])))
    np.testing.assert_allclose(lag(fit, same, along="time").ratio, exact.ratio, rtol=1e-12)
    np.testing.assert_allclose(lag(fit.gains, path.gains).ratio, exact.ratio, rtol=1e-10)


def test_a_trajectory_of_ridge_converges_with_its_grid():
    fit = student_of([1.0, 0.3], kd.Ridge(1.0), kd.Ridge(1.0))
    path = one_hot([1.0, 0.3], kd.Ridge(kd.axis("penalty", np.geomspace(100, 0.01, 400))))
    np.testing.assert_allclose(lag(fit, path).ratio, lag(fit, kd.Ridge).ratio, rtol=1e-4)


def test_seeds_are_paired_and_measured_in_a_spectrum():
    task = kd.tasks.from_spectrum([2.0, 1.0, 0.5], coefficients=[1.0, 1.0, 1.0], seed=1)
    spectrum = kd.LinearModel().spectrum(task)
    generator = np.random.default_rng(0)
    targets = spectrum.coefficients(task.targets)

    def fit(gains, axes):
        return ArrayFit("fit", task, axes, spectrum.values(np.asarray(gains)[..., None] * targets))

    rates = generator.uniform(1, 2, size=(4, 3))  # each seed learns at its own rates
    axes = {"seed": np.arange(4.0), "step": TIMES}
    reference = fit(-np.expm1(-rates[:, None] * TIMES[:, None]), axes)
    gains = np.array([[0.5, 0.4, 0.3]] * 4)
    got = lag(fit(gains, {"seed": np.arange(4.0)}), reference, spectrum=spectrum)
    for seed in range(4):
        matched = -np.expm1(rates[seed] / rates[seed, 0] * np.log1p(-0.5))
        np.testing.assert_allclose(got.ratio[seed], gains[seed] / matched, rtol=1e-9)


def test_beyond_the_trajectory_there_is_no_match():
    fit = student_of([1.0, 0.5], kd.GradientFlow(1.0), kd.GradientFlow(kd.axis("time", [0.1, 1e3])))
    got = lag(fit, one_hot([1.0, 0.5], kd.GradientFlow(kd.axis("one_hot", [0.0, 0.2]))))
    assert np.ma.getmaskarray(got.ratio).tolist() == [[False, False], [True, True]]


def test_no_flow_matches_a_gain_of_one_or_less_than_zero():
    gains = np.ma.masked_array([[1.0, 0.5], [1.2, 0.5], [-0.1, 0.5], [0.0, 0.0]])
    got = lag(Progress(gains, 1 - gains, np.array([1.0, 0.5])), kd.GradientFlow)
    assert np.ma.getmaskarray(got.ratio).all()
    assert np.isfinite(got.ratio.data).all()


def test_an_overshooting_trajectory_is_matched_where_it_first_passes():
    path = np.array([[0.0, 0.0], [0.8, 0.5], [1.2, 0.9], [0.9, 1.0], [1.1, 1.0]])
    got = lag([1.0, 0.6], path)
    np.testing.assert_allclose(got.reference, [1.0, 1 - np.sqrt(0.5 * 0.1)], rtol=1e-12)


def test_a_reference_that_matches_already_is_taken_as_it_is():
    """THEORY C2: gradient descent at eta lam = (1.5, 1.2), T = 2, s = 1, t = 3 leads on mode 2."""
    step, lam = {"step_size": 1.0}, [1.5, 1.2]
    fit = student_of(lam, kd.GradientDescent(2, **step), kd.GradientDescent(1, **step))
    got = lag(fit, one_hot(lam, kd.GradientDescent(3, **step)))
    np.testing.assert_allclose(got.ratio, [1.0, 1.152 / 1.008], rtol=1e-12)
    message = (
        r"^reference: expected the student's leading gain, 1.125, or a trajectory, got 0.75; sweep the reference's time, "
        r"name its axis with along=, or pass a family such as kd.GradientFlow$"
    )
    with pytest.raises(InvalidArgument, match=message):
        lag(fit, one_hot(lam, kd.GradientDescent(2, **step)))


SEEDS_AND_TIMES = {"seed": np.arange(2.0), "time": TIMES}


@pytest.mark.parametrize(
    ("student", "reference", "options", "message"),
    [
        ([0.5, 0.4], kd.GradientFlow, {}, r"^student: expected known eigenvalues, got gains as numbers; pass progress"),
        ([0.5, 0.4], kd.GradientFlow(1.0), {}, r"^reference: expected a family .*got GradientFlow\(time=1.0\); pass Gradie"),
        ([0.5, 0.4], [0.5, 0.4, 0.3], {}, r"^reference: expected 2 modes, got 3; measure both in one spectrum$"),
        ([0.5, 0.4], np.ones((2, 2, 2)), {}, r"^reference: expected gains \(modes,\) or \(times, modes\), got shape \(2, 2, 2\);"),
        ([0.5, 0.4], [0.5, 0.4], {"leading": 2}, r"^leading: expected a whole number from 0 to 1, got 2;"),
        ([0.5, 0.4], [0.5, 0.4], {"leading": 0.5}, r"^leading: expected a whole number"),
        ([0.5, np.nan], [0.5, 0.4], {}, r"^student: expected finite numbers, got nan"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(student, reference, options, message):
    with pytest.raises(InvalidArgument, match=message):
        lag(student, reference, **options)


def test_families_that_are_none_are_refused():
    fit = student_of([1.0, 0.0], kd.GradientFlow(1.0), kd.GradientFlow(1.0))
    with pytest.raises(
        InvalidArgument, match=r"^reference: expected a family of procedures, got 1.0; pass kd.GradientFlow"
    ):
        lag(fit, float)
    with pytest.raises(
        InvalidArgument, match=r"^reference: expected a family whose gain goes from 0 to 1, got gains from"
    ):
        lag(fit, lambda _: kd.GradientFlow(1.0))
    with pytest.raises(
        InvalidArgument, match=r"^leading: expected a mode with a positive eigenvalue, got mode 1; choose"
    ):
        lag(fit, kd.GradientFlow, leading=1)


def test_the_trajectory_has_to_be_named_where_there_are_two():
    fit = student_of([1.0, 0.5], kd.GradientFlow(1.0), kd.GradientFlow(1.0))
    path = ArrayFit("one_hot", fit.task, SEEDS_AND_TIMES, np.zeros((2, len(TIMES), 2, 1)))
    message = r"^along: expected one of seed, time, got None; name the axis of the reference along which it is matched$"
    with pytest.raises(InvalidArgument, match=message):
        lag(fit, path, spectrum=fit.spectrum)
    with pytest.raises(InvalidArgument, match=r"^along: expected one of seed, time, got 'tiem';"):
        lag(fit, path, spectrum=fit.spectrum, along="tiem")
