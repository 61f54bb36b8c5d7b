"""Slopes and gains of all settings, counted again by tests over seeds."""

import pytest
from scipy.stats import ttest_1samp

from kdtheory import experiments
from kdtheory.report import figure

STUDIES = ("o1-confidence", "o1-dropout", "o1-stochastic-depth", "o1-other-noise", "o1-exaggeration-and-gain")
WORDS = (("test, slope", 1.0), ("gain", 0.0), ("test, slope, difference", 0.0), ("gain over control", 0.0))


def students(study, cell):
    """Of teachers that are their equals, written out."""
    if study == "o1-confidence":
        return ["t4"] if cell["pair"] == "self" else []
    if study == "o1-exaggeration-and-gain":
        return ["dropout, t2"] if cell["kind"] == "dropout" else []
    noisy = [f"{dose}, t4 noisy" for dose in cell["doses"] if "training" in cell["modes"].get(dose, [])]
    return [f"{dose}, t4" for dose in cell["doses"]] + noisy


def signs(numbers, student):
    tested = [(numbers[f"{student}, {word}"], at) for word, at in WORDS]
    apart = [(sum(seeds) / len(seeds) > at) - (sum(seeds) / len(seeds) < at) for seeds, at in tested]
    return [s if ttest_1samp(seeds, at).pvalue < 0.05 else 0 for s, (seeds, at) in zip(apart, tested, strict=True)]


@pytest.fixture(scope="module")
def told():
    """Figure and slow twin."""
    found = []
    for name in STUDIES:
        for each in experiments.stored(experiments.study(name))["cells"]:
            found += [signs(each["numbers"], student) for student in students(name, each["cell"])]
    return figure("slope-and-gain").computed(), found


def test_every_setting_of_equal_pairs_is_counted_once(told):
    dataset, found = told
    assert dataset.numbers["settings"] == len(found) > 50
    for panel, first in enumerate((0, 2)):
        pairs = [tuple(row[first : first + 2]) for row in found]
        assert dataset.numbers["counts"][panel] == [[pairs.count((x, y)) for y in (1, 0, -1)] for x in (1, 0, -1)]
