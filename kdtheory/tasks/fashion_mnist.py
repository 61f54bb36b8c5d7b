"""Fashion-MNIST: small images of clothing."""

from __future__ import annotations

from kdtheory.tasks._images import image_task
from kdtheory.tasks.base import Task


def fashion_mnist(train: int = 2000, test: int | None = None, seed: int = 0, *, size: int = 28) -> Task:
    """Photographs of clothing, 10 classes (60000 + 10000 grey images, ``xiao2017``).

    Classes 0 to 9: T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.

    Parameters
    ----------
    train, test : int
        Numbers of images, drawn without replacement from the training part and the test part of the set; default: the
        whole test part.
    seed : int
        Seed of the draws.
    size : int
        Pixels per side, a divisor of 28: below 28, the means of square blocks.

    Returns
    -------
    Task
        Inputs of shape (train, size * size), row by row, divided by one number so that their mean square over the
        training images is 1 (scaling each pixel by itself would destroy the spectrum); one-hot targets;
        ``provenance["shape"]`` is (channels, height, width).

    Raises
    ------
    DataUnavailable
        The set is not here and cannot be had; ``kdtheory data get fashion-mnist`` gets it.

    >>> import kdtheory as kd
    >>> kd.tasks.fashion_mnist(train=2000, size=14)  # doctest: +SKIP
    Task('fashion mnist', train=2000, test=10000, features=196, 10 output(s))
    """
    return image_task("fashion-mnist", train, test, seed, size)
