"""Spectra of Gram matrices and of features: accuracy, honesty about rank, ties and rounding."""

import numpy as np
import pytest
import scipy.stats

from kdtheory.errors import InvalidArgument
from kdtheory.spectrum import from_features, from_gram


def gram_with(eigenvalues, seed=0):
    basis = scipy.stats.ortho_group.rvs(len(eigenvalues), random_state=seed)
    gram = basis @ np.diag(eigenvalues) @ basis.T
    return (gram + gram.T) / 2


def test_eigenvalues_come_in_descending_order_with_their_eigenvectors():
    gram = gram_with([0.5, 4.0, 1.0])
    spectrum = from_gram(gram)
    np.testing.assert_allclose(spectrum.eigenvalues, [4.0, 1.0, 0.5], rtol=1e-14)
    np.testing.assert_allclose(gram @ spectrum.basis, spectrum.basis * spectrum.eigenvalues, atol=1e-14)
    np.testing.assert_allclose(spectrum.basis.T @ spectrum.basis, np.eye(3), atol=1e-14)


def test_values_and_coefficients_are_inverse():
    spectrum = from_gram(gram_with([3.0, 2.0, 1.0]))
    values = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(spectrum.values(spectrum.coefficients(values)), values, atol=1e-14)


def test_the_sign_of_an_eigenvector_does_not_depend_on_the_solver():
    spectrum = from_gram(gram_with([3.0, 2.0, 1.0], seed=3))
    assert np.all(spectrum.basis[np.argmax(np.abs(spectrum.basis), axis=0), range(3)] > 0)


def test_rank_and_ties_are_reported():
    spectrum = from_gram(gram_with([2.0, 2.0, 1.0, 0.0, 0.0]))
    assert spectrum.rank == 3
    assert spectrum.ties == [[0, 1], [3, 4]]
    assert spectrum.eigenvalues[3:].tolist() == [0.0, 0.0]
    assert spectrum.condition == pytest.approx(2.0)


def test_ties_of_features_are_told_from_near_ties():
    assert from_features(np.diag([2.0, 2.0, 1.0])).ties == [[0, 1]]
    assert from_features(np.diag([2.0, 2.0 - 1e-12, 1.0])).ties == []


def test_rounding_size_negative_eigenvalues_are_clipped_and_counted():
    features = np.random.default_rng(0).normal(size=(30, 3))
    spectrum = from_gram(features @ features.T)
    raw = np.linalg.eigvalsh(features @ features.T)
    assert spectrum.clipped > 0
    assert abs(spectrum.clipped - np.count_nonzero(raw < 0)) <= 27
    assert spectrum.eigenvalues.min() == 0.0
    assert spectrum.rank == 3


def test_an_indefinite_matrix_is_refused_with_its_most_negative_eigenvalue():
    with pytest.raises(InvalidArgument) as caught:
        from_gram(np.diag([2.0, 1.0, -0.25]))
    assert str(caught.value) == (
        "gram: expected a positive semidefinite matrix (eigenvalues at least -1.33e-15), got most negative eigenvalue -0.25; "
        "use a positive semidefinite kernel"
    )


def test_an_asymmetric_matrix_is_refused():
    with pytest.raises(
        InvalidArgument, match=r"^gram: expected a symmetric matrix \(to .*\), got entries that differ by 0.5"
    ):
        from_gram([[1.0, 0.5], [0.0, 1.0]])


def test_the_tolerance_follows_the_precision_that_came_in():
    gram = gram_with([1.0, 0.5, 0.0]).astype(np.float32)
    assert from_gram(gram).rank == 2


def test_features_keep_small_eigenvalues_that_a_gram_matrix_loses():
    generator = np.random.default_rng(0)
    left, right = (scipy.stats.ortho_group.rvs(4, random_state=generator) for _ in range(2))
    wanted = np.array([1e8, 1.0, 1e-4, 1e-8])
    features = left @ np.diag(np.sqrt(wanted)) @ right
    np.testing.assert_allclose(from_features(features).eigenvalues, wanted, rtol=1e-6)
    assert from_gram(features @ features.T).rank < 4


def test_the_spectrum_does_not_share_memory_that_can_be_changed():
    spectrum = from_gram(np.eye(2))
    with pytest.raises(ValueError, match="read-only"):
        spectrum.eigenvalues[0] = 5.0


def test_the_gram_matrix_that_came_in_is_left_alone():
    gram = gram_with([2.0, 1.0])
    before = gram.copy()
    from_gram(gram)
    np.testing.assert_array_equal(gram, before)


@pytest.mark.parametrize("mode, message", [
    (2, "mode: expected a mode with a positive eigenvalue, got mode 2; choose a mode below the rank, 2"),
    (3, "mode: expected a whole number from 0 to 2, got 3; change mode"),
])  # fmt: skip
def test_time_at_refuses_modes_that_never_learn(mode, message):
    with pytest.raises(InvalidArgument) as caught:
        from_gram(np.diag([2.0, 1.0, 0.0])).time_at(gain=0.5, mode=mode)
    assert str(caught.value) == message


def test_one_mode():
    spectrum = from_gram([[4.0]])
    assert spectrum.eigenvalues.tolist() == [4.0]
    assert spectrum.basis.tolist() == [[1.0]]


def test_a_kernel_that_is_zero_everywhere_has_rank_zero():
    spectrum = from_gram(np.zeros((3, 3)))
    assert spectrum.rank == 0
    assert spectrum.condition == np.inf
