"""Logits of noisy students: against adaptive quadrature, against all masks, and what is refused."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import expit

from kdtheory.distillation import dropout_student_logits, noisy_student_logits
from kdtheory.errors import InvalidArgument


def _mean(logit: float, deviation: float) -> float:
    density = lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    return quad(lambda x: density(x) * expit(-logit - deviation * x), -12, 12, epsabs=0, epsrel=1e-12, limit=200)[0]


@pytest.mark.parametrize("logit", [0.01, 1.0, 6.0])
@pytest.mark.parametrize(("own", "other"), [(0.1, 0.0), (3.0, 0.0), (1.0, 2.5), (2.0, 2.0)])
def test_the_balance_is_that_of_adaptive_quadrature(logit: float, own: float, other: float):
    target = np.log(_mean(logit, other))
    exact = brentq(lambda m: np.log(_mean(m, own)) - target, -1, 20, xtol=1e-13)
    assert float(noisy_student_logits(logit, own, teacher_deviation=other)) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize(("features", "rate"), [(1, 0.3), (4, 0.2), (9, 0.6)])
def test_dropout_balances_over_all_masks(features: int, rate: float, on: bool):
    masks = np.array(list(itertools.product([0, 1], repeat=features)))
    chances = np.prod(np.where(masks > 0, 1 - rate, rate), axis=1)
    scales = masks.mean(axis=1) / (1 - rate)
    for logit in (-2.0, 5.0):
        found = float(dropout_student_logits(logit, rate, features, teacher_dropout=on))
        label = chances @ expit(logit * scales) if on else expit(logit)
        assert chances @ (scales * expit(found * scales)) == pytest.approx(label, rel=1e-12)


def test_without_noise_the_student_reproduces_its_teacher_and_signs_are_kept():
    logits = np.array([-400.0, -3.0, 0.0, 1e-8, 3.0, 400.0])
    np.testing.assert_allclose(noisy_student_logits(logits, 0.0), logits, rtol=1e-7, atol=1e-15)
    np.testing.assert_allclose(dropout_student_logits(logits, 0.0, 5), logits, rtol=1e-7, atol=1e-15)
    np.testing.assert_array_equal(dropout_student_logits(-logits, 0.4, 5), -dropout_student_logits(logits, 0.4, 5))


def test_units_are_those_of_the_temperature():
    hot = noisy_student_logits(6.0, 1.5, temperature=3.0, teacher_deviation=6.0)
    np.testing.assert_allclose(hot, 3 * noisy_student_logits(2.0, 0.5, teacher_deviation=2.0))
    np.testing.assert_allclose(
        dropout_student_logits(6.0, 0.5, 4, temperature=3.0), 3 * dropout_student_logits(2.0, 0.5, 4)
    )


def test_arrays_broadcast_as_one_by_one():
    rates, features = np.array([[0.1], [0.5]]), np.array([2, 7, 30])
    together = dropout_student_logits(3.0, rates, features)
    alone = [[float(dropout_student_logits(3.0, p, d)) for d in features] for p in rates[:, 0]]
    np.testing.assert_allclose(together, alone, rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: noisy_student_logits(1.0, 4.0), "deviation: expected at most 3 temperatures, got 4 temperatures; raise the temperature, or use less noise"),
        (lambda: noisy_student_logits(501.0, 1.0), "teacher_logits: expected at most 500 temperatures, got 501; raise the temperature"),
        (lambda: dropout_student_logits(1.0, 0.5, 5000), "features: expected whole numbers from 1 to 4096, got 5000; a logit is spread over a whole number of inputs"),
    ],
)  # fmt: skip
def test_what_is_beyond_its_range_is_refused_in_one_line(call, line: str):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == line
