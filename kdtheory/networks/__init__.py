"""Recipes on small PyTorch networks. PyTorch is an extra and is imported when a network is built or trained."""

from kdtheory.networks.base import Network
from kdtheory.networks.mlp import MLP
from kdtheory.networks.optimizers import SGD, Adam, Optimizer
from kdtheory.networks.train import train

__all__ = ["MLP", "SGD", "Adam", "Network", "Optimizer", "train"]
