"""What `compare` takes, the measures of gradients, agreement and calibration take too: fits of every world."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.measures import (
    agreement,
    brier_score,
    calibration,
    gradient_noise,
    gradient_relation,
    gradients,
    negative_log_likelihood,
)

RUN = kd.GradientDescent(20, 0.01)


@pytest.fixture(scope="module")
def worlds():
    task = kd.tasks.ambiguous(train=20, test=15, seed=1)
    squared = kd.self_distillation(RUN, RUN)
    entropy = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, RUN, kd.CrossEntropy())),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), RUN, kd.CrossEntropy())),
    )
    network = kd.networks.MLP(width=8, parametrization="ntk")
    model = kd.LinearModel()
    return {
        "solve": kd.solve(squared, model, task),
        "simulate": kd.simulate(entropy, model, task, batch=kd.Minibatch(5), seeds=range(2)),
        "train": kd.train(entropy, network, task, seeds=range(2)),
    }


def test_compare_and_agreement_take_the_same_results(worlds):
    comparison = kd.compare(worlds["simulate"], worlds["train"])
    for fit in ("teacher", "student"):
        row = next(row for row in comparison.rows if row.fit == fit and row.world == "train")
        assert row.test_deviation.shape == agreement(worlds["simulate"][fit], worlds["train"][fit]).kl.shape == (2,)
    mixed = agreement(worlds["solve"]["teacher"], worlds["train"]["student"])
    assert mixed.kl is None
    assert mixed.top_class.shape == (2,)


@pytest.mark.parametrize("world", ["simulate", "train"])
def test_probabilistic_scores_take_the_seeds_of_fits_on_cross_entropy(worlds, world):
    student = worlds[world]["student"]
    for on in ("train", "test"):
        assert calibration(student, on=on).error.shape == (2,)
        assert brier_score(student, on=on).shape == negative_log_likelihood(student, on=on).shape == (2,)


@pytest.mark.parametrize("world", ["solve", "simulate", "train"])
def test_gradients_take_points_and_teachers_of_every_world(worlds, world):
    task, model = worlds["solve"].task, kd.LinearModel()
    teacher, student = worlds[world]["teacher"], worlds[world]["student"]
    axes = (2,) if student.axes else ()
    loss = kd.CrossEntropy() if student.logits else kd.SquaredError()
    assert gradients(model, task, student, teacher=teacher, loss=loss).weights.shape == (*axes, 10, 3)
    assert np.all(gradient_relation(model, task, teacher, student, loss=loss).difference < 1e-12)
    assert gradient_noise(model, task, teacher, loss=loss).critical_batch.shape == axes
