"""Outputs as log probabilities of classes, from logits or from probabilities."""

from __future__ import annotations

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.measures._outputs import Classes, Outputs, needed_classes
from kdtheory.measures.log_odds import LARGEST
from kdtheory.validation import number, one_of


def log_probabilities(outputs: Outputs, scale: str | None, temperature: float = 1.0) -> Array:
    r"""Log probabilities ``(*axes, n, classes)``; a single column becomes two classes, negative and positive.

    Logits, :math:`z_j/T - \log\sum_i e^{z_i/T}`: finite where probabilities round to 0. Probabilities are checked, and
    may have a log of -infinity. Fits on squared error are refused unless ``scale`` says what their outputs are.
    """
    if _are_probabilities(outputs, scale, temperature):
        with np.errstate(divide="ignore"):
            return np.log(_checked_probabilities(outputs))
    logits = outputs.values / temperature
    if np.max(np.abs(logits)) > LARGEST:
        got = f"{np.max(np.abs(logits)):.4g}"
        raise InvalidArgument(
            outputs.argument, expected=f"magnitudes up to {LARGEST:g}", got=got, fix="rescale the outputs"
        )
    if outputs.width == 1:
        return -np.logaddexp(0.0, np.concatenate([logits, -logits], axis=-1))
    return _log_softmax(logits)


def probabilities(outputs: Outputs, scale: str | None, temperature: float = 1.0) -> Array:
    """As `log_probabilities`, without the log: what were probabilities comes back unrounded."""
    if _are_probabilities(outputs, scale, temperature):
        return _checked_probabilities(outputs)
    return np.exp(log_probabilities(outputs, scale, temperature))


def _are_probabilities(outputs: Outputs, scale: str | None, temperature: float) -> bool:
    """Whether ``scale`` says so; checked against the fit and the temperature."""
    temperature = number("temperature", temperature, above=0.0)
    if scale is None and outputs.fit is not None and not outputs.fit.logits:
        fix = "train with cross-entropy, or say scale='logit' to take them as logits"
        got = f"values of {outputs.fit!r}"
        raise InvalidArgument(outputs.argument, expected="logits or probabilities", got=got, fix=fix)
    if one_of("scale", scale or "logit", ("logit", "probability")) == "logit":
        return False
    if temperature != 1.0:
        fix = "pass logits to change their temperature"
        raise InvalidArgument("temperature", expected="1 for probabilities", got=f"{temperature:g}", fix=fix)
    return True


def _log_softmax(logits: Array) -> Array:
    """As SciPy's, but the largest is -log1p of the others' share: it is not lost where its probability rounds to 1."""
    top = np.argmax(logits, axis=-1)[..., None]
    gaps = logits - np.take_along_axis(logits, top, axis=-1)
    others = np.exp(gaps)
    np.put_along_axis(others, top, 0.0, axis=-1)
    return gaps - np.log1p(np.sum(others, axis=-1, keepdims=True))


def class_numbers(outputs: Outputs, labels: object) -> Classes:
    """Classes of the points from 0, shape (n,); for a single column 0 is negative and 1 positive."""
    classes = needed_classes(outputs, labels)
    return (classes > 0).astype(np.int64) if outputs.width == 1 else classes


def _checked_probabilities(outputs: Outputs) -> Array:
    values, name = outputs.values, outputs.argument
    if outputs.width == 1:
        values = np.concatenate([1.0 - values, values], axis=-1)
    sums = values.sum(axis=-1)
    # float32 softmax sums to 1 within a few 1e-7.
    if values.min() < 0 or np.max(np.abs(sums - 1.0)) > 1e-5:
        wrong = (values.min(axis=-1) < 0) | (np.abs(sums - 1.0) > 1e-5)
        got, fix = f"a row {values[wrong][0].tolist()}", "pass logits with scale='logit', or normalize the rows"
        raise InvalidArgument(name, expected="rows that are probabilities", got=got, fix=fix)
    # What is off by rounding only stays as it is, so that 0.7 remains the edge of a bin.
    rounding = 4 * np.finfo(float).eps * values.shape[-1]
    return np.where(np.abs(sums - 1.0)[..., None] > rounding, values / sums[..., None], values)
