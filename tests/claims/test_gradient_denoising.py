"""C7b and f: distillation denoises gradients, with no label noise needed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.gradient_denoising import Formulas, Taught, margins

seeds = st.integers(0, 2**32 - 1)


def problem(seed: int) -> tuple[Any, ...]:
    """Features (n, p), labels, start, a point and the weights of a gradient-flow teacher, all in matrices."""
    generator = np.random.default_rng(seed)
    n, p = (int(size) for size in generator.integers(2, 9, size=2))
    X, y, start, point = (generator.normal(size=shape) for shape in ((n, p), (n, 1), (p, 1), (p, 1)))
    time = float(np.exp(generator.uniform(-3, 1)))
    kept = _expm(-time * X.T @ X)
    least = np.linalg.lstsq(X, y, rcond=None)[0]
    off = start - np.linalg.pinv(X) @ (X @ start)
    teacher = least + off + kept @ (start - least - off)
    return X, y, start, point, time, kept, teacher


def _expm(matrix: Any) -> Any:
    import scipy.linalg

    return scipy.linalg.expm(matrix)


@given(seed=seeds)
def test_the_relation_in_matrices_needs_no_modes(seed: int):
    """The statement with matrix exponentials, for n < p and n > p, against gradients written out, and per minibatch."""
    X, y, start, point, time, kept, teacher = problem(seed)
    scale = np.abs(X).sum() * (np.abs(y).max() + np.abs(X @ point).max() + np.abs(X @ start).max())
    distilled, onehot, anchor = X.T @ (X @ point - X @ teacher), X.T @ (X @ point - y), X.T @ (X @ teacher - y)
    np.testing.assert_allclose(distilled, onehot - anchor, atol=1e-13 * scale)
    np.testing.assert_allclose(-anchor, kept @ X.T @ (y - X @ start), atol=1e-11 * scale)
    low_pass = onehot - kept @ onehot
    np.testing.assert_allclose(distilled - low_pass, kept @ X.T @ X @ (point - start), atol=1e-11 * scale)
    at_start = X.T @ (X @ start - X @ teacher)
    passed = X.T @ (X @ start - y)
    np.testing.assert_allclose(at_start, passed - kept @ passed, atol=1e-11 * scale)

    task, model = kd.tasks.from_arrays(X, y), kd.LinearModel()
    fit = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time)), start=kd.Start(weights=start))
    taught = kd.solve(kd.Recipe(teacher=fit), model, task)["teacher"]
    np.testing.assert_allclose(taught.weights, teacher, atol=1e-9 * (1 + np.abs(teacher).max()))
    batch = np.random.default_rng(seed).integers(len(X), size=3)
    sides = kd.measures.gradient_relation(model, task, taught, kd.Start(weights=point), samples=batch)
    chosen = X[batch]
    literal = len(X) / 3 * chosen.T @ (chosen @ point - chosen @ teacher)
    np.testing.assert_allclose(sides.distillation.weights, literal, atol=1e-9 * scale)
    np.testing.assert_allclose(sides.one_hot.weights - sides.anchor.weights, literal, atol=1e-9 * scale)


@pytest.mark.parametrize("name", ["relation", "missing", "gain", "constant", "deviation"])
def test_a_relative_error_of_1e_9_in_any_formula_is_caught(name: str):
    right = getattr(Formulas(), name)
    cases = Taught.draw(np.random.default_rng(12), 500)
    wrong: Any = {name: lambda *arguments: right(*arguments) * (1 + 1e-9)}
    assert not margins(cases, Formulas(**wrong)).held.all()


def test_the_derivation_does_not_verify_a_wrong_filter(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "gradient-denoising")
    right = module.trained
    monkeypatch.setattr(module, "trained", lambda target, start, time: right(target, start, 2 * time))
    failed = {step.name for step in module.prove().steps if not step.verified}
    assert failed >= {"The one-hot gradient at the teacher", "The low-pass form and what it lacks"}
