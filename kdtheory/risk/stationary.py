r"""Where constant-step SGD ends: its stationary covariance, and the largest step that has one.

In the eigenbasis of :math:`H = X^T X` on the row space, and in coordinates of symmetric matrices that keep the inner
product, a step acts on the covariance as :math:`I - \eta D + \eta^2 Q`: D is diagonal with entries
:math:`\lambda_k + \lambda_l`, and Q, of :math:`C \mapsto E[\bar A C \bar A]`, is symmetric positive semidefinite.
So the covariance solves one symmetric system, and it exists iff :math:`\eta` times the largest eigenvalue of
:math:`D^{-1/2} Q D^{-1/2}` is below 1: the map preserves positive matrices, so that its largest eigenvalue decides and
never its smallest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from kdtheory.distillation import Minibatch
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk._least_squares import checked, checked_batch, checked_features
from kdtheory.risk.moments import Moments
from kdtheory.validation import number

LARGEST_RANK = 100


def sgd_step_limit(features: ArrayLike, batch: Minibatch) -> float:
    r"""Step size below which the covariance of constant-step SGD stays bounded (above it, it diverges; derived here).

    With one feature: :math:`2 B / (\lambda (B - 1) + n \sum_i x_i^4 / \lambda)`, :math:`\lambda = \sum_i x_i^2`; with
    large batches it becomes :math:`2 / \lambda_{max}`, the limit of gradient descent.

    Parameters
    ----------
    features : array of shape (n, p)
    batch : Minibatch
        With ``replace=True``.

    >>> import kdtheory as kd
    >>> sgd_step_limit([[1.0], [1.0], [0.0]], kd.Minibatch(1, replace=True))  # 2 * 2 / (3 * 2)
    0.666...
    """
    size = checked_batch(batch)
    return _modes(checked_features(features), size).limit


def sgd_stationary(
    features: ArrayLike, targets: ArrayLike, *, step_size: float, batch: Minibatch, start: ArrayLike | None = None
) -> Moments:
    r"""Mean and covariance of constant-step SGD after infinitely many steps, from one linear system.

    The fixed point of `sgd_moments`: the mean is the least-squares solution (off the row space: the start), and

    .. math:: C = E[(I - \eta \bar A) C (I - \eta \bar A)] + \frac{\eta^2 n}{B} \sum_i r_i^2 x_i x_i^T,

    with :math:`\bar A` the minibatch's :math:`(n/B) \sum x x^T` and r the residuals of least squares. The covariance is
    linear in :math:`r_i^2`: mixing the labels with any teacher that the student can realise, ``(1 - mixing) * labels +
    mixing * features @ weights``, multiplies it by exactly ``(1 - mixing)^2`` and moves the mean (derived
    here; safaryan2023 call it partial variance reduction; nagarajan2023 view distillation as gradient denoising).

    Parameters
    ----------
    features, targets, batch, start
        As in `sgd_moments`; features of rank at most 100, for a system of rank * (rank + 1) / 2 unknowns.
    step_size : float
        Below `sgd_step_limit`.

    >>> import kdtheory as kd
    >>> X, y, batch = [[1.0], [1.0]], np.array([1.0, 3.0]), kd.Minibatch(1, replace=True)
    >>> floor = kd.risk.sgd_stationary(X, y, step_size=0.25, batch=batch).excess_loss(X)
    >>> mixed = kd.risk.sgd_stationary(
    ...     X, 0.5 * y + 0.5 * 7.0, step_size=0.25, batch=batch
    ... ).excess_loss(X)
    >>> round(float(floor), 9), round(float(mixed / floor), 9)
    (0.333333333, 0.25)
    """
    problem = checked(features, targets, batch, start)
    rate = number("step_size", step_size, above=0.0)
    modes = _modes(problem.features, problem.batch)
    if rate > (1 - 1e-12) * modes.limit:  # at the limit itself the system is singular
        fix = "take a smaller step, or larger batches"
        raise InvalidArgument("step_size", expected=f"below {modes.limit:.6g}", got=f"{rate:.6g}", fix=fix)
    left, singular, right = modes.left, modes.singular, modes.right
    along = left.T @ problem.targets
    kept = problem.start - right.T @ (right @ problem.start)
    mean = right.T @ (along / singular[:, None]) + kept
    squared = np.square(problem.targets - left @ along)
    # (I - eta K) x = eta n / B * D^{-1/2} S^T r^2, and the covariance's coordinates are D^{-1/2} x.
    source = (rate * problem.size / problem.batch) * (modes.scaled.T @ squared)
    system = np.eye(len(modes.curvature)) - rate * modes.curvature
    solved: Any = scipy.linalg.solve(system, source, assume_a="pos") if len(system) else source
    covariance = right.T @ modes.matrices(solved / modes.root[:, None]) @ right
    return Moments(mean, covariance)


@dataclass(frozen=True, eq=False)
class _Modes:
    """Features ``left * singular @ right``, and the second-moment map in coordinates of symmetric matrices.

    ``root`` is the diagonal of D^{1/2}; ``scaled`` holds the coordinates of ``z_i z_i^T``, z the features in the
    eigenbasis, divided by it, shape (n, unknowns); ``curvature`` is ``D^{-1/2} Q D^{-1/2}``.
    """

    left: Array
    singular: Array
    right: Array
    root: Array
    scaled: Array
    curvature: Array

    @property
    def limit(self) -> float:
        """Largest stable step."""
        last = len(self.curvature) - 1
        if last < 0:
            return np.inf
        values: Any = scipy.linalg.eigh(self.curvature, eigvals_only=True, subset_by_index=[last, last])
        return float(1.0 / values[0])

    def matrices(self, coordinates: Array) -> Array:
        """Symmetric matrices of shape (outputs, rank, rank) from coordinates (unknowns, outputs)."""
        rank = len(self.singular)
        rows, columns = np.triu_indices(rank)
        entries = coordinates.T / np.where(rows == columns, 1.0, np.sqrt(2.0))
        result = np.zeros((coordinates.shape[1], rank, rank))
        result[:, rows, columns] = result[:, columns, rows] = entries
        return result


def _modes(features: Array, batch: int) -> _Modes:
    size = len(features)
    left, singular, right = scipy.linalg.svd(features, full_matrices=False)
    rank = int(np.count_nonzero(singular > max(features.shape) * np.finfo(float).eps * singular[0]))
    if rank > LARGEST_RANK:
        fix = "use fewer features, or run sgd_moments for many steps"
        raise InvalidArgument("features", expected=f"a rank of at most {LARGEST_RANK}", got=f"{rank}", fix=fix)
    left, singular, right = left[:, :rank], singular[:rank], right[:rank]
    rows, columns = np.triu_indices(rank)
    lam = singular**2
    root = np.sqrt(lam[rows] + lam[columns])
    z = left * singular
    scaled = z[:, rows] * z[:, columns] * np.where(rows == columns, 1.0, np.sqrt(2.0)) / root
    curvature = (size / batch) * scaled.T @ scaled
    curvature[np.diag_indices(len(root))] += (1 - 1 / batch) * lam[rows] * lam[columns] / root**2
    return _Modes(left, singular, right, root, scaled, curvature)
