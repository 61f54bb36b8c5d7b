"""PyTorch itself: whether it is there, and how many threads it may use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kdtheory.errors import MissingPackage


def require_torch() -> None:
    """Raise one line that names the extra unless PyTorch can be imported."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingPackage(
            "torch", expected="PyTorch to be installed", got=str(error), fix="pip install 'kdtheory[networks]'"
        ) from error


@contextmanager
def quiet_torch(threads: int, seed: int) -> Iterator[None]:
    """PyTorch with ``threads`` threads and a private state of its global generator; both are put back afterwards.

    kdtheory draws from generators of its own; the global one is seeded for layers that know no other (dropout).
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.default_generator.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)
