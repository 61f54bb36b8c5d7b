"""Frames of the demonstrations' pictures hold what is drawn in them, and stay while a slider moves."""

from dataclasses import replace

import numpy as np
import pytest

from kdtheory.lab import _break_the_theorem as breaking
from kdtheory.lab import _break_the_theorem_picture as slopes
from kdtheory.lab import _eigenspace as eigenspace
from kdtheory.lab import _eigenspace_picture as modes
from kdtheory.lab import _gradient_denoising as denoising
from kdtheory.lab import _gradient_denoising_picture as gradients

TIMES = (0.1, 0.5, 2.0, 20.0)


def frames(drawing):
    return {frame.name: frame for frame in drawing.frames}


def holds(ends, values):
    return ends[0] <= np.min(values) <= np.max(values) <= ends[1]


@pytest.mark.parametrize("training", eigenspace.TRAININGS)
@pytest.mark.parametrize("student", [0.1, 20.0, np.inf])
def test_gains_have_room(training, student):
    seen = eigenspace.view(eigenspace.Choice(training=training, teacher=3.0, student=student))
    found = frames(modes.draw(seen, 8, revealed=True))
    assert holds(found["bars"].y, [seen.teacher, seen.student])
    for path in (seen.labels_path, seen.student_path):
        assert holds(found["plane"].x, path[0])
        assert holds(found["plane"].y, path[1])


@pytest.mark.parametrize("family", breaking.FAMILIES)
@pytest.mark.parametrize("time", TIMES)
def test_gains_of_a_contest_and_their_slopes_have_room(family, time):
    contest = breaking.attempt(breaking.Choice(student=family, teacher_time=time, student_time=time, ratio=0.1))
    if contest is None:
        pytest.skip("nothing is drawn")
    found = frames(slopes.draw(contest, revealed=True))
    everything = [*contest.student, *contest.labels, *contest.curves["student"], *contest.curves["control"]]
    assert holds(found["gains"].y, np.maximum(everything, 1e-4))
    assert holds(found["gains"].x, contest.grid)
    e = contest.slopes
    assert holds(found["slopes"].y, [0.0, e["teacher"], e["control"], e["teacher"] + e["student"]])
    assert len(found["gains"].ticks[0]) > 1


@pytest.mark.parametrize("noise", [0.0, 2.0])
@pytest.mark.parametrize("time", [0.1, 20.0])
def test_gradients_and_the_floor_have_room(noise, time):
    choice = denoising.Choice(time=time, noise=noise)
    seen, paid = denoising.view(choice), denoising.floor(choice, 0.9)
    plane = frames(gradients.draw(seen, choice, revealed=True))["plane"]
    for points in (seen.clouds["control"], seen.means["teacher"][None], seen.wanted[None]):
        assert holds(plane.x, points[:, 0])
        assert holds(plane.y, points[:, 1])
    assert holds(frames(gradients.draw_floor(paid, revealed=True))["paid"].y, (paid.noise + paid.bias) / paid.noise[0])


def test_frames_stay_while_a_slider_moves():
    still = [{}, {"teacher": 5.0}, {"student": 0.7}, {"rounds": 4}, {"mixing": 0.5}, {"switch": 0.3}]
    seen = [eigenspace.view(eigenspace.Choice(**change)) for change in still]
    assert len({modes.draw(each, 8, revealed=True).frames for each in seen}) == 1
    start = denoising.Choice()
    drawn = (gradients.draw(denoising.view(c), c, revealed=True) for c in (start, replace(start, time=3.0)))
    assert len({each.frames for each in drawn}) == 1
    tried = (breaking.attempt(breaking.Choice(teacher_time=time)) for time in (7.0, 10.0, 15.0, 20.0, 50.0))
    assert len({slopes.draw(each, revealed=True).frames[0] for each in tried}) < 3
