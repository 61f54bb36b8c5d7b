"""Risk of filters with isotropic inputs, against high-precision integrals, spectra that are drawn, and fixed designs."""

import mpmath
import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.risk import Population, isotropic_risk, proportional_risk

RIDGE, FLOW = kd.Ridge(0.3), kd.GradientFlow(2.0)
FILTERS = {
    "ridge": (RIDGE.gain, lambda x: x / (x + mpmath.mpf("0.3"))),
    "flow": (FLOW.gain, lambda x: -mpmath.expm1(-2 * x)),
    "flow by ridge": (
        lambda x: FLOW.gain(x) * RIDGE.gain(x),
        lambda x: -mpmath.expm1(-2 * x) * x / (x + mpmath.mpf("0.3")),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("ratio", [0.1, 0.5, 2.0, 7.0])
def test_it_is_the_integral_over_the_density(name, ratio):
    """The statement's own form by mpmath: density, unseen share, variance."""
    gain, exact = FILTERS[name]
    with mpmath.workdps(25):
        g, s = mpmath.mpf(ratio), mpmath.mpf("0.7")
        low, high = (1 - mpmath.sqrt(g)) ** 2, (1 + mpmath.sqrt(g)) ** 2

        def density(x):
            return mpmath.sqrt((high - x) * (x - low)) / (2 * mpmath.pi * g * x)

        seen = mpmath.quad(lambda x: (1 - exact(x)) ** 2 * density(x), [low, (low + high) / 2, high])
        noise = mpmath.quad(lambda x: exact(x) ** 2 / x * density(x), [low, (low + high) / 2, high])
        expected = float(3 * (seen + max(1 - 1 / g, 0)) + s * g * noise)
    assert float(isotropic_risk(gain, ratio, 0.7, signal=3.0)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("ratio", [0.3, 0.999, 1.0, 1.001, 4.0])
@pytest.mark.parametrize("penalty", [1e-3, 0.2, 50.0])
def test_ridge_is_that_of_the_fixed_point_equation(ratio, penalty):
    population = Population([1.0], 1.0, ratio, 0.4)
    risk = isotropic_risk(kd.Ridge(penalty).gain, ratio, 0.4)
    assert float(risk) == pytest.approx(float(proportional_risk(population, penalty)), rel=1e-9)


def test_few_features_are_a_fixed_design():
    """As p / n goes to 0 all eigenvalues are 1: bias (1 - h)^2, variance s^2 h^2 per feature and sample."""
    ratio, h = 1e-8, float(FLOW.gain([1.0])[0])
    risk = float(isotropic_risk(FLOW.gain, ratio, 5.0 / ratio))
    assert risk == pytest.approx((1 - h) ** 2 + 5.0 * h**2, rel=1e-6)


def test_it_is_the_risk_on_eigenvalues_that_are_drawn():
    """One sample of 500 with 250 features, truth spread over its eigenvectors: rigid to about one in n."""
    inputs = np.random.default_rng(0).standard_normal((500, 250))
    x = np.linalg.eigvalsh(inputs.T @ inputs / 500)
    h = FLOW.gain(x)
    drawn = np.mean((1 - h) ** 2) + 0.7 * np.sum(h**2 / x) / 500
    assert float(isotropic_risk(FLOW.gain, 0.5, 0.7)) == pytest.approx(drawn, rel=0.01)


def test_no_training_has_the_power_of_the_labels():
    assert float(isotropic_risk(lambda x: 0.0 * x, 3.0, 9.0, signal=2.0)) == 2.0


def test_arrays_broadcast_and_the_gain_sees_one_axis_more():
    ratios = np.array([0.5, 2.0])
    both = isotropic_risk(RIDGE.gain, ratios, [[0.1], [1.0]])
    assert both.shape == (2, 2)
    assert float(both[1, 0]) == pytest.approx(float(isotropic_risk(RIDGE.gain, 0.5, 1.0)), rel=1e-12)
    assert float(both[0, 1]) == pytest.approx(float(isotropic_risk(RIDGE.gain, 2.0, 0.1)), rel=1e-12)


def test_more_points_are_taken_until_nothing_changes():
    sharp = kd.Ridge(1e-5).gain
    exact = float(proportional_risk(Population([1.0], 1.0, 1.0, 0.4), 1e-5))
    assert float(isotropic_risk(sharp, 1.0, 0.4)) == pytest.approx(exact, rel=1e-8)
    assert float(isotropic_risk(sharp, 1.0, 0.4, points=15)) != pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("call, message", [
    (lambda: isotropic_risk(kd.SpectralCutOff(1.0).gain, 0.5, 1.0), "gain: expected a gain that is smooth on the law's support, got one that is not; use a smooth gain, or set points= and read the result as an approximation"),
    (lambda: isotropic_risk(lambda x: x[..., :3], 0.5, 1.0), "gain: expected one finite gain per eigenvalue, got an array of shape (3,) and type float64; let it act on an array, element by element"),
    (lambda: isotropic_risk(lambda x: x * np.nan, 0.5, 1.0), "gain: expected one finite gain per eigenvalue, got an array of shape (127,) and type float64; let it act on an array, element by element"),
    (lambda: isotropic_risk(RIDGE.gain, [0.5, 1.0], [1.0, 1.0, 2.0]), "aspect_ratio: expected shapes that broadcast, got ((2,), (3,), ()); give numbers, or arrays that broadcast"),
    (lambda: isotropic_risk(RIDGE.gain, 0.5, 1.0, points=0), "points: expected a whole number of at least 1, got 0; change points"),
])  # fmt: skip
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
