import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import kdtheory as kd
from kdtheory.distillation.results import ArrayFit
from kdtheory.errors import InvalidArgument
from kdtheory.measures import confidence, log_odds
from kdtheory.measures.confidence import FIELDS
from kdtheory.measures.slopes import least_squares, theil_sen


def single(values):
    """Logits of the positive class, one per point."""
    return np.asarray(values, dtype=float)[..., None]


def test_confidence_is_the_log_odds_of_the_true_class(make_fit, classes):
    teacher, student = make_fit("teacher", draw=1), make_fit("student", draw=2)
    for on, labels in (("train", classes.labels), ("test", classes.test_labels)):
        got = confidence(teacher, student, on=on)
        np.testing.assert_array_equal(got.teacher, log_odds(teacher.outputs(on), labels))
        np.testing.assert_array_equal(got.student, log_odds(student.outputs(on), labels))
        assert (got.of, got.scale, got.on, got.axes) == ("labels", "logit", on, {})
        arrays_got = confidence(teacher.outputs(on), student.outputs(on), labels)
        assert arrays_got.slope == got.slope == least_squares(got.teacher, got.student)[0]
        assert arrays_got.theil_sen == got.theil_sen == theil_sen(got.teacher, got.student)


def test_saturated_logits_keep_their_slope():
    # Probabilities are all exactly 1 here, so a slope through them would be nan.
    teacher = np.array([[50.0, 0.0], [100.0, 0.0], [800.0, 0.0]])
    got = confidence(teacher, 1.25 * teacher, [0, 0, 0])
    np.testing.assert_allclose([got.slope, got.theil_sen], 1.25, rtol=1e-14)


def test_the_student_is_regressed_on_the_teacher():
    teacher, student = [0.0, 1.0, 2.0, 3.0], [0.0, 4.0, 1.0, 6.0]
    got = confidence(single(teacher), single(student), [1, 1, 1, 1])
    # sum dx dy = 7.5, sum dx^2 = 5, sum dy^2 = 22.75; the regression of teacher on student would say 22.75 / 7.5.
    assert got.slope == pytest.approx(1.5, abs=1e-14)
    assert got.intercept == pytest.approx(2.75 - 1.5 * 1.5, abs=1e-14)
    assert got.theil_sen == pytest.approx(np.median([4.0, 0.5, 2.0, -3.0, 1.0, 5.0]))


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.2, 10.0), (0.01, 10.0), (0.4, 15.0), (0.5, 15.0), (1.0, 8.0)],
)
def test_low_confidence_is_the_teachers(fraction, expected):
    # Teacher's lowest: points 0, 1, 2; the student's lowest are the last ones.
    teacher, change = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([10.0, 20.0, 30.0, -10.0, -10.0])
    got = confidence(single(teacher), single(teacher + change), np.ones(5), fraction=fraction)
    assert got.low_confidence_deviation == pytest.approx(expected)


def test_ties_with_the_last_low_point_count_too():
    teacher, student = [1.0, 1.0, 1.0, 4.0, 5.0], [1.0, 2.0, 6.0, 0.0, 0.0]
    assert confidence(single(teacher), single(student), np.ones(5)).low_confidence_deviation == 2.0


@given(arrays(float, (2, 6, 3), elements=st.integers(-9, 9).map(float)), st.permutations(range(6)))
def test_the_order_of_the_points_does_not_matter(logits, order):
    labels = np.array([0, 1, 2, 0, 1, 2])
    logits = logits + np.linspace(0, 0.5, 6)[:, None] * [1, 0, 0]  # no two teacher confidences are constant throughout
    one = confidence(logits[0], logits[1], labels)
    two = confidence(logits[0][order], logits[1][order], labels[order])
    np.testing.assert_allclose(two.low_confidence_deviation, one.low_confidence_deviation, rtol=1e-12, atol=1e-12)
    if np.ptp(one.teacher) > 1e-3:
        np.testing.assert_allclose([two.slope, two.theil_sen], [one.slope, one.theil_sen], rtol=1e-9, atol=1e-9)


def test_axes_stay_and_a_teacher_may_lack_one(make_fit, classes):
    teacher = make_fit("teacher", seed=3)
    student = make_fit("student", draw=1, mixing=2, seed=3)
    got = confidence(teacher, student)
    assert list(got.axes) == ["mixing", "seed"]
    assert got.teacher.shape == got.student.shape == (2, 3, classes.size)
    for field in FIELDS:
        assert getattr(got, field).shape == (2, 3)
    for mixing, seed in np.ndindex(2, 3):
        one = confidence(teacher.train[seed], student.train[mixing, seed], classes.labels)
        for field in FIELDS:
            np.testing.assert_allclose(getattr(got, field)[mixing, seed], getattr(one, field), rtol=1e-12)


def test_the_control_is_paired_seed_by_seed(make_fit):
    teacher, student, control = (make_fit(name, draw=draw, seed=4) for draw, name in enumerate("tsc"))
    got = confidence(teacher, student, control=control)
    assert got.control is not None
    for field in FIELDS:
        alone = [getattr(confidence(teacher, fit), field) for fit in (student, control)]
        np.testing.assert_array_equal(got.difference(field), alone[0] - alone[1])
        assert np.ptp(got.difference(field)) > 0
    other = ArrayFit("c", control.task, {"seed": np.array([3.0, 2.0, 1.0, 0.0])}, control.train, logits=True)
    with pytest.raises(
        InvalidArgument, match=r"^control: expected the same values along the axis 'seed'.* same seed values"
    ):
        confidence(teacher, student, control=other)


def test_student_and_control_are_asked_about_the_same_class(make_fit):
    teacher, student, control = (make_fit(name, draw=draw) for draw, name in enumerate("tsc"))
    got = confidence(teacher, student, control=control, of="teacher")
    top = np.argmax(teacher.train, axis=-1)
    assert got.of == got.control.of == "teacher"
    np.testing.assert_array_equal(got.control.student, log_odds(control.train, top))
    np.testing.assert_array_equal(got.control.teacher, got.teacher)


def test_the_teachers_top_class_follows_the_teacher_along_axes(make_fit):
    teacher, student = make_fit("teacher", seed=3), make_fit("student", draw=1)
    got = confidence(teacher, student, of="teacher")
    for seed in range(3):
        np.testing.assert_array_equal(
            got.student[seed], log_odds(student.train, np.argmax(teacher.train[seed], axis=-1))
        )


def test_without_labels_the_class_is_the_teachers_and_the_summary_warns():
    teacher = np.array([[2.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 4.0]])
    got = confidence(teacher, teacher)
    assert got.of == "teacher"
    assert "regression to the mean" in repr(got)
    assert "regression to the mean" not in repr(confidence(teacher, teacher, [0, 1, 2]))


def test_choosing_by_the_teacher_biases_the_plot_and_the_control_shows_it():
    """DATA.md, rule 2: teacher, student and control are equally good; by the teacher's class the student seems weaker."""
    generator = np.random.default_rng(0)
    truth = generator.normal(size=(2000, 3))
    teacher, student, control = truth + generator.normal(size=(3, 2000, 3))
    got = confidence(teacher, student, of="teacher", control=control)
    assert np.mean(got.student - got.teacher) < -0.5
    assert abs(np.mean(got.student - got.control.student)) < 0.1


def test_squared_error_is_measured_in_values_and_single_outputs_have_the_sign_of_the_target(make_fit, classes):
    teacher, student = (make_fit(name, draw=draw, logits=False) for draw, name in enumerate("ts"))
    got = confidence(teacher, student)
    assert got.scale == "value"
    np.testing.assert_array_equal(got.student, student.train[np.arange(classes.size), classes.labels])
    assert confidence(teacher, student, scale="logit").scale == "logit"
    task = kd.tasks.from_spectrum([4.0, 1.0, 0.5], coefficients=[1.0, -2.0, 0.3])
    result = kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.LinearModel(), task)
    signed = confidence(result["teacher"], result["student"])
    np.testing.assert_allclose(signed.teacher, result["teacher"].gains * [1.0, 2.0, 0.3], rtol=1e-12)
    np.testing.assert_allclose(signed.student, result["student"].gains * [1.0, 2.0, 0.3], rtol=1e-12)


def test_margins_of_a_centred_task_have_the_sign_of_the_original_target():
    task = kd.tasks.from_arrays(np.arange(4.0)[:, None], [5.0, 6.0, 7.0, 9.0]).centered()
    flow = kd.GradientFlow(0.1)
    result = kd.solve(kd.self_distillation(flow, flow), kd.LinearModel(), task)
    np.testing.assert_array_equal(confidence(*result.values()).student, result["student"].train[:, 0])


def test_arrays_beside_a_result_are_read_as_it_is(make_fit, classes):
    teacher, student = (make_fit(name, draw=draw, logits=False) for draw, name in enumerate("ts"))
    mixed, fits = confidence(teacher.train, student), confidence(teacher, student)
    assert (mixed.scale, mixed.of) == ("value", "labels")
    assert mixed.slope == fits.slope


def test_one_hot_targets_without_labels_tell_the_class(make_fit, classes):
    task = kd.tasks.from_arrays(classes.inputs, classes.targets)
    teacher, student = (make_fit(name, draw=draw, task=task) for draw, name in enumerate("ts"))
    assert confidence(teacher, student).slope == confidence(teacher.train, student.train, classes.labels).slope


def test_an_unlabelled_student_takes_the_labels_of_its_teacher_on_the_same_inputs(make_fit, classes):
    unlabelled = kd.tasks.from_arrays(classes.inputs.copy())
    teacher, student = make_fit("t"), make_fit("s", draw=1)
    moved = ArrayFit("s", unlabelled, {}, student.train, logits=True)
    assert confidence(teacher, moved).slope == confidence(teacher, student).slope


def test_the_summary_shows_numbers_and_names_what_they_are(make_fit):
    teacher, student, control = (make_fit(name, draw=draw, seed=3) for draw, name in enumerate("tsc"))
    lines = repr(confidence(teacher, student, control=control)).splitlines()
    assert lines[0] == "Confidence in the true class: 8 points (train), logit scale, mean [range] over 3 seed"
    assert lines[1].split() == ["student", "control", "difference"]
    assert [line.split("  ")[0] for line in lines[3:]] == [
        "slope, least squares", "slope, Theil-Sen", "intercept", "student - teacher, lowest 20 %",
    ]  # fmt: skip
    got = confidence(single([0.0, 1.0]), single([0.0, 1.5]), [1, 1])
    assert [line.split()[-1] for line in repr(got).splitlines()[3:]] == ["1.5", "1.5", "0", "0"]


def test_a_constant_teacher_has_no_slope_but_a_deviation():
    got = confidence(single([2.0, 2.0]), single([1.0, 0.0]), [1, 1])
    message = (
        r"^teacher confidence: expected values that differ between points, got 2 at every point; a slope needs a teacher "
        r"that is more confident on some points than on others$"
    )
    for field in ("slope", "intercept", "theil_sen"):
        with pytest.raises(InvalidArgument, match=message):
            getattr(got, field)
    assert got.low_confidence_deviation == -1.5
    assert repr(got).count("undefined: constant teacher") == 3


def test_a_converged_teacher_is_constant_within_rounding():
    task = kd.tasks.from_spectrum([4.0, 1.0, 0.5], coefficients=[1.0, 1.0, 1.0], seed=0)
    task = kd.tasks.from_arrays(task.inputs, np.ones(3))
    result = kd.solve(kd.self_distillation(kd.GradientFlow(1e4), kd.GradientFlow(1.0)), kd.LinearModel(), task)
    assert np.ptp(result["teacher"].train) > 0
    with pytest.raises(InvalidArgument, match=r"got 1 at every point;"):
        _ = confidence(*result.values()).slope


def test_one_point_has_a_deviation_and_no_slope():
    got = confidence(single([2.0]), single([1.0]), [1])
    with pytest.raises(InvalidArgument, match=r"^teacher confidence: expected at least two points for a slope, got 1;"):
        _ = got.slope
    assert got.low_confidence_deviation == -1.0
    assert "undefined: one point" in repr(got)


LOGITS = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"student": LOGITS[:2]}, r"^student: expected 3 points and 2 output\(s\) as teacher has, got 2 and 2; evaluate both"),
        ({"student": LOGITS[:, :1]}, r"^student: expected 3 points and 2 output\(s\) as teacher has, got 3 and 1;"),
        ({"control": LOGITS[:1]}, r"^control: expected 3 points and 2 output\(s\) as teacher has, got 1 and 2;"),
        ({"student": LOGITS * np.nan}, r"^student: expected finite numbers, got nan at index \[0, 0\] \(6 such value\(s\)\);"),
        ({"teacher": LOGITS[0]}, r"^teacher: expected a fit, or an array of shape \(n, classes\).*got shape \(2,\);"),
        ({"teacher": None}, r"^teacher: expected an array of real numbers, got None;"),
        ({"teacher": 1e200 * LOGITS}, r"^teacher: expected magnitudes up to 1e\+150, got 3e\+200;"),
        ({"labels": [0, 1, 2]}, r"^labels: expected class labels from 0 to 1, got 2;"),
        ({"labels": [0, 1]}, r"^labels: expected 3 labels, one per point, got 2;"),
        ({"of": "student"}, r"^of: expected one of 'labels', 'teacher', got 'student'; choose one of them$"),
        ({"of": "labels"}, r"^labels: expected known classes of the points, got None beside arrays; pass labels=, or of="),
        ({"on": "valid"}, r"^on: expected one of 'train', 'test', got 'valid';"),
        ({"scale": "probability"}, r"^scale: expected one of 'logit', 'value', got 'probability';"),
        ({"fraction": 0.0}, r"^fraction: expected a number above 0 and of at most 1, got 0.0;"),
        ({"fraction": 1.5}, r"^fraction: expected a number above 0 and of at most 1, got 1.5;"),
        ({"fraction": "20 %"}, r"^fraction: expected a number above 0 and of at most 1, got '20 %';"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(arguments, message):
    with pytest.raises(InvalidArgument, match=message):
        confidence(**({"teacher": LOGITS, "student": LOGITS} | arguments))


def test_values_of_a_single_output_need_signs():
    with pytest.raises(
        InvalidArgument, match=r"^labels: expected -1 and \+1 for a single output, got 0 at index 1; code the"
    ):
        confidence(single([1.0, 2.0]), single([1.0, 2.0]), [1, 0], scale="value")


def test_a_target_of_zero_has_no_sign():
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 0.0])
    result = kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.LinearModel(), task)
    assert confidence(*result.values()).of == "teacher"
    with pytest.raises(InvalidArgument, match=r"^labels: expected known classes of the points, got None beside Task\("):
        confidence(*result.values(), of="labels")


def test_a_whole_result_is_not_a_fit():
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    result = kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.LinearModel(), task)
    message = r"^teacher: expected one fit or an array of outputs, got Result\(.*for example result\['teacher'\]$"
    with pytest.raises(InvalidArgument, match=message):
        confidence(result, result["student"])


def test_logits_and_values_are_not_compared_unasked(make_fit):
    teacher, student = make_fit("t"), make_fit("s", draw=1, logits=False)
    message = (
        r"^scale: expected outputs of one kind, got logits of the teacher, values of the student; say which to use"
    )
    with pytest.raises(InvalidArgument, match=message):
        confidence(teacher, student)
    assert confidence(teacher, student, scale="value").scale == "value"


def test_fits_on_other_inputs_are_not_compared(make_fit, classes):
    other = kd.tasks.from_arrays(classes.inputs + 1.0, classes.labels, classes.test_inputs, classes.test_labels)
    teacher, student = make_fit("t"), make_fit("s", task=other)
    with pytest.raises(
        InvalidArgument, match=r"^student: expected the train inputs of teacher \(Task.*got other inputs"
    ):
        confidence(teacher, student)
    assert confidence(teacher, student, on="test").on == "test"


def test_test_points_need_test_inputs():
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    result = kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.LinearModel(), task)
    with pytest.raises(InvalidArgument, match=r"^on: expected a task with test inputs, got 'test' on Task"):
        confidence(*result.values(), on="test")


def test_a_difference_needs_a_control_and_a_field():
    got = confidence(LOGITS, LOGITS, [0, 1, 0])
    with pytest.raises(
        InvalidArgument, match=r"^control: expected a retrain control, got None; pass control=, a fit on lab"
    ):
        got.difference("slope")
    with pytest.raises(InvalidArgument, match=r"^field: expected one of 'slope', .*got 'slopes';"):
        got.difference("slopes")
