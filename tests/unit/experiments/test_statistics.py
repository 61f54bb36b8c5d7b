"""Intervals, tests, families and power, against textbook numbers, other libraries and simulation."""

import sys

import numpy as np
import pytest
import scipy.stats

from kdtheory.errors import InvalidArgument, MissingPackage
from kdtheory.experiments.statistics import chance, detectable, holm, interval, recovery

SEEDS = [0.3, 0.1, 0.4, 0.1, 0.5]


def test_the_interval_is_that_of_students_t():
    mean, error = np.mean(SEEDS), np.std(SEEDS, ddof=1) / np.sqrt(5)
    found = interval(SEEDS)
    # 2.776: t of 4 degrees of freedom, 97.5 %, from a printed table.
    assert [found.low, found.mean, found.high] == pytest.approx(
        [mean - 2.776 * error, mean, mean + 2.776 * error], abs=1e-4
    )


def test_it_covers_the_mean_in_95_of_100_draws():
    draws = np.random.default_rng(0).normal(size=(1000, 5))
    covered = np.mean([found.low <= 0 <= found.high for found in map(interval, draws)])
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 1000))


def test_the_chance_is_two_sided_and_about_the_threshold():
    shifted = scipy.stats.ttest_rel(SEEDS, [0.2] * 5, alternative="greater").pvalue
    assert chance(SEEDS, 0.2) == pytest.approx(2 * shifted)


@pytest.mark.parametrize(("threshold", "wanted"), [(0.5, 1.0), (0.4, 0.0)])
def test_seeds_that_agree_to_the_bit_are_no_fault(threshold, wanted):
    assert chance([0.5, 0.5, 0.5], threshold) == wanted


def test_holms_correction_by_hand():
    # Sorted .005 * 4, .01 * 3, .03 * 2, .04 * 1, each at least the one before.
    assert holm([0.04, 0.005, 0.03, 0.01]) == pytest.approx([0.06, 0.02, 0.06, 0.03])
    assert holm([]) == []


@pytest.mark.parametrize(("n", "tests"), [(2, 1), (3, 8), (5, 1), (5, 40), (8, 12), (20, 1)])
def test_what_is_detectable_would_be_detected_in_80_of_100_studies(n, tests):
    values = np.random.default_rng(1).normal(size=n)
    effect = detectable(values, tests) / np.std(values, ddof=1)
    draws = np.random.default_rng(2).normal(effect, size=(20_000, n))
    found = np.mean(scipy.stats.ttest_1samp(draws, 0.0, axis=1).pvalue < 0.05 / tests)
    assert found == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 20_000))


def test_a_published_power_table_agrees():
    # Cohen (1988): d = 1.72 for 5 pairs, .05 two-sided, 80 %: 1.68 by the exact noncentral t.
    values = np.array([-1.0, 1.0, -1.0, 1.0, 0.0])
    assert detectable(values / np.std(values, ddof=1)) == pytest.approx(1.682, abs=5e-4)


def test_of_a_loss_nothing_is_recovered():
    loss = recovery([0.1, 0.2, 0.3], [-1.0, -1.1, -0.9])
    assert loss.ratio is None
    assert loss.reason.endswith("it is a loss")


def test_a_recovery_ratio_is_one_of_means_and_needs_a_gain():
    gain = np.array([2.0, 4.0, 3.0, 3.0, 2.5])
    assert recovery([1.0, 2.0, 3.0, 1.0, 2.0], gain).ratio == pytest.approx(9 / 14.5)
    refused = recovery([1.0, 2.0, 3.0, 1.0, 2.0], gain - 3.0)
    assert refused.ratio is None
    assert refused.reason.endswith("its 95 % interval contains 0")


@pytest.mark.parametrize("values", [[1.0], [1.0, np.nan], [[1.0, 2.0]], []])
def test_seeds_that_are_none_are_refused(values):
    with pytest.raises(InvalidArgument, match="values: "):
        interval(values)


@pytest.mark.parametrize("call", [lambda: holm([0.1]), lambda: detectable(SEEDS)])
def test_without_statsmodels_it_is_one_line(monkeypatch, call):
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"expected the package 'statsmodels', got none; install it with"):
        call()
