"""Problems given by their spectrum: the eigenvalues and the target's coefficients are chosen, the data follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.tasks.base import Task
from kdtheory.tasks.profiles import checked
from kdtheory.validation import count


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
    lam, targets = checked(eigenvalues, coefficients)
    inputs = np.diag(np.sqrt(lam))
    if seed is not None and len(lam) > 1:
        import scipy.stats

        generator = np.random.default_rng(count("seed", seed))
        left, right = scipy.stats.ortho_group.rvs(len(lam), size=2, random_state=generator)
        inputs, targets = left @ inputs @ right, left @ targets
    provenance = {"source": "from_spectrum", "modes": len(lam), "seed": seed}
    return Task(inputs, targets, name="chosen spectrum", provenance=provenance)
