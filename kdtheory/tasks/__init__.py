"""Tasks: what is learned."""

from kdtheory.tasks.ambiguous import ambiguous
from kdtheory.tasks.base import Task, from_arrays
from kdtheory.tasks.concrete import concrete
from kdtheory.tasks.diabetes import diabetes
from kdtheory.tasks.diamonds import diamonds
from kdtheory.tasks.digits import digits
from kdtheory.tasks.fashion_mnist import fashion_mnist
from kdtheory.tasks.label_noise import with_label_noise
from kdtheory.tasks.mnist import mnist, mnist_pairs
from kdtheory.tasks.movie_reviews import movie_reviews
from kdtheory.tasks.newsgroups import newsgroups
from kdtheory.tasks.profiles import clusters, power_law
from kdtheory.tasks.regression import regression
from kdtheory.tasks.reuters import reuters
from kdtheory.tasks.spam import spam
from kdtheory.tasks.spectral import from_spectrum

__all__ = [
    "Task", "ambiguous", "clusters", "concrete", "diabetes", "diamonds", "digits", "fashion_mnist", "from_arrays",
    "from_spectrum", "mnist", "mnist_pairs", "movie_reviews", "newsgroups", "power_law", "regression", "reuters",
    "spam", "with_label_noise",
]  # fmt: skip
