"""C11d: one-pass SGD."""

import numpy as np
import pytest

from kdtheory import _located
from kdtheory.claims.one_pass_sgd import GAUSSIAN, SIGNS, OnePassProblem, literal
from kdtheory.risk import one_pass_sgd


def test_the_nodes_have_gaussian_moments_up_to_the_fourth_and_signs_do_not():
    for (nodes, masses), fourth in ((GAUSSIAN, 3.0), (SIGNS, 1.0)):
        mean = np.einsum("k,ki->i", masses, nodes)
        second = np.einsum("k,ki,kj->ij", masses, nodes, nodes)
        np.testing.assert_allclose(mean, 0.0, atol=1e-15)
        np.testing.assert_allclose(second, np.eye(2), atol=1e-14)
        assert np.sum(masses * nodes[:, 0] ** 4) == pytest.approx(fourth)
        assert np.sum(masses * nodes[:, 0] ** 2 * nodes[:, 1] ** 2) == pytest.approx(1.0)


def test_the_toolkits_moments_are_those_of_the_enumeration():
    case = OnePassProblem(0.3, 1.5, -2.0, 0.7, 0.25, 5.0, 7.0)
    mean, second, student_mean, student_second = (part[0] for part in literal(case))
    teacher = one_pass_sgd([1.0, 0.3], [1.5, -2.0], step_size=0.25, samples=5, noise_variance=0.7)
    student = one_pass_sgd([1.0, 0.3], [1.5, -2.0], step_size=0.25, samples=7, teacher=teacher)
    for found, expected in (
        (teacher.mean, mean), (teacher.second_moment, second), (student.mean, student_mean), (student.second_moment, student_second)
    ):  # fmt: skip
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("samples", [1, 5, 200])
def test_half_of_a_direction_is_learned_at_the_horizon(samples):
    exact, about = 1 - 2 ** (-1 / samples), np.log(2) / samples
    run = one_pass_sgd([exact, about, about * (1 - about / 2)], np.ones(3), step_size=1.0, samples=samples)
    assert run.gains[0] == pytest.approx(0.5)
    assert run.gains[2] < 0.5 < run.gains[1]


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("stepped", lambda m: lambda: m.M - m.eta * (m.S * m.M + m.M * m.S) + m.eta**2 * (m.S * m.M).trace() * m.S, {"The second moment", "The diagonal moves by itself"}),
        ("sample", lambda m: lambda: m.sp.Matrix([m.sp.sqrt(m.l1) * m.u, m.sp.sqrt(m.l2) * m.u]), {"The mean", "Gaussian fourth moments"}),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "one-pass-sgd")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
