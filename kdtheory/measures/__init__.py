"""Measures: results in, numbers out."""

from kdtheory.measures._moments import GradientNoise, Moments
from kdtheory.measures.accuracy import accuracy
from kdtheory.measures.agreement import Agreement, agreement
from kdtheory.measures.calibration import Calibration, calibration
from kdtheory.measures.compare import Comparison, compare
from kdtheory.measures.confidence import Confidence, confidence
from kdtheory.measures.critical_batch import critical_batch
from kdtheory.measures.deviation import deviation
from kdtheory.measures.gradient_denoising import gradient_denoising
from kdtheory.measures.gradient_noise import gradient_noise
from kdtheory.measures.gradient_relation import GradientRelation, gradient_relation
from kdtheory.measures.gradients import Gradients, gradients
from kdtheory.measures.lag import Lag, lag
from kdtheory.measures.log_odds import log_odds
from kdtheory.measures.power_law import PowerLaw, power_law
from kdtheory.measures.progress import Progress, progress
from kdtheory.measures.scores import brier_score, negative_log_likelihood

__all__ = [
    "Agreement", "Calibration", "Comparison", "Confidence", "GradientNoise", "GradientRelation", "Gradients", "Lag",
    "Moments", "PowerLaw", "Progress", "accuracy", "agreement", "brier_score", "calibration", "compare", "confidence",
    "critical_batch", "deviation", "gradient_denoising", "gradient_noise", "gradient_relation", "gradients", "lag",
    "log_odds", "negative_log_likelihood", "power_law", "progress",
]  # fmt: skip
