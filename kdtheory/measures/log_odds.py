"""The logit of a class's probability, computed from raw logits without ever forming a probability."""

from __future__ import annotations

import numpy as np
import scipy.special
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.measures._outputs import Classes, checked_classes, read

# Beyond this, squares in a regression would overflow.
LARGEST = 1e150


def log_odds(logits: ArrayLike, labels: ArrayLike) -> Array:
    r"""Log odds of one class against all others, :math:`\log\frac{p_j}{1 - p_j} = z_j - \log\sum_{i \ne j} e^{z_i}`.

    Through probabilities this is lost as soon as :math:`p_j` rounds to 1, which well-trained networks reach on most
    points; here it is accurate for logits of any size (``nagarajan2023`` plots it for teacher and student).

    Parameters
    ----------
    logits : array of shape ``(*axes, n, classes)``
        Before the softmax. A single column is the log odds of the positive class already.
    labels : integer array of shape (n,)
        The class j of each point, from 0; for a single column 0 and 1, or -1 and +1.

    Returns
    -------
    array of shape ``(*axes, n)``

    Raises
    ------
    InvalidArgument
        On NaN, infinity, magnitudes above 1e150, labels out of range and lengths that disagree.

    >>> log_odds([[1000.0, 0.0], [0.0, 2.0]], labels=[0, 0]).tolist()
    [1000.0, -2.0]
    """
    outputs = read("logits", logits, "train")
    return class_confidence(outputs.values, checked_classes(labels, outputs.points, outputs.width), "logit")


def class_confidence(values: Array, classes: Classes, scale: str, argument: str = "logits") -> Array:
    """Confidence ``(*axes, n)`` of ``classes`` (n,) or ``(*axes, n)``; for a single output, classes are signs."""
    if np.max(np.abs(values)) > LARGEST:
        got = f"{values.flat[np.argmax(np.abs(values))]:.4g}"
        raise InvalidArgument(argument, expected=f"magnitudes up to {LARGEST:g}", got=got, fix="rescale the outputs")
    chosen = np.broadcast_to(classes, values.shape[:-1])
    if values.shape[-1] == 1:
        return chosen * values[..., 0]
    own = np.take_along_axis(values, chosen[..., None], axis=-1)
    if scale == "value":
        return own[..., 0]
    # Differences first: they are exact where logits are large and close to each other.
    gaps = values - own
    np.put_along_axis(gaps, chosen[..., None], -np.inf, axis=-1)
    return -scipy.special.logsumexp(gaps, axis=-1)
