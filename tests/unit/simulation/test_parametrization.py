"""Weights on features, and dual coefficients on a kernel: two coordinates of one descent."""

import numpy as np
import pytest

import kdtheory as kd

WAYS = [None, kd.Minibatch(2), kd.Minibatch(5, replace=True)]


def classes(samples=7):
    draw = np.random.default_rng(0)
    return kd.tasks.from_arrays(draw.standard_normal((samples, 4)), draw.integers(0, 3, samples), np.eye(4), classes=3)


@pytest.mark.parametrize("batch", WAYS)
@pytest.mark.parametrize("loss", [kd.SquaredError(), kd.CrossEntropy(temperature=4.0)])
def test_the_dual_of_a_linear_kernel_walks_as_the_weights_do(loss, batch):
    recipe = kd.self_distillation(kd.GradientDescent(8), kd.GradientDescent(5), mixing=0.6, loss=loss)
    weights = kd.simulate(recipe, kd.LinearModel(), classes(), batch=batch)
    dual = kd.simulate(recipe, kd.KernelModel(kd.kernels.Linear()), classes(), batch=batch)
    for name in recipe:
        np.testing.assert_allclose(dual[name].train, weights[name].train, rtol=0, atol=1e-12)
        np.testing.assert_allclose(dual[name].test, weights[name].test, rtol=0, atol=1e-12)
        assert dual[name].weights is None


def test_the_logits_of_a_centred_task_are_in_its_original_units():
    """The mean of the targets is an offset of the logits: labels stay one-hot, and the loss sees what comes out."""
    recipe = kd.self_distillation(
        kd.GradientDescent(8), kd.GradientDescent(5), mixing=0.6, loss=kd.CrossEntropy(temperature=4.0)
    )
    task = classes()
    mean = task.inputs.mean(axis=0)
    offset = kd.Start(offset=task.targets.mean(axis=0))
    moved = kd.tasks.from_arrays(task.inputs - mean, task.labels, classes=3)
    by_hand = kd.Recipe(**{name: kd.Fit(fit.phases, start=offset) for name, fit in recipe.items()})
    np.testing.assert_allclose(
        kd.simulate(recipe, kd.LinearModel(), task.centered())["student"].train,
        kd.simulate(by_hand, kd.LinearModel(), moved)["student"].train,
        rtol=0,
        atol=1e-12,
    )
