"""Where results come from: versions of packages."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import kdtheory

PACKAGES = (
    "numpy", "scipy", "jax", "jaxlib", "torch", "scikit-learn", "matplotlib", "seaborn", "sympy", "hypothesis",
)  # fmt: skip


def versions() -> dict[str, str | None]:
    """Versions of Python, kdtheory and every package that numbers or pictures come from; ``None`` where absent."""
    found: dict[str, str | None] = {"python": platform.python_version(), "kdtheory": kdtheory.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found
