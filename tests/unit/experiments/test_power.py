"""What a verdict could have shown, against simulated studies."""

import numpy as np
import pytest
import scipy.stats

from kdtheory import experiments
from kdtheory.experiments import Prediction, judged, powers
from kdtheory.experiments.power import smallest_common
from kdtheory.experiments.statistics import detectable

SPREADS = (0.5, 1.0, 2.0, 1.0)


def cells(effect, generator, seeds=6):
    drawn = [effect + spread * generator.normal(size=seeds) for spread in SPREADS]
    return [{"cell": {"name": str(place)}, "numbers": {"gain": values.tolist()}} for place, values in enumerate(drawn)]


def standard(spread, seeds=6):
    values = np.linspace(-1.0, 1.0, seeds)
    return spread * values / np.std(values, ddof=1)


@pytest.mark.parametrize("needed", [1, 2, 3, 4])
def test_so_many_cells_show_that_effect_in_80_of_100_studies(needed):
    effect = smallest_common([standard(spread) for spread in SPREADS], needed, tests=4)
    draws = np.random.default_rng(2).normal(effect, np.array(SPREADS)[:, None], size=(20_000, len(SPREADS), 6))
    shown = np.sum(scipy.stats.ttest_1samp(draws, 0.0, axis=-1).pvalue < 0.05 / 4, axis=1)
    assert np.mean(shown >= needed) == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 20_000))


def test_more_cells_that_have_to_show_it_take_a_larger_effect():
    seeds = [standard(spread) for spread in SPREADS]
    effects = [smallest_common(seeds, needed, tests=4) for needed in (1, 2, 3, 4)]
    assert effects == sorted(effects)
    assert effects[0] < detectable(seeds[0], tests=4) < effects[3]
    assert effects[3] > detectable(seeds[2], tests=4)


def test_it_reads_cells_and_family_from_a_summary():
    numbers = cells(0.3, np.random.default_rng(1))
    said = [
        Prediction("two", "w", "gain", "above", where={"name": ["0", "1"]}, needed=1.0, family="f"),
        Prediction("all", "w", "gain", "above", needed=0.5, family="f"),
        Prediction("alone", "w", "gain", "below", needed=1.0, family="g"),
    ]
    summary = {"predictions": judged(said, numbers), "cells": numbers}
    seeds = [each["numbers"]["gain"] for each in numbers]
    expected = [(seeds[:2], 2, 6), (seeds, 2, 6), (seeds, 4, 4)]
    known = dict(zip(("two", "all", "alone"), (smallest_common(*each) for each in expected), strict=True))
    assert powers(summary) == known


def test_seeds_that_agree_need_next_to_nothing():
    assert smallest_common([[1.0, 1.0, 1.0]], 1, tests=2) < 1e-9


def test_every_verdict_of_a_finished_study_has_its_power():
    for name in experiments.names():
        summary = experiments.stored(experiments.study(name))
        found = powers(summary) if summary else {}
        assert all(0.0 <= distance < np.inf for distance in found.values())
        assert list(found) == [said["id"] for said in (summary or {"predictions": []})["predictions"]]
