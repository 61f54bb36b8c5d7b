"""Recipes on small PyTorch networks. PyTorch is an extra and is imported when a network is built or trained."""

from kdtheory.networks.augmented import Augmented
from kdtheory.networks.base import Network
from kdtheory.networks.cnn import CNN
from kdtheory.networks.mlp import MLP
from kdtheory.networks.optimizers import SGD, Adam, Optimizer, Schedule
from kdtheory.networks.texts import EmbeddingBag, TextCNN
from kdtheory.networks.train import train

__all__ = [
    "CNN",
    "MLP",
    "SGD",
    "Adam",
    "Augmented",
    "EmbeddingBag",
    "Network",
    "Optimizer",
    "Schedule",
    "TextCNN",
    "train",
]
