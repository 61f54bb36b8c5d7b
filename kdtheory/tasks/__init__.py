"""Tasks: what is learned."""

from kdtheory.tasks.ambiguous import ambiguous
from kdtheory.tasks.base import Task, from_arrays
from kdtheory.tasks.diabetes import diabetes
from kdtheory.tasks.digits import digits
from kdtheory.tasks.label_noise import with_label_noise
from kdtheory.tasks.profiles import clusters, power_law
from kdtheory.tasks.regression import regression
from kdtheory.tasks.spectral import from_spectrum

__all__ = [
    "Task", "ambiguous", "clusters", "diabetes", "digits", "from_arrays", "from_spectrum", "power_law", "regression",
    "with_label_noise",
]  # fmt: skip
