"""Overlapping classes: the stated probabilities are those of the mixture, and labels follow them."""

import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import pdist

import kdtheory as kd
from kdtheory.errors import InvalidArgument


@pytest.mark.parametrize("classes, features", [(2, 1), (3, 2), (4, 6)])
def test_probabilities_are_those_of_bayes_rule(classes, features):
    """Means are recovered from the log-odds, which are affine in x; then densities by scipy.stats."""
    task = kd.tasks.ambiguous(train=200, test=50, classes=classes, features=features, separation=1.5, seed=2)
    logs = np.log(task.clean_targets)
    design = np.column_stack([task.inputs, np.ones(200)])
    slopes = np.linalg.lstsq(design, logs - logs.mean(axis=1, keepdims=True), rcond=None)[0]
    means = slopes[:-1].T
    np.testing.assert_allclose(pdist(means), 1.5, rtol=1e-9)
    np.testing.assert_allclose(means.sum(axis=0), 0.0, atol=1e-9)
    for inputs, probabilities in ((task.inputs, task.clean_targets), (task.test_inputs, task.clean_test_targets)):
        densities = np.stack([scipy.stats.multivariate_normal(m).pdf(inputs) for m in means], axis=-1)
        densities = densities.reshape(probabilities.shape)
        np.testing.assert_allclose(probabilities, densities / densities.sum(axis=1, keepdims=True), rtol=1e-8)


def test_labels_follow_their_probabilities():
    """Frequency of each class minus its mean probability, within five standard errors; and calibrated in the middle."""
    task = kd.tasks.ambiguous(train=20_000, test=20_000, classes=3, separation=1.0, seed=0)
    for targets, truth in ((task.targets, task.clean_targets), (task.test_targets, task.clean_test_targets)):
        for chosen in (truth > -1, truth > 0.6, truth < 0.1):
            error = np.sqrt(np.sum(truth * (1 - truth) * chosen))
            assert abs(np.sum((targets - truth) * chosen)) < 5 * error
        np.testing.assert_array_equal(targets.sum(axis=1), 1.0)


def test_inputs_come_from_the_mixture():
    """Two classes on a line: variance 1 + (separation / 2)^2; relative standard error below sqrt(2 / n)."""
    task = kd.tasks.ambiguous(train=20_000, test=0, classes=2, features=2, separation=3.0)
    assert task.inputs[:, 0].var() == pytest.approx(1 + 1.5**2, rel=5 * np.sqrt(2 / 20_000))
    assert task.inputs[:, 1].var() == pytest.approx(1.0, rel=5 * np.sqrt(2 / 20_000))


def test_the_best_error_is_the_one_stated():
    task = kd.tasks.ambiguous(train=20_000, test=0, classes=2, separation=2.0)
    best = scipy.stats.norm.cdf(-1.0)
    wrong = np.mean(task.clean_targets.argmax(axis=1) != task.labels)
    assert wrong == pytest.approx(best, abs=5 * np.sqrt(best / 20_000))


def test_the_seed_decides_the_draw_and_the_test_set_has_its_own_stream():
    first, again, other = (kd.tasks.ambiguous(train=30, test=t, seed=s) for s, t in ((1, 5), (1, 50), (2, 5)))
    np.testing.assert_array_equal(first.labels, again.labels)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)
    assert not np.array_equal(first.inputs[:5], first.test_inputs)
    flat = kd.tasks.ambiguous(train=9, test=0, separation=0.0)
    np.testing.assert_allclose(flat.clean_targets, 1 / 3, rtol=1e-14)


@pytest.mark.parametrize("options, message", [
    (dict(classes=1), "classes: expected a whole number of at least 2, got 1; change classes"),
    (dict(classes=5, features=3),
     "features: expected at least 4 for 5 classes, got 3; ask for more features or fewer classes"),
    (dict(separation=-1.0), "separation: expected a number of at least 0, got -1.0; change separation"),
    (dict(train=0), "train: expected a whole number of at least 1, got 0; change train"),
])  # fmt: skip
def test_mixtures_that_cannot_be_get_one_line(options, message):
    with pytest.raises(InvalidArgument) as caught:
        kd.tasks.ambiguous(**options)
    assert str(caught.value) == message
