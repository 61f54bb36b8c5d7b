"""Measures: results in, numbers out."""

from kdtheory.measures._moments import GradientNoise, Moments
from kdtheory.measures.accuracy import accuracy
from kdtheory.measures.agreement import Agreement, agreement
from kdtheory.measures.calibration import Calibration, calibration
from kdtheory.measures.cluster_slopes import ClusterSlopes, cluster_slopes, exaggeration_time
from kdtheory.measures.compare import Comparison, compare
from kdtheory.measures.confidence import Confidence, confidence
from kdtheory.measures.critical_batch import critical_batch
from kdtheory.measures.deviation import deviation
from kdtheory.measures.ensemble import ensemble
from kdtheory.measures.gradient_denoising import gradient_denoising
from kdtheory.measures.gradient_noise import gradient_noise
from kdtheory.measures.gradient_relation import GradientRelation, gradient_relation
from kdtheory.measures.gradients import Gradients, gradients
from kdtheory.measures.lag import Lag, lag
from kdtheory.measures.log_odds import log_odds
from kdtheory.measures.power_law import PowerLaw, power_law
from kdtheory.measures.product_eigenvalues import product_eigenvalues
from kdtheory.measures.progress import Progress, progress
from kdtheory.measures.scores import brier_score, negative_log_likelihood
from kdtheory.measures.supervision_complexity import supervision_complexity

__all__ = [
    "Agreement", "Calibration", "ClusterSlopes", "Comparison", "Confidence", "GradientNoise", "GradientRelation",
    "Gradients", "Lag", "Moments", "PowerLaw", "Progress", "accuracy", "agreement", "brier_score", "calibration",
    "cluster_slopes", "compare", "confidence", "critical_batch", "deviation", "ensemble", "exaggeration_time",
    "gradient_denoising", "gradient_noise", "gradient_relation", "gradients", "lag", "log_odds",
    "negative_log_likelihood", "power_law", "product_eigenvalues", "progress", "supervision_complexity",
]  # fmt: skip
