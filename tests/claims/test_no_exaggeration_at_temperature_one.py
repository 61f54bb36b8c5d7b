"""C14.12: at temperature 1 confident clusters all lack the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdtheory import _located
from kdtheory.claims._soft_clusters import label_progress, soft_progress
from kdtheory.distillation import margins_on_labels, margins_on_teacher


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("classes", [2, 50])
def test_students_multiply_the_odds_of_confident_teachers_by_one_number(share: float, classes: int):
    lam = np.geomspace(1e6, 1e12, 7)
    own = margins_on_labels(lam, 1.0, classes=classes)
    taught = margins_on_teacher(lam, share, own, classes=classes)
    np.testing.assert_allclose(np.exp(-taught.deficits), 1 - np.exp(-share), rtol=2e-3)
    np.testing.assert_allclose(np.diff(taught.margins) / np.diff(own), 1.0, atol=2e-3)


def test_at_temperature_4_they_do_not():
    lam = np.geomspace(1e6, 1e12, 7)
    own = margins_on_labels(lam, 1.0)
    taught = margins_on_teacher(lam, 1e-6, own, temperature=4.0).margins
    assert np.max(np.diff(taught) / np.diff(own)) > 1.2


@given(excess=st.floats(0, 60), classes=st.integers(2, 10**6), power=st.floats(-12, 1))
def test_the_bound_holds_far_outside_of_what_is_drawn(excess: float, classes: int, power: float):
    k = classes - 1.0
    own = np.log(k) + 2 + excess
    deficit = min(10.0**power * own, own)
    left = -np.log(-np.expm1(-deficit))
    time = soft_progress(own, deficit, k) / label_progress(own, k)
    assert abs(time - left) <= k * (own + 1) * np.exp(-own) * (1 + left) + 1e-10 * (1 + left)


def test_the_bound_is_not_far_from_what_is_true():
    """Its largest use over a grid: more than a half, so that no much smaller constant would do."""
    margin, deficit = np.meshgrid(np.linspace(2, 20, 200), np.geomspace(1e-5, 2, 200))
    left = -np.log(-np.expm1(-deficit))
    time = soft_progress(margin, deficit, 1.0) / label_progress(margin, 1.0)
    used = np.abs(time - left) / ((margin + 1) * np.exp(-margin) * (1 + left))
    assert 0.5 < used.max() < 1


def test_the_derivation_does_not_verify_another_excess(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "no-exaggeration-at-temperature-one")
    right = module.excess()
    monkeypatch.setattr(module, "excess", lambda: right + module.A)
    assert "What is over" in {step.name for step in module.prove().steps if not step.verified}
