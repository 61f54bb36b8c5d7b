"""Moments of SGD that sees every sample once."""

import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.risk import one_pass_sgd

LAM, TRUTH = np.array([1.0, 0.4, 0.1]), np.array([1.0, -2.0, 3.0])
ETA, NOISE = 0.2, 0.7


def matrix_recursion(start, steps, noise):
    """Whole second-moment matrix of the error, in a turned basis, by the statement's formula."""
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    s, m = turn @ np.diag(LAM) @ turn.T, turn @ start @ turn.T
    for _ in range(steps):
        m = m - ETA * (s @ m + m @ s) + ETA**2 * (2 * s @ m @ s + np.trace(s @ m) * s + noise * s)
    return turn.T @ m @ turn


@pytest.mark.parametrize("steps", [0, 1, 2, 17])
def test_the_diagonal_is_that_of_the_whole_matrix_in_any_basis(steps):
    run = one_pass_sgd(LAM, TRUTH, step_size=ETA, samples=steps, noise_variance=NOISE)
    error = matrix_recursion(np.outer(TRUTH, TRUTH), steps, NOISE)
    assert run.risk == pytest.approx(float(np.sum(LAM * np.diag(error))), rel=1e-12)
    np.testing.assert_allclose(run.mean, (1 - (1 - ETA * LAM) ** steps) * TRUTH, rtol=1e-12)
    np.testing.assert_allclose(run.second_moment, np.diag(error) - TRUTH**2 + 2 * TRUTH * run.mean, atol=1e-12)


def test_a_student_is_what_runs_of_both_show():
    teacher = one_pass_sgd(LAM, TRUTH, step_size=ETA, samples=6, noise_variance=NOISE)
    student = one_pass_sgd(LAM, TRUTH, step_size=ETA, samples=9, teacher=teacher)
    generator, runs = np.random.default_rng(0), 40_000
    ends, target = [], np.broadcast_to(TRUTH, (runs, 3))
    for steps, noise in ((6, NOISE), (9, 0.0)):
        weights = np.zeros((runs, 3))
        for _ in range(steps):
            x = generator.standard_normal((runs, 3)) * np.sqrt(LAM)
            residual = np.sum(x * (target - weights), axis=1) + np.sqrt(noise) * generator.standard_normal(runs)
            weights = weights + ETA * x * residual[:, None]
        ends.append(weights)
        target = weights
    for run, weights in zip((teacher, student), ends, strict=True):
        risks = np.sum(LAM * (weights - TRUTH) ** 2, axis=1)
        for drawn, value in ((weights, run.mean), (weights**2, run.second_moment), (risks, run.risk)):
            assert np.all(np.abs(drawn.mean(0) - value) < 4.5 * drawn.std(0) / np.sqrt(runs))
    np.testing.assert_allclose(student.gains, teacher.gains * (1 - (1 - ETA * LAM) ** 9), rtol=1e-13)


def test_a_teacher_that_knows_the_truth_is_the_truth():
    """Noise-free and after many samples its weights are the truth, and its student that of clean labels."""
    teacher = one_pass_sgd(LAM, TRUTH, step_size=ETA, samples=3000)
    student = one_pass_sgd(LAM, TRUTH, step_size=ETA, samples=5, teacher=teacher)
    clean = one_pass_sgd(LAM, TRUTH, step_size=ETA, samples=5)
    assert student.risk == pytest.approx(clean.risk, rel=1e-9)
    np.testing.assert_allclose(student.second_moment, clean.second_moment, rtol=1e-9)


@pytest.mark.parametrize("call, message", [
    (lambda: one_pass_sgd([1.0], [1.0], step_size=5.0, samples=10_000), "step_size: expected moments that stay finite, got 5; take a smaller step"),
    (lambda: one_pass_sgd([1.0, 2.0], [1.0], step_size=0.1, samples=1), "weights: expected 2 weights, got 1; pass one per eigenvalue"),
    (lambda: one_pass_sgd([1.0], [1.0], step_size=0.1, samples=1, teacher=one_pass_sgd(LAM, TRUTH, step_size=0.1, samples=1)), "teacher: expected a OnePass of as many weights, got a value of type OnePass; pass the result of one_pass_sgd for the same eigenvalues"),
])  # fmt: skip
def test_bad_input_is_one_line(call, message):
    with pytest.raises(InvalidArgument) as error:
        call()
    assert str(error.value) == message
