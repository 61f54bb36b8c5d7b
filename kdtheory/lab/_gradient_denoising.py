"""Numbers of the demonstration ``gradient_denoising``: minibatch gradients with labels and with a teacher."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import kdtheory as kd

Array = NDArray[np.float64]

SAMPLES = 500
FEATURES = 16
PLANE = (0, 2)
"""The two modes of the plane, counted from 0: early ones in which the targets have a large share."""
DRAWS = 150
STEP_SHARE = 0.2
"""Step size of SGD over the largest stable one."""
TIMES = np.geomspace(0.1, 100.0, 19)
MIXINGS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Problem:
    """Odd or even: targets plus and minus one of 500 digits, linear in their leading principal components."""

    task: Any
    model: Any
    unit: float

    @property
    def clean(self) -> Array:
        """Targets without noise, shape (n, 1)."""
        return np.asarray(self.task.targets)


@cache
def problem() -> Problem:
    """Digits, centred; the unit of time is one over the leading eigenvalue."""
    digits = kd.tasks.digits(train=SAMPLES, test=1, seed=0).centered()
    own = kd.LinearModel().spectrum(digits)
    # Principal components are values of the leading modes of the linear kernel.
    inputs = own.basis[:, :FEATURES] * np.sqrt(own.eigenvalues[:FEATURES])
    targets = np.where(np.asarray(digits.labels) % 2 == 0, 1.0, -1.0)
    task = kd.tasks.from_arrays(inputs, targets - targets.mean(), name="digits, odd or even")
    model = kd.LinearModel()
    return Problem(task, model, 1.0 / model.spectrum(task).largest)


@dataclass(frozen=True)
class Choice:
    """Teacher's time (the leading eigenvalue is 1), noise of labels, batch size, and where gradients are taken.

    ``position`` is the share of the way from zero to the noise-free teacher.
    """

    time: float = 2.0
    noise: float = 0.0
    batch: int = 50
    position: float = 0.0


@dataclass(frozen=True, eq=False)
class View:
    """What is shown for a choice.

    Attributes
    ----------
    wanted : array of shape (2,)
        The gradient of all samples with clean labels, in the plane.
    clouds : dict of str to array of shape (draws, 2)
        Gradients of drawn minibatches and noises, of "teacher" and "control" (labels).
    means : dict of str to array of shape (2,)
        Their exact means.
    squared_bias, variance : dicts of str to float
        Exact, over all modes, of "teacher" and "control".
    along : dict of str to array of shape (times,)
        Over teachers' times `TIMES`: "squared_bias", "variance" and "error" with a teacher, "labels" the error without.
    break_even : float or None
        Time below which the teacher's gradient is the worse one; 0 if never, None if always.
    relation : float
        Largest difference of the two sides of the exact relation, on one minibatch, over the largest entry.
    """

    wanted: Array
    clouds: dict[str, Array]
    means: dict[str, Array]
    squared_bias: dict[str, float]
    variance: dict[str, float]
    along: dict[str, Array]
    break_even: float | None
    relation: float

    @property
    def error(self) -> dict[str, float]:
        """Mean squared error: squared bias plus variance."""
        return {name: self.squared_bias[name] + self.variance[name] for name in self.variance}

    @property
    def ratio(self) -> float:
        """Error with the teacher over error with labels."""
        return self.error["teacher"] / self.error["control"]


def view(choice: Choice) -> View:
    """Exact moments by `kd.measures.gradient_denoising`, and draws of gradients by `kd.measures.gradients`."""
    here = _moments(choice, _clean_teacher(choice.time))
    curve = _along(choice.noise, choice.batch, choice.position)
    wanted = kd.measures.gradients(problem().model, problem().task, _point(choice)).modes[list(PLANE), 0]
    bias = here.distillation.bias[0, list(PLANE), 0]
    return View(
        wanted=wanted,
        clouds=_clouds(choice),
        means={"teacher": wanted + bias, "control": wanted},
        squared_bias={"teacher": float(here.distillation.total_squared_bias[0]), "control": 0.0},
        variance={
            "teacher": float(here.distillation.total_variance[0]),
            "control": float(here.one_hot.total_variance[0]),
        },
        along=curve,
        break_even=_break_even(choice),
        relation=_relation(choice),
    )


def _teacher(targets: Array, times: Array) -> Any:
    """Teachers of the plane's problem trained by gradient flow on some targets, for several times."""
    setting = problem()
    task = replace(setting.task, targets=targets)
    flow = kd.GradientFlow(time=kd.axis("time", times * setting.unit))
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, flow)))
    return kd.solve(recipe, setting.model, task)["teacher"]


@lru_cache(maxsize=32)
def _clean_teacher(time: float) -> Any:
    return _teacher(problem().clean, np.array([time]))


def _point(choice: Choice) -> Array:
    """Where gradients are taken: part of the way to the teacher of clean labels, shape (n, 1)."""
    return choice.position * _clean_teacher(choice.time).train[0]


def _moments(choice: Choice, teacher: Any) -> kd.measures.GradientNoise:
    return kd.measures.gradient_denoising(
        teacher,
        choice.position * teacher.train,
        batch=choice.batch,
        oracle_targets=problem().clean,
        oracle_noise_variance=choice.noise**2,
    )


@cache
def _teachers() -> Any:
    return _teacher(problem().clean, TIMES)


@cache
def _along(noise: float, batch: int, position: float) -> dict[str, Array]:
    """The same over all teachers' times: it does not move with the teacher's own."""
    found = _moments(Choice(noise=noise, batch=batch, position=position), _teachers())
    return {
        "squared_bias": found.distillation.total_squared_bias,
        "variance": found.distillation.total_variance,
        "error": found.distillation.total_error,
        "labels": found.one_hot.total_error,
    }


def _break_even(choice: Choice) -> float | None:
    """Last crossing of the two errors over the teacher's time, found between the times of the curve."""
    curve = _along(choice.noise, choice.batch, choice.position)
    ahead = np.log(np.maximum(curve["error"], 1e-300) / np.maximum(curve["labels"], 1e-300))
    worse = np.flatnonzero(ahead > 0)
    if not worse.size:
        return 0.0
    if worse[-1] == len(TIMES) - 1:
        return None
    i = worse[-1]
    share = ahead[i] / (ahead[i] - ahead[i + 1])
    return float(TIMES[i] * (TIMES[i + 1] / TIMES[i]) ** share)


def _relation(choice: Choice) -> float:
    """Teacher's gradient against that of labels minus that of labels at the teacher, on the first drawn minibatch."""
    setting, draws = problem(), _draws(choice.batch)
    teacher = _clean_teacher(choice.time)
    drawn = np.repeat(np.arange(SAMPLES), np.round(draws[1][:, 0] * choice.batch / SAMPLES).astype(int))
    sides = kd.measures.gradient_relation(setting.model, setting.task, teacher, _point(choice), samples=drawn)
    return float(np.max(sides.difference))


def _clouds(choice: Choice) -> dict[str, Array]:
    """Gradients of drawn minibatches; every draw has its noise of labels, and a teacher refitted to it."""
    setting, draws = problem(), _draws(choice.batch)
    noisy = setting.clean + choice.noise * draws[0]
    taught = _teacher(noisy, np.array([choice.time])).train[0]
    task = replace(setting.task, targets=noisy)
    point = np.broadcast_to(_point(choice), noisy.shape)
    found = {}
    for name, aim in (("teacher", {"teacher": taught}), ("control", {})):
        every = kd.measures.gradients(setting.model, task, point, **aim)
        drawn = replace(every, slopes=draws[1] * every.slopes)
        found[name] = drawn.modes[list(PLANE)].T
    return found


@cache
def _draws(batch: int) -> tuple[Array, Array]:
    """Unit noise of labels and weights of samples, shape (n, draws); the same ones for every position of the knobs."""
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(SAMPLES, DRAWS))
    chosen = generator.integers(SAMPLES, size=(batch, DRAWS))
    counts = np.stack([np.bincount(column, minlength=SAMPLES) for column in chosen.T], axis=1)
    return noise, counts * SAMPLES / batch


@dataclass(frozen=True, eq=False)
class Floor:
    """Where constant-step SGD on a mixture of labels and teacher stays, in loss; the last mixing is the chosen one.

    Attributes
    ----------
    mixing, noise : arrays of shape (mixings,)
        Expected loss above that of the centre.
    bias : array of shape (mixings,)
        Loss of the centre above the least.
    """

    mixing: Array
    noise: Array
    bias: Array


def floor(choice: Choice, mixing: float) -> Floor:
    """Stationary SGD by `kd.risk.sgd_stationary`, at some mixings and a chosen one."""
    points = [_stationary(choice.time, choice.noise, choice.batch, xi) for xi in (*MIXINGS, mixing)]
    return Floor(np.array([*MIXINGS, mixing]), *np.array(points).T)


@cache
def _stationary(time: float, noise: float, batch: int, mixing: float) -> tuple[float, float]:
    """Noise and bias at one mixing."""
    setting, sampling = problem(), kd.Minibatch(batch, replace=True)
    inputs = np.asarray(setting.task.inputs)
    labels = setting.clean + noise * _draws(batch)[0][:, :1]
    taught = _teacher(labels, np.array([time])).train[0]
    rate = STEP_SHARE * _step_limit(batch)
    mixed = (1 - mixing) * labels + mixing * taught
    moments = kd.risk.sgd_stationary(inputs, mixed, step_size=rate, batch=sampling)
    least = kd.solve(_interpolating(), setting.model, replace(setting.task, targets=labels))["least"].train
    return float(moments.excess_loss(inputs)), 0.5 * float(np.sum((inputs @ moments.mean - least) ** 2))


def _interpolating() -> kd.distillation.Recipe:
    """Least squares, as gradient flow without end."""
    return kd.Recipe(least=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(np.inf))))


@cache
def _step_limit(batch: int) -> float:
    return kd.risk.sgd_step_limit(problem().task.inputs, kd.Minibatch(batch, replace=True))
