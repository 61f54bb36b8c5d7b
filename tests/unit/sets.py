"""Tests that need a data set from elsewhere."""

import os

import pytest

from kdtheory.data import find

# What .ci/run gets before the tests: there, a test of these that cannot run is a failure.
GOT_IN_CI = ("fashion-mnist", "movie-reviews", "newsgroups") if os.environ.get("CI") == "true" else ()

# Which set each loader of `kdtheory.tasks` needs.
LOADERS = {
    "concrete": "concrete",
    "diamonds": "diamonds",
    "fashion_mnist": "fashion-mnist",
    "mnist": "mnist",
    "mnist_pairs": "mnist",
    "movie_reviews": "movie-reviews",
    "newsgroups": "newsgroups",
    "reuters": "reuters",
    "spam": "spam",
}


def needed(name):
    """A mark: where the set is missing, the test is skipped with the command that gets it (in CI it runs, and fails)."""
    missing = name not in GOT_IN_CI and find(name) is None
    return pytest.mark.skipif(missing, reason=f"get the data first: kdtheory data get {name}")
