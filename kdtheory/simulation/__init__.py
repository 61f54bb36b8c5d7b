"""Recipes step by step, in JAX."""

from kdtheory.simulation.simulate import simulate

__all__ = ["simulate"]
