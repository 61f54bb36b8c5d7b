"""Bias and variance of a fit, exactly: its outputs are an affine map of noisy labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk._population import on_population
from kdtheory.risk._truth import known, mean_fit
from kdtheory.risk._variance import variance
from kdtheory.validation import describe, one_of


@dataclass(frozen=True, eq=False)
class Risk:
    """Expected squared error against the clean targets, summed over points and outputs; see `decompose`.

    Attributes
    ----------
    bias, variance : arrays of shape ``(*axes,)``
        Squared bias, and variance.
    points : int
        How many points were summed over; 1 for a population, whose risk is that of one random point.
    axes : dict of str to array
        Names and coordinates of the axes.
    """

    bias: Array
    variance: Array
    points: int
    axes: dict[str, Array] = field(default_factory=dict, repr=False)

    @property
    def total(self) -> Array:
        """``bias + variance``: twice the expected loss (which is one half of a sum) against the clean targets."""
        return self.bias + self.variance

    @property
    def mean(self) -> Risk:
        """The same per point: divided by ``points``."""
        return replace(self, bias=self.bias / self.points, variance=self.variance / self.points, points=1)


def decompose(
    fit: ExactFit,
    *,
    on: str = "train",
    clean_targets: ArrayLike | None = None,
    clean_test_targets: ArrayLike | None = None,
    noise_variance: ArrayLike | None = None,
    oracle_weights: ArrayLike | None = None,
    oracle_covariance: ArrayLike | None = None,
) -> Risk:
    r"""Squared bias and variance over the noise of the labels, :math:`y = f^* + \varepsilon`, given the inputs.

    Noise has mean zero and is independent from sample to sample (labels that `tasks.with_label_noise` has flipped are
    not: their mean is not the true label). A fit by squared loss is :math:`A y + a`, whatever its recipe, hence
    (derived here)::

        bias = |A f* + a - f*|^2 = sum_k ((1 - gain_k) c_k)^2   (train points, zero start)
        variance = tr(A Cov(y) A^T) = noise_variance * outputs * sum_k gain_k^2   (train points, one variance)

    On test points A is ``fit.operator(inputs=test_inputs)``. On a population with second moment :math:`\Sigma` of the
    inputs (linear models; dual_k is ``gain_k / eigenvalue_k``)::

        bias = |S^{1/2} (b - b*)|^2, variance = noise_variance * outputs * sum_k gain_k dual_k v_k^T S v_k

    with b the mean weights, v_k the right singular vectors of the inputs and S the matrix :math:`\Sigma`.

    **Units**: plain sums over points and outputs, so that ``total`` is twice the expected loss of this toolkit.
    Statistics (menon2021 among others) and scikit-learn's ``mean_squared_error`` use the mean over points: ``.mean``
    (scikit-learn also divides by the outputs). The noise of fresh test labels is not part of it: add
    ``points * outputs * noise_variance`` for the error of predicting them.

    Parameters
    ----------
    fit : ExactFit
        A fit of `solve`. Sweeps stay axes; on one spectrum no prediction and no matrix is formed per point of them.
    on : {"train", "test", "population"}
        Where: the fit's own training inputs (fixed design), its task's test inputs, or one random input.
    clean_targets : array of shape (n, outputs) or (n,), optional
        Clean labels of the one task whose labels reach the fit; default: ``clean_targets`` of every such task. Of a
        centred task, in its own coordinates (less the mean of its labels; the noise of that mean is counted).
    clean_test_targets : array of shape (m, outputs) or (m,), optional
        Default: that of the fit's task.
    noise_variance : number, or array of shape (n,) or (n, outputs), optional
        Of each label, or per sample, or per sample and output (``p * (1 - p)`` for one-hot labels drawn from
        probabilities p); default: that of every task. Labels of two tasks are taken as independent.
    oracle_weights, oracle_covariance : arrays of shape (d, outputs) and (d, d), optional
        Of the population; default: those of the fit's task.

    Raises
    ------
    InvalidArgument
        Where the truth is not known, and for fits of other worlds.

    >>> import kdtheory as kd
    >>> task = kd.tasks.regression(
    ...     [1.0, 0.25], [1.0, 0.5], noise_variance=4.0, train=4, design="fixed"
    ... )
    >>> ridge = kd.self_distillation(kd.Ridge(penalty=1.0), kd.Ridge(penalty=1.0))
    >>> risk = kd.risk.decompose(
    ...     kd.solve(ridge, kd.LinearModel(), task)["teacher"]
    ... )  # gains 0.8, 0.5
    >>> (
    ...     round(float(risk.bias), 9),
    ...     round(float(risk.variance), 9),
    ... )  # 0.2^2 4 + 0.5^2 1; 4 (0.8^2 + 0.5^2)
    (0.41, 3.56)
    """
    if not isinstance(fit, ExactFit):
        fix = "pass for example kd.solve(recipe, model, task)['student']"
        raise InvalidArgument("fit", expected="a fit of kd.solve", got=describe(fit), fix=fix)
    one_of("on", on, ("train", "test", "population"))
    _refuse_misplaced("clean_test_targets", clean_test_targets, "test", on)
    _refuse_misplaced("oracle_weights", oracle_weights, "population", on)
    _refuse_misplaced("oracle_covariance", oracle_covariance, "population", on)
    if on == "population":
        fit, clean_test_targets = on_population(fit, oracle_weights, oracle_covariance)
    where = "train" if on == "train" else "test"
    truth = known(fit, where, clean_targets, clean_test_targets, noise_variance)
    points = {"train": fit.task.size, "test": truth.test_points, "population": 1}[on]
    bias = 2.0 * mean_fit(fit, truth).loss(on=where)
    return Risk(bias[()], variance(fit, truth, where)[()], points, dict(fit.axes))


def _refuse_misplaced(argument: str, value: ArrayLike | None, belongs: str, on: str) -> None:
    if value is not None and on != belongs:
        fix = f"set on={belongs!r}, or drop it"
        raise InvalidArgument(argument, expected=f"{argument} beside on={belongs!r} only", got=f"on={on!r}", fix=fix)
