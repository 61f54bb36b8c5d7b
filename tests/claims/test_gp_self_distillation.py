"""C14.3: Gaussian processes distilled into themselves."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

import kdtheory as kd
from kdtheory import _located


@pytest.fixture
def setting():
    generator = np.random.default_rng(0)
    inputs, points = generator.standard_normal((9, 2)), generator.standard_normal((4, 2))
    return inputs, np.sin(inputs[:, 0]) + 0.3 * generator.standard_normal(9), points


def _regression(inputs, labels, points, noise):
    fitted = GaussianProcessRegressor(RBF(length_scale=1.0), alpha=noise, optimizer=None).fit(inputs, labels)
    return fitted.predict(inputs), *fitted.predict(points, return_cov=True)


def test_both_kinds_are_those_of_scikit_learn(setting):
    inputs, labels, points = setting
    model, task = kd.KernelModel(kd.kernels.RBF(gamma=0.5)), kd.tasks.from_arrays(inputs, labels)
    taught = labels
    for rounds in (1, 2, 3):
        at_train, mean, covariance = _regression(inputs, taught, points, 0.2)
        found = kd.distillation.gaussian_process(model, task, 0.2, rounds=rounds)
        np.testing.assert_allclose(found.mean(points)[:, 0], mean, atol=1e-10)
        np.testing.assert_allclose(found.covariance(points), covariance, atol=1e-10)
        taught = at_train
        _, mean, covariance = _regression(inputs, labels, points, 0.2 / rounds)
        found = kd.distillation.gaussian_process(model, task, 0.2, rounds=rounds, kind="distribution")
        np.testing.assert_allclose(found.mean(points)[:, 0], mean, atol=1e-10)
        np.testing.assert_allclose(found.covariance(points), covariance, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("after", lambda m: lambda n: _after(m, m.noise * n), {"Distribution-centric, continued: mean"}),
        ("once", lambda m: lambda: m.noise / (m.lam + m.noise), {"Data-centric", "Opposite directions"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "gp-self-distillation")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}


def _after(m, less):
    whole = m.lam + less
    return (m.lam / whole * m.y, m.cross / whole * m.y, m.lam * less / whole, m.cross * less / whole, m.prior)
