"""The studies that are registered: complete, runnable, and in agreement with what was committed of their results."""

import copy

import numpy as np
import pytest

from kdtheory import experiments
from kdtheory.experiments.summary import refuse_missing
from kdtheory.experiments.units import Unit
from tests.unit.sets import LOADERS, needed

STUDIES = {name: experiments.study(name) for name in experiments.names()}
SMALL = {
    "train": 60, "test": 50, "components": 20, "words": 300, "length": 12, "width": 8, "widths": [8, 16, 32],
    "steps": 5, "epochs": 4, "teacher_epochs": 2, "batch": 20, "channels": [2],
    "horizons": [1, 2],
}  # fmt: skip


def small(value):
    """A cell with the same names and small numbers."""
    if not isinstance(value, dict):
        return value
    less = {name: _less(name, part) for name, part in value.items()}
    if "data" in less and less["data"] in ("newsgroups", "movie_reviews", "reuters", "spam"):
        tokens = less.get("form") == "tokens"
        less |= {"words": 300, "length": 12} if tokens else {"components": 20, "words": 300}
    return less


def _less(name, part):
    if name == "epochs" and isinstance(part, list):
        return [1, 2, 4]
    if name == "passes":
        return dict.fromkeys(part, 4)
    return SMALL.get(name, small(part))


def cases():
    for name, study in STUDIES.items():
        for cell in study.cells:
            needs = LOADERS.get(cell["task"]["data"])
            marks = [needed(needs)] if needs else []
            yield pytest.param(study, cell, id=f"{name}: {cell['name']}", marks=marks)


@pytest.mark.parametrize(("study", "cell"), list(cases()))
def test_a_cell_gives_every_number_that_was_registered(study, cell):
    numbers = study.run(small(copy.deepcopy(cell)), 0)
    refuse_missing(study, Unit(cell, 0, numbers, 0.0, ""))


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_a_registration_fixes_what_the_rules_of_measurement_ask_for(study):
    registered = study.registration
    assert registered.seeds >= 5
    assert registered.check["cell"] in [cell["name"] for cell in study.cells]
    for said in registered.predictions:
        by_modality = {}
        for cell in filter(said.speaks_of, study.cells):
            by_modality.setdefault(cell["modality"], set()).add(cell["task"]["data"])
        assert all(len(sets) >= 2 for sets in by_modality.values()), said.id
    assert registered.estimate["minutes on 2 cores"] < 60


@pytest.mark.recomputed
@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_the_committed_summary_is_that_of_this_code(study):
    summary = experiments.stored(study)
    if summary is None:
        pytest.skip("not run yet")
    assert summary["registration"] == study.registration.sha256
    check = study.registration.check
    cell = next(cell for cell in study.cells if cell["name"] == check["cell"])
    kept = next(each["numbers"] for each in summary["cells"] if each["cell"]["name"] == check["cell"])
    again = study.run(dict(cell), summary["seeds"][0])
    before = {name: values[0] for name, values in kept.items()}
    assert before == pytest.approx(again, rel=0, abs=check["tolerance"])
    # Gains are smaller than that tolerance: together they have to be nearer to themselves than to nothing.
    gains = [name for name in before if name.endswith(("gain", "gain over control", "gain over oracle stop"))]
    off = [again[name] - before[name] for name in gains]
    assert np.linalg.norm(off) <= 0.7 * np.linalg.norm([before[name] for name in gains])
