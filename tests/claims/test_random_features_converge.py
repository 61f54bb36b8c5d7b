"""C13: random features and their limit."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.random_features_converge import Filtered, rate_margin


@pytest.mark.parametrize(
    "kernel",
    [
        kd.kernels.RBF(0.3),
        kd.kernels.Laplace(0.5),
        kd.kernels.ArcCosine(0),
        kd.kernels.ArcCosine(1),
        kd.kernels.NNGP(depth=1),
    ],
    ids=repr,
)
def test_the_variance_is_that_of_many_single_features(kernel):
    inputs = np.random.default_rng(0).standard_normal((3, 2))
    model = kd.RandomFeatures(kernel, count=200_000, seed=1)
    features = model.features(inputs) * np.sqrt(model.count)
    products = features[:, None, :] * features[None, :, :]
    errors = 4 * np.std((products - products.mean(-1, keepdims=True)) ** 2, axis=-1) / np.sqrt(model.count)
    assert np.all(np.abs(products.var(axis=-1) - kd.models.feature_variance(kernel, inputs)) < errors)


def test_the_error_of_a_hard_cut_off_does_not_fall_at_all():
    case = Filtered(threshold=0.5)
    errors = [case.error(count) for count in (16, 256)]
    assert errors[1] > 0.9 * errors[0]
    assert rate_margin(Filtered(threshold=0.25)).smallest > 0


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("radial", lambda m: lambda power: 1, {"The kernel", "The second moment"}),
        ("kernel", lambda m: lambda: 2 - m.theta, {"The kernel", "Of one input"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "random-features-converge")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
