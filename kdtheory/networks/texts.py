"""Networks that read texts as numbers of tokens: a mean of embeddings, and a convolution along the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.networks.backend import require_torch
from kdtheory.networks.base import Network, parametrized, share
from kdtheory.networks.images import whole_numbers
from kdtheory.networks.told import brief
from kdtheory.validation import count

if TYPE_CHECKING:
    import torch


class _Reader(Network):
    """What both have in common: inputs are whole numbers below the size of the vocabulary, 0 for nothing."""

    vocabulary: int

    def refuse(self, inputs: NDArray[np.float64], argument: str) -> None:
        """Raise one line for inputs that are not numbers of tokens."""
        wrong = (inputs != np.rint(inputs)) | (inputs < 0) | (inputs >= self.vocabulary)
        if np.any(wrong):
            expected = f"whole numbers of tokens from 0 to {self.vocabulary - 1}"
            fix = "use a task of tokens, for example kd.tasks.newsgroups(form='tokens'), and its vocabulary"
            raise InvalidArgument(argument, expected=expected, got=f"{inputs[wrong][0]:g}", fix=fix)


@dataclass(frozen=True)
class EmbeddingBag(_Reader):
    """The mean of the embeddings of a text's tokens, then a fully connected ReLU network.

    Parameters
    ----------
    vocabulary : int
        Number of tokens; a task's inputs are numbers below it, 0 for nothing (padding).
    width : int
        Length of an embedding, and units per hidden layer.
    depth : int
        Number of hidden layers, 0 or more.
    parametrization, dropout, batch_norm
        As in `MLP`. Embeddings are standard normal at the start in both parametrizations.

    >>> EmbeddingBag(vocabulary=5000, width=64).depth
    1
    """

    vocabulary: int
    width: int = 64
    depth: int = 1
    parametrization: str = "standard"
    dropout: float = 0.0
    batch_norm: bool = False

    __repr__ = brief

    def __post_init__(self) -> None:
        for name, least in (("vocabulary", 2), ("width", 1), ("depth", 0)):
            object.__setattr__(self, name, count(name, getattr(self, name), at_least=least))
        object.__setattr__(self, "dropout", share("dropout", self.dropout))
        parametrized(self)

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A module in float64 from (batch, tokens) to (batch, ``outputs``)."""
        require_torch()
        from torch import nn

        from kdtheory.networks._layers import Tokens
        from kdtheory.networks._modules import MeanOfTokens, mlp

        tokens = MeanOfTokens(Tokens(self.vocabulary, self.width, generator))
        sizes = [self.width] * (self.depth + 1) + [outputs]
        look = {"dropout": self.dropout, "batch_norm": self.batch_norm}
        return nn.Sequential(tokens, *mlp(sizes, self.parametrization, generator, **look))


@dataclass(frozen=True)
class TextCNN(_Reader):
    """Filters along a text, the strongest response of each, then a linear layer.

    Parameters
    ----------
    vocabulary : int
        As in `EmbeddingBag`.
    width : int
        Length of an embedding, and number of filters of each length.
    kernels : tuple of int
        Lengths of the filters, in tokens; texts are at least as long as the longest.
    parametrization : {"standard", "ntk"}
        As in `MLP`.
    dropout : float
        Before the last layer.

    >>> TextCNN(vocabulary=5000, kernels=(2, 3)).width
    64
    """

    vocabulary: int
    width: int = 64
    kernels: tuple[int, ...] = (3, 4, 5)
    parametrization: str = "standard"
    dropout: float = 0.0

    __repr__ = brief

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", count("vocabulary", self.vocabulary, at_least=2))
        object.__setattr__(self, "width", count("width", self.width, at_least=1))
        object.__setattr__(self, "kernels", whole_numbers("kernels", self.kernels, "pass for example (3, 4, 5)"))
        object.__setattr__(self, "dropout", share("dropout", self.dropout))
        parametrized(self)

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A module in float64 from (batch, tokens) to (batch, ``outputs``)."""
        require_torch()
        from torch import nn

        from kdtheory.networks._layers import Tokens, activation, convolution, linear
        from kdtheory.networks._modules import StrongestResponses

        if inputs < max(self.kernels):
            expected = f"texts of at least {max(self.kernels)} tokens"
            raise InvalidArgument("kernels", expected=expected, got=f"{inputs}", fix="use shorter kernels=(...)")
        tokens, pair = Tokens(self.vocabulary, self.width, generator), (self.width, self.width)
        filters = [convolution(self.parametrization, pair, (k,), generator, padded=False) for k in self.kernels]
        modules: list[nn.Module] = [StrongestResponses(tokens, filters, activation(self.parametrization))]
        modules += [nn.Dropout(self.dropout)] if self.dropout else []
        return nn.Sequential(*modules, linear(self.parametrization, len(filters) * self.width, outputs, generator))
