"""The protocol that every procedure keeps (the map of a phase, and its limits at eigenvalue zero)."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument

PROCEDURES = [
    kd.GradientFlow(time=0.7),
    kd.GradientFlow(time=np.inf),
    kd.GradientDescent(steps=7, step_size=0.3),
    kd.Ridge(penalty=0.5),
    kd.Ridge(penalty=0.5, center="start"),
    kd.Ridge(penalty=0.0),
]
EIGENVALUES = np.array([5.0, 5.0, 1.0, 1e-3, 1e-9, 0.0])
each_procedure = pytest.mark.parametrize("procedure", PROCEDURES, ids=repr)


@each_procedure
def test_gain_retain_and_anchoring_sum_to_one(procedure):
    total = sum(getattr(procedure, name)(EIGENVALUES) for name in ("gain", "retain", "anchoring"))
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=4e-16)


@each_procedure
def test_residual_is_one_minus_gain(procedure):
    np.testing.assert_allclose(procedure.residual(EIGENVALUES), 1 - procedure.gain(EIGENVALUES), rtol=0, atol=4e-16)


@each_procedure
def test_the_gain_is_zero_at_eigenvalue_zero(procedure):
    assert procedure.gain([0.0]) == 0.0
    assert procedure.residual([0.0]) == 1.0


@each_procedure
def test_dual_gain_is_gain_over_eigenvalue(procedure):
    positive = EIGENVALUES[EIGENVALUES > 0]
    np.testing.assert_allclose(procedure.dual_gain(positive) * positive, procedure.gain(positive), rtol=1e-14)


def test_dual_gain_at_zero_is_the_slope_of_the_gain():
    assert kd.GradientFlow(time=3.0).dual_gain([0.0]) == 3.0
    assert kd.GradientDescent(steps=4, step_size=0.5).dual_gain([0.0]) == 2.0
    assert kd.Ridge(penalty=4.0).dual_gain([0.0]) == 0.25


@each_procedure
def test_dual_retain_is_the_drop_of_the_retain_over_the_eigenvalue(procedure):
    positive = EIGENVALUES[EIGENVALUES > 1e-6]
    drop = procedure.retain([0.0]) - procedure.retain(positive)
    np.testing.assert_allclose(procedure.dual_retain(positive) * positive, drop, rtol=1e-9, atol=1e-15)


def test_a_centred_procedure_keeps_what_the_target_does_not_get():
    flow = kd.GradientFlow(time=0.7)
    np.testing.assert_array_equal(flow.retain(EIGENVALUES), flow.residual(EIGENVALUES))


def test_ridge_forgets_its_state():
    np.testing.assert_array_equal(kd.Ridge(penalty=0.5).retain(EIGENVALUES), 0.0)


def test_a_descent_of_many_small_steps_is_a_flow():
    errors = []
    for steps in (100, 200):
        descent = kd.GradientDescent(steps=steps, step_size=2.0 / steps)
        errors.append(abs(descent.gain([1.0]) - kd.GradientFlow(time=2.0).gain([1.0]))[0])
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.05)


def test_parameters_broadcast_as_in_numpy():
    times = np.array([[1.0], [2.0]])
    assert kd.GradientFlow(time=times).gain(EIGENVALUES).shape == (2, 6)


def test_parameters_that_do_not_broadcast_get_one_line():
    with pytest.raises(InvalidArgument, match=r"^eigenvalues: expected a shape that broadcasts with time \(2,\), got "):
        kd.GradientFlow(time=[1.0, 2.0]).gain(EIGENVALUES)


def test_an_unstable_step_names_the_limit():
    message = (
        "step_size: expected less than 0.5, the stability limit at largest eigenvalue 4, got 0.5; "
        "take a smaller step, or step_size=None for half of 1 / largest eigenvalue"
    )
    with pytest.raises(InvalidArgument) as caught:
        kd.GradientDescent(steps=3, step_size=0.5).gain([4.0, 1.0])
    assert str(caught.value) == message


def test_the_default_step_is_half_of_the_inverse_of_the_largest_eigenvalue():
    assert kd.GradientDescent(steps=3).resolved(4.0) == kd.GradientDescent(steps=3, step_size=0.125)
    assert kd.GradientDescent(steps=3, step_size=0.1).resolved(4.0) == kd.GradientDescent(steps=3, step_size=0.1)


def test_a_descent_without_a_step_says_what_to_do():
    with pytest.raises(InvalidArgument, match=r"^step_size: expected a number, got None; pass numbers here, or let"):
        kd.GradientDescent(steps=3).gain([1.0])
