"""A Gram matrix in its eigenbasis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, finite_array, number

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spectrum:
    r"""Eigenvalues and eigenvectors of a Gram matrix, :math:`K = U \,\mathrm{diag}(\lambda)\, U^T`.

    Attributes
    ----------
    eigenvalues : array of shape (modes,)
        In descending order; mode 0 is the largest. Eigenvalues that are zero within rounding are exactly zero.
    basis : array of shape (n, modes)
        One unit eigenvector per column; the entry of largest size is positive.
    clipped : int
        Number of rounding-size negative eigenvalues that were set to zero.
    resolution : array of shape (modes,)
        Rounding error to expect in each eigenvalue; neighbours closer than that count as tied.
    """

    eigenvalues: Array
    basis: Array
    clipped: int
    resolution: Array

    @property
    def size(self) -> int:
        """Number of modes."""
        return len(self.eigenvalues)

    @property
    def rank(self) -> int:
        """Number of eigenvalues that are not zero."""
        return int(np.count_nonzero(self.eigenvalues))

    @property
    def largest(self) -> float:
        """The largest eigenvalue."""
        return float(self.eigenvalues[0])

    @property
    def condition(self) -> float:
        """Largest eigenvalue over the smallest one that is not zero (infinite at rank 0)."""
        return self.largest / float(self.eigenvalues[self.rank - 1]) if self.rank else np.inf

    @property
    def ties(self) -> list[list[int]]:
        """Groups of two or more modes whose eigenvalues agree within ``resolution``: only their span is determined."""
        gaps = -np.diff(self.eigenvalues) > self.resolution[:-1]
        groups = np.split(np.arange(self.size), np.flatnonzero(gaps) + 1)
        return [group.tolist() for group in groups if len(group) > 1]

    def coefficients(self, values: ArrayLike) -> Array:
        """Coefficients of function values: shape ``(..., n, outputs)`` to ``(..., modes, outputs)``."""
        return self.basis.T @ _rows("values", values, len(self.basis))

    def values(self, coefficients: ArrayLike) -> Array:
        """Function values on the training inputs: shape ``(..., modes, outputs)`` to ``(..., n, outputs)``."""
        return self.basis @ _rows("coefficients", coefficients, self.size)

    def time_at(self, gain: float, mode: int) -> float:
        """Gradient-flow time at which ``mode`` (0 is the largest eigenvalue) has reached ``gain``.

        >>> import kdtheory as kd
        >>> spectrum = kd.LinearModel().spectrum(
        ...     kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
        ... )
        >>> kd.GradientFlow(time=spectrum.time_at(gain=0.9, mode=1)).gain([1.0]).round(12).tolist()
        [0.9]
        """
        gain = number("gain", gain, at_least=0.0, below=1.0)
        mode = count("mode", mode, at_least=0, at_most=self.size - 1)
        if mode >= self.rank:
            fix = f"choose a mode below the rank, {self.rank}"
            raise InvalidArgument("mode", expected="a mode with a positive eigenvalue", got=f"mode {mode}", fix=fix)
        return float(-np.log1p(-gain) / self.eigenvalues[mode])

    def __repr__(self) -> str:
        return (
            f"Spectrum(modes={self.size}, rank={self.rank}, largest={self.largest:.4g}, "
            f"condition={self.condition:.3g}, clipped={self.clipped}, groups of ties={len(self.ties)})"
        )


def _rows(argument: str, values: ArrayLike, count: int) -> Array:
    array = np.asarray(values, dtype=float)
    if array.ndim == 0 or array.shape[-2 if array.ndim > 1 else 0] != count:
        fix = "pass an array of shape (..., rows, outputs)"
        raise InvalidArgument(argument, expected=f"{count} rows", got=f"shape {array.shape}", fix=fix)
    return array


def from_gram(gram: ArrayLike, argument: str = "gram") -> Spectrum:
    """Spectrum of a symmetric positive semidefinite matrix of shape (n, n), in float64.

    Asymmetry and negative eigenvalues beyond ``n * epsilon * largest eigenvalue`` (epsilon of the type that came
    in) are refused; within it, the matrix is symmetrized and the eigenvalue counts as zero. There is no jitter.
    """
    matrix = finite_array(argument, gram, ndim=2)
    given = np.asarray(gram).dtype
    epsilon = np.finfo(given).eps if given.kind == "f" else np.finfo(float).eps
    if matrix.shape[0] != matrix.shape[1]:
        fix = "pass the kernel of the training inputs with themselves"
        raise InvalidArgument(argument, expected="a square matrix", got=f"shape {matrix.shape}", fix=fix)
    relative = float(len(matrix) * epsilon)
    _refuse_asymmetric(matrix, relative, argument)
    symmetric = (matrix + matrix.T) / 2
    eigenvalues, basis = scipy.linalg.eigh(symmetric, driver="evd", overwrite_a=True, check_finite=False)
    largest = float(np.max(np.abs(eigenvalues)))
    return _clean(
        eigenvalues[::-1], basis[:, ::-1], relative * largest, np.full(len(matrix), relative * largest), argument
    )


def from_features(features: ArrayLike, argument: str = "inputs") -> Spectrum:
    """Spectrum of ``features @ features.T`` for features of shape (n, p), through the singular values of the features.

    Small eigenvalues keep their relative accuracy down to ``(n * epsilon)^2`` times the largest, where the Gram matrix
    would have lost them at ``n * epsilon``.
    """
    matrix = finite_array(argument, features, ndim=2)
    # All n left vectors are wanted, but never the p x p matrix of right ones.
    tall = matrix.shape[0] > matrix.shape[1]
    basis, singular, _ = scipy.linalg.svd(matrix, full_matrices=tall, check_finite=False)
    relative = max(matrix.shape) * float(np.finfo(float).eps)
    eigenvalues = np.zeros(len(matrix))
    with np.errstate(over="ignore", under="ignore"):
        eigenvalues[: len(singular)] = np.square(singular)
    if not np.isfinite(eigenvalues[0]) or (singular[0] > 0 and eigenvalues[0] < np.finfo(float).tiny):
        got = f"a largest singular value of {singular[0]:.3g}"
        raise InvalidArgument(argument, expected="numbers whose squares fit into float64", got=got, fix="rescale them")
    resolution = 2 * relative * np.sqrt(eigenvalues * eigenvalues[0])
    return _clean(eigenvalues, basis, relative**2 * eigenvalues[0], resolution, argument)


def _refuse_asymmetric(matrix: Array, relative: float, argument: str) -> None:
    asymmetry = float(np.max(np.abs(matrix - matrix.T)))
    allowed = relative * float(np.max(np.abs(matrix)))
    if asymmetry > allowed:
        raise InvalidArgument(
            argument,
            expected=f"a symmetric matrix (to {allowed:.3g})",
            got=f"entries that differ by {asymmetry:.3g} from their transpose",
            fix="check the kernel, or pass (K + K.T) / 2 if that is what you mean",
        )


def _clean(eigenvalues: Array, basis: Array, tolerance: float, resolution: Array, argument: str) -> Spectrum:
    if eigenvalues[-1] < -tolerance:
        raise InvalidArgument(
            argument,
            expected=f"a positive semidefinite matrix (eigenvalues at least {-tolerance:.3g})",
            got=f"most negative eigenvalue {eigenvalues[-1]:.6g}",
            fix="use a positive semidefinite kernel",
        )
    clipped = int(np.count_nonzero(eigenvalues < 0))
    eigenvalues = np.where(eigenvalues > tolerance, eigenvalues, 0.0)
    largest = np.argmax(np.abs(basis), axis=0)
    signs = np.where(basis[largest, np.arange(basis.shape[1])] < 0, -1.0, 1.0)
    return Spectrum(_frozen(eigenvalues), _frozen(basis * signs), clipped, _frozen(resolution))


def _frozen(array: Array) -> Any:
    array.setflags(write=False)
    return array
