"""C11b, first half: ridge taught by ridge."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.two_stage_ridge_is_an_ensemble import Stages
from kdtheory.risk import ridge_ensemble_weights


@pytest.mark.parametrize("penalties", [(2.0, 0.3), (0.1, 5.0), (1.0, 0.5, 4.0), (3.0, 0.2, 1.0, 0.01)])
def test_the_toolkits_students_are_ensembles_of_its_ridges(penalties):
    """Weights, on a random problem with a kernel of any kind, and in any order of the stages."""
    task = kd.tasks.regression([1.0, 0.5, 0.1], [1.0, -2.0, 1.0], train=7, test=4, noise_variance=1.0)
    fits = {"round_0": kd.Fit(kd.Phase(kd.labels, kd.Ridge(penalties[0])))}
    for stage, penalty in enumerate(penalties[1:], start=1):
        fits[f"round_{stage}"] = kd.Fit(kd.Phase(kd.output_of(f"round_{stage - 1}"), kd.Ridge(penalty)))
    singles = {f"single_{i}": kd.Fit(kd.Phase(kd.labels, kd.Ridge(c))) for i, c in enumerate(penalties)}
    solved = kd.solve(kd.Recipe(**fits, **singles), kd.LinearModel(), task)
    w = ridge_ensemble_weights(penalties)
    together = sum(w[i] * solved[f"single_{i}"].weights for i in range(len(penalties)))
    np.testing.assert_allclose(solved[f"round_{len(penalties) - 1}"].weights, together, rtol=1e-9)
    kernel = kd.KernelModel(kd.kernels.RBF(gamma=0.5))
    solved = kd.solve(kd.Recipe(**fits, **singles), kernel, task)
    together = sum(w[i] * solved[f"single_{i}"].test for i in range(len(penalties)))
    np.testing.assert_allclose(solved[f"round_{len(penalties) - 1}"].test, together, rtol=1e-8, atol=1e-12)


def test_equal_penalties_are_a_step_along_the_path():
    task = kd.tasks.from_spectrum([4.0, 1.0, 0.2], coefficients=[1.0, 1.0, 1.0], seed=0)
    ridge = kd.Ridge(0.7)
    student = kd.solve(kd.self_distillation(ridge, ridge), kd.LinearModel(), task)["student"]
    step = 1e-5
    gains = [kd.Ridge(0.7 + sign * step).gain(student.spectrum.eigenvalues) for sign in (1, -1)]
    slope = (gains[0] - gains[1]) / (2 * step)
    np.testing.assert_allclose(student.gains, ridge.gain(student.spectrum.eigenvalues) + 0.7 * slope, atol=1e-9)


def test_inputs_have_the_singular_values_of_the_case():
    case = Stages(angle=0.4, ratio=0.25, penalty=1.0, gap=2.0, second_gap=3.0, mixing=0.5)
    np.testing.assert_allclose(np.linalg.svd(case.inputs[0])[1], [1.0, 0.5])
    assert case.penalties.tolist() == [[1.0, 2.0, 6.0]]


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("gain", lambda m: lambda c: m.lam / (m.lam + c) ** 2, {"Partial fractions, 3 stages", "The limit"}),
        ("weight", lambda m: lambda i, stages: 1 / stages, {"Partial fractions, 2 stages", "One weight is negative"}),
        ("limit", lambda m: lambda student: m.gain(m.c), {"The limit"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "two-stage-ridge-is-an-ensemble")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
