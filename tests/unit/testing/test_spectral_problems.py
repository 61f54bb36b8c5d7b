"""Problems given by their spectrum: what a case says, how it is drawn, and how short it gets."""

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings

import kdtheory as kd
from kdtheory.claims import _search
from kdtheory.errors import InvalidArgument
from kdtheory.testing import DegenerateProblem, Margin, SpectralProblem

BATCH = SpectralProblem.draw(np.random.default_rng(0), 500)
SEARCH = settings(max_examples=300, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink])


def test_eigenvalues_fall_strictly_and_stop_where_the_modes_do():
    lam = BATCH.eigenvalues
    assert lam.shape == BATCH.coefficients.shape == BATCH.present.shape == (500, 8)
    np.testing.assert_array_equal(lam > 0, BATCH.present)
    np.testing.assert_array_equal(BATCH.coefficients > 0, BATCH.present)
    np.testing.assert_array_equal(BATCH.present.sum(axis=1), BATCH.modes)
    assert np.all(np.diff(lam)[BATCH.present[:, 1:]] < 0)
    np.testing.assert_allclose(np.log10(lam[:, 0]), BATCH.log10_largest, rtol=1e-12, atol=1e-14)


def test_draws_meet_every_number_of_modes_and_many_decades():
    assert set(BATCH.modes) == set(range(1, 9))
    assert np.log10(BATCH.relative[BATCH.present]).min() < -6


def test_degenerate_problems_have_ties_and_zeros():
    batch = DegenerateProblem.draw(np.random.default_rng(0), 500)
    pairs = batch.present[:, 1:]
    earlier, later = batch.relative[:, :-1][pairs], batch.relative[:, 1:][pairs]
    assert np.mean((earlier == later) & (later > 0)) > 0.05
    assert np.mean(later == 0) > 0.1
    assert np.all(later <= earlier)


def test_numbers_per_case_broadcast_with_numbers_per_mode_in_a_batch_and_alone():
    for case in (BATCH, BATCH.at(3)):
        gains = kd.GradientFlow(case.teacher_time).gain(case.eigenvalues)
        assert gains.shape == case.eigenvalues.shape
        assert case.least(gains).shape == np.shape(case.modes)
        np.testing.assert_allclose(gains[..., 0], -np.expm1(-np.asarray(case.teacher_progress)), rtol=1e-12)
    assert BATCH.noise_variance.shape == (500, 1)


@pytest.mark.parametrize("index", [0, 7, 499])
def test_a_batch_holds_its_cases_one_by_one(index: int):
    single = BATCH.at(index)
    for name in ("eigenvalues", "coefficients", "student_time", "present"):
        np.testing.assert_array_equal(getattr(BATCH, name)[index], getattr(single, name))
    assert SpectralProblem(**single.values) == single


def test_least_looks_at_the_modes_that_there_are():
    case = SpectralProblem.of([4.0, 1.0], [1.0, 2.0])
    assert case.least([3.0, 2.0, *[-9.0] * 6]) == 2.0


def test_a_case_of_given_numbers_has_them():
    case = DegenerateProblem.of([4.0, 4.0, 0.0], [1.0, 2.0, 3.0], variance=0.5)
    assert case.eigenvalues[:4].tolist() == pytest.approx([4.0, 4.0, 0.0, 0.0])
    assert case.coefficients[:4].tolist() == [1.0, 2.0, 3.0, 0.0]
    assert case.describe() == (
        "eigenvalues=(4, 4, 0), coefficients=(1, 2, 3), variance=0.5, teacher_progress=1, student_progress=1"
    )


@pytest.mark.parametrize(
    ("eigenvalues", "coefficients", "message"),
    [
        (
            [1.0, 2.0],
            [1, 1],
            "eigenvalues: expected 1 to 8 falling eigenvalues, the first positive, got [1.0, 2.0]; sort",
        ),
        ([0.0], [1], "eigenvalues: expected 1 to 8 falling eigenvalues, the first positive, got [0.0]; sort them"),
        ([1.0] * 9, [1] * 9, "eigenvalues: expected 1 to 8 falling eigenvalues, the first positive, got [1.0, 1.0"),
        ([1.0], [1, 2], "coefficients: expected 1 numbers, got 2; give one coefficient per eigenvalue"),
    ],
)
def test_numbers_that_are_no_problem_are_refused_in_one_line(eigenvalues, coefficients, message):
    with pytest.raises(InvalidArgument) as caught:
        SpectralProblem.of(eigenvalues, coefficients)
    assert str(caught.value).startswith(message)


def test_a_case_is_a_task_that_every_world_takes():
    case = SpectralProblem.of([4.0, 1.0], [1.0, -2.0])
    spectrum = kd.LinearModel().spectrum(case.task(seed=1))
    np.testing.assert_allclose(spectrum.eigenvalues, [4.0, 1.0], rtol=1e-12)


@given(case=DegenerateProblem.strategy())
def test_simpler_cases_are_simpler_and_never_have_more_modes(case: DegenerateProblem):
    for simpler in case.simpler()[:20]:
        assert simpler.modes <= case.modes
        assert simpler != case


def test_leaving_a_mode_out_keeps_the_others():
    case = SpectralProblem.of([8.0, 4.0, 1.0], [1.0, 2.0, 3.0])
    kept = [(c.relative[:2].tolist(), c.coefficients[:2].tolist()) for c in case.simpler() if c.modes == 2]
    assert ([1.0, 0.5], [1.0, 2.0]) in kept
    assert ([1.0, 0.125], [1.0, 3.0]) in kept
    assert ([1.0, 0.25], [2.0, 3.0]) in kept


def middle_is_large(case: SpectralProblem) -> Margin:
    """Fails if some mode after the first has a coefficient above 7."""
    return Margin(7.0 - np.max(case.coefficients[..., 1:], axis=-1))


def test_a_false_claim_shrinks_to_two_modes_with_one_digit_each():
    for seed in range(2):
        found = _search.search(
            middle_is_large, SpectralProblem, examples=200, shrinking=0, seed=seed, advance=lambda cases: None
        ).counterexample
        assert found == SpectralProblem.of([1.0, 0.5], [1.0, 7.0]) or found.coefficients[1] == 8.0
        assert found.modes == 2


def test_hypothesis_shrinks_to_few_modes_and_round_numbers():
    def second_is_large(case: SpectralProblem) -> bool:
        return case.coefficients[1] > 7

    found = find(SpectralProblem.strategy(), second_is_large, settings=SEARCH)
    assert found == SpectralProblem.of([1.0, 0.5], [1.0, found.coefficient_2])
    assert found.coefficient_2 == float(f"{found.coefficient_2:.0e}") < 10
