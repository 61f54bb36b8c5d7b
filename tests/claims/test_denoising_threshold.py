"""C7c: with noisy labels, a teacher trained long enough has the better gradient."""

import itertools
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.denoising_threshold import Formulas, Noisy, NoisyMode, benefit_margin, margins

SIGNS = np.array(list(itertools.product((-1.0, 1.0), repeat=4))).T


@pytest.mark.parametrize("trained", [0.0, 0.7])
def test_the_error_ratio_by_all_draws_of_noise_at_a_point_that_depends_on_the_noise_too(trained: float):
    """Noise of plus or minus sigma on four samples: all 16 labellings, each with its own teacher and its own student.

    Against the clean gradient at the same point the ratio holds along the student's trajectory as well; it is the
    *variance* of gradients that changes there, to (gain(s) - a)^2 against (1 - gain(s))^2.
    """
    lam, wanted, sigma, time = np.array([3.0, 1.0, 0.4, 0.1]), np.array([2.0, 0.3, -1.0, 0.0]), 0.6, 1.3
    task = kd.tasks.from_spectrum(lam, coefficients=wanted[:, None] + sigma * SIGNS)
    model, flow = kd.LinearModel(), kd.GradientFlow(time)
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, flow))}
    fits["student"] = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(trained)))
    solved = kd.solve(kd.Recipe(**fits), model, task)
    at = solved["student"].train
    clean = np.broadcast_to(wanted[:, None], at.shape)
    distilled = kd.measures.gradients(model, task, at, teacher=solved["teacher"]).modes
    onehot, true = (kd.measures.gradients(model, task, at, labels=each).modes for each in (task.targets, clean))
    ratio = np.mean((distilled - true) ** 2, axis=-1) / np.mean((onehot - true) ** 2, axis=-1)
    gain, missing = -np.expm1(-lam * time), np.exp(-lam * time)
    expected = Formulas().ratio(gain, missing, wanted**2 / sigma**2)
    np.testing.assert_allclose(ratio, expected, rtol=1e-12)
    spread = np.var(distilled, axis=-1) / np.var(onehot, axis=-1)
    student = -np.expm1(-lam * trained)
    np.testing.assert_allclose(spread, ((student - gain) / (1 - student)) ** 2, rtol=1e-10)


@given(power=st.floats(-5, 6))
def test_threshold_and_best_time_against_60_digits(power: float):
    snr = 10.0**power
    with mpmath.workdps(60):
        even, best = mpmath.log((1 + mpmath.mpf(snr)) / 2), mpmath.log(1 + mpmath.mpf(snr))
    # Near SNR = 1 the threshold vanishes; what stays is the sensitivity to a relative change of the ratio.
    assert float(Formulas().threshold(snr)) == pytest.approx(float(even), rel=1e-14, abs=1e-15)
    assert float(Formulas().wiener(snr)) == pytest.approx(float(best), rel=1e-14)


@pytest.mark.parametrize("snr", [0.2, 1.0])
def test_with_no_more_signal_than_noise_every_teacher_helps(snr: float):
    for progress in (1e-3, 0.1, 1.0, 20.0):
        assert benefit_margin(Noisy(progress, snr, 1.0)).smallest > 0


@pytest.mark.parametrize("name", ["ratio", "threshold", "wiener"])
def test_a_relative_error_of_1e_9_in_any_formula_is_caught(name: str):
    right = getattr(Formulas(), name)
    cases = NoisyMode.draw(np.random.default_rng(12), 500)
    wrong: Any = {name: lambda *arguments: right(*arguments) * (1 + 1e-9)}
    assert not margins(cases, Formulas(**wrong)).held.all()


def test_the_derivation_does_not_verify_a_wrong_ratio(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "denoising-threshold")
    monkeypatch.setattr(module, "error_ratio", lambda: module.a + (1 - module.a) ** 2 * module.S)
    failed = {step.name for step in module.noisy() if not step.verified}
    assert failed == {"The ratio of mean squared errors", "When it is below 1", "The best time"}
