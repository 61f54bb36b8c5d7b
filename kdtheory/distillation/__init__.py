"""Recipes, and their closed form."""

from kdtheory.distillation.batches import Minibatch
from kdtheory.distillation.exact import ExactFit
from kdtheory.distillation.losses import CrossEntropy, Loss, SquaredError
from kdtheory.distillation.recipe import Fit, Phase, Recipe, Start, loss_switching, self_distillation
from kdtheory.distillation.results import FitResult, ModeView, Result
from kdtheory.distillation.solve import solve
from kdtheory.distillation.targets import Target, labels, output_of

__all__ = [
    "CrossEntropy", "ExactFit", "Fit", "FitResult", "Loss", "Minibatch", "ModeView", "Phase", "Recipe", "Result",
    "SquaredError", "Start", "Target", "labels", "loss_switching", "output_of", "self_distillation", "solve",
]  # fmt: skip
