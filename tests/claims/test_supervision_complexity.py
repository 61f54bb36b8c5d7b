"""C14.4: the complexity of a teacher's outputs."""

import mpmath
import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.supervision_complexity import Formulas


@pytest.mark.parametrize("progress", [1e-12, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("lam", [1e-8, 1.0, 1e8])
def test_the_stable_form_is_that_of_fifty_digits(lam: float, progress: float):
    with mpmath.workdps(50):
        time = progress / lam
        exact = mpmath.expm1(-mpmath.mpf(lam) * time) ** 2 / lam
        assert float(Formulas().flow(lam, time, 1.0)) == pytest.approx(float(exact), rel=1e-14)


def test_on_digits_it_grows_with_time_to_that_of_the_labels():
    task = kd.tasks.digits(train=30, test=0, seed=0)
    model = kd.KernelModel(kd.kernels.RBF(gamma=0.01))
    spectrum = model.spectrum(task)
    flow = kd.GradientFlow(time=kd.axis("time", [0.1, 1.0, 10.0, np.inf]))
    found = kd.measures.supervision_complexity(kd.solve(kd.self_distillation(flow, flow), model, task)["teacher"])
    labels = kd.measures.supervision_complexity(task.targets, spectrum)
    assert np.all(np.diff(found) > 0)
    assert found[-1] == pytest.approx(labels, rel=1e-10)
    assert labels == pytest.approx(np.sum(task.targets * np.linalg.solve(model.gram(task), task.targets)), rel=1e-9)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("gain", lambda m: lambda progress: m.sp.exp(-progress), {"It grows with time", "The limit"}),
        ("complexity", lambda m: lambda share: share * m.y**2 / m.lam, {"The smallest function"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "supervision-complexity")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
