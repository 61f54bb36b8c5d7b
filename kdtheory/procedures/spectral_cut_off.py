"""Spectral cut-off: the leading modes are learned, the others not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kdtheory.procedures.base import Array, Procedure, parameter
from kdtheory.validation import one_of

TIED = 1e-12


@dataclass(frozen=True)
class SpectralCutOff(Procedure):
    r"""Least squares on the modes with :math:`\lambda \ge \theta`: truncated SVD, principal component regression.

    The gain of a mode is 1 at and above the threshold, 0 below. It forgets the state before it, as `Ridge` does: the
    modes below go to the anchor.

    Parameters
    ----------
    threshold : float or axis
        :math:`\theta \ge 0`. Eigenvalues down to ``threshold * (1 - 1e-12)`` count as at the threshold, so that
        eigenvalues which are equal but for rounding are kept together where one of them is the threshold. Zero keeps
        all but null modes: the least-norm solution.
    center : {"zero", "start"}
        What the modes below the threshold become: zero, or what the fit started with.

    Notes
    -----
    Two in a row are the one with the larger threshold. Source: Engl, Hanke and Neubauer 1996 (``engl1996``). Others
    cut at a number of components (scikit-learn's ``TruncatedSVD``) or at singular values, :math:`\sqrt\lambda`.

    Examples
    --------
    >>> SpectralCutOff(threshold=2.0).gain([0.0, 1.0, 2.0, 3.0]).tolist()
    [0.0, 0.0, 1.0, 1.0]
    """

    instead: ClassVar[str] = "GradientFlow(time=1 / threshold)"
    threshold: Any
    center: str = "zero"

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", parameter("threshold", self.threshold))
        one_of("center", self.center, ("zero", "start"))

    @property
    def anchored_at_start(self) -> bool:
        """Whether the modes below the threshold go back to the start."""
        return self.center == "start"

    def _kept(self, lam: Array) -> NDArray[np.bool_]:
        return (lam > 0) & (lam >= np.asarray(self.threshold) * (1.0 - TIED))

    def _gain(self, lam: Array) -> Array:
        return self._kept(lam).astype(float)

    def _residual(self, lam: Array) -> Array:
        return 1.0 - self._gain(lam)

    def _dual_gain(self, lam: Array) -> Array:
        kept, lam, threshold = np.broadcast_arrays(self._kept(lam), lam, self.threshold)
        return np.divide(1.0, lam, out=np.where((lam == 0) & (threshold == 0), np.inf, 0.0), where=kept)

    def _retain(self, lam: Array) -> Array:
        return np.zeros_like(self._gain(lam))

    def _anchoring(self, lam: Array) -> Array:
        return self._residual(lam)

    def _dual_retain(self, lam: Array) -> Array:
        return np.zeros_like(self._gain(lam))
