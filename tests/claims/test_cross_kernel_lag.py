"""C12: the lag of a student whose teacher has another kernel."""

import mpmath
import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.cross_kernel_lag import Plane


@pytest.mark.parametrize("a", [1e-3, 1.0, 20.0])
@pytest.mark.parametrize("b", [1e-3, 1.0, 20.0])
@pytest.mark.parametrize("r", [0.02, 0.5, 0.98])
def test_the_threshold_is_that_of_fifty_digits(a: float, b: float, r: float):
    with mpmath.workdps(80):
        u, v = 1 - mpmath.exp(-mpmath.mpf(a)), 1 - mpmath.exp(-mpmath.mpf(b))
        learned = [1 - (1 - gain) ** mpmath.mpf(r) for gain in (u * v, v)]
        exact = -mpmath.log(1 - learned[0] / learned[1]) / a
    assert float(kd.procedures.flattest_teacher(a, b, r)) == pytest.approx(float(exact), rel=1e-11)


def test_the_catalogues_numbers():
    swapped = Plane(teacher=(0.5, 2.0))
    one, two = swapped.shares
    reference = -np.expm1(0.25 * np.log1p(-one))
    assert two / reference == pytest.approx(3.45, abs=0.005)
    item = next(x for x in kd.claims.get("cross-kernel-lag").counterexamples if x.name == "turned-kernels")
    assert item.margin == pytest.approx(-6.27, abs=0.005)


def test_the_plane_is_that_of_a_recipe_on_two_gram_matrices():
    plane = Plane(teacher=(1.5, 0.3), angle=0.7, labels=(1.0, -0.5), times=(0.8, 1.7))
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    task = kd.tasks.from_arrays(np.eye(2), [1.0, -0.5])
    recipe = kd.Recipe(
        teacher=kd.Fit(
            kd.Phase(kd.labels, kd.GradientFlow(0.8)), model=kd.KernelModel(gram=turn @ np.diag([1.5, 0.3]) @ turn.T)
        ),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientFlow(1.7))),
    )
    found = kd.solve(recipe, kd.KernelModel(gram=np.diag([2.0, 0.5])), task)["student"].train[:, 0]
    np.testing.assert_allclose(plane.shares * [1.0, -0.5], found, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("second", lambda m: lambda ratio, gain: ratio * gain, {"Not flat"}),
        ("threshold", lambda m: lambda: m.r, {"The threshold"}),
        ("flow", lambda m: lambda x: x / (1 + x), {"Elasticity of gradient flow", "The threshold"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "cross-kernel-lag")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
