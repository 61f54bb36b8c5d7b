"""The data sets themselves: they are what they are known to be, and a closed form learns from them what it should.

The bounds on ridge regression stand a few points below what it reaches; labels or inputs in another order, or training
and test inputs made in different ways, end near chance.
"""

import doctest
import importlib

import numpy as np
import pytest

import kdtheory as kd
from tests.unit import sets
from tests.unit.sets import needed

LOADERS = [pytest.param(name, marks=needed(data), id=name) for name, data in sets.LOADERS.items()]


def ridge(task, penalty):
    """Predictions for the test inputs by ridge regression with an intercept."""
    centred = task.centered()
    inputs, targets = centred.inputs, centred.targets
    normal = inputs.T @ inputs + penalty * np.eye(inputs.shape[1])
    return centred.restored(centred.test_inputs @ np.linalg.solve(normal, inputs.T @ targets))


def accuracy(task, predictions):
    return np.mean(predictions.argmax(axis=1) == task.test_labels)


@pytest.mark.parametrize("name", LOADERS)
def test_the_example_of_a_loader_shows_what_it_prints(name):
    example = doctest.DocTestParser().get_doctest(
        getattr(kd.tasks, name).__doc__.replace("# doctest: +SKIP", ""), {}, name, None, None
    )
    assert len(example.examples) == 2
    said = []
    assert doctest.DocTestRunner(verbose=False).run(example, out=said.append).failed == 0, "".join(said)


@pytest.mark.parametrize(
    ("name", "settings", "penalty", "bound"),
    [
        pytest.param("fashion_mnist", dict(size=14), 10.0, 0.77, marks=needed("fashion-mnist")),
        pytest.param("mnist", dict(size=14), 10.0, 0.82, marks=needed("mnist")),
        pytest.param("mnist_pairs", dict(), 1000.0, 0.25, marks=needed("mnist")),
        pytest.param("newsgroups", dict(train=1000), 10.0, 0.70, marks=needed("newsgroups")),
        pytest.param("reuters", dict(train=1000), 1.0, 0.93, marks=needed("reuters")),
        pytest.param("movie_reviews", dict(), 100.0, 0.67, marks=needed("movie-reviews")),
        pytest.param("spam", dict(train=1000, test=1000), 1.0, 0.95, marks=needed("spam")),
    ],
)
def test_ridge_regression_classifies_as_it_should(name, settings, penalty, bound):
    task = getattr(kd.tasks, name)(**settings)
    assert accuracy(task, ridge(task, penalty)) > bound


@pytest.mark.parametrize(
    ("name", "settings", "bound"),
    [
        pytest.param("concrete", dict(), 0.55, marks=needed("concrete")),
        pytest.param("diamonds", dict(), 0.88, marks=needed("diamonds")),
        pytest.param("movie_reviews", dict(target="rating"), 0.22, marks=needed("movie-reviews")),
    ],
)
def test_ridge_regression_explains_as_much_variance_as_it_should(name, settings, bound):
    task = getattr(kd.tasks, name)(**settings)
    error = np.mean((ridge(task, 1.0) - task.test_targets) ** 2)
    assert 1.0 - error / np.var(task.test_targets) > bound


@pytest.mark.parametrize(
    ("name", "settings", "bound"),
    [
        pytest.param("newsgroups", dict(train=1000, test=1000), 0.55, marks=needed("newsgroups")),
        pytest.param("movie_reviews", dict(train=3000, test=1000), 0.64, marks=needed("movie-reviews")),
    ],
)
def test_bags_of_tokens_can_be_learned_from(name, settings, bound):
    task = getattr(kd.tasks, name)(form="tokens", words=3000, **settings)
    bags = []
    for inputs in (task.inputs, task.test_inputs):
        counts = np.zeros((len(inputs), task.provenance["vocabulary"]))
        for row, ids in zip(counts, inputs.astype(int), strict=True):
            np.add.at(row, ids, 1.0)
        counts[:, task.provenance["padding"]] = 0.0
        bags.append(np.sqrt(counts))
    gram, cross = bags[0] @ bags[0].T, bags[1] @ bags[0].T
    predictions = cross @ np.linalg.solve(gram + 100.0 * np.eye(task.size), task.targets)
    assert accuracy(task, predictions) > bound


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [
        pytest.param(
            "fashion-mnist", [9, 0, 0, 3, 0, 2, 7, 2], [9, 2, 1, 1, 6, 1, 4, 6], marks=needed("fashion-mnist")
        ),
        pytest.param("mnist", [5, 0, 4, 1, 9, 2, 1, 3], [7, 2, 1, 0, 4, 1, 4, 9], marks=needed("mnist")),
    ],
)
def test_images_begin_as_everybody_knows_them_to(name, train, test):
    (images, labels), (test_images, test_labels) = importlib.import_module("kdtheory.tasks._images").image_parts(name)
    assert (labels[:8].tolist(), test_labels[:8].tolist()) == (train, test)
    assert (images.shape, test_images.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert np.bincount(labels).sum() == 60000
    assert (images.min(), images.max()) == (0, 255)


@needed("fashion-mnist")
def test_shuffled_labels_would_be_noticed():
    task = kd.tasks.fashion_mnist(train=500, test=1000, size=14)
    noisy = kd.tasks.with_label_noise(task, fraction=0.9)
    assert accuracy(task, ridge(noisy, 10.0)) < 0.3 < 0.6 < accuracy(task, ridge(task, 10.0))


@needed("diamonds")
def test_diamonds_are_those_that_are_published():
    from kdtheory.tasks._tables import table
    from kdtheory.tasks.diamonds import GRADES

    inputs, price = table("diamonds", GRADES, "price")
    assert np.bincount(inputs[:, 1].astype(int)).tolist() == [
        1610,
        4906,
        12082,
        13791,
        21551,
    ]  # cut, from Fair to Ideal
    assert np.bincount(inputs[:, 2].astype(int)).tolist() == [2808, 5422, 8304, 11292, 9542, 9797, 6775]  # J to D
    assert np.bincount(inputs[:, 3].astype(int)).tolist() == [
        741,
        9194,
        13065,
        12258,
        8171,
        5066,
        3655,
        1790,
    ]  # I1 to IF
    assert round(price.mean(), 1) == 3932.8
    assert inputs[0, [0, 4, 6, 8]].tolist() == [0.23, 61.5, 3.95, 2.43]


@needed("concrete")
def test_concretes_are_those_that_are_published():
    from kdtheory.tasks._tables import table

    inputs, strength = table("concrete", {}, "compressive_strength")
    assert inputs[0].tolist() == [540.0, 0.0, 0.0, 162.0, 2.5, 1040.0, 676.0, 28.0]
    assert (round(strength.mean(), 2), strength.max()) == (35.82, 82.6)


@pytest.mark.parametrize("name", [name for name in LOADERS if name.id in ("concrete", "diamonds")])
def test_columns_are_scaled_by_training_and_nothing_is_centred(name):
    task = getattr(kd.tasks, name)(train=200)
    np.testing.assert_allclose(np.std(task.inputs, axis=0), 1.0)
    assert np.std(task.targets) == pytest.approx(1.0)
    assert task.targets.mean() > 0.5
    assert task.target_shift is None
    assert np.abs(np.std(task.test_inputs, axis=0) - 1.0).max() > 1e-3


@needed("movie-reviews")
def test_praise_is_class_one():
    from kdtheory.data import files, texts

    name = "movieReviewSnippets_GroundTruth.txt"
    ratings = np.array(texts.rated(name, files("movie-reviews")[name])[1])
    by_class, rated = kd.tasks.movie_reviews(form="tokens"), kd.tasks.movie_reviews(form="tokens", target="rating")
    assert by_class.size + len(by_class.test_inputs) == np.count_nonzero(ratings) == 10568
    assert by_class.labels.sum() + by_class.test_labels.sum() == np.sum(ratings > 0)
    assert sorted([*rated.targets[:, 0], *rated.test_targets[:, 0]]) == sorted(ratings)
    assert (rated.labels, rated.test_labels) == (None, None)
