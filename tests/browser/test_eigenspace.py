"""``eigenspace`` in a browser: knobs move, numbers and pictures follow, and the library says the same."""

import numpy as np
import pytest

import kdtheory as kd

UNIT = (0.0, 1.04)
BARS = (0.0, 1.16)
LOWER = 7  # mode number 8


@pytest.fixture(scope="module")
def digits():
    task, model = kd.tasks.digits(train=500, test=1, seed=0).centered(), kd.LinearModel()
    return task, model, model.spectrum(task).largest


def solved(digits, teacher, student, **settings):
    task, model, largest = digits
    recipe = kd.self_distillation(kd.GradientFlow(teacher / largest), kd.GradientFlow(student / largest), **settings)
    return kd.solve(recipe, model, task)


def follows(page, result):
    """Numbers, bars and points are those of a solved recipe."""
    student, teacher = result[list(result)[-1]], result["teacher"].gains
    lag = kd.measures.lag(student, kd.GradientFlow)
    page.await_number("lag", float(lag.ratio[LOWER]))
    page.await_number("student-lower", float(student.gains[LOWER]))
    page.await_number("matched", float(lag.reference[LOWER]))

    def drawn(picture):
        for mode in (1, 2, 3, 5, 8, 13, 21, 34, 55):
            for name, gains in (("teacher", teacher), ("student", student.gains)):
                assert abs(picture.height(f"{name}-gain-{mode}", "bars", BARS) - gains[mode - 1]) < 1e-4
        for name, gains in (("teacher", teacher), ("student", student.gains)):
            point = picture.points(f"{name}-point", "plane", UNIT, UNIT)[0]
            assert np.allclose(point, gains[[0, LOWER]], atol=1e-4)

    page.await_drawn(drawn)


def test_a_prediction_comes_first_and_then_sliders_move_numbers_and_picture(opened, digits):
    page = opened("eigenspace")
    page.await_number("teacher-lower", float(solved(digits, 2.0, 2.0)["teacher"].gains[LOWER]))
    assert not page.has("lag")
    page.await_drawn(lambda picture: (_ for _ in ()).throw(AssertionError) if "student-gain-1" in picture else None)
    page.choose("the student")
    follows(page, solved(digits, 2.0, 2.0))
    page.press("teacher's time", "ArrowRight", 2)
    follows(page, solved(digits, 5.0, 2.0))
    page.press("student's time", "ArrowLeft", 3)
    follows(page, solved(digits, 5.0, 0.7))
    page.press("mixing", "ArrowLeft", 10)
    follows(page, solved(digits, 5.0, 0.7, mixing=0.5))


def test_the_limits_are_reached_by_one_button_each(opened, digits):
    page = opened("eigenspace")
    page.choose("nobody")
    page.click("student for ever")
    page.await_number("from-teacher", 0.0, 1e-12)
    page.await_number("lag", 1.0, 1e-12)
    page.click("mixing 0")
    page.await_number("from-labels", 0.0, 1e-12)
    page.click("20 rounds, some labels")
    result = solved(digits, 2.0, 2.0, mixing=0.8, rounds=20)
    limit = kd.InfiniteRounds(kd.GradientFlow(2.0 / digits[2]), 0.8).gain(result["student"].spectrum.eigenvalues)
    page.await_number("from-limit", float(np.abs(result["student_20"].gains - limit).max()))
    follows(page, result)

    def outlined(picture):
        heights = np.unique(picture.points("limit", "bars", (0.0, 1.0), BARS)[:, 1].round(3))
        assert np.allclose(heights[-3:], np.sort(limit[[0, 1, 2]]), atol=1e-3)

    page.await_drawn(outlined)
    page.click("back to the start")
    follows(page, solved(digits, 2.0, 2.0))


def test_everything_can_be_reached_by_the_keyboard(opened):
    page = opened("eigenspace").page
    focused = "() => { let e = document.activeElement; while (e.shadowRoot) e = e.shadowRoot.activeElement; return e; }"
    roles = f"() => {{ const e = ({focused})(); return e.getAttribute('role') || e.type || e.tagName.toLowerCase(); }}"
    met = []
    for _ in range(15):
        page.keyboard.press("Tab")
        met.append(page.evaluate(roles))
    assert met.count("slider") == 6
    assert met.count("select-one") == 2
    assert "radio" in met
    assert "checkbox" in met
    assert sum(role in ("submit", "button") for role in met) >= 4
