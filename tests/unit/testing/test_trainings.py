"""Teacher, student and reference on two modes, by any procedures."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.testing import Trainings, lag_margin


def flow(time: float, lam: np.ndarray) -> np.ndarray:
    return kd.GradientFlow(time).gain(lam)


def test_coefficients_are_those_of_solve_also_from_a_nonzero_start():
    eigenvalues, start, times = (2.0, 0.5), (0.3, -1.5), (0.7, 1.1)
    procedures = [kd.GradientFlow(time) for time in times]
    trainings = Trainings(eigenvalues, procedures[0].gain, procedures[1].gain, flow, (0.0, 5.0), start)
    task = kd.tasks.from_spectrum(eigenvalues, coefficients=[1.0, 1.0])
    begin = kd.Start(weights=np.array(start) / np.sqrt(eigenvalues))
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, procedures[0]), start=begin),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), procedures[1]), start=begin),
        reference=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(trainings.matched_time)), start=begin),
    )
    exact = kd.solve(recipe, kd.LinearModel(), task)
    np.testing.assert_allclose(trainings.distilled, exact["student"].coefficients[:, 0], rtol=1e-13)
    np.testing.assert_allclose(trainings.matched, exact["reference"].coefficients[:, 0], rtol=1e-13)
    assert trainings.matched[0] == pytest.approx(trainings.distilled[0], rel=1e-13, abs=0)


def test_the_margin_is_the_log_of_the_lag():
    trainings = Trainings((1.0, 0.5), kd.GradientFlow(1.0).gain, kd.GradientFlow(1.0).gain, flow, (0.0, 1.0))
    assert np.exp(-lag_margin(trainings).smallest) == pytest.approx(0.688, abs=5e-4)  # THEORY C1


def test_a_reference_that_is_not_far_enough_and_a_range_without_a_match_are_refused_in_one_line():
    one = kd.GradientFlow(1.0).gain
    with pytest.raises(InvalidArgument) as caught:
        lag_margin(Trainings((1.0, 0.5), one, one, flow, (0.1, 0.1)))
    assert str(caught.value) == (
        "times: expected a reference as far as the student on mode 1, got 0.304 less; give the reference more time"
    )
    with pytest.raises(InvalidArgument) as caught:
        lag_margin(Trainings((1.0, 0.5), one, one, flow, (2.0, 3.0)))
    assert str(caught.value) == (
        "times: expected a range with a matching time, got 0.465 and 0.551 ahead at the two ends; widen the range"
    )
