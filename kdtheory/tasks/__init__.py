"""Tasks: what is learned."""

from kdtheory.tasks.base import Task, from_arrays
from kdtheory.tasks.digits import digits
from kdtheory.tasks.spectral import from_spectrum

__all__ = ["Task", "digits", "from_arrays", "from_spectrum"]
