"""C14.6: a little ridge in the student."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located


@pytest.mark.parametrize("c", [[1.0, -2.0, 0.3], [[1.0, 0.5], [-2.0, 0.1], [0.3, 0.0]]], ids=["one output", "two"])
def test_the_slope_is_that_of_two_solved_fits(c: list):
    """A teacher and a ridge student on a task, by `solve` and `decompose`; no formula of the claim."""
    lam, noise = [2.0, 0.5, 0.1], 0.4
    task, model = kd.tasks.from_spectrum(lam, coefficients=c, seed=0), kd.LinearModel()
    teacher = kd.GradientFlow(time=3.0)

    def risk(penalty: float) -> float:
        recipe = kd.self_distillation(teacher, kd.Ridge(penalty))
        student = kd.solve(recipe, model, task)["student"]
        return float(kd.risk.decompose(student, clean_targets=task.targets, noise_variance=noise).total)

    slope = (risk(1e-5) - risk(0.0)) / 1e-5
    expected = kd.risk.oracle_second_stage_slope(teacher.gain(lam), lam, c, noise)
    assert slope == pytest.approx(float(expected), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("student", lambda m: lambda c: m.g / (m.lam + c), {"The slope at no penalty", "How far it may"}),
        ("risk", lambda m: lambda a: (1 - a) ** 2 * m.signal + a * m.noise, {"The best gain"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "second-stage-ridge")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}


def test_the_example_of_the_counterexample_needs_a_small_penalty():
    from kdtheory.claims.second_stage_ridge import SecondStage, helped_margin

    margins = [helped_margin(SecondStage(penalty=penalty)).smallest for penalty in np.geomspace(1e-4, 2.0, 20)]
    assert margins[0] > 0 > margins[-1]
    assert np.sum(np.diff(np.sign(margins)) != 0) == 1
