"""C11f: hard pseudo-labels on a cluster."""

from fractions import Fraction

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.hard_pseudo_labels import SIZE, FlippedCluster, Formulas, descent, ridge


@pytest.mark.parametrize("flipped", [0, 1, 7, 8, 15])
def test_ridge_on_the_cluster_is_that_of_exact_arithmetic(flipped):
    """Penalty as large as the cluster's eigenvalue: gain one half; hard labels have the sign of the majority."""
    case = FlippedCluster(flipped, 1.0, 1.0, 1.0, 0.5)
    teacher = Fraction(1, 2) * Fraction(SIZE - 2 * flipped, SIZE)
    labels = np.where(np.arange(SIZE) < flipped, -1.0, 1.0)[None]
    outputs = ridge(case, labels)
    assert outputs[0, 0] == pytest.approx(float(teacher))
    assert ridge(case, outputs)[0, 0] == pytest.approx(float(teacher / 2))
    assert ridge(case, np.sign(outputs))[0, 0] == pytest.approx(0.5 if 2 * flipped < SIZE else -0.5)


@pytest.mark.parametrize("flipped", [2, 6, 9])
def test_the_toolkit_gives_the_same_for_a_training_with_momentum(flipped):
    """Any training of positive gain, and a second cluster that is orthogonal and all flipped."""
    inputs = np.repeat(np.eye(2), SIZE, axis=0)
    labels = np.r_[np.where(np.arange(SIZE) < flipped, -1.0, 1.0), -np.ones(SIZE)]
    run, model = kd.HeavyBall(steps=5, momentum=0.3, step_size=0.02), kd.LinearModel()
    gain, share = float(run.gain([float(SIZE)])[0]), flipped / SIZE
    solved = kd.solve(kd.self_distillation(run, run), model, kd.tasks.from_arrays(inputs, labels))
    teacher = solved["teacher"].train[:, 0]
    assert teacher[0] == pytest.approx(Formulas().teacher(gain, share))
    assert solved["student"].train[0, 0] == pytest.approx(Formulas().soft(gain, share))
    pseudo = kd.tasks.from_arrays(inputs, np.sign(teacher))
    hard = kd.solve(kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, run))), model, pseudo)["student"].train[0, 0]
    assert hard == pytest.approx(gain if share < 0.5 else -gain)


def test_descent_takes_the_steps_of_each_case():
    case = FlippedCluster(np.array([3.0, 3.0]), 2.0, 1.0, np.array([1.0, 4.0]), 0.5)
    outputs = descent(case, case.labels)[:, 0]
    np.testing.assert_allclose(outputs, np.array([0.5, 1 - 0.5**4]) * (1 - 6 / SIZE))


@pytest.mark.parametrize(
    "name, wrong, broken",
    [
        ("mean_label", lambda m: lambda: 1 - m.theta, {"One mode", "The soft student"}),
        ("student", lambda m: lambda targets: m.a**2 * targets, {"The soft student", "The hard student"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "hard-pseudo-labels")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
