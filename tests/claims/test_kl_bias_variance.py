"""C7e: expected divergence is bias plus variance around the geometric mean."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from kdtheory import _located
from kdtheory.claims.kl_bias_variance import Formulas, normalized

seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, models=st.integers(1, 6), classes=st.integers(2, 8))
def test_with_scipys_divergence_for_any_number_of_models_and_classes(seed: int, models: int, classes: int):
    generator = np.random.default_rng(seed)
    logits, shares = 3 * generator.normal(size=(models, classes)), generator.dirichlet(np.ones(models))
    chances, target = scipy.special.softmax(logits, axis=-1), generator.dirichlet(np.ones(classes))
    mean = np.exp(Formulas().mean(normalized(logits)[None], shares[None])[0])

    def divergence(one, other):
        return np.sum(scipy.special.rel_entr(one, other), axis=-1)

    total = shares @ divergence(target, chances)
    assert total == pytest.approx(divergence(target, mean) + shares @ divergence(mean, chances), rel=1e-10, abs=1e-12)


def test_a_search_for_the_nearest_distribution_finds_the_geometric_mean():
    logs, shares = normalized(np.array([[2.0, 0.0, -1.0], [-1.0, 0.5, 1.0]])), np.array([0.3, 0.7])

    def away(free):
        own = normalized(np.array([*free, 0.0]))
        return shares @ np.sum(np.exp(own) * (own - logs), axis=-1)

    found = normalized(np.array([*scipy.optimize.minimize(away, np.zeros(2), options={"gtol": 1e-10}).x, 0.0]))
    np.testing.assert_allclose(found, Formulas().mean(logs[None], shares[None])[0], atol=1e-6)


def test_the_mean_of_logits_is_the_geometric_mean():
    logits, shares = np.array([[[1.0, 0.0], [3.0, -1.0]]]), np.array([[0.25, 0.75]])
    expected = normalized(np.einsum("cd,cdj->cj", shares, logits))
    np.testing.assert_allclose(Formulas().mean(normalized(logits), shares), expected, atol=1e-15)


def test_the_derivation_does_not_verify_another_mean(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "kl-bias-variance")
    monkeypatch.setattr(module, "mean", lambda: [one + module.C for one in module.logs[0]])
    assert {"The variance", "The bias"} <= {step.name for step in module.prove().steps if not step.verified}
