"""Recipes on small PyTorch networks. PyTorch is an extra and is imported when a network is built or trained."""

from kdtheory.networks.augmented import Augmented
from kdtheory.networks.base import Network
from kdtheory.networks.closed_form import flattened, linearized_model, solve_linearized
from kdtheory.networks.cnn import CNN
from kdtheory.networks.linearized import Linearized
from kdtheory.networks.mlp import MLP
from kdtheory.networks.optimizers import SGD, Adam, Optimizer, Schedule
from kdtheory.networks.residual import ResidualMLP
from kdtheory.networks.tangent_kernel import empirical_ntk, initialized
from kdtheory.networks.texts import EmbeddingBag, TextCNN
from kdtheory.networks.train import train

__all__ = [
    "CNN",
    "MLP",
    "SGD",
    "Adam",
    "Augmented",
    "EmbeddingBag",
    "Linearized",
    "Network",
    "Optimizer",
    "ResidualMLP",
    "Schedule",
    "TextCNN",
    "empirical_ntk",
    "flattened",
    "initialized",
    "linearized_model",
    "solve_linearized",
    "train",
]
