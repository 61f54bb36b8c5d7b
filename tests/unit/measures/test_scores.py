import numpy as np
import pytest
import scipy.special
from sklearn.metrics import brier_score_loss, log_loss

from kdtheory.errors import InvalidArgument
from kdtheory.measures import brier_score, negative_log_likelihood


@pytest.fixture
def drawn():
    generator = np.random.default_rng(0)
    return 3 * generator.normal(size=(2, 40, 4)), generator.integers(4, size=40)


def test_both_are_those_of_scikit_learn_for_many_classes(drawn):
    logits, labels = drawn
    for cell, array in enumerate(logits):
        p = scipy.special.softmax(array, axis=1)
        for given, scale in ((logits, None), (scipy.special.softmax(logits, axis=-1), "probability")):
            score = brier_score(given, labels, scale=scale)
            assert score.shape == (2,)
            assert score[cell] == pytest.approx(brier_score_loss(labels, p), rel=1e-12)
            found = negative_log_likelihood(given, labels, scale=scale)
            assert found[cell] == pytest.approx(log_loss(labels, p), rel=1e-12)


@pytest.mark.parametrize("labels", [[0, 1, 1, 0], [-1, 1, 1, -1]])
def test_a_single_column_is_two_classes_and_scikit_learn_takes_half_the_brier_score(labels):
    logits = np.array([[-1.0], [2.0], [-0.5], [3.0]])
    p = scipy.special.expit(logits[:, 0])
    assert brier_score(logits, labels) == pytest.approx(2 * brier_score_loss(labels, p, pos_label=1))
    assert brier_score(p[:, None], labels, scale="probability") == pytest.approx(float(brier_score(logits, labels)))
    assert negative_log_likelihood(logits, labels) == pytest.approx(log_loss(labels, p))
    assert brier_score(np.hstack([0 * logits, logits]), [0, 1, 1, 0]) == pytest.approx(
        float(brier_score(logits, labels))
    )


def test_extreme_logits_keep_their_digits():
    assert negative_log_likelihood([[1000.0, 0.0]], [1]) == 1000.0
    assert negative_log_likelihood([[-1000.0]], [1]) == 1000.0
    np.testing.assert_allclose(negative_log_likelihood([[50.0, 0.0]], [0]), np.exp(-50.0), rtol=1e-14)
    np.testing.assert_allclose(negative_log_likelihood([[50.0]], [1]), np.exp(-50.0), rtol=1e-14)
    np.testing.assert_allclose(brier_score([[50.0, 0.0, 0.0]], [0]), 6 * np.exp(-100.0), rtol=1e-12)
    assert brier_score([[1000.0, 0.0]], [1]) == 2.0


def test_a_probability_of_zero_for_the_truth_costs_infinitely_much():
    assert negative_log_likelihood([[1.0, 0.0]], [1], scale="probability") == np.inf
    assert negative_log_likelihood([[1.0, 0.0]], [0], scale="probability") == 0.0
    assert brier_score([[1.0, 0.0]], [1], scale="probability") == 2.0


@pytest.mark.parametrize("score", [brier_score, negative_log_likelihood])
def test_both_are_least_at_the_truth(score):
    labels = [0, 0, 0, 1]
    scores = [float(score([[p, 1 - p]] * 4, labels, scale="probability")) for p in (0.7, 0.75, 0.8)]
    assert scores[1] < min(scores[0], scores[2])


@pytest.mark.parametrize("score", [brier_score, negative_log_likelihood])
def test_temperature_divides_logits_and_fits_bring_labels_and_axes(score, make_fit, classes, drawn):
    logits, labels = drawn
    np.testing.assert_allclose(score(logits, labels, temperature=3.0), score(logits / 3.0, labels))
    fit = make_fit("student", seed=3)
    np.testing.assert_array_equal(score(fit), score(fit.test, classes.test_labels))
    np.testing.assert_array_equal(score(fit, on="train"), score(fit.train, classes.labels))
    with pytest.raises(
        InvalidArgument, match=r"^result: expected logits or probabilities, got values of .*scale='logit'"
    ):
        score(make_fit("student", logits=False))


@pytest.mark.parametrize("score", [brier_score, negative_log_likelihood])
@pytest.mark.parametrize(
    ("result", "labels", "scale", "message"),
    [
        ([[np.nan, 0.0]], [0], None, r"^result: expected finite numbers, got nan"),
        ([[0.5, 0.6]], [0], "probability", r"^result: expected rows that are probabilities, got a row \[0.5, 0.6\]; pass logits with"),
        ([[-0.1, 1.1]], [0], "probability", r"^result: expected rows that are probabilities, got a row \[-0.1, 1.1\];"),
        ([[1.5]], [1], "probability", r"^result: expected rows that are probabilities, got a row \[-0.5, 1.5\];"),
        ([[0.0, 1.0]], [0.5], None, r"^labels: expected class labels from 0 to 1, got 0.5"),
        ([[0.0, 1.0]], [0], "logits", r"^scale: expected one of 'logit', 'probability', got 'logits'"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(score, result, labels, scale, message):
    with pytest.raises(InvalidArgument, match=message):
        score(result, labels, scale=scale)
