"""C8d: which families are distilled along their own path."""

import mpmath
import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.ridge_is_special import Formulas, Modes, Powers, broken_margin, margins, tangent_margin


def test_the_catalogues_problem_breaks_the_rule():
    """Twenty-one modes, by recipes: risk falls with time, and a positive weight lowers it."""
    lam, c = np.array([3.0] + [0.1] * 20), np.sqrt([60.0] + [0.0] * 20)
    task = kd.tasks.from_spectrum(lam, coefficients=c)
    flow = kd.GradientFlow(kd.axis("time", [1 - 1e-5, 1.0, 1 + 1e-5]))
    fit = kd.solve(kd.self_distillation(flow, flow, mixing=kd.axis("mixing", [0.0, 0.237])), kd.LinearModel(), task)[
        "student"
    ]
    found = kd.risk.decompose(fit, clean_targets=task.targets, noise_variance=1.0).total
    found = found if list(fit.axes) == ["time", "mixing"] else found.T
    assert found[1].round(4).tolist() == [1.2327, 1.2167]
    assert (found[2, 0] - found[0, 0]) / 2e-5 == pytest.approx(-0.264, abs=5e-4)
    assert np.all(found[:, 1] < found[:, 0])
    problem = kd.risk.oracle_fixed_design(c, 1.0)
    assert kd.risk.oracle_step_mixing(problem, kd.GradientFlow(1.0).gain(lam)) == pytest.approx(0.237, abs=5e-4)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
def test_families_whose_odds_are_a_power_obey_the_sign_rule_on_random_problems(power: float):
    generator = np.random.default_rng(0)
    for _ in range(50):
        lam, c, s2 = (
            10 ** generator.uniform(-2, 2, 5),
            10 ** generator.uniform(-1, 1, 5),
            10 ** generator.uniform(-1, 1),
        )
        problem = kd.risk.oracle_fixed_design(c, s2)

        def gain(scale, lam=lam):
            return 1 / (1 + (lam * scale) ** -power)

        slope = problem.total(gain(1 + 1e-6)) - problem.total(gain(1 - 1e-6))
        assert slope * kd.risk.oracle_step_mixing(problem, gain(1.0)) > 0  # more scale is less regularization


@pytest.mark.parametrize(
    "gain", [lambda z: 1 - np.exp(-(z**2)), lambda z: z**2 / (z**2 + z + 1), lambda z: 1 - 1 / (1 + z) ** 3]
)
def test_other_families_leave_their_path(gain):
    assert tangent_margin(Modes(gain)).smallest < -0.01
    assert broken_margin(Modes(gain)).smallest > 0.01


def test_hard_cases_are_decided():
    hard = Powers(0.0, 0.999, 1e-6, 1.0, power=1.0)
    found = margins(hard, Formulas()).parts
    z1, z2 = mpmath.mpf(1e-6), mpmath.mpf(0.999) * mpmath.mpf(1e-6)
    with mpmath.workdps(40):
        slopes = [z / -mpmath.expm1(-z) for z in (z1, z2)]
        ratio = float(1 - mpmath.sqrt(slopes[1] / slopes[0]))
    assert float(found["flow_helps"]) == pytest.approx(ratio / 2, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        (
            "power",
            lambda m: lambda: 1 / (2 + (m.z / m.z0) ** -m.kappa),
            {"The families on their path", "Ridge among them"},
        ),
        ("flow", lambda m: lambda: m.z / (1 + m.z), {"Gradient flow"}),
        ("iterated", lambda m: lambda: 1 - (1 + m.z) ** -3, {"Tikhonov iterated twice"}),
        (
            "slope",
            lambda m: lambda f: m.z * m.sp.diff(f, m.z) / f,
            {"Odds", "Gradient flow", "Tikhonov iterated twice"},
        ),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "ridge-is-special")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
