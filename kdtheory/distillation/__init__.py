"""Recipes, and their closed form."""

from kdtheory.distillation.batches import Minibatch
from kdtheory.distillation.constrained import ConstrainedRounds, constrained_rounds
from kdtheory.distillation.cross_entropy_flow import TaughtMargins, margins_on_labels, margins_on_teacher
from kdtheory.distillation.exact import ExactFit
from kdtheory.distillation.gaussian_process import Posterior, gaussian_process
from kdtheory.distillation.losses import CrossEntropy, Loss, SquaredError
from kdtheory.distillation.noisy_students import dropout_student_logits, noisy_student_logits
from kdtheory.distillation.recipe import Fit, Phase, Recipe, Start, loss_switching, self_distillation
from kdtheory.distillation.results import FitResult, ModeView, Result
from kdtheory.distillation.solve import solve
from kdtheory.distillation.targets import Target, labels, output_of

__all__ = [
    "ConstrainedRounds", "CrossEntropy", "ExactFit", "Fit", "FitResult", "Loss", "Minibatch", "ModeView", "Phase",
    "Posterior", "Recipe", "Result", "SquaredError", "Start", "Target", "TaughtMargins", "constrained_rounds",
    "dropout_student_logits", "gaussian_process", "labels", "loss_switching", "margins_on_labels", "margins_on_teacher",
    "noisy_student_logits", "output_of", "self_distillation", "solve",
]  # fmt: skip
