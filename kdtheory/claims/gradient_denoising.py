"""C7b, d, f and c: distillation denoises gradients, with no label noise needed, and with label noise too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._denoised_cases import COUNTEREXAMPLES
from kdtheory.claims._denoising import EIGENVALUE, Denoising, Problems, minibatch_relation, noise, reached, relation
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]
TINY = 1e-300


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    relation: Callable[..., Array] = np.subtract
    missing: Callable[..., Array] = lambda progress: np.exp(-progress)
    gain: Callable[..., Array] = lambda progress: -np.expm1(-progress)
    constant: Callable[..., Array] = lambda missing, away: missing * away
    deviation: Callable[..., Array] = lambda gain: gain
    ratio: Callable[..., Array] = lambda gain, missing, snr: gain**2 + missing**2 * snr
    threshold: Callable[..., Array] = lambda snr: np.log1p((snr - 1) / 2)
    wiener: Callable[..., Array] = lambda snr: np.log1p(snr)
    floor: Callable[..., Array] = lambda mixing: (1 - mixing) ** 2
    center: Callable[..., Array] = lambda least, teacher, mixing: least + mixing * (teacher - least)
    control: Callable[..., Array] = lambda product, power, mixing: mixing * (mixing * power - 2 * product)


def margins(case: Denoising, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    return Margin(
        **_gradients(case, formulas), **_duality(case, formulas), **_noisy(case, formulas), **_sgd(case, formulas)
    )


def _same(found: Any, expected: Any, scale: Any, condition: Any = 1.0) -> Array:
    """The share of the tolerance that was not needed, the smallest of each case."""
    error = np.abs(found - expected) / (scale + TINY)
    left = 1.0 - error / np.reshape(tolerance(condition=condition), (-1, *[1] * (error.ndim - 1)))
    return left.reshape(len(error), -1).min(axis=1)


def _gradients(case: Denoising, formulas: Formulas) -> dict[str, Array]:
    """The exact relation and the low-pass form, on a mode and on a minibatch, as the toolkit measures them."""
    progress, position = np.atleast_1d(case.progress), np.atleast_1d(case.position)
    found = {}
    sides = relation(progress, position)
    for name, each in {"relation": sides, "minibatch": minibatch_relation(progress, position)}.items():
        one_hot, anchor = each.one_hot.modes, each.anchor.modes
        scale = 10 + np.abs(one_hot).max(axis=(1, 2)) + np.abs(anchor).max(axis=(1, 2))
        found[name] = _same(each.distillation.modes, formulas.relation(one_hot, anchor), scale[:, None, None])
    root, starts = np.sqrt(EIGENVALUE), np.array([0.0, 1.0])
    anchor = -root * formulas.missing(progress)[:, None] * (np.array([1.0, 0.0]) - starts)
    found["anchor"] = _same(sides.anchor.modes[:, 0], anchor, np.abs(anchor), progress)
    at_start = relation(progress)
    filtered = formulas.gain(progress)[:, None] * at_start.one_hot.modes[:, 0]
    found["low_pass"] = _same(at_start.distillation.modes[:, 0], filtered, root)
    away = root * (position[:, None] - starts)
    constant = formulas.constant(formulas.missing(progress)[:, None], away)
    rest = sides.distillation.modes[:, 0] - formulas.gain(progress)[:, None] * sides.one_hot.modes[:, 0]
    found["constant"] = _same(rest, constant, root * (1 + np.abs(position[:, None])))
    return found


def _duality(case: Denoising, formulas: Formulas) -> dict[str, Array]:
    """One number: the ratio of coefficients at every time, the filter, the ratio of noise."""
    progress = np.atleast_1d(case.progress)
    distilled, onehot = reached(progress, np.atleast_1d(case.student_progress))
    gain, measured = formulas.gain(progress), noise(progress)
    spread = np.sqrt(measured.distillation.variance / measured.one_hot.variance)[:, 0]
    return {
        "duality": _same(distilled, gain * onehot, gain * onehot, 2),
        "noise": _same(spread, formulas.deviation(gain), gain, 2),
    }


def _noisy(case: Denoising, formulas: Formulas) -> dict[str, Array]:
    """The corollary for noisy labels: mean squared error, threshold and best time."""
    progress, snr = (np.atleast_1d(value) for value in (case.progress, case.snr))
    even, best = formulas.threshold(snr), formulas.wiener(snr)
    times = np.stack([progress, np.maximum(even, TINY), np.maximum(best, TINY)])
    measured = noise(times.reshape(-1))
    gains, missing = (
        np.sqrt(each.reshape(times.shape) / EIGENVALUE)
        for each in (measured.distillation.variance, measured.distillation.squared_bias)
    )
    ratios = gains**2 + missing**2 * snr
    expected = formulas.ratio(formulas.gain(progress), formulas.missing(progress), snr)
    # The ratio is below 1 iff (1 + a) / (1 - a) > snr, which is decided in logs, without cancellation.
    ahead = np.log((1 + gains[0]) / missing[0]) - np.log(snr)
    wiener = snr / (1 + snr)
    excess = (1 + snr) * (gains[0] - wiener) ** 2
    return {
        "ratio": _same(ratios[0], expected, expected, 2 * (1 + progress)),
        "threshold": ahead * np.sign(progress - even),
        "break_even": np.where(snr > 1, _same(ratios[1], 1.0, 1.0, 30), 1.0),
        "wiener": np.minimum(_same(ratios[2], wiener, wiener, 30), _same(gains[2], wiener, wiener, 30)),
        "least": _same(ratios[0], wiener + excess, wiener + excess, 30),
    }


def _sgd(case: Denoising, formulas: Formulas) -> dict[str, Array]:
    """The noise floor and the control variate, on three samples and two features."""
    problems, mixing = Problems.of(case), np.atleast_1d(case.mixing)
    labels, mixed = problems.targets, problems.mixed(mixing)
    (least, noise_floor), (mean, floor) = (problems.stationary(targets) for targets in (labels, mixed))
    xi, size = mixing[:, None], 1 + np.abs(mixing) + np.abs(problems.teacher).max(axis=1)
    # The smallest rate at which a variance is forgotten decides how roundings are amplified.
    slowest = 1 / (problems.rate * problems.eigenvalues[:, 1])
    scale = (np.abs(noise_floor).max(axis=(1, 2)) + problems.rate) * size**4
    expected = formulas.floor(mixing)[:, None, None] * noise_floor
    at_point, at_teacher = (problems.gradients(weights, labels) for weights in (problems.point, problems.teacher))
    own = problems.gradients(problems.point, mixed)
    variance, power, product, change = (
        np.sum(one * other, axis=(1, 2))
        for one, other in ((at_point, at_point), (at_teacher, at_teacher), (at_point, at_teacher), (own, own))
    )
    saved = formulas.control(product, power, mixing)
    most = variance + mixing**2 * power + np.abs(mixing * product)
    return {
        "floor": _same(floor, expected, scale[:, None, None], slowest),
        "center": _same(mean, formulas.center(least, problems.teacher, xi), size[:, None] ** 2, 1 / case.ratio),
        "control": _same(change, variance + saved, most, 4),
    }


def _simulation() -> Margin:
    """SGD on single samples, the same ones for all mixings: deviations from the center are 1 - mixing times as large.

    From any start: what is left of it after 3000 steps is far below what is compared.
    """
    import kdtheory as kd

    generator = np.random.default_rng(4)
    inputs = generator.normal(size=(6, 2)) / np.sqrt(6)
    task, model = kd.tasks.from_arrays(inputs, generator.normal(size=6)), kd.LinearModel()
    run, mixings = kd.GradientDescent(3000, 0.05), {"half": 0.5, "pure": 1.0, "beyond": 1.5}
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(20, 0.05)), start=kd.Start(weights=[1.0, -2.0]))}
    recipe = kd.Recipe(**fits)
    taught = kd.solve(recipe, model, task)["teacher"]
    point = kd.Start(weights=np.asarray(taught.weights)[:, 0])
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(0, 0.05)), start=point)}
    fits["onehot"] = kd.Fit(kd.Phase(kd.labels, run), stream="student")
    for name, xi in mixings.items():
        target = xi * kd.output_of("teacher") + (1 - xi) * kd.labels
        fits[name] = kd.Fit(kd.Phase(target, run), stream="student")
    batch = kd.Minibatch(1, replace=True)
    ends = kd.simulate(kd.Recipe(**fits), model, task, batch=batch, seeds=range(8))
    least = np.linalg.lstsq(inputs, np.asarray(task.targets), rcond=None)[0]
    away = np.asarray(ends["onehot"].weights) - least
    parts = {}
    for name, xi in mixings.items():
        center = least + xi * (np.asarray(taught.weights) - least)
        error = np.asarray(ends[name].weights) - center - (1 - xi) * away
        parts[name] = Margin.within(np.abs(error).max() / np.abs(away).max(), 1e-9).values
    return Margin(**parts)


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("relation-sign", "the one-hot gradient at the teacher is added", relation=np.add),
    mutate("anchor-sign", "the teacher's shortfall grows", missing=np.exp),
    mutate("anchor-exponent", "it decays twice as fast", missing=lambda z: np.exp(-2 * z)),
    mutate("filter-sign", "what is kept is exp(-z)", gain=lambda z: np.exp(-z)),
    mutate("filter-exponent", "the filter acts twice", gain=lambda z: np.expm1(-z) ** 2),
    mutate("constant-left-out", "low-pass everywhere", constant=lambda missing, away: 0 * missing * away),
    mutate("constant-sign", "the constant's sign", constant=lambda missing, away: -missing * away),
    mutate("noise-exponent", "variances for deviations", deviation=np.square),
    mutate("ratio-exponent", "a for a^2", ratio=lambda a, missing, snr: a + missing**2 * snr),
    mutate("ratio-bias", "(1 - a) for (1 - a)^2", ratio=lambda a, missing, snr: a**2 + missing * snr),
    mutate("ratio-unbiased", "no bias", ratio=lambda a, missing, snr: a**2),
    mutate("threshold-factor", "the threshold is at log(1 + SNR)", threshold=np.log1p),
    mutate("threshold-sign", "log((SNR - 1) / 2)", threshold=lambda snr: np.log(np.abs(snr - 1) / 2)),
    mutate("best-sign", "the best time is log SNR", wiener=np.log),
    mutate("best-factor", "half of it", wiener=lambda snr: np.log1p(snr) / 2),
    mutate("floor-exponent", "the floor scales by 1 - xi", floor=lambda xi: np.abs(1 - xi)),
    mutate("floor-sign", "it scales by 1 - xi^2", floor=lambda xi: np.abs(1 - xi**2)),
    mutate("center-sign", "the center moves away", center=lambda own, t, xi: own - xi * (t - own)),
    mutate("center-factor", "the center is the teacher", center=lambda own, t, xi: t),
    mutate("control-factor", "xi* for 2 xi*", control=lambda gc, cc, xi: xi * (xi * cc - gc)),
    mutate("control-sign", "-xi* for xi*", control=lambda gc, cc, xi: xi * (xi * cc + 2 * gc)),
)


@claim(
    id="gradient-denoising",
    title="Distillation denoises gradients, and is eigenspace regularization seen from there",
    topic="gradients",
    source="safaryan2023, partial variance reduction; nagarajan2023, the denoising view; menon2021; relation, floor "
    "law, duality and thresholds derived here",
    statement=r"""Squared loss, features $X$, $\Sigma = X^T X$; $g(b) = X^T (X b - \cdot)$ with labels $y$ (one-hot) or
with the outputs of a teacher $b_T$ (KD), over all samples or any minibatch.
\[ g_{\text{KD}}(b) = g_{\text{OH}}(b) - g_{\text{OH}}(b_T), \qquad
-g_{\text{OH}}(b_T) = e^{-T\Sigma} X^T (y - X b_0) \]
for every $b$; the second part for a teacher trained by gradient flow from $b_0$ for the time $T$ (all samples). The
low-pass form $g_{\text{KD}}(b) = (I - e^{-T\Sigma})\, g_{\text{OH}}(b)$ holds if and only if $X b = X b_0$; elsewhere
$e^{-T\Sigma}\Sigma\,(b - b_0)$ is added. Constant-step SGD on labels mixed with the teacher by the weight $\xi$ has
\[ \text{center } b_{\text{LS}} + \xi\, (b_T - b_{\text{LS}}), \qquad
\text{stationary covariance } C_\xi = (1 - \xi)^2\, C_0, \]
and at a point $b$, with the samples' centred gradients $G_i$ at $b$ and $C_i$ at $b_T$, the variance
\[ V(\xi) = V(0) + \langle C, C \rangle\, \xi\, (\xi - 2 \xi^*), \qquad
\xi^* = \langle G, C \rangle / \langle C, C \rangle. \]
One number per mode, $a = 1 - e^{-\lambda T}$, is the ratio of the KD to the one-hot student's coefficient at every
time, the filter of the first gradient, and the ratio of label noise in standard deviations. With noisy labels
$y = f^* + \varepsilon$, $\mathrm{SNR} = c^{*2} / \sigma^2$ in the mode, errors against the gradient of
clean targets (at the same point, whichever) are
\[ \frac{\text{MSE}_{\text{KD}}}{\text{MSE}_{\text{OH}}} = a^2 + (1 - a)^2\, \mathrm{SNR} < 1
\iff \lambda T > \log \frac{1 + \mathrm{SNR}}{2}, \]
least at $\lambda T = \log(1 + \mathrm{SNR})$, where $a$ and the ratio are $\mathrm{SNR} / (1 + \mathrm{SNR})$.""",
    words="A teacher's gradient is the one-hot gradient minus what that would be at the teacher, sample by sample: "
    "variance reduction whose reference gradient was left out. What was left out is the regularization, what is "
    "subtracted is noise. No label noise is needed: with any teacher that the student can realise, the noise floor of "
    "SGD falls by exactly (1 - mixing)^2, to zero for pure distillation, and only the center moves, which is the bias "
    "that is paid. On every mode the teacher's gain is at once the shrinkage of the student, the filter of its first "
    "gradient and the factor by which label noise is reduced. With noisy labels the teacher's gradient is the better "
    "one if the teacher was trained longer than log((1 + SNR) / 2), the best one at the Wiener gain.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "realisable-teacher": "The teacher's outputs on the training inputs are those of some weights of the student.",
        "at-the-start": "The low-pass form: the gradient is taken where the student's outputs are those of its "
        "teacher's start.",
        "gradient-flow": "The forms with exp(-T Sigma): the teacher was trained by gradient flow on all samples (any "
        "other procedure that keeps 1 - gain of its start has its own gains there).",
        "common-start": "Duality: teacher and students start at the same function, and coefficients count from there.",
        "same-modes": "Duality: teacher and student have the same inputs and kernel.",
        "independent-samples": "The floor: steps are constant, stable, and on samples drawn independently with "
        "replacement. (With the same samples, deviations themselves come to the ratio 1 - mixing, in any order.)",
        "label-noise": "The corollary: labels have independent noise of positive variance, the same in the teacher's "
        "training and in the one-hot gradient. The headline needs none.",
        "long-enough": "The corollary's benefit: the teacher was trained beyond log((1 + SNR) / 2).",
        "early-stopping": "The corollary's benefit: the teacher's training is finite.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def gradient_denoising(case: Denoising) -> Margin:
    """Margins of formulas against gradients as the toolkit measures them, and against SGD's stationary state."""
    return margins(case, Formulas())
