"""C9a: on square loss a student of nothing but its teacher never exceeds the teacher's absolute confidence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located

RUNS = [kd.GradientFlow(0.3), kd.Ridge(2.0), kd.AveragedFlow(1.0), kd.IteratedTikhonov(3.0, 4)]


@given(seed=st.integers(0, 2**32 - 1), teacher=st.sampled_from(RUNS), student=st.sampled_from(RUNS))
def test_on_any_regression_the_slope_is_between_the_smallest_and_the_largest_gain(seed, teacher, student):
    """No clusters: any inputs and targets, solved, with the line fitted by the library's least squares."""
    generator = np.random.default_rng(seed)
    task = kd.tasks.from_arrays(generator.normal(size=(8, 5)), generator.normal(size=8))
    result = kd.solve(kd.self_distillation(teacher, student), kd.LinearModel(), task)
    own, taught = (np.asarray(result[name].train) for name in ("teacher", "student"))
    slope = np.linalg.lstsq(own, taught[:, 0], rcond=None)[0][0]
    gains = student.gain(kd.LinearModel().spectrum(task).eigenvalues)
    assert gains.min() - 1e-12 <= slope <= gains.max() + 1e-12
    assert slope < 1


def test_labels_are_what_lifts_a_student_above_its_teacher():
    task = kd.tasks.from_spectrum([2.0, 1.0], coefficients=[1.0, 1.0])
    teacher, student = kd.GradientFlow(0.5), kd.GradientFlow(5.0)
    slopes = []
    for mixing in (1.0, 0.5, 0.0):
        result = kd.solve(kd.self_distillation(teacher, student, mixing=mixing), kd.LinearModel(), task)
        own, taught = (np.asarray(result[name].train)[:, 0] for name in ("teacher", "student"))
        slopes.append(own @ taught / (own @ own))
    assert slopes[0] < 1 < slopes[1] < slopes[2]


def test_the_derivation_does_not_verify_other_weights(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "no-absolute-exaggeration")
    monkeypatch.setattr(module, "weights", lambda: [n * a for n, a in zip(module.sizes, module.margins, strict=True)])
    assert "The slope" in {step.name for step in module.prove().steps if not step.verified}
