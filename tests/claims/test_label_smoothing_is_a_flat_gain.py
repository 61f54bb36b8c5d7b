"""C10: label smoothing shrinks all centred modes alike."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.label_smoothing_is_a_flat_gain import COUNTEREXAMPLES, Formulas


@pytest.mark.parametrize("run", [kd.Ridge(2.0), kd.HeavyBall(steps=7, momentum=0.5, step_size=0.002)])
def test_any_linear_training_on_centred_digits_is_scaled(run):
    task = kd.tasks.digits(train=40, test=5, seed=0)
    onehot = np.eye(10)[np.asarray(task.labels)]
    recipe = kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, run)))
    outputs = []
    for targets in (onehot, 0.7 * onehot + 0.3 / 10):
        centred = kd.tasks.from_arrays(np.asarray(task.inputs), targets).centered()
        solved = kd.solve(recipe, kd.LinearModel(), centred)["student"]
        outputs.append(np.asarray(solved.train) - targets.mean(axis=0))
    np.testing.assert_allclose(outputs[1], 0.7 * outputs[0], atol=1e-12)


@given(smoothing=st.floats(0.001, 0.9), classes=st.integers(2, 50))
def test_the_best_margin_is_where_a_search_finds_it(smoothing: float, classes: int):
    target = np.full(classes, smoothing / classes)
    target[0] += 1 - smoothing

    def loss(margin):
        logits = np.zeros(classes)
        logits[0] = margin
        return np.log(np.sum(np.exp(logits))) - target @ logits

    found = scipy.optimize.minimize_scalar(loss, bounds=(0, 30), method="bounded", options={"xatol": 1e-10}).x
    assert float(Formulas().best(smoothing, classes)) == pytest.approx(found, abs=1e-4)


def test_the_loss_which_the_toolkit_trains_is_the_mixture():
    """Gradients of cross-entropy on smoothed labels, and those on labels and on a uniform teacher."""
    generator = np.random.default_rng(3)
    inputs, labels = generator.normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 1])
    task, at = kd.tasks.from_arrays(inputs, labels), generator.normal(size=(6, 3))
    loss, onehot = kd.CrossEntropy(), np.eye(3)[labels]

    def slopes(**told):
        return np.asarray(kd.measures.gradients(kd.LinearModel(), task, at, loss=loss, **told).weights)

    smooth = slopes(labels=0.8 * onehot + 0.2 / 3)
    np.testing.assert_allclose(smooth, 0.8 * slopes(labels=onehot) + 0.2 * slopes(teacher=np.zeros((6, 3))), atol=1e-12)


def test_smoothing_in_all_stages_is_the_catalogues_1_316():
    item = next(each for each in COUNTEREXAMPLES if each.name == "smoothing-in-all-stages")
    assert np.exp(-item.margin) == pytest.approx(1.316, abs=5e-4)


def test_the_derivation_does_not_verify_another_smoothing(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "label-smoothing-is-a-flat-gain")
    monkeypatch.setattr(module, "smoothed", lambda label: label + module.alpha / module.K)
    assert {"Centred targets", "The best margin"} <= {step.name for step in module.prove().steps if not step.verified}
