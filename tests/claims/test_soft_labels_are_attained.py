"""C9, softmax and logistic: soft labels have a finite minimiser, one-hot labels do not."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.soft_labels_are_attained import Formulas, logistic, minimiser

seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds)
def test_the_minimiser_is_that_of_scipy_and_keeps_its_bound(seed: int):
    generator = np.random.default_rng(seed)
    inputs, labels = generator.normal(size=(6, 3)), logistic(3 * generator.normal(size=6))

    def loss(weights):
        logits = inputs @ weights
        return np.sum(np.logaddexp(0, logits) - labels * logits), inputs.T @ (logistic(logits) - labels)

    found = scipy.optimize.minimize(loss, np.zeros(3), jac=True, method="BFGS", options={"gtol": 1e-9}).x
    ours = minimiser(inputs[None], labels[None])[0]
    np.testing.assert_allclose(ours, found, atol=1e-6 * (1 + np.abs(found).max()))
    room = np.sum(np.minimum(labels, 1 - labels) * np.abs(inputs @ ours))
    assert room <= float(Formulas().bound(6.0))


def test_descent_from_zero_comes_to_the_row_space_part_of_the_teachers_weights():
    """Two samples, three features: softmax of two classes, the teacher's weights differ by b; simulated."""
    inputs = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -0.5]])
    task = kd.tasks.from_arrays(inputs, np.array([0, 1]))
    b = np.array([[0.5, -0.5], [0.2, -0.2], [0.9, -0.9]])
    run, loss = kd.GradientDescent(3000, 0.5), kd.CrossEntropy()
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(0, 0.5), loss), start=kd.Start(weights=b))}
    fits["student"] = kd.Fit(kd.Phase(kd.output_of("teacher"), run, loss))
    ends = kd.simulate(kd.Recipe(**fits), kd.LinearModel(), task)
    row_space = np.linalg.pinv(inputs) @ inputs
    np.testing.assert_allclose(ends["student"].weights, row_space @ b, atol=1e-9)
    assert np.abs(row_space @ b - b).max() > 0.1


def test_one_hot_margins_grow_by_log_10_in_every_tenfold_of_time():
    grown = kd.distillation.margins_on_labels(1.0, np.geomspace(1e3, 1e9, 7))
    np.testing.assert_allclose(np.diff(grown), np.log(10), atol=0.01)


def test_confident_soft_labels_are_learned_last():
    told = np.array([0.5, 2.0, 4.0])
    left = kd.distillation.margins_on_teacher(1.0, [[200.0], [201.0]], told).deficits
    rates = -np.diff(np.log(left), axis=0)[0]
    np.testing.assert_allclose(rates, 2 * Formulas().rate(logistic(told)), rtol=2e-2)
    assert np.all(np.diff(rates) < 0)


def test_the_derivation_does_not_verify_another_loss(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "soft-labels-are-attained")
    monkeypatch.setattr(module, "loss", lambda: module.q * module.softplus(-module.z))
    failed = {step.name for step in module.coercive() if not step.verified}
    assert {"The loss of one soft label", "One logit is best"} <= failed
