"""The slow obvious twin of ``solve``: training of weights on matrices, without any eigenvalue.

For a linear model with explicit features, each procedure is carried out in weight space: a matrix exponential for gradient
flow, one step after the other for gradient descent, the normal equations for ridge.
"""

import numpy as np
import scipy.linalg

import kdtheory as kd


def run_procedure(procedure, features, targets, weights, start):
    """Weights after one run on squared loss, from ``weights``, in a fit that began at ``start``."""
    covariance, moment = features.T @ features, features.T @ targets
    if isinstance(procedure, kd.GradientFlow):
        size = len(covariance)
        block = np.block([[-covariance, moment], [np.zeros((moment.shape[1], size + moment.shape[1]))]])
        propagator = scipy.linalg.expm(block * procedure.time)
        return propagator[:size, :size] @ weights + propagator[:size, size:]
    if isinstance(procedure, kd.GradientDescent):
        for _ in range(procedure.steps):
            weights = weights - procedure.step_size * (covariance @ weights - moment)
        return weights
    anchor = start if procedure.center == "start" else np.zeros_like(start)
    system = covariance + procedure.penalty * np.eye(len(covariance))
    return np.linalg.solve(system, moment + procedure.penalty * anchor)


class LiteralFit:
    """A fit trained in weight space; ``offset`` is a function of inputs."""

    def __init__(self, start, offset):
        self.start = self.weights = start
        self.offset = offset

    def run(self, procedure, features, targets):
        self.weights = run_procedure(procedure, features, targets - self.offset(features), self.weights, self.start)

    def __call__(self, features):
        return features @ self.weights + self.offset(features)


def run_recipe(recipe, task):
    """All fits of a recipe on explicit inputs; returns functions of inputs with ``weights``."""
    fits = {}
    for name, fit in recipe.items():
        own = task if fit.task is None else fit.task
        start = kd.Start() if fit.start is None else fit.start
        outputs = own.outputs if own.outputs is not None else task.outputs
        weights = np.zeros((own.inputs.shape[1], outputs)) if start.weights is None else start.weights
        offset = (lambda x, k=outputs: np.zeros((len(x), k))) if start.offset is None else start.offset
        trained = LiteralFit(weights, offset)
        for phase in fit.phases:
            sources = [(w, own.targets if s.fit is None else fits[s.fit](own.inputs)) for w, s in phase.target.terms]
            trained.run(phase.procedure, own.inputs, sum(w * values for w, values in sources))
        fits[name] = trained
    return fits
