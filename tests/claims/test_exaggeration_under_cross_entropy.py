"""C14.12: slopes under cross-entropy cross 1 once, at temperatures from 2."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims._soft_clusters import drop, label_progress, soft_progress
from kdtheory.claims.exaggeration_under_cross_entropy import Run, SoftClusters, slope_margin, teacher_margins
from kdtheory.distillation import margins_on_labels, margins_on_teacher


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("tau", [2.0, 4.0, 50.0])
@pytest.mark.parametrize("ratio", [0.05, 0.5, 0.97])
def test_over_all_student_times_the_slope_passes_one_once_and_stays_above(classes: int, tau: float, ratio: float):
    """By the library's own inverse, over twelve decades of student time, where deficits are not yet rounding."""
    for progress in (0.1, 3.0, 100.0):
        lam = np.array([1.0, ratio]) * progress
        own = margins_on_labels(lam, 1.0, classes=classes)
        time = np.geomspace(1e-4, 1e8, 600)[:, None]
        left = margins_on_teacher(lam, time, own, temperature=tau, classes=classes).deficits
        known = left.min(axis=-1) > 1e-250
        above = left[known, 1] > left[known, 0]
        assert np.count_nonzero(np.diff(above.astype(int))) == 1
        assert not above[0]
        assert above[-1]


def test_below_two_with_many_classes_the_order_of_speeds_is_not_one_order():
    """At temperature 1 the late speed falls with the margin beyond 3 + 1/k; with two classes that is so below 20/19."""
    margin = np.array([6.0, 9.0])
    for k in (1.0, 9.0):
        late = [np.diff(np.log(label_progress(margin, k) * drop(margin / tau, 1e-9, k)))[0] for tau in (1.0, 2.0)]
        assert late[0] < 0 < late[1]


@given(case=SoftClusters.strategy())
def test_closed_forms_are_those_of_the_toolkit(case: SoftClusters):
    classes = round(float(case.classes))
    k, lam = classes - 1.0, np.array([1.0, float(case.ratio)])
    own = margins_on_labels(lam, case.progress, classes=classes)
    np.testing.assert_allclose(teacher_margins(lam * case.progress, np.asarray(k)), own, rtol=1e-12)
    told = own / case.temperature
    deficit = case.share * told[1]
    time = soft_progress(told, deficit, k) / lam
    taught = margins_on_teacher(lam, time, own, temperature=case.temperature, classes=classes)
    scale = 1 + time * lam
    np.testing.assert_allclose(taught.deficits, case.temperature * deficit + 0 * lam, rtol=1e-12 * scale.max())


@given(margin=st.floats(0.01, 40), tau=st.floats(2, 50), k=st.integers(1, 10**6), left=st.floats(1e-6, 1 - 1e-6))
def test_the_key_inequality_in_50_digits(margin: float, tau: float, k: int, left: float):
    """The logarithm of eigenvalue times speed rises with the teacher's margin, at a common deficit."""
    with mpmath.workdps(50):
        deficit = mpmath.mpf(left) * margin / tau

        def speed(m):
            chance = [1 / (1 + k * mpmath.exp(-each)) for each in (m / tau, m / tau - deficit)]
            return mpmath.log(k * m + mpmath.expm1(m)) + mpmath.log(chance[0] - chance[1])

        assert mpmath.diff(speed, mpmath.mpf(margin)) > 0


@given(margin=st.floats(0.01, 40), left=st.floats(1e-6, 1 - 1e-6))
def test_with_two_classes_20_over_19_is_enough(margin: float, left: float):
    tau = 20 / 19
    one, two = margin, margin * 1.001
    deficit = left * one / tau
    speeds = [label_progress(m, 1.0) * drop(m / tau, deficit, 1.0) for m in (one, two)]
    assert speeds[1] > speeds[0]


def test_the_longer_the_teacher_was_trained_the_earlier_its_student_exaggerates():
    lam, shares = np.array([4.0, 1.0]), []
    for time in (1.0, 10.0, 100.0):
        own = margins_on_labels(lam, time, classes=10)
        shares.append(kd.measures.exaggeration_time(lam / 10, own) / time)
    assert np.all(np.diff(shares) < 0)


def test_a_hot_student_is_one_of_square_loss():
    lam, own = np.array([3.0, 1.0]), np.array([5.0, 2.0])
    hot = margins_on_teacher(lam, 2.0, own, temperature=1e6, classes=5).margins
    np.testing.assert_allclose(hot, own * kd.GradientFlow(2.0 / 5).gain(lam), rtol=1e-5)
    assert slope_margin(Run((3.0, 1.0), 2.0, 1e6, classes=5, teacher_margins=(5.0, 2.0))).smallest < 0


def test_the_derivation_does_not_verify_wrong_times(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "exaggeration-under-cross-entropy")
    right = module.label_time()
    monkeypatch.setattr(module, "label_time", lambda: right + module.Z)
    failed = {step.name for step in module.prove().steps if not step.verified}
    assert failed >= {"The teacher", "How the eigenvalue grows with the teacher's margin"}
