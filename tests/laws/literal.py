"""The slow obvious twin of every family: training of weights on matrices, phase after phase, without any eigenvalue.

Steps are taken one after the other; flows are matrix exponentials of their whole state, and Nesterov's is integrated
numerically. What a phase takes over from the one before it (velocity, average, clock) is decided here on its own.
"""

from dataclasses import replace

import numpy as np
import scipy.integrate
import scipy.linalg

import kdtheory as kd
from kdtheory import procedures as p

DURATIONS = {
    p.HeavyBall: "steps",
    p.Nesterov: "steps",
    p.AveragedDescent: "steps",
    p.HeavyBallFlow: "time",
    p.AveragedFlow: "time",
}


class Weights:
    """The weights of one fit, and what its last phase left behind."""

    def __init__(self, start):
        self.start = self.weights = self.shown = start
        self.velocity = self.sum = np.zeros_like(start)
        self.elapsed, self.last = 0.0, None

    def run(self, procedure, features, targets, restart=False):
        """One phase of training on ``targets``, which an untrained offset is already taken from."""
        if restart or not same_but_for_duration(procedure, self.last):
            self.velocity = self.sum = np.zeros_like(self.start)
            self.elapsed = 0.0
        self.covariance, self.moment = features.T @ features, features.T @ targets
        self.features, self.targets = features, targets
        self.shown = None
        RUNS[type(procedure)](self, procedure)
        if self.shown is None:
            self.shown = self.weights
        self.last = procedure

    def gradient(self, weights):
        return self.covariance @ weights - self.moment

    def anchor(self, procedure):
        return self.start if procedure.center == "start" else np.zeros_like(self.start)

    def show_average(self):
        self.shown = self.sum / self.elapsed if self.elapsed else self.weights


def same_but_for_duration(procedure, last):
    duration = DURATIONS.get(type(procedure))
    return (
        type(last) is type(procedure)
        and duration
        and replace(last, **{duration: 0}) == replace(procedure, **{duration: 0})
    )


def linear_flow(matrix, force, state, time):
    """The state after ``time`` under ``state' = matrix @ state + force``."""
    size, outputs = force.shape
    block = np.block([[matrix, force], [np.zeros((outputs, size + outputs))]]) * time
    propagator = scipy.linalg.expm(block)
    return propagator[:size, :size] @ state + propagator[:size, size:]


def gradient_flow(fit, procedure):
    fit.weights = linear_flow(-fit.covariance, fit.moment, fit.weights, procedure.time)


def gradient_descent(fit, procedure):
    for _ in range(procedure.steps):
        fit.weights = fit.weights - procedure.step_size * fit.gradient(fit.weights)


def ridge(fit, procedure):
    system = fit.covariance + procedure.penalty * np.eye(len(fit.covariance))
    fit.weights = np.linalg.solve(system, fit.moment + procedure.penalty * fit.anchor(procedure))


def iterated_tikhonov(fit, procedure):
    system = fit.covariance + procedure.penalty * np.eye(len(fit.covariance))
    for _ in range(procedure.iterations):
        fit.weights = np.linalg.solve(system, fit.moment + procedure.penalty * fit.weights)


def spectral_cut_off(fit, procedure):
    left, singular, right = np.linalg.svd(fit.features, full_matrices=False)
    kept = singular**2 >= procedure.threshold
    learned = right[kept].T @ ((left[:, kept].T @ fit.targets) / singular[kept, None])
    fit.weights = learned + fit.anchor(procedure) - right[kept].T @ (right[kept] @ fit.anchor(procedure))


def weight_decay_flow(fit, procedure):
    matrix = -fit.covariance - procedure.decay * np.eye(len(fit.covariance))
    fit.weights = linear_flow(matrix, fit.moment + procedure.decay * fit.anchor(procedure), fit.weights, procedure.time)


def weight_decay_descent(fit, procedure):
    for _ in range(procedure.steps):
        slope = fit.gradient(fit.weights) + procedure.decay * (fit.weights - fit.anchor(procedure))
        fit.weights = fit.weights - procedure.step_size * slope


def averaged_descent(fit, procedure):
    for _ in range(procedure.steps):
        fit.sum, fit.elapsed = fit.sum + fit.weights, fit.elapsed + 1
        fit.weights = fit.weights - procedure.step_size * fit.gradient(fit.weights)
    fit.show_average()


def averaged_flow(fit, procedure):
    """Weights and their integral."""
    zero, unit = np.zeros_like(fit.covariance), np.eye(len(fit.covariance))
    matrix, force = np.block([[-fit.covariance, zero], [unit, zero]]), np.vstack([fit.moment, 0 * fit.moment])
    state = linear_flow(matrix, force, np.vstack([fit.weights, fit.sum]), procedure.time)
    fit.weights, fit.sum = np.split(state, 2)
    fit.elapsed += procedure.time
    fit.show_average()


def heavy_ball(fit, procedure):
    for _ in range(procedure.steps):
        fit.velocity = procedure.momentum * fit.velocity - procedure.step_size * fit.gradient(fit.weights)
        fit.weights = fit.weights + fit.velocity


def nesterov(fit, procedure):
    """In iterates; with the look-ahead point as the position, the state is brought there and back."""
    mu, ahead = procedure.momentum, procedure.output == "look-ahead"
    weights = fit.weights - mu * fit.velocity if ahead else fit.weights
    for _ in range(procedure.steps):
        fit.velocity = mu * fit.velocity - procedure.step_size * fit.gradient(weights + mu * fit.velocity)
        weights = weights + fit.velocity
    fit.weights = weights + mu * fit.velocity if ahead else weights


def heavy_ball_flow(fit, procedure):
    """Weights and velocity."""
    zero, unit = np.zeros_like(fit.covariance), np.eye(len(fit.covariance))
    matrix = np.block([[zero, unit], [-fit.covariance, -procedure.friction * unit]])
    force = np.vstack([0 * fit.moment, fit.moment])
    state = linear_flow(matrix, force, np.vstack([fit.weights, fit.velocity]), procedure.time)
    fit.weights, fit.velocity = np.split(state, 2)


def nesterov_flow(fit, procedure):
    """From a short time on, which the flow reaches with an eighth of its square times the slope, to fourth order."""
    shape = fit.weights.shape
    first = 1e-3 * procedure.time
    slope = fit.gradient(fit.weights)
    position = fit.weights - first**2 / 8 * slope + first**4 / 192 * fit.covariance @ slope
    velocity = -first / 4 * slope + first**3 / 48 * fit.covariance @ slope

    def move(time, state):
        weights, speed = state.reshape(2, *shape)
        return np.concatenate([speed.ravel(), (-3 / time * speed - fit.gradient(weights)).ravel()])

    state = np.concatenate([position.ravel(), velocity.ravel()])
    span = (first, procedure.time)
    moved = scipy.integrate.solve_ivp(move, span, state, method="DOP853", rtol=1e-12, atol=1e-14)
    fit.weights = moved.y[:, -1].reshape(2, *shape)[0]


RUNS = {
    p.GradientFlow: gradient_flow,
    p.GradientDescent: gradient_descent,
    p.Ridge: ridge,
    p.IteratedTikhonov: iterated_tikhonov,
    p.SpectralCutOff: spectral_cut_off,
    p.WeightDecayFlow: weight_decay_flow,
    p.WeightDecayDescent: weight_decay_descent,
    p.AveragedDescent: averaged_descent,
    p.AveragedFlow: averaged_flow,
    p.HeavyBall: heavy_ball,
    p.Nesterov: nesterov,
    p.HeavyBallFlow: heavy_ball_flow,
    p.NesterovFlow: nesterov_flow,
}


class LiteralFit:
    """A trained fit as a function of inputs; ``offset`` is one too."""

    def __init__(self, trained, offset):
        self.weights, self.offset = trained.shown, offset

    def __call__(self, features):
        return features @ self.weights + self.offset(features)


def run_recipe(recipe, task):
    """All fits of a recipe on explicit inputs; a fit's own task takes precedence, and may have no labels."""
    fits = {}
    for name, fit in recipe.items():
        own = task if fit.task is None else fit.task
        start = kd.Start() if fit.start is None else fit.start
        weights = np.zeros((own.inputs.shape[1], task.outputs)) if start.weights is None else start.weights
        offset = (lambda x: np.zeros((len(x), task.outputs))) if start.offset is None else start.offset
        trained = Weights(weights)
        for phase in fit.phases:
            sources = [(w, own.targets if s.fit is None else fits[s.fit](own.inputs)) for w, s in phase.target.terms]
            target = sum(w * values for w, values in sources)
            trained.run(phase.procedure, own.inputs, target - offset(own.inputs), phase.restart)
        fits[name] = LiteralFit(trained, offset)
    return fits
