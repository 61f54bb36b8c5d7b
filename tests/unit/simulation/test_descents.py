"""How procedures become steps, and that a new one needs no change in the simulation."""

from dataclasses import dataclass

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.procedures import Descent, Procedure, StepRule


@dataclass(frozen=True)
class HeavyBallRule(StepRule):
    """Position and velocity; what predicts is the average of the last two positions."""

    def begin(self, position, start):
        return {"position": position, "velocity": 0.0 * position, "previous": position}

    def step(self, state, gradient, rates):
        position = state["position"]
        velocity = rates["momentum"] * state["velocity"] - rates["step_size"] * gradient(position)
        return {"position": position + velocity, "velocity": velocity, "previous": position}

    def output(self, state):
        return 0.5 * (state["position"] + state["previous"])


@dataclass(frozen=True)
class HeavyBall(Procedure):
    """As an extension would write it: the closed form is left out here."""

    steps: int
    momentum: float
    step_size: float = 0.05

    def descent(self, largest_eigenvalue, step_size=None):
        return Descent(self.steps, {"step_size": self.step_size, "momentum": self.momentum}, HeavyBallRule())

    def _gain(self, lam): ...

    def _residual(self, lam): ...

    def _dual_gain(self, lam): ...


@pytest.fixture
def task():
    draw = np.random.default_rng(0).standard_normal
    return kd.tasks.from_arrays(draw((6, 4)), draw((6, 2)))


def simulated(task, *phases, **options):
    return kd.simulate(kd.Recipe(teacher=kd.Fit(phases)), kd.LinearModel(), task, **options)["teacher"].weights


def ball(steps, momentum=0.8, restart=False):
    return kd.Phase(kd.labels, HeavyBall(steps, momentum), restart=restart)


def by_hand(task, segments):
    """The same in a few lines of NumPy: steps, momentum and whether the velocity starts anew."""
    position = velocity = previous = np.zeros((4, 2))
    for steps, momentum, anew in segments:
        velocity = np.zeros((4, 2)) if anew else velocity
        for _ in range(steps):
            gradient = task.inputs.T @ (task.inputs @ position - task.targets)
            velocity = momentum * velocity - 0.05 * gradient
            position, previous = position + velocity, position
    return 0.5 * (position + previous)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


def test_a_new_family_is_one_rule_with_its_own_state_and_output(task):
    close(simulated(task, ball(9)), by_hand(task, [(9, 0.8, True)]))


def test_velocity_goes_on_in_a_phase_of_the_same_family_and_parameters(task):
    close(simulated(task, ball(4), ball(5)), by_hand(task, [(9, 0.8, True)]))


def test_velocity_is_forgotten_on_restart(task):
    close(simulated(task, ball(4), ball(5, restart=True)), by_hand(task, [(4, 0.8, True), (5, 0.8, True)]))


def test_velocity_is_forgotten_where_parameters_change(task):
    close(simulated(task, ball(4), ball(5, 0.5)), by_hand(task, [(4, 0.8, True), (5, 0.5, True)]))


def test_velocity_is_forgotten_where_the_family_changes_but_the_position_goes_on(task):
    plain = kd.Phase(kd.labels, kd.GradientDescent(3, 0.05))
    expected = by_hand(task, [(4, 0.8, True), (3, 0.0, True), (5, 0.8, True)])
    close(simulated(task, ball(4), plain, ball(5)), expected)


def test_gradient_flow_takes_as_few_equal_steps_as_end_exactly_at_its_time():
    descent = kd.GradientFlow(time=1.0).descent(largest_eigenvalue=4.0, step_size=0.3)
    assert (descent.steps, descent.rates) == (4, {"step_size": 0.25})
    assert kd.GradientFlow(time=1.1).descent(1.0, step_size=0.1).steps == 11
    assert kd.GradientFlow(time=0.0).descent(1.0).steps == 0


def test_the_default_step_of_a_flow_is_half_of_one_over_the_largest_eigenvalue_of_its_own_fit(task):
    other = kd.tasks.from_arrays(3 * task.inputs)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time=1.0))),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), kd.GradientFlow(time=1.0)), task=other),
    )
    provenance = kd.simulate(recipe, kd.LinearModel(), task).provenance
    largest = kd.LinearModel().spectrum(task).largest
    assert provenance["steps"] == {"teacher": [np.ceil(2 * largest)], "student": [np.ceil(18 * largest)]}
    for name in recipe:
        assert provenance["steps"][name][0] * provenance["step_sizes"][name][0] == pytest.approx(1.0, rel=1e-15)


def test_a_step_size_is_for_flows_alone(task):
    recipe = kd.self_distillation(kd.GradientFlow(time=1.0), kd.GradientDescent(3, 0.02))
    sizes = kd.simulate(recipe, kd.LinearModel(), task, step_size=0.01).provenance["step_sizes"]
    assert sizes == {"teacher": [0.01], "student": [0.02]}
