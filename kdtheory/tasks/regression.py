"""Linear regression with everything known: spectrum, alignment of the target, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.tasks.base import Task
from kdtheory.tasks.profiles import checked
from kdtheory.validation import count, number, one_of

Array = NDArray[np.float64]


def regression(
    eigenvalues: ArrayLike,
    coefficients: ArrayLike,
    *,
    train: int = 200,
    test: int = 1000,
    noise_variance: float = 0.0,
    design: str = "random",
    seed: int = 0,
) -> Task:
    r"""A random linear-regression problem, for statements about risk.

    Inputs are Gaussian with mean 0 and covariance :math:`\mathrm{diag}(s)`: column k is mode k of the population.
    Targets are :math:`y = x \cdot b^* + \varepsilon` with :math:`b^*_k = c_k / \sqrt{s_k}`, so that mode k contributes
    :math:`c_k^2` to the mean square of the clean targets.

    Parameters
    ----------
    eigenvalues : array of shape (features,)
        :math:`s`, non-negative, in descending order: see `power_law` and `clusters`.
    coefficients : array of shape (features,) or (features, outputs)
        :math:`c`, the alignment of the target. Zero where the eigenvalue is.
    train, test : int
        Numbers of samples.
    noise_variance : float
        Variance of the Gaussian noise, per output; test targets are as noisy as training targets.
    design : {"random", "fixed"}
        ``"random"``: training inputs are drawn as the test inputs are; the Gram matrix has eigenvalues near
        ``train * s`` for many samples only. ``"fixed"``: they are chosen so that :math:`X^T X / n` is
        :math:`\mathrm{diag}(s)` exactly: the Gram matrix has the eigenvalues ``train * s`` and the clean targets the
        coefficients :math:`\sqrt{n}\,c_k` (up to sign, at ties up to rotation). Needs ``train >= features``.
    seed : int
        Training inputs, noise and test set have streams of their own: a larger test set leaves training alone.

    Returns
    -------
    Task
        With ``clean_targets``, ``clean_test_targets``, ``noise_variance``, ``oracle_weights`` and
        ``oracle_covariance``.

    >>> import kdtheory as kd
    >>> spectrum = kd.tasks.power_law(3, exponent=1.0)
    >>> task = kd.tasks.regression(spectrum, [1.0, 0.5, 0.0], train=6, design="fixed")
    >>> kd.LinearModel().spectrum(task).eigenvalues.round(9).tolist()
    [6.0, 3.0, 2.0, 0.0, 0.0, 0.0]
    """
    s, c = checked(eigenvalues, coefficients)
    train, test = count("train", train, at_least=1), count("test", test)
    noise_variance = number("noise_variance", noise_variance, at_least=0.0)
    _refuse_unreachable(s, c)
    if one_of("design", design, ("random", "fixed")) == "fixed" and train < len(s):
        fix = "ask for more samples, fewer eigenvalues, or design='random'"
        raise InvalidArgument("train", expected=f"at least {len(s)}, one per eigenvalue", got=f"{train}", fix=fix)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(count("seed", seed)).spawn(4)]
    points, noise, test_points, test_noise = streams
    inputs = points.standard_normal((train, len(s)))
    if design == "fixed":
        inputs = np.sqrt(train) * _orthonormal(inputs)
    inputs = inputs * np.sqrt(s)
    test_inputs = test_points.standard_normal((test, len(s))) * np.sqrt(s) if test else None
    weights = np.divide(c, np.sqrt(s)[:, None], out=np.zeros_like(c), where=s[:, None] > 0)
    clean = inputs @ weights
    clean_test = None if test_inputs is None else test_inputs @ weights
    return Task(
        inputs,
        _noisy(clean, noise_variance, noise),
        test_inputs=test_inputs,
        test_targets=None if clean_test is None else _noisy(clean_test, noise_variance, test_noise),
        clean_targets=clean,
        clean_test_targets=clean_test,
        noise_variance=noise_variance,
        oracle_weights=weights,
        oracle_covariance=np.diag(s),
        name=f"regression ({design} design)",
        provenance={
            "source": "regression",
            "design": design,
            "features": len(s),
            "train": train,
            "test": test,
            "noise_variance": noise_variance,
            "seed": seed,
        },
    )


def _noisy(clean: Array, variance: float, generator: np.random.Generator) -> Array:
    return clean + np.sqrt(variance) * generator.standard_normal(clean.shape)


def _orthonormal(points: Array) -> Array:
    """Random orthonormal columns, uniformly distributed."""
    basis, triangle = np.linalg.qr(points)
    return basis * np.where(np.diag(triangle) < 0, -1.0, 1.0)


def _refuse_unreachable(s: Array, c: Array) -> None:
    lost = np.flatnonzero((s == 0) & np.any(c != 0, axis=1))
    if len(lost):
        got = f"{c[lost[0]].tolist()} on mode {lost[0]}"
        fix = "no input moves along that mode: set the coefficient to 0, or use from_spectrum"
        raise InvalidArgument("coefficients", expected="0 where the eigenvalue is 0", got=got, fix=fix)
