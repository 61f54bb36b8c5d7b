"""C14.8: the distance of a student from its teacher."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located


def test_the_distance_is_that_of_two_solved_fits():
    task = kd.tasks.digits(train=40, test=0, seed=0)
    model = kd.KernelModel(kd.kernels.RBF(gamma=0.01))
    spectrum, time = model.spectrum(task), 3.0
    result = kd.solve(kd.self_distillation(kd.GradientFlow(2.0), kd.GradientFlow(time)), model, task)
    taught = spectrum.coefficients(result["teacher"].train)
    expected = np.sum(np.exp(-2 * time * spectrum.eigenvalues)[:, None] * taught**2)
    assert np.sum((result["student"].train - result["teacher"].train) ** 2) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        (
            "left_by_flow",
            lambda m: lambda time: m.taught * m.sp.exp(-2 * m.lam * time),
            {"Gradient flow", "The square"},
        ),
        ("left_by_steps", lambda m: lambda count: m.taught * (1 + m.h) ** count, {"Descent"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "fidelity")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
