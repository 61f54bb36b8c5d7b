"""The protocol that every procedure keeps (the map of a phase, and its limits at eigenvalue zero)."""

import numpy as np
import pytest

from kdtheory import procedures as p
from kdtheory.errors import InvalidArgument, UnsupportedRecipe

PROCEDURES = [
    p.GradientFlow(time=0.7),
    p.GradientFlow(time=np.inf),
    p.GradientDescent(steps=7, step_size=0.3),
    p.Ridge(penalty=0.5),
    p.Ridge(penalty=0.5, center="start"),
    p.Ridge(penalty=0.0),
    p.IteratedTikhonov(penalty=0.5, iterations=3),
    p.SpectralCutOff(threshold=1.0),
    p.SpectralCutOff(threshold=1.0, center="start"),
    p.SpectralCutOff(threshold=0.0),
    p.WeightDecayFlow(time=0.7, decay=0.4),
    p.WeightDecayFlow(time=0.7, decay=0.4, center="start"),
    p.WeightDecayFlow(time=0.7, decay=0.0),
    p.WeightDecayFlow(time=np.inf, decay=0.4),
    p.WeightDecayFlow(time=np.inf, decay=0.0),
    p.WeightDecayDescent(steps=7, decay=0.4, step_size=0.3),
    p.WeightDecayDescent(steps=7, decay=0.4, step_size=0.3, center="start"),
    p.WeightDecayDescent(steps=7, decay=0.0, step_size=0.3),
    p.AveragedFlow(time=0.7),
    p.AveragedDescent(steps=7, step_size=0.3),
    p.AveragedDescent(steps=0, step_size=0.3),
    p.HeavyBall(steps=7, momentum=0.6, step_size=0.3),
    p.HeavyBall(steps=7, momentum=0.0, step_size=0.3),
    p.HeavyBall(steps=0, momentum=0.6, step_size=0.3),
    p.Nesterov(steps=7, momentum=0.6, step_size=0.2),
    p.Nesterov(steps=7, momentum=0.6, step_size=0.2, output="look-ahead"),
    p.HeavyBallFlow(time=0.7, friction=1.5),
    p.HeavyBallFlow(time=0.7, friction=0.0),
    p.HeavyBallFlow(time=0.0, friction=0.0),
    p.NesterovFlow(time=0.7),
    p.InfiniteRounds(p.GradientFlow(time=0.7), mixing=0.6),
    p.InfiniteRounds(p.WeightDecayFlow(time=0.7, decay=0.4), mixing=-0.5),
    p.InfiniteRounds(p.Ridge(penalty=0.5, center="start"), mixing=0.9),
]
EIGENVALUES = np.array([5.0, 5.0, 1.0, 1e-3, 1e-9, 0.0])
each_procedure = pytest.mark.parametrize("procedure", PROCEDURES, ids=repr)
each_memory = pytest.mark.parametrize(
    "procedure", [each for each in PROCEDURES if isinstance(each, p.Remembering)], ids=repr
)


@each_procedure
def test_gain_retain_and_anchoring_sum_to_one(procedure):
    total = sum(getattr(procedure, name)(EIGENVALUES) for name in ("gain", "retain", "anchoring"))
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-15)


@each_procedure
def test_residual_is_one_minus_gain(procedure):
    np.testing.assert_allclose(procedure.residual(EIGENVALUES), 1 - procedure.gain(EIGENVALUES), rtol=0, atol=1e-15)


@each_procedure
def test_the_gain_is_zero_at_eigenvalue_zero(procedure):
    assert procedure.gain([0.0]) == 0.0
    assert procedure.residual([0.0]) == pytest.approx(1.0, rel=1e-15)


@each_procedure
def test_dual_gain_is_gain_over_eigenvalue(procedure):
    positive = EIGENVALUES[EIGENVALUES > 0]
    np.testing.assert_allclose(procedure.dual_gain(positive) * positive, procedure.gain(positive), rtol=1e-14)


@each_procedure
def test_dual_gain_is_continuous_at_eigenvalue_zero(procedure):
    at_zero = procedure.dual_gain([0.0])
    if np.isfinite(at_zero):
        np.testing.assert_allclose(procedure.dual_gain([1e-13]), at_zero, rtol=1e-10)


@pytest.mark.parametrize(
    "procedure, slope",
    [
        (p.GradientFlow(time=3.0), 3.0),
        (p.GradientDescent(steps=4, step_size=0.5), 2.0),
        (p.Ridge(penalty=4.0), 0.25),
        (p.IteratedTikhonov(penalty=4.0, iterations=3), 0.75),
        (p.SpectralCutOff(threshold=1.0), 0.0),
        (p.SpectralCutOff(threshold=0.0), np.inf),
        (p.WeightDecayFlow(time=np.inf, decay=4.0), 0.25),
        (p.WeightDecayDescent(steps=1, decay=4.0, step_size=0.25), 0.25),
        (p.AveragedFlow(time=3.0), 1.5),
        (p.AveragedDescent(steps=3, step_size=0.5), 0.5),
        (p.HeavyBall(steps=2, momentum=0.5, step_size=0.5), 1.25),
        (p.Nesterov(steps=2, momentum=0.5, step_size=0.5), 1.25),
        (p.Nesterov(steps=2, momentum=0.5, step_size=0.5, output="look-ahead"), 1.625),
        (p.HeavyBallFlow(time=3.0, friction=0.0), 4.5),
        (p.NesterovFlow(time=4.0), 2.0),
    ],
    ids=repr,
)
def test_dual_gain_at_zero_is_the_slope_of_the_gain(procedure, slope):
    assert procedure.dual_gain([0.0]) == slope


@each_procedure
def test_dual_retain_is_the_drop_of_the_retain_over_the_eigenvalue(procedure):
    positive = EIGENVALUES[EIGENVALUES > 1e-6]
    drop = procedure.retain([0.0]) - procedure.retain(positive)
    np.testing.assert_allclose(procedure.dual_retain(positive) * positive, drop, rtol=1e-9, atol=1e-15)


@each_memory
def test_the_dual_weight_of_the_target_is_its_weight_over_the_eigenvalue(procedure):
    positive = EIGENVALUES[EIGENVALUES > 0]
    for row in procedure.transition(positive, clock=2.0):
        np.testing.assert_allclose(row.dual_target * positive, row.target, rtol=1e-13)


@each_memory
def test_a_memory_that_is_at_rest_on_the_target_stays_there(procedure):
    """Position and target one, velocity zero (or average one): a fixed point of the map."""
    position, memory = procedure.transition(EIGENVALUES, clock=2.0)
    rest = procedure.output_weights[1]
    for row, expected in ((position, 1.0), (memory, rest)):
        np.testing.assert_allclose(row.position + row.memory * rest + row.target, expected, rtol=0, atol=2e-15)


@each_memory
def test_null_modes_are_frozen(procedure):
    position, memory = procedure.transition([0.0], clock=2.0)
    assert (position.position, position.target, memory.target) == (1.0, 0.0, 0.0)
    assert memory.position + memory.memory * procedure.output_weights[1] in (0.0, 1.0)


def test_a_centred_procedure_keeps_what_the_target_does_not_get():
    flow = p.GradientFlow(time=0.7)
    np.testing.assert_array_equal(flow.retain(EIGENVALUES), flow.residual(EIGENVALUES))


@pytest.mark.parametrize("procedure", [p.Ridge(penalty=0.5), p.SpectralCutOff(threshold=1.0)], ids=repr)
def test_minimizers_forget_their_state(procedure):
    np.testing.assert_array_equal(procedure.retain(EIGENVALUES), 0.0)


def test_eigenvalues_at_the_threshold_but_for_rounding_are_kept_together():
    tied = np.array([2.0 * (1 + 1e-13), 2.0, 2.0 * (1 - 1e-13), 2.0 * (1 - 1e-11)])
    for threshold in tied[:3]:
        assert p.SpectralCutOff(threshold).gain(tied).tolist() == [1.0, 1.0, 1.0, 0.0]


def test_parameters_broadcast_as_in_numpy():
    column = np.array([[1.0], [2.0]])
    for procedure in (
        p.GradientFlow(column), p.AveragedFlow(column), p.HeavyBallFlow(1.0, column), p.NesterovFlow(column),
        p.HeavyBall(column, 0.5, 0.1), p.Nesterov(3, 0.2 * column, 0.1), p.AveragedDescent(3, 0.1 * column),
        p.WeightDecayDescent(3, column, 0.1), p.WeightDecayFlow(1.0, column), p.SpectralCutOff(column),
        p.IteratedTikhonov(column, column),
    ):  # fmt: skip
        for name in ("gain", "retain", "residual", "dual_gain", "anchoring", "dual_retain"):
            values = getattr(procedure, name)(EIGENVALUES)
            assert values.shape == (2, 6), (procedure, name)
            second = type(procedure)(
                **{key: value[1, 0] if np.ndim(value) else value for key, value in procedure.parameters.items()}
            )
            np.testing.assert_array_equal(values[1], getattr(second, name)(EIGENVALUES))


def test_parameters_that_do_not_broadcast_get_one_line():
    with pytest.raises(InvalidArgument, match=r"^eigenvalues: expected a shape that broadcasts with time \(2,\), got "):
        p.GradientFlow(time=[1.0, 2.0]).gain(EIGENVALUES)


@pytest.mark.parametrize(
    "make, line",
    [
        (lambda: p.HeavyBall(3, 1.0), "momentum: expected numbers of at least 0 and below 1, got 1; change momentum"),
        (lambda: p.Nesterov(3, -0.1), "momentum: expected numbers of at least 0 and below 1, got -0.1; change momentum"),
        (lambda: p.Nesterov(3, 0.5, output="x"), "output: expected one of 'iterate', 'look-ahead', got 'x'; choose one of them"),
        (lambda: p.HeavyBallFlow(np.inf, 1.0), "time: expected finite numbers, got inf; change time"),
        (lambda: p.IteratedTikhonov(0.0, 3), "penalty: expected numbers above 0, got 0; change penalty"),
        (lambda: p.IteratedTikhonov(1.0, 2.5), "iterations: expected whole numbers of at least 0, got 2.5; change iterations"),
        (lambda: p.WeightDecayFlow(1.0, 1.0, center="y"), "center: expected one of 'zero', 'start', got 'y'; choose one of them"),
    ],
)  # fmt: skip
def test_bad_parameters_get_one_line(make, line):
    with pytest.raises(InvalidArgument) as caught:
        make()
    assert str(caught.value) == line


@pytest.mark.parametrize(
    "procedure, alternative",
    [
        (p.Ridge(2.0), "Ridge.as_decay(steps=...)"),
        (p.SpectralCutOff(2.0), "GradientFlow(time=1 / threshold)"),
        (p.IteratedTikhonov(2.0, 3), "GradientFlow(time=iterations / penalty)"),
        (p.NesterovFlow(2.0), "Nesterov(steps=..., momentum=...)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_takes_no_steps_names_what_does(procedure, alternative):
    with pytest.raises(UnsupportedRecipe) as caught:
        procedure.descent(1.0)
    got = f"got {procedure!r}, which takes no steps; use {alternative}, or kd.solve"
    assert str(caught.value) == f"procedure: expected a descent to run step by step, {got}"
