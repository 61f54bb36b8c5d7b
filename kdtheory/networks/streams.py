"""Random streams of networks: named, and independent of whatever else is run."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def stream_seed(seed: int, stream: str, purpose: str) -> int:
    """A seed of 63 bits from the run's seed, the fit's stream and what is drawn: the head of a SHA-256.

    Nothing else enters, so that a fit's initialization and batches do not depend on which other seeds or fits are run,
    and fits of one stream share both. The same on every machine and in every version of Python.

    >>> stream_seed(0, "student", "initialization") == stream_seed(0, "student", "batches")
    False
    """
    words = json.dumps([seed, stream, purpose]).encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:8], "big") >> 1


def generator(seed: int, stream: str, purpose: str) -> torch.Generator:
    """A generator at the head of a stream."""
    import torch

    return torch.Generator().manual_seed(stream_seed(seed, stream, purpose))
