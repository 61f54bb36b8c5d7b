"""Margins: positive where a statement held."""

import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.testing import Margin


def test_a_statement_holds_where_all_its_parts_are_positive():
    margin = Margin(lag=[0.5, 0.1, 0.0], bound=[0.2, -0.3, 1.0])
    assert margin.values.tolist() == [0.2, -0.3, 0.0]
    assert margin.held.tolist() == [True, False, False]
    assert (margin.worst, margin.smallest, margin.size) == (1, -0.3, 3)
    assert [margin.describe(index) for index in range(3)] == ["bound 0.2", "bound -0.3", "lag 0"]


def test_a_part_that_is_one_number_goes_with_every_case():
    assert Margin(lag=[1.0, 2.0], bound=0.5).values.tolist() == [0.5, 0.5]


def test_a_single_number_is_one_case():
    margin = Margin(3)
    assert (margin.size, margin.smallest, repr(margin)) == (1, 3.0, "Margin(1 case(s), smallest: margin 3)")


def test_nan_is_never_taken_for_held():
    margin = Margin(a=[np.nan], b=[1.0])
    assert not margin.held[0]
    assert np.isnan(margin.smallest)


def test_an_identity_has_the_share_of_its_tolerance_that_was_not_needed():
    assert Margin.within([0.0, -1.0, 2.0, 4.0], 2.0).values.tolist() == [1.0, 0.5, 0.0, -1.0]
    assert Margin.within(2.0, 2.0).held.tolist() is False


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {},
            "margin: expected at least one array of margins, got none; pass Margin(values), or Margin(lag=..., bound=...)",
        ),
        (
            {"lag": [True, False]},
            "lag: expected margins as an array of numbers, got True or False; return by how much it held, not whether it held",
        ),
        ({"lag": "held"}, "lag: expected margins as an array of numbers, got 'held'; return real numbers"),
        ({"lag": []}, "lag: expected margins as an array of numbers, got []; return real numbers"),
        ({"lag": 1j}, "lag: expected margins as an array of numbers, got a value of type complex; return real numbers"),
        (
            {"lag": [1.0, 2.0], "bound": [1.0, 2.0, 3.0]},
            "margin: expected parts of one shape, got lag (2,), bound (3,); give one margin per case in each part",
        ),
    ],
)
def test_what_is_no_margin_is_refused_in_one_line(parts: dict[str, object], message: str):
    with pytest.raises(InvalidArgument) as caught:
        Margin(**parts)  # type: ignore[arg-type]
    assert str(caught.value) == message
