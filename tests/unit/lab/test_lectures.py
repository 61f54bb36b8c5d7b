"""What LECTURES.md tells a lecturer to show is what the demonstrations show."""

import re
from pathlib import Path

import numpy as np
import pytest

from kdtheory.lab import DEMONSTRATIONS, demonstration
from kdtheory.lab import _break_the_theorem as breaking
from kdtheory.lab import _eigenspace as eigenspace
from kdtheory.lab import _gradient_denoising as denoising

TEXT = (Path(__file__).parents[3] / "LECTURES.md").read_text()


def test_the_page_knows_every_demonstration_and_its_sources():
    for name, each in DEMONSTRATIONS.items():
        row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}`"))
        assert all(source in row for source in each.sources if source != "nagarajan2023" or "derived" not in row)


@pytest.mark.parametrize(("name", "knobs"), [
    ("eigenspace", ("student for ever", "mixing 0", "20 rounds, some labels", "lower mode")),
    ("gradient_denoising", ("teacher's time", "student's way", "And where SGD ends?")),
])  # fmt: skip
def test_the_knobs_it_names_are_there(name, knobs):
    app = demonstration(name).file.read_text()
    for knob in knobs:
        assert f"*{knob}*" in TEXT
        assert knob in app


def test_the_lag_grows_towards_smaller_eigenvalues():
    lags = [eigenspace.view(eigenspace.Choice(lower=mode)).lag for mode in (2, 8, 34)]
    assert 1 > lags[0] > lags[1] > lags[2]


def test_noise_of_labels_lets_the_teacher_help_earlier():
    assert re.search(r"Give the labels noise \(0\.5, 1, 2\)", TEXT)
    times = [denoising.view(denoising.Choice(noise=noise)).break_even for noise in (0.0, 0.5, 1.0, 2.0)]
    assert times[0] > times[1] > times[2] > times[3]


def test_weight_decay_holds_or_fails_as_it_says():
    assert "both times at 50" in TEXT
    strong, weak = (
        breaking.attempt(breaking.Choice(student=name, teacher_time=50.0, student_time=50.0))
        for name in ("weight decay 2", "weight decay 0.1")
    )
    assert (strong.leader, weak.leader) == ("control", "student")


@pytest.mark.parametrize(("name", "fold"), [("two-ridges", 5), ("after-the-overshoot", 2), ("stable-filter", 1)])
def test_the_counterexamples_lead_by_as_much_as_it_says(name, fold):
    assert f"*{name}*" in TEXT
    assert "five-fold, two-fold, and not at all" in TEXT
    found = breaking.known(breaking.counterexample("which-procedures-exaggerate", name)[1].case)
    assert np.floor(found.ratio + 1e-9) == fold
