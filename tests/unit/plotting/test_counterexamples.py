"""Pictures of counterexamples: they show what they are given, whatever its size."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from kdtheory.plotting import courses_side_by_side, failing_and_restored, margins_around


def along(margins, at=0.5, scale="linear", name="ratio"):
    values = np.linspace(0.1, 0.9, len(margins))
    return SimpleNamespace(name=name, scale=scale, values=values, margins=np.array(margins, dtype=float), at=at)


@pytest.mark.parametrize("scale", ["linear", "logarithmic", "odds", "whole"])
@pytest.mark.parametrize(
    "margins",
    [[-1, -0.5, -1, 0.2, 1], [-1e6, -1, -1e-6, 1, 1e9], [-0.3] * 5, [0] * 5, [np.inf, 1, -1, -np.inf, 1]],
    ids=["near", "far", "constant", "zero", "infinite"],
)
def test_the_case_is_marked_in_every_panel_and_inside_it(scale, margins):
    item = along(margins, scale=scale)
    figure = margins_around([item, item, item, item], "a heading")
    FigureCanvasAgg(figure).draw()
    assert len([axes for axes in figure.axes if axes.get_visible()]) == 4
    axes = figure.axes[0]
    marker = axes.lines[2]
    assert marker.get_xydata().tolist() == [[0.5, margins[2]]]
    low, high = axes.get_ylim()
    assert low < margins[2] < high
    assert axes.get_xlabel() == "ratio = 0.5"


def test_where_the_statement_fails_and_holds_are_two_curves():
    axes = margins_around([along([-1, -1, 1, 1])], "").axes[0]
    holds, fails = (line.get_ydata() for line in axes.lines[:2])
    assert np.isnan(holds).tolist() == [True, True, False, False]
    assert np.isnan(fails).tolist() == [False, False, True, True]


def test_courses_show_teacher_student_and_reference_in_both_panels():
    item = SimpleNamespace(
        reference=np.array([[0.0, 0.0], [0.5, 0.2], [1.0, 0.6]]),
        teacher=(0.8, 0.5),
        student=(0.5, 0.3),
        matched=(0.5, 0.2),
    )
    figure = courses_side_by_side(item, item, "words " * 40)
    for axes in figure.axes:
        assert {text.get_text() for text in axes.texts} == {"teacher", "student", "reference"}
        assert [tuple(line.get_xydata()[0]) for line in axes.lines[1:]] == [(0.5, 0.2), (0.5, 0.3), (0.8, 0.5)]


def test_every_row_has_its_name_its_number_and_both_margins():
    rows = [("claim-a", "one", -0.5, 0.25), ("claim-a", "two", 0.0, 1.0), ("claim-b", "three", -1e12, 500.0)]
    axes = failing_and_restored([rows]).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two", "three"]
    assert [text.get_text() for text in axes.texts] == ["claim-a", "-0.5", "0", "claim-b", "-1e+12"]
    points = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert [(line.get_marker(), float(line.get_xdata()[0])) for line in points] == [
        ("s", -0.5), ("o", 0.25), ("s", 0.0), ("o", 1.0), ("<", -30.0), (">", 30.0),
    ]  # fmt: skip
