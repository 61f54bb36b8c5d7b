"""C7a: soft labels trade variance of gradients for bias."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._label_draws import LabelDraws
from kdtheory.claims.total_variance_of_soft_labels import Formulas


@given(seed=st.integers(0, 2**32 - 1), batch=st.integers(1, 40))
def test_the_toolkit_measures_the_same_moments_on_larger_problems(seed: int, batch: int):
    """`gradient_noise` against the law of total variance written out; inputs drawn from ten with equal shares."""
    generator = np.random.default_rng(seed)
    inputs, logits = generator.normal(size=(10, 3)), generator.normal(size=(10, 4))
    truth = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    told, at = generator.normal(size=(2, 10, 4))
    task = kd.tasks.from_arrays(inputs, np.argmax(truth, axis=-1))
    said = {"oracle_targets": truth, "loss": kd.CrossEntropy(), "batch": batch}
    noise = kd.measures.gradient_noise(kd.LinearModel(), task, told, at, **said)
    student, teacher = (np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True) for z in (at, told))

    def spread(slopes):
        each = 10 * inputs[:, :, None] * slopes[:, None]
        return np.sum(np.var(each, axis=0))

    added = np.mean(100 * np.sum(inputs**2, axis=-1) * np.sum(truth * (1 - truth), axis=-1))
    assert noise.one_hot.total_variance == pytest.approx((spread(student - truth) + added) / batch, rel=1e-10)
    assert noise.distillation.total_variance == pytest.approx(spread(student - teacher) / batch, rel=1e-10)
    bias = np.sum((inputs.T @ (teacher - truth)) ** 2)
    assert noise.distillation.total_squared_bias == pytest.approx(bias, rel=1e-10)
    better = noise.distillation.total_error < noise.one_hot.total_error
    assert better == (batch < noise.critical_batch)


def test_the_label_noise_in_exact_fractions():
    p = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    for i, j in itertools.product(range(3), repeat=2):
        both = p[i] if i == j else 0
        assert both - p[i] * p[j] == pytest.approx(Formulas().label_noise(np.array([float(x) for x in p]))[i, j])


def test_a_teacher_may_vary_more_than_labels_and_then_never_wins():
    cases = LabelDraws.draw(np.random.default_rng(4), 2000)
    teacher = cases.chances("teacher")
    each = [cases.gradients(np.broadcast_to(told, (2000, 2, 3, 3))) for told in (np.eye(3), teacher[:, :, None])]
    means = [np.einsum("co,cog->cg", cases.outcomes, grown) for grown in each]
    away = [(grown - mean[:, None]) ** 2 for grown, mean in zip(each, means, strict=True)]
    spread = [np.einsum("co,cog->c", cases.outcomes, each) for each in away]
    more = spread[1] >= spread[0]
    assert 0.01 < np.mean(more) < 0.5
    limit = kd.measures.critical_batch(spread[0], spread[1], np.sum((means[1] - means[0]) ** 2, axis=-1))
    np.testing.assert_array_equal(limit[more], 0.0)


def test_the_derivation_does_not_verify_another_label_noise(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "total-variance-of-soft-labels")
    monkeypatch.setattr(module, "label_noise", lambda: module.sp.diag(*module.p))
    assert {step.name for step in module.one_input() if not step.verified} == {"The variance over labels"}
