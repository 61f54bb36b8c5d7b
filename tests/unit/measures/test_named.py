import numpy as np
import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Named, align


def named(argument, shape, axes=None, trailing=1):
    coordinates = None if axes is None else {name: np.arange(n, dtype=float) for name, n in axes.items()}
    return Named(argument, np.arange(np.prod(shape), dtype=float).reshape(shape), coordinates, trailing)


def test_axes_are_matched_by_name_not_by_position():
    wide = named("student", (2, 3, 4), {"time": 2, "seed": 3})
    narrow = named("teacher", (3, 4), {"seed": 3})
    turned = named("control", (3, 2, 4), {"seed": 3, "time": 2})
    axes, (teacher, student, control) = align([narrow, wide, turned])
    assert list(axes) == ["time", "seed"]
    for time, seed in np.ndindex(2, 3):
        np.testing.assert_array_equal(teacher[time, seed], narrow.values[seed])
        np.testing.assert_array_equal(student[time, seed], wide.values[time, seed])
        np.testing.assert_array_equal(control[time, seed], turned.values[seed, time])


def test_each_may_have_an_axis_that_the_other_lacks():
    axes, (left, right) = align([named("a", (2, 4), {"time": 2}), named("b", (3, 4), {"seed": 3})])
    assert {name: len(values) for name, values in axes.items()} == {"time": 2, "seed": 3}
    assert left.shape == right.shape == (2, 3, 4)


def test_arrays_without_names_match_the_last_axes():
    _, (array, fit) = align([named("array", (3, 4)), named("fit", (2, 3, 4), {"time": 2, "seed": 3})])
    np.testing.assert_array_equal(array[0], array[1])
    assert fit.shape == (2, 3, 4)
    axes, (left, right) = align([named("left", (2, 1, 4)), named("right", (3, 4))])
    assert list(axes) == ["axis_0", "axis_1"]
    assert left.shape == right.shape == (2, 3, 4)


def test_other_seeds_cannot_be_paired():
    other = Named("control", np.zeros((3, 4)), {"seed": np.array([0.0, 1.0, 7.0])}, 1)
    message = (
        r"^(control|student): expected the same values along the axis 'seed' in all results, got "
        r".* beside .*; run them with the same seed values, so that they can be paired$"
    )
    with pytest.raises(InvalidArgument, match=message):
        align([named("student", (3, 4), {"seed": 3}), other])


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            [named("teacher", (2, 4)), named("student", (3, 4))],
            r"^student: expected leading axes that broadcast with \(2,\) of teacher, got leading axes \(3,\); pass arrays",
        ),
        (
            [named("teacher", (2, 4)), named("student", (3, 4), {"seed": 3})],
            r"^teacher: expected leading axes that broadcast with \(seed=3\), got leading axes \(2,\); pass arrays whose",
        ),
        (
            [named("teacher", (5, 3, 4)), named("student", (3, 4), {"seed": 3})],
            r"^teacher: expected leading axes that broadcast with \(seed=3\), got leading axes \(5, 3\);",
        ),
    ],
)  # fmt: skip
def test_axes_that_do_not_broadcast_are_one_line(items, message):
    with pytest.raises(InvalidArgument, match=message):
        align(items)
