"""Spectra: Gram matrices in their eigenbasis."""

from kdtheory.spectrum.base import Spectrum, from_features, from_gram

__all__ = ["Spectrum", "from_features", "from_gram"]
