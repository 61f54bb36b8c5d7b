r"""A population as test points: with second moment :math:`\Sigma = R^T R` of its inputs, the expectation of a squared
linear function over one input is the sum of its squares over the rows of R."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from kdtheory.distillation import ExactFit
from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.models import LinearModel
from kdtheory.validation import finite_array


def on_population(
    fit: ExactFit, oracle_weights: ArrayLike | None, oracle_covariance: ArrayLike | None
) -> tuple[ExactFit, Array]:
    """The fit with the rows of R as its test inputs, and the clean targets there."""
    task, features = fit.task, fit.task.inputs.shape[1]
    _refuse_constants(fit)
    moment = _known("oracle_covariance", oracle_covariance, task.oracle_covariance)
    if moment.shape != (features, features):
        fix = "pass the second moment of the inputs"
        got, expected = f"{moment.shape}", f"shape {(features, features)}"
        raise InvalidArgument("oracle_covariance", expected=expected, got=got, fix=fix)
    weights = _known("oracle_weights", oracle_weights, task.oracle_weights)
    weights = weights.reshape(len(weights), -1) if weights.ndim else weights
    if weights.shape != (features, fit.outputs_count):
        fix = "pass one weight per feature and output"
        expected = f"shape {(features, fit.outputs_count)}"
        raise InvalidArgument("oracle_weights", expected=expected, got=f"{weights.shape}", fix=fix)
    root = root_of(moment, "oracle_covariance")
    return replace(fit, task=replace(task, test_inputs=root)), root @ weights


def _known(argument: str, given: ArrayLike | None, own: Array | None) -> Array:
    if given is None and own is None:
        fix = f"pass {argument}=, or ask on='test'"
        raise InvalidArgument(argument, expected="a known population", got="None", fix=fix)
    return finite_array(argument, own if given is None else given)


def _refuse_constants(fit: ExactFit) -> None:
    if not isinstance(fit.model, LinearModel):
        fix = "ask on='test' with many test inputs"
        raise InvalidArgument("on", expected="LinearModel() with on='population'", got=repr(fit.model), fix=fix)
    if fit.task.target_shift is not None or fit.start.offset is not None:
        got = "a centred task" if fit.start.offset is None else "a start with an offset"
        fix = "ask on='test', or solve without it"
        raise InvalidArgument("on", expected="no constants with on='population'", got=got, fix=fix)


def root_of(moment: Array, argument: str) -> Array:
    """A matrix R with ``R^T R`` the given second moment."""
    scale = float(np.max(np.abs(moment)))
    tolerance = len(moment) * np.finfo(float).eps * scale
    symmetric = float(np.max(np.abs(moment - moment.T))) <= tolerance
    own = np.diag(moment)
    if np.array_equal(moment, np.diag(own)):
        values, vectors = own, np.eye(len(own))
    else:
        values, vectors = scipy.linalg.eigh((moment + moment.T) / 2)
    if not symmetric or np.min(values) < -tolerance:
        got = f"smallest eigenvalue {np.min(values):.3g}" if symmetric else "a matrix that is not symmetric"
        expected, fix = "a symmetric positive semidefinite matrix", "pass the second moment of the inputs"
        raise InvalidArgument(argument, expected=expected, got=got, fix=fix)
    return np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T
