import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import agreement


def literal(teacher, student, temperature):
    """By loops over points, from probabilities."""
    top, kl, variation, distance = [], [], [], []
    for a, b in zip(teacher, student, strict=True):
        p, q = (np.exp(z / temperature) / np.sum(np.exp(z / temperature)) for z in (a, b))
        top.append(float(list(a).index(max(a)) == list(b).index(max(b))))
        kl.append(sum(x * np.log(x / y) for x, y in zip(p, q, strict=True)))
        variation.append(sum(abs(x - y) for x, y in zip(p, q, strict=True)) / 2)
        distance.append(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))
    return [sum(each) / len(each) for each in (top, kl, variation, distance)]


def numbers(measured):
    return [measured.top_class, measured.kl, measured.total_variation, measured.squared_distance]


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_agreement_is_that_of_loops_in_every_cell(make_fit, temperature):
    teacher, student = make_fit("teacher", seed=2), make_fit("student", draw=1, mixing=3, seed=2)
    for on in ("train", "test"):
        got = agreement(teacher, student, on=on, temperature=temperature)
        assert sorted(got.axes) == ["mixing", "seed"]
        assert list(got.axes).index("mixing") == 0
        for i, j in np.ndindex(3, 2):
            expected = literal(teacher.outputs(on)[j], student.outputs(on)[i, j], temperature)
            np.testing.assert_allclose([each[i, j] for each in numbers(got)], expected, rtol=1e-11)


def test_the_teacher_comes_first_in_the_divergence():
    even, sure = [[0.0, 0.0]], [[3.0, 0.0]]
    p = scipy.special.expit(3.0)
    expected = 0.5 * np.log(0.5 / p) + 0.5 * np.log(0.5 / (1 - p))
    assert agreement(even, sure).kl == pytest.approx(expected)
    assert agreement(sure, even).kl == pytest.approx(p * np.log(2 * p) + (1 - p) * np.log(2 * (1 - p)))
    assert agreement(even, sure).kl != pytest.approx(float(agreement(sure, even).kl), rel=0.1)


@given(
    logits=hnp.arrays(float, (2, 4), elements=st.floats(-1, 1)),
    size=st.sampled_from([1e-6, 1e-2, 1.0, 30.0, 1000.0, 1e6]),
    gap=st.sampled_from([1e-7, 1e-3, 1.0]),
)
def test_kl_agrees_with_fifty_digits_where_students_are_near_or_sure(logits, size, gap):
    teacher = size * logits[0]
    student = teacher + gap * size * logits[1]
    with mpmath.workdps(50):
        logs = []
        for z in (teacher, student):
            z = [mpmath.mpf(float(each)) for each in z]
            norm = max(z) + mpmath.log(mpmath.fsum(mpmath.exp(each - max(z)) for each in z))
            logs.append([each - norm for each in z])
        exact = max(0.0, float(mpmath.fsum(mpmath.exp(a) * (a - b) for a, b in zip(*logs, strict=True))))
    got = agreement(teacher[None], student[None]).kl
    assert got >= 0
    # Rounding of the logits moves each gap d by eps * size, and KL by its derivative, of order min(d, 1).
    moved = 16 * np.finfo(float).eps * (1 + size)
    assert abs(got - exact) <= moved * (moved + np.sqrt(2 * exact) + exact)


def test_a_student_that_is_its_teacher_agrees_wholly():
    logits = np.array([[1e6, 0.0, -1e6], [0.1, 0.2, 0.3]])
    assert numbers(agreement(logits, logits)) == [1.0, 0.0, 0.0, 0.0]
    shifted = agreement(logits, logits + 1024.0)
    assert shifted.total_variation == pytest.approx(0.0, abs=1e-12)
    assert shifted.squared_distance == 3 * 1024.0**2


def test_a_single_column_is_two_classes_with_the_negative_one_at_zero():
    teacher, student = np.array([[2.0], [-1.0], [0.0]]), np.array([[0.5], [3.0], [-1.0]])
    for temperature in (1.0, 3.0):
        one = agreement(teacher, student, temperature=temperature)
        two = agreement(*(np.hstack([0 * z, z]) for z in (teacher, student)), temperature=temperature)
        np.testing.assert_allclose(numbers(one), numbers(two), rtol=1e-13)
    assert one.top_class == pytest.approx(2 / 3)


def test_probabilities_give_what_their_logits_give():
    teacher, student = np.random.default_rng(0).normal(size=(2, 6, 3))
    by_logits = agreement(teacher, student)
    softened = agreement(*(scipy.special.softmax(z, axis=1) for z in (teacher, student)), scale="probability")
    assert softened.kl == pytest.approx(by_logits.kl)
    assert softened.total_variation == pytest.approx(by_logits.total_variation)
    assert agreement([[0.0, 1.0]], [[1.0, 0.0]], scale="probability").kl == np.inf
    certain = agreement([[0.0, 1.0]], [[0.5, 0.5]], scale="probability")
    assert certain.kl == pytest.approx(np.log(2))
    assert agreement([[0.4]], [[0.3]], scale="probability").top_class == 1.0
    assert agreement([[0.4]], [[0.6]], scale="probability").top_class == 0.0


def test_fits_on_squared_error_have_no_divergence_unless_called_logits(make_fit):
    values, logits = make_fit("values", logits=False), make_fit("logits", draw=1)
    for pair in ((values, logits), (logits, values), (values, values)):
        got = agreement(*pair)
        assert got.kl is None
        assert got.total_variation is None
        np.testing.assert_allclose(got.squared_distance, literal(pair[0].test, pair[1].test, 1.0)[3])
    assert agreement(values, logits, scale="logit").kl == pytest.approx(agreement(values.test, logits.test).kl)


@pytest.mark.parametrize(
    ("arguments", "change", "message"),
    [
        (([[1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]), {}, r"^student: expected 1 points and 2 output\(s\) as teacher has, got 2 and 2;"),
        (([[1.0, 0.0]], [[np.nan, 0.0]]), {}, r"^student: expected finite numbers, got nan"),
        (([[1.0, 0.0]],) * 2, dict(temperature=0.0), r"^temperature: expected a number above 0, got 0"),
        (([[1.0, 0.0]],) * 2, dict(scale="logits"), r"^scale: expected one of 'logit', 'probability', got 'logits'"),
        (([[1.0, 0.5]],) * 2, dict(scale="probability"), r"^teacher: expected rows that are probabilities, got a row \[1.0, 0.5\]; pass logits"),
        (([[1.0, 0.0]],) * 2, dict(scale="probability", temperature=2.0), r"^temperature: expected 1 for probabilities, got 2; pass logits"),
        (([[1e200, 0.0]],) * 2, {}, r"^teacher: expected magnitudes up to 1e\+150, got 1e\+200; rescale the outputs$"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(arguments, change, message):
    with pytest.raises(InvalidArgument, match=message):
        agreement(*arguments, **change)


def test_without_test_inputs_the_error_says_what_to_ask():
    task = kd.tasks.from_arrays([[1.0], [2.0]], [1.0, -1.0])
    fit = kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)))), kd.LinearModel(), task)["t"]
    with pytest.raises(InvalidArgument, match=r"ask on='train'$"):
        agreement(fit, fit)
