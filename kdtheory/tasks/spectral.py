"""Problems given by their spectrum: the eigenvalues and the target's coefficients are chosen, the data follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.tasks.base import Task
from kdtheory.validation import count, finite_array


def from_spectrum(eigenvalues: ArrayLike, coefficients: ArrayLike, *, seed: int | None = None) -> Task:
    r"""A linear-regression problem whose Gram matrix has the given eigenvalues.

    Parameters
    ----------
    eigenvalues : array of shape (modes,)
        Non-negative, in descending order (so that mode k here is mode k of the model's spectrum).
    coefficients : array of shape (modes,) or (modes, outputs)
        The target's coefficient on each mode.
    seed : int, optional
        ``None``: mode k is training input k, :math:`X = \mathrm{diag}(\sqrt\lambda)`. A seed rotates inputs and
        features by random orthogonal matrices; the spectrum and the coefficients (up to sign) stay.

    >>> import kdtheory as kd
    >>> task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, -2.0])
    >>> kd.LinearModel().spectrum(task).eigenvalues.tolist()
    [4.0, 1.0]
    """
    lam = finite_array("eigenvalues", eigenvalues, ndim=1)
    targets = finite_array("coefficients", coefficients, ndim=(1, 2)).reshape(len(np.atleast_1d(coefficients)), -1)
    if lam.min() < 0 or np.any(np.diff(lam) > 0):
        got = np.array2string(lam, threshold=8, precision=4)
        fix = "sort them, largest first"
        raise InvalidArgument("eigenvalues", expected="non-negative numbers in descending order", got=got, fix=fix)
    if len(targets) != len(lam):
        fix = "pass one coefficient per mode"
        raise InvalidArgument("coefficients", expected=f"{len(lam)} rows, one per mode", got=f"{len(targets)}", fix=fix)
    inputs = np.diag(np.sqrt(lam))
    if seed is not None and len(lam) > 1:
        import scipy.stats

        generator = np.random.default_rng(count("seed", seed))
        left, right = scipy.stats.ortho_group.rvs(len(lam), size=2, random_state=generator)
        inputs, targets = left @ inputs @ right, left @ targets
    provenance = {"source": "from_spectrum", "modes": len(lam), "seed": seed}
    return Task(inputs, targets, name="chosen spectrum", provenance=provenance)
