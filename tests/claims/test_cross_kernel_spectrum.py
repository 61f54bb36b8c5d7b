"""C12: the spectrum of a product of filters."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

import kdtheory as kd
from kdtheory import _located


def test_the_operator_of_a_recipe_on_two_kernels_has_the_eigenvalues_of_the_filters():
    inputs = np.random.default_rng(0).standard_normal((7, 2))
    task = kd.tasks.from_arrays(inputs, inputs[:, 0])
    kernels = kd.KernelModel(kd.kernels.RBF(gamma=0.5)), kd.KernelModel(kd.kernels.Laplace(gamma=1.0))
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(0.3)), model=kernels[1]),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), kd.Ridge(0.3))),
    )
    result = kd.solve(recipe, kernels[0], task)
    filters = [model.gram(task) @ np.linalg.inv(model.gram(task) + 0.3 * np.eye(7)) for model in kernels]
    symmetric = [(one + one.T) / 2 for one in filters]
    literal = np.sort(np.linalg.eigvals(result["student"].operator()).real)[::-1]
    np.testing.assert_allclose(kd.measures.product_eigenvalues(*symmetric), literal, atol=1e-12)
    half = sqrtm(symmetric[0])
    np.testing.assert_allclose(np.linalg.eigvalsh(half @ symmetric[1] @ half)[::-1], literal, atol=1e-7)


@pytest.mark.parametrize("item", ["overshooting-gains", "negative-gains", "skew-operator"])
def test_counterexamples_are_refused_or_leave_the_interval(item: str):
    case = next(one.case for one in kd.claims.get("cross-kernel-spectrum").counterexamples if one.name == item)
    found = np.linalg.eigvals(np.asarray(case.student) @ np.asarray(case.teacher))
    assert np.abs(found.imag).max() > 0.1 or found.real.max() > 1
    if item != "overshooting-gains":
        with pytest.raises(kd.errors.InvalidArgument, match=r"student: expected a (symmetric|positive semidefinite)"):
            kd.measures.product_eigenvalues(case.student, case.teacher)


def test_the_derivation_does_not_verify_filters_that_are_not_symmetric(monkeypatch):
    module = _located.load("derivations", "cross-kernel-spectrum")
    skew = module.sp.Matrix([[0, 1], [-1, 0]])
    right = module.turned
    monkeypatch.setattr(module, "turned", lambda one, two: right(one, two) + skew / 3)
    broken = {step.name for step in module.prove().steps if not step.verified}
    assert {"Similar to a symmetric matrix", "Determinants multiply"} <= broken


def test_the_derivation_does_not_verify_a_turn_the_wrong_gains(monkeypatch):
    module = _located.load("derivations", "cross-kernel-spectrum")
    right = module.turned
    monkeypatch.setattr(module, "turned", lambda one, two: right(two, one))
    broken = {step.name for step in module.prove().steps if not step.verified}
    assert {"Aligned filters are the most unequal", "The larger eigenvalue", "The expected square"} <= broken
