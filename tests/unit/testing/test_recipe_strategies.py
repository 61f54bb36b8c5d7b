"""Strategies of procedures and recipes: all families, always stable, always valid."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import procedures, testing
from kdtheory.errors import UnknownName
from kdtheory.procedures import Procedure, Remembering

SEARCH = settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink])
SLOWLY = settings(suppress_health_check=[HealthCheck.too_slow])


def test_every_family_of_the_toolkit_is_drawn():
    public = {getattr(procedures, name) for name in procedures.__all__ if name[0].isupper()}
    families = {item for item in public if isinstance(item, type) and issubclass(item, Procedure)}
    assert set(testing.FAMILIES) == families - {Procedure, Remembering}


@pytest.mark.parametrize("family", testing.FAMILIES, ids=lambda family: family.__name__)
@given(data=st.data(), largest=st.sampled_from([1e-6, 1.0, 300.0]))
@settings(max_examples=30)
def test_procedures_are_of_their_family_and_stable_on_the_whole_spectrum(family, data, largest):
    run = data.draw(testing.procedures(largest, [family]))
    assert type(run) is family
    gains = run.gain([largest, 0.3 * largest, 0.0])
    assert np.all(np.isfinite(gains))
    assert gains[-1] == 0


@pytest.mark.parametrize("largest", [1.0, 1e4])
def test_times_and_penalties_are_on_the_scale_of_the_spectrum(largest):
    """Some runs of each family are half done on the largest eigenvalue, to within a factor of ten in its odds."""
    for family in testing.FAMILIES:
        run = find(
            testing.procedures(largest, [family]), lambda run: 0.1 < run.gain([largest])[0] < 2.0, settings=SEARCH
        )
        assert run


def test_procedures_shrink_to_the_first_family_and_round_numbers():
    assert find(testing.procedures(), lambda run: True, settings=SEARCH) == kd.GradientFlow(1.0)
    ridge = find(testing.procedures(families=[kd.Ridge]), lambda run: run.penalty > 2, settings=SEARCH)
    assert ridge == kd.Ridge(float(f"{ridge.penalty:.0e}"))


@SLOWLY
@given(recipe=testing.recipes(families=[kd.NesterovFlow], phases=3))
def test_procedures_with_a_clock_are_never_continued(recipe):
    solved = kd.solve(recipe, kd.LinearModel(), kd.tasks.from_spectrum([1.0], coefficients=[1.0]))
    assert all(np.isfinite(fit.train).all() for fit in solved.values())


@SLOWLY
@given(recipe=testing.recipes(4.0))
def test_recipes_run_in_closed_form(recipe):
    task = kd.tasks.from_spectrum([4.0, 1.0, 0.0], coefficients=[1.0, -2.0, 3.0])
    solved = kd.solve(recipe, kd.LinearModel(), task)
    assert list(solved) == list(recipe)
    assert all(np.all(np.isfinite(solved[name].train)) for name in recipe)


@pytest.mark.parametrize(
    "seen",
    [
        lambda recipe: len(recipe) == 4,
        lambda recipe: len(recipe["student"].phases) == 2,
        lambda recipe: len(recipe["teacher"].phases) == 2,
        lambda recipe: any(phase.restart for phase in recipe["student"].phases),
        lambda recipe: len(recipe["student"].phases[0].target.weights) == 2,
        lambda recipe: min(recipe["student"].phases[0].target.weights) < 0,
        lambda recipe: not recipe["student"].phases[0].target.teachers,
    ],
    ids=["rounds", "phases", "teacher phases", "restart", "mixing", "extrapolation", "labels"],
)
def test_recipes_have_rounds_phases_restarts_and_mixings(seen):
    assert seen(find(testing.recipes(), seen, settings=SEARCH))


def test_recipes_shrink_to_one_student_of_gradient_flow():
    found = find(testing.recipes(), lambda recipe: True, settings=SEARCH)
    assert [phase.procedure for fit in found.values() for phase in fit.phases] == [kd.GradientFlow(1.0)] * 2


def test_the_limits_of_rounds_and_phases_are_kept():
    @SLOWLY
    @given(recipe=testing.recipes(rounds=1, phases=1, families=[kd.Ridge]))
    def limited(recipe):
        assert list(recipe) == ["teacher", "student"]
        assert [len(fit.phases) for fit in recipe.values()] == [1, 1]
        assert isinstance(recipe["teacher"].phases[0].procedure, kd.Ridge)

    limited()


def test_an_unknown_family_is_refused_in_one_line():
    with pytest.raises(UnknownName) as caught:
        testing.procedures(families=[kd.LinearModel])
    assert str(caught.value).startswith("family: expected one of GradientFlow, ")
