"""Confidence slopes against scikit-learn, scipy, and the closed forms of THEORY C9."""

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats
from sklearn.linear_model import LinearRegression

import kdtheory as kd
from kdtheory.measures import confidence


@pytest.mark.parametrize(
    ("points", "classes", "scale"), [(2, 2, 1.0), (50, 3, 0.01), (500, 10, 20.0), (300, 100, 300.0)]
)
def test_slopes_are_those_of_scikit_learn_and_scipy_on_log_odds_to_sixty_digits(points, classes, scale):
    generator = np.random.default_rng(points)
    teacher, student = scale * generator.normal(size=(2, points, classes))
    labels = generator.integers(classes, size=points)

    def log_odds(logits, label):
        with mpmath.workdps(60):
            exponentials = [mpmath.exp(mpmath.mpf(z)) for z in logits]
            own = exponentials.pop(label)
            return float(mpmath.log(own / mpmath.fsum(exponentials)))

    x, y = (np.array([log_odds(row, j) for row, j in zip(z, labels, strict=True)]) for z in (teacher, student))
    got = confidence(teacher, student, labels)
    line = LinearRegression().fit(x[:, None], y)
    np.testing.assert_allclose(got.slope, line.coef_[0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(got.intercept, line.intercept_, rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(got.theil_sen, scipy.stats.theilslopes(y, x).slope, rtol=1e-9, atol=1e-11)
    lowest = np.argsort(x)[: max(1, round(0.2 * points))]
    np.testing.assert_allclose(got.low_confidence_deviation, np.mean((y - x)[lowest]), rtol=1e-10)


def test_log_odds_agree_with_probabilities_where_these_are_harmless():
    teacher, student = np.random.default_rng(0).normal(size=(2, 40, 5))
    got = confidence(teacher, student, of="teacher")
    top = np.argmax(teacher, axis=-1)
    for logits, found in ((teacher, got.teacher), (student, got.student)):
        probability = scipy.special.softmax(logits, axis=-1)[np.arange(40), top]
        np.testing.assert_allclose(found, scipy.special.logit(probability), rtol=1e-12, atol=1e-13)


def clusters(sizes):
    """THEORY C9: within-cluster kernel 1, else 0; all labels +1."""
    owner = np.repeat(np.arange(len(sizes)), sizes)
    gram = (owner[:, None] == owner[None, :]).astype(float)
    task = kd.tasks.from_arrays(np.arange(len(owner), dtype=float)[:, None], np.ones(len(owner)))
    return task, kd.KernelModel(gram=gram)


@pytest.mark.parametrize("time", [0.01, 0.1, 0.3])
def test_c9b_the_same_flow_twice_has_the_sum_of_gains_as_slope(time):
    task, model = clusters([6, 2])
    flow = kd.GradientFlow(time)
    result = kd.solve(kd.self_distillation(flow, flow), model, task)
    slope = flow.gain([6.0, 2.0]).sum()
    got = confidence(result["teacher"], result["student"])
    np.testing.assert_allclose([got.slope, got.theil_sen], slope, rtol=1e-9)
    assert (got.slope > 1) == (slope > 1)


def test_c9b_exaggeration_begins_at_the_critical_student_time():
    task, model = clusters([6, 2])
    gains = kd.GradientFlow(0.2).gain([6.0, 2.0])
    critical = np.log(gains[0] / gains[1]) / 4.0
    times = kd.axis("time", critical * np.array([0.9, 1.0, 1.1]))
    result = kd.solve(kd.self_distillation(kd.GradientFlow(0.2), kd.GradientFlow(times)), model, task)
    below, at, above = confidence(result["teacher"], result["student"]).slope
    assert below < 1 < above
    assert at == pytest.approx(1.0, abs=1e-9)


def test_c9c_many_clusters_have_the_slope_of_weighted_moments():
    sizes = np.array([1, 2, 3, 5, 8, 13])
    task, model = clusters(sizes)
    flow = kd.GradientFlow(0.15)
    result = kd.solve(kd.self_distillation(flow, flow), model, task)
    gains = flow.gain(sizes.astype(float))
    mean = np.average(gains, weights=sizes)
    second, third = (np.average((gains - mean) ** power, weights=sizes) for power in (2, 3))
    got = confidence(result["teacher"], result["student"])
    np.testing.assert_allclose(got.slope, 2 * mean + third / second, rtol=1e-9)


def test_c9d_against_the_matched_one_hot_model_the_slope_is_above_one():
    task, model = clusters([6, 2])
    flow = kd.GradientFlow(0.05)
    student = kd.solve(kd.self_distillation(flow, flow), model, task)["student"]
    matched = kd.GradientFlow(model.spectrum(task).time_at(gain=float(student.gains[0]), mode=0))
    reference = kd.solve(kd.Recipe(one_hot=kd.Fit(kd.Phase(kd.labels, matched))), model, task)["one_hot"]
    teacher = kd.solve(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, flow))), model, task)["teacher"]
    assert confidence(teacher, student).slope < 1 < confidence(reference, student).slope
