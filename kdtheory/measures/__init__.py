"""Measures: results in, numbers out."""

from kdtheory.measures.accuracy import accuracy
from kdtheory.measures.compare import Comparison, compare
from kdtheory.measures.confidence import Confidence, confidence
from kdtheory.measures.deviation import deviation
from kdtheory.measures.lag import Lag, lag
from kdtheory.measures.log_odds import log_odds
from kdtheory.measures.power_law import PowerLaw, power_law
from kdtheory.measures.progress import Progress, progress

__all__ = [
    "Comparison", "Confidence", "Lag", "PowerLaw", "Progress",
    "accuracy", "compare", "confidence", "deviation", "lag", "log_odds", "power_law", "progress",
]  # fmt: skip
