import numpy as np
import pytest
import scipy.special
from sklearn.calibration import calibration_curve

from kdtheory.errors import InvalidArgument
from kdtheory.measures import calibration


def literal_width(probabilities, labels, bins):
    """The error of guo2017 by loops over bins, closed on the right."""
    error = 0.0
    for m in range(bins):
        inside = [i for i, p in enumerate(probabilities) if m / bins < max(p) <= (m + 1) / bins]
        if inside:
            sure = np.mean([max(probabilities[i]) for i in inside])
            right = np.mean([list(probabilities[i]).index(max(probabilities[i])) == labels[i] for i in inside])
            error += len(inside) / len(labels) * abs(right - sure)
    return error


def literal_mass(probabilities, labels, bins):
    """By sorting and cutting, for confidences without ties."""
    order = sorted(range(len(labels)), key=lambda i: max(probabilities[i]))
    error = 0.0
    for part in np.array_split(order, bins):
        if len(part):
            gaps = [max(probabilities[i]) - (np.argmax(probabilities[i]) == labels[i]) for i in part]
            error += abs(sum(gaps)) / len(labels)
    return error


@pytest.fixture
def drawn():
    generator = np.random.default_rng(0)
    return 2 * generator.normal(size=(3, 57, 4)), generator.integers(4, size=57)


@pytest.mark.parametrize("bins", [1, 4, 15, 100])
@pytest.mark.parametrize(("binning", "literal"), [("width", literal_width), ("mass", literal_mass)])
def test_the_error_is_that_of_loops_over_bins(drawn, bins, binning, literal):
    logits, labels = drawn
    got = calibration(logits, labels, bins=bins, binning=binning)
    assert got.error.shape == (3,)
    np.testing.assert_allclose(got.share.sum(axis=-1), 1.0)
    for cell, array in enumerate(logits):
        assert got.error[cell] == pytest.approx(literal(scipy.special.softmax(array, axis=1), labels, bins), abs=1e-13)


@pytest.mark.parametrize("bins", [5, 10])
def test_bins_are_those_of_scikit_learn_where_the_positive_class_is_the_surer_one(bins):
    generator = np.random.default_rng(1)
    probabilities = generator.uniform(0.5001, 1.0, size=200)
    labels = generator.integers(2, size=200)
    accuracy, confidence = calibration_curve(labels, probabilities, n_bins=bins)
    got = calibration(probabilities[:, None], labels, bins=bins, scale="probability")
    np.testing.assert_allclose(got.accuracy.compressed(), accuracy)
    np.testing.assert_allclose(got.confidence.compressed(), confidence)
    assert got.accuracy.mask.sum() == bins // 2


def test_bins_are_closed_on_the_right():
    for bins in (3, 5, 10, 15, 20, 49, 100):
        for k in range(bins // 2 + 1, bins + 1):
            for edge in ([k / bins], [0.0, 1 - k / bins, k / bins]):
                got = calibration([edge], [len(edge) - 1], bins=bins, scale="probability")
                assert np.flatnonzero(got.share).tolist() == [k - 1]
    got = calibration([[0.7, 0.2, 0.1]], [0], bins=10, scale="probability")  # which sum to less than 1
    assert np.flatnonzero(got.share).tolist() == [6]


def test_probabilities_in_single_precision_count_as_probabilities():
    logits, labels = np.random.default_rng(2).normal(size=(30, 5)), np.arange(30) % 5
    single = scipy.special.softmax(logits.astype(np.float32), axis=1)
    assert calibration(single, labels, scale="probability").error == pytest.approx(
        float(calibration(logits, labels).error), abs=1e-6
    )


def test_equal_confidences_share_their_accuracy_in_any_order():
    sure = np.array([0.9] * 5 + [0.7] * 2 + [0.6])
    labels = np.array([1, 0, 1, 0, 1, 1, 0, 1])
    first = calibration(sure[:, None], labels, bins=3, binning="mass", scale="probability")
    order = np.random.default_rng(0).permutation(8)
    second = calibration(sure[order, None], labels[order], bins=3, binning="mass", scale="probability")
    np.testing.assert_allclose(first.accuracy, second.accuracy)
    np.testing.assert_allclose(first.accuracy, [2 / 3, 0.6, 0.6])
    np.testing.assert_allclose(first.share, [3 / 8, 3 / 8, 2 / 8])


def test_a_perfectly_calibrated_forecast_has_no_error_and_a_sure_wrong_one_all():
    assert calibration([[0.75]] * 4, [1, 1, 1, 0], scale="probability").error == pytest.approx(0.0, abs=1e-15)
    assert calibration([[1000.0, 0.0]], [1]).error == 1.0
    assert calibration([[1000.0, 0.0]], [0]).error == 0.0


def test_a_single_column_is_two_classes_and_its_confidence_at_least_one_half():
    logits, labels = np.array([[-2.0], [1.0], [0.3], [0.0]]), [0, 1, 0, 0]
    one = calibration(logits, labels)
    two = calibration(np.hstack([0 * logits, logits]), labels)
    assert one.error == pytest.approx(two.error)
    assert one.error == pytest.approx(float(calibration(logits, [-1, 1, -1, -1]).error))
    assert one.confidence.min() >= 0.5


def test_temperature_divides_logits():
    logits, labels = np.random.default_rng(3).normal(size=(20, 3)), np.arange(20) % 3
    np.testing.assert_allclose(
        calibration(logits, labels, temperature=2.5).error, calibration(logits / 2.5, labels).error
    )


def test_fits_bring_their_labels_and_axes_and_values_are_refused(make_fit, classes):
    fit = make_fit("student", seed=3)
    got = calibration(fit)
    assert list(got.axes) == ["seed"]
    np.testing.assert_array_equal(got.error, calibration(fit.test, classes.test_labels).error)
    np.testing.assert_array_equal(calibration(fit, on="train").error, calibration(fit.train, classes.labels).error)
    values = make_fit("student", logits=False)
    with pytest.raises(
        InvalidArgument, match=r"^result: expected logits or probabilities, got values of .*scale='logit'"
    ):
        calibration(values)
    assert calibration(values, scale="logit").error == calibration(values.test, classes.test_labels).error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(bins=0), r"^bins: expected a whole number of at least 1, got 0"),
        (dict(binning="equal"), r"^binning: expected one of 'width', 'mass', got 'equal'"),
        (dict(labels=None), r"^labels: expected known classes of the points, got None beside an array; pass labels=$"),
        (dict(labels=[2]), r"^labels: expected class labels from 0 to 1, got 2"),
        (dict(scale="probability"), r"^result: expected rows that are probabilities, got a row \[2.0, 0.0\];"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(change, message):
    with pytest.raises(InvalidArgument, match=message):
        calibration([[2.0, 0.0]], **{"labels": [0], **change})
