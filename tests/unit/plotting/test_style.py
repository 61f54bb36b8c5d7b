"""The house style: roles that stay apart for every eye, and settings that do not leak."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from kdtheory.errors import UnknownName
from kdtheory.plotting import ROLES, canvas, house_style, role

# Machado, Oliveira & Fernandes 2009: linear-light RGB as seen with complete red, green and blue deficiency.
DEFICIENCIES = {
    "none": np.eye(3),
    "red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Linear RGB to CIE XYZ (D65), by the columns' white point.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(colour, deficiency):
    seen = np.clip(np.asarray(DEFICIENCIES[deficiency]) @ linear(colour), 0, 1)
    x, y, z = np.cbrt(XYZ @ seen / XYZ.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_any_two_roles_have_different_colours_for_every_kind_of_eye(deficiency):
    for one, other in itertools.combinations(ROLES.values(), 2):
        distance = np.linalg.norm(lab(one.colour, deficiency) - lab(other.colour, deficiency))
        assert distance > 12, f"{one.name} and {other.name} look alike ({distance:.1f})"


def test_no_two_roles_share_a_line_or_a_marker():
    for looks in zip(
        *((str(r.line), r.marker, r.colour) for r in ROLES.values() if r.name != "closed form"), strict=True
    ):
        assert len(set(looks)) == len(looks)


def test_words_in_a_roles_ink_can_be_read_on_white_and_on_shade():
    for background in ("#ffffff", "#e9e4da"):
        light = float(XYZ[1] @ linear(background))
        for look in ROLES.values():
            contrast = (light + 0.05) / (float(XYZ[1] @ linear(look.ink)) + 0.05)
            assert contrast >= 4.5, f"{look.name} on {background}: {contrast:.2f}"


def test_an_unknown_role_is_one_line():
    with pytest.raises(
        UnknownName, match="role: expected one of teacher, student, .*, got 'pupil'; check the spelling"
    ):
        role("pupil")


def test_the_style_is_gone_afterwards():
    before = dict(mpl.rcParams)
    with house_style():
        assert mpl.rcParams["svg.hashsalt"] == "kdtheory"
        _, axes = canvas(2)
        assert len(axes) == 2
    assert dict(mpl.rcParams) == before


def test_the_style_does_not_depend_on_what_was_set_before():
    with (
        mpl.rc_context(
            {"font.size": 30.0, "axes.grid": True, "lines.linewidth": 9.0, "axes.xmargin": 0.4, "legend.shadow": True}
        ),
        house_style(),
    ):
        inside = dict(mpl.rcParams)
    with house_style():
        assert dict(mpl.rcParams) == inside
