"""Supervision complexity and the spectrum of products: against matrices, and what is refused."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import product_eigenvalues, supervision_complexity


@pytest.fixture
def problem():
    inputs = np.random.default_rng(0).standard_normal((6, 2))
    task = kd.tasks.from_arrays(inputs, np.stack([inputs[:, 0] ** 2, inputs[:, 1]], axis=1))
    return kd.KernelModel(kd.kernels.RBF(gamma=1.0)), task


def test_it_is_the_quadratic_form_of_the_inverse(problem):
    model, task = problem
    literal = np.trace(task.targets.T @ np.linalg.inv(model.gram(task)) @ task.targets)
    assert supervision_complexity(task.targets, model.spectrum(task)) == pytest.approx(literal, rel=1e-9)
    both = supervision_complexity(np.stack([task.targets, 2 * task.targets]), model.spectrum(task))
    np.testing.assert_allclose(both, [literal, 4 * literal], rtol=1e-9)


def test_a_fit_is_measured_through_its_dual_coefficients(problem):
    model, task = problem
    fit = kd.solve(kd.self_distillation(kd.Ridge(0.1), kd.GradientFlow(3.0)), model, task)["student"]
    assert supervision_complexity(fit) == pytest.approx(
        supervision_complexity(fit.train, model.spectrum(task)), rel=1e-9
    )
    dual = fit.dual
    assert supervision_complexity(fit) == pytest.approx(np.trace(dual.T @ model.gram(task) @ dual), rel=1e-10)


def test_values_that_no_function_takes_are_refused():
    task = kd.tasks.from_arrays([[1.0], [2.0]], [1.0, 1.0])
    spectrum = kd.LinearModel().spectrum(task)
    assert supervision_complexity([1.0, 2.0], spectrum) == pytest.approx(1.0)
    with pytest.raises(
        InvalidArgument, match=r"^result: expected values that the kernel can take, got .* at eigenvalue 0"
    ):
        supervision_complexity(task.targets, spectrum)
    with pytest.raises(InvalidArgument, match=r"^result: expected 2 rows, got shape \(3, 1\); pass one row per"):
        supervision_complexity([1.0, 2.0, 3.0], spectrum)


def test_a_fit_that_starts_elsewhere_is_refused(problem):
    model, task = problem
    start = kd.Start(offset=1.0)
    recipe = kd.Recipe(fit=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)), start=start))
    with pytest.raises(InvalidArgument, match=r"^result: expected a fit from the zero function"):
        supervision_complexity(kd.solve(recipe, model, task)["fit"])


def test_small_eigenvalues_of_a_product_keep_their_digits():
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    aligned = [(turn * gains) @ turn.T for gains in ([0.9, 1e-3, 1e-5], [0.8, 1e-2, 1e-4])]
    np.testing.assert_allclose(product_eigenvalues(*aligned), [0.72, 1e-5, 1e-9], rtol=1e-9)


def test_filters_of_different_sizes_are_refused():
    with pytest.raises(InvalidArgument, match=r"^teacher: expected 2 rows, got 3; pass filters on the same inputs"):
        product_eigenvalues(np.eye(2), np.eye(3))
