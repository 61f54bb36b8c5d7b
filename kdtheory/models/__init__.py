"""Models: a task's Gram and cross-Gram matrices, weights."""

from kdtheory.models.base import Model
from kdtheory.models.feature_variance import feature_variance
from kdtheory.models.kernel import KernelModel
from kdtheory.models.linear import LinearModel
from kdtheory.models.random_features import RandomFeatures

__all__ = ["KernelModel", "LinearModel", "Model", "RandomFeatures", "feature_variance"]
