"""Strategies of problems: they keep what they promise, meet every kind, and shrink to what is easily read."""

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from kdtheory import testing
from kdtheory.errors import InvalidArgument

SEARCH = settings(max_examples=400, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink])


def simplest(strategy: Any, holds: Any = lambda drawn: True) -> list[Any]:
    return find(strategy, holds, settings=SEARCH).tolist()


@given(lam=testing.spectra())
def test_spectra_fall_from_a_positive_number_and_are_not_negative(lam):
    assert 1 <= len(lam) <= 8
    assert 1e-8 <= lam[0] <= 1e8
    assert np.all(np.diff(lam) <= 0)
    assert lam[-1] >= 0


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("distinct", lambda lam: np.all(np.diff(lam) < 0) and lam[-1] > 0),
        ("tied", lambda lam: np.any(np.diff(lam) == 0)),
        ("clustered", lambda lam: np.all(lam > 0.99 * lam[0]) and np.all(np.diff(lam) < 0)),
        ("power law", lambda lam: lam[2] / lam[0] == pytest.approx(3.0 ** np.log2(lam[1] / lam[0]), rel=1e-9)),
        ("wide", lambda lam: lam[-1] == pytest.approx(1e-12 * lam[0])),
        ("singular", lambda lam: lam[-1] == 0 and lam[0] > 0),
    ],
)
def test_every_kind_of_spectrum_is_what_it_is_called(kind, seen):
    assert seen(find(testing.spectra((3, 6), [kind]), seen, settings=SEARCH))


def test_all_kinds_are_met():
    kinds = {
        "tie": lambda lam: len(lam) > 1 and lam[1] == lam[0],
        "zero": lambda lam: lam[-1] == 0,
        "cluster": lambda lam: len(lam) > 1 and 0 < lam[0] - lam[1] < 1e-5 * lam[0],
        "eleven decades": lambda lam: 0 < lam[-1] < 1e-11 * lam[0],
    }
    for name, seen in kinds.items():
        assert simplest(testing.spectra(), seen), name


def test_spectra_shrink_to_few_modes_and_round_numbers():
    assert simplest(testing.spectra()) == [1.0]
    assert simplest(testing.spectra(), lambda lam: len(lam) >= 3) == [1.0, 0.5, 0.25]
    assert simplest(testing.spectra(), lambda lam: len(lam) >= 2 and lam[1] == lam[0]) == [1.0, 1.0]
    assert simplest(testing.spectra(2, largest=(4.0, 4.0))) == [4.0, 2.0]


@given(basis=testing.bases())
def test_bases_are_orthonormal(basis):
    np.testing.assert_allclose(basis.T @ basis, np.eye(len(basis)), atol=1e-13)


def test_bases_are_not_only_the_identity_and_shrink_to_it():
    assert simplest(testing.bases(2)) == [[1.0, 0.0], [0.0, 1.0]]
    assert find(testing.bases(3), lambda basis: abs(basis[0, 1]) > 0.1, settings=SEARCH).shape == (3, 3)


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        ("flat", [1.0, 1.0, 1.0]),
        ("aligned", [1.0, 0.5, 1 / 3]),
        ("adverse", [1 / 3, 0.5, 1.0]),
        ("sparse", [1.0, 0.0, 0.0]),
        ("any", [1.0, 1.0, 1.0]),
    ],
)
def test_targets_lie_where_they_are_said_to(alignment, expected):
    assert simplest(testing.targets(3, [alignment])) == pytest.approx(expected)
    assert min(simplest(testing.targets(3, [alignment]), lambda y: y.min() < 0)) < 0


@given(data=st.data(), level=st.sampled_from([(0.1, 0.2), (3.0, 5.0)]))
def test_noise_is_none_or_of_its_level(data, level):
    noise = data.draw(testing.noises(8, level))
    assert not noise.any() or 0.1 * level[0] < np.std(noise) < 4 * level[1]


def test_noise_shrinks_to_none():
    assert simplest(testing.noises(2)) == [0.0, 0.0]
    assert np.abs(simplest(testing.noises(2), lambda noise: noise.any())).max() > 0


@given(gram=testing.gram_matrices())
def test_gram_matrices_are_symmetric_and_positive_semidefinite_within_rounding(gram):
    np.testing.assert_array_equal(gram, gram.T)
    lam = np.linalg.eigvalsh(gram)
    assert lam[0] >= -1e-14 * len(lam) * lam[-1]
    assert 0.99e-8 < lam[-1] < 1.01e8


def test_gram_matrices_shrink_to_a_diagonal():
    assert simplest(testing.gram_matrices(2)) == [[1.0, 0.0], [0.0, 0.5]]


@given(q=testing.soft_labels(), soft=testing.soft_labels(hard=False))
def test_soft_labels_are_distributions(q, soft):
    for rows in (q, soft):
        np.testing.assert_allclose(rows.sum(axis=1), 1.0, rtol=1e-12)
        assert np.all(rows >= 0)
    assert np.all(soft > 0)


def test_soft_labels_are_hard_sometimes_and_shrink_to_uniform_ones():
    assert simplest(testing.soft_labels(1, 3), lambda q: q.max() == 1.0) == [[1.0, 0.0, 0.0]]
    assert simplest(testing.soft_labels(2, 2)) == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: testing.spectra(kinds=["flat"]), "kinds: expected one of 'distinct', "),
        (lambda: testing.targets(3, ["distinct"]), "alignments: expected one of 'flat', "),
        (lambda: testing.spectra(0).example(), "size: expected a whole number of at least 1, got 0; change size"),
        (lambda: testing.bases((3, 2)).example(), "size: expected a whole number of at least 3, got 2; change size"),
        (lambda: testing.bases((1, 2, 3)).example(), "size: expected a whole number, or the least and the most, got"),
        (lambda: testing.spectra(largest=(0.0, 1.0)), "largest: expected a number above 0, got 0.0; change largest"),
        (lambda: testing.noises(level=(-1.0, 1.0)), "level: expected a number above 0, got -1.0; change level"),
    ],
)
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_what_cannot_be_drawn_is_refused_in_one_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value).startswith(message)
