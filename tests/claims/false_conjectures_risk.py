"""False conjectures on gradients, risk and confidence: plausible variants of true claims, for the checker to break."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

import kdtheory as kd
from kdtheory.testing import Case, Margin, SpectralProblem, TwoModes, linear, log_ratio, logarithmic, odds


def gained(progress: Any) -> Any:
    """Of gradient flow."""
    return -np.expm1(-np.asarray(progress))


def risk(case: SpectralProblem, gains: Any) -> Any:
    """Bias and variance of modes together."""
    return np.sum((1 - gains) ** 2 * case.coefficients**2 + gains**2 * case.noise_variance * case.present, axis=-1)


def best_mixing(case: SpectralProblem, gains: Any) -> Any:
    """The teacher's weight of least risk, for a student that is trained as its teacher."""
    slack = gains * (1 - gains) * case.present
    signal, noise = case.coefficients**2, case.noise_variance
    pull = np.sum(slack * (noise * gains - signal * (1 - gains)), axis=-1)
    return pull / np.sum((signal + noise) * slack**2, axis=-1)


def ridge_gains(case: SpectralProblem, penalty: Any = None) -> Any:
    """Of a ridge teacher, whose penalty is one over its time unless another is given."""
    return kd.Ridge(1.0 / case.teacher_time if penalty is None else penalty).gain(case.eigenvalues) * case.present


# ---------------------------------------------------------------------------------------------------------- gradients


@dataclass(frozen=True)
class Noisy(Case):
    """One mode: the teacher's gain, and signal over noise."""

    gain: Annotated[Any, odds(0.001, 0.999)]
    signal_to_noise: Annotated[Any, logarithmic(1e-3, 1e3)]

    @property
    def error(self) -> Any:
        """Of the student's gradient, over that on labels."""
        return np.square(self.gain) + np.square(1 - np.asarray(self.gain)) * self.signal_to_noise


@kd.claims.claim(id="wiener-gain-is-the-threshold", title="Teachers below the Wiener gain do not denoise")
def wiener_gain_is_the_threshold(case: Noisy) -> Margin:
    below = case.gain < case.signal_to_noise / (1 + np.asarray(case.signal_to_noise))
    return Margin(np.where(below, case.error - 1.0, 1.0))


@kd.claims.claim(id="longer-teachers-denoise-more", title="The longer the teacher is trained, the more it denoises")
def longer_teachers_denoise_more(case: Noisy) -> Margin:
    longer = Noisy(1 - 0.5 * (1 - np.asarray(case.gain)), case.signal_to_noise)
    return Margin(np.asarray(case.error - longer.error))


@dataclass(frozen=True)
class Batches(Case):
    """Variances of a gradient on a teacher's outputs and on labels, the teacher's bias, and a batch size."""

    squared_bias: Annotated[Any, logarithmic(1e-3, 1e3, simple=0.1)]
    teacher_variance: Annotated[Any, logarithmic(1e-3, 1e3, simple=1.0)]
    label_variance: Annotated[Any, logarithmic(1e-3, 1e3, simple=2.0)]
    batch: Annotated[Any, logarithmic(1.0, 1e4, simple=10.0)]


@kd.claims.claim(
    id="less-variance-is-enough", title="A teacher with less variance than labels helps at every batch size"
)
def less_variance_is_enough(case: Batches) -> Margin:
    helps = log_ratio(case.label_variance / case.batch, case.squared_bias + case.teacher_variance / case.batch)
    return Margin(np.where(case.teacher_variance < case.label_variance, helps, 1.0))


@kd.claims.claim(id="low-pass-everywhere", title="A student's gradient is the low-passed gradient at every point")
def low_pass_everywhere(case: Noisy) -> Margin:
    """At a point of coefficient ``signal_to_noise`` off the start, of a target 1."""
    point = np.asarray(case.signal_to_noise)
    return Margin(0.01 - np.abs((point - case.gain) - case.gain * (point - 1.0)))


# ---------------------------------------------------------------------------------------------------------------- risk


@kd.claims.claim(id="distillation-always-helps", title="Self-distilled ridge never has more risk than its teacher")
def distillation_always_helps(case: SpectralProblem) -> Margin:
    gains = ridge_gains(case)
    return Margin(log_ratio(risk(case, gains), risk(case, gains**2)))


@kd.claims.claim(id="distillation-helps-if-noisy", title="Self-distilled ridge helps where noise exceeds the signal")
def distillation_helps_if_noisy(case: SpectralProblem) -> Margin:
    gains = ridge_gains(case)
    helps = log_ratio(risk(case, gains), risk(case, gains**2))
    noisy = case.variance * case.modes > np.sum(case.coefficients**2, axis=-1)
    return Margin(np.where(noisy, helps, 1.0))


@kd.claims.claim(id="nothing-beats-tuned-ridge", title="Distilled ridge is never below the risk of tuned ridge")
def nothing_beats_tuned_ridge(case: SpectralProblem) -> Margin:
    """By more than one part in a hundred, over penalties of sixteen decades."""
    tuned = distilled = np.full(np.shape(case.variance), np.inf)
    for exponent in np.linspace(-8.0, 8.0, 65):
        gains = ridge_gains(case, case.largest * 10.0**exponent)
        weight = best_mixing(case, gains)[..., None]
        tuned = np.minimum(tuned, risk(case, gains))
        distilled = np.minimum(distilled, risk(case, gains - weight * gains * (1 - gains)))
    return Margin(np.log(distilled / tuned) + 0.01)


@kd.claims.claim(
    id="flow-obeys-the-sign-rule", title="Gradient flow gains from a teacher exactly where it is over-trained"
)
def flow_obeys_the_sign_rule(case: SpectralProblem) -> Margin:
    progress = case.teacher_time * case.eigenvalues
    gains = gained(progress)
    slope = progress * np.exp(-progress) * (gains * case.noise_variance - (1 - gains) * case.coefficients**2)
    return Margin(np.sign(np.sum(slope, axis=-1)) * best_mixing(case, gains))


@kd.claims.claim(id="mixing-stays-below-one", title="The best weight of a ridge teacher is at most 1")
def mixing_stays_below_one(case: SpectralProblem) -> Margin:
    return Margin(1.0 - best_mixing(case, ridge_gains(case)))


@kd.claims.claim(
    id="mixing-is-never-negative", title="No ridge student is better off extrapolating away from its teacher"
)
def mixing_is_never_negative(case: SpectralProblem) -> Margin:
    return Margin(best_mixing(case, ridge_gains(case)))


@dataclass(frozen=True)
class Peeled(Case):
    """Gains of two modes, and those of least risk."""

    gain_1: Annotated[Any, odds(0.01, 0.99)]
    gain_2: Annotated[Any, odds(0.01, 0.99, simple=0.4)]
    best_1: Annotated[Any, odds(0.01, 0.99)]
    best_2: Annotated[Any, odds(0.01, 0.99)]


@kd.claims.claim(
    id="peel-off-is-well-conditioned", title="Mixing weights that reach the best gains stay below a hundred"
)
def peel_off_is_well_conditioned(case: Peeled) -> Margin:
    """The first weight is 1 - q(0), with the polynomial q through best/gain at the gains, and through (1, 1)."""
    (a, b), (at_a, at_b) = (case.gain_1, case.gain_2), (case.best_1 / case.gain_1, case.best_2 / case.gain_2)
    one, two = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        start = at_a * two / ((one - two) * (one - 1)) + at_b * one / ((two - one) * (two - 1))
        start = start + one * two / ((1 - one) * (1 - two))
    return Margin(np.nan_to_num(2.0 - np.log10(np.abs(1.0 - start)), nan=-np.inf))


@dataclass(frozen=True)
class Projected(Case):
    """A weak teacher's error, and the student's gain on the truth, which may overshoot."""

    error: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    gain: Annotated[Any, linear(0.0, 3.0, simple=1.0)]


@kd.claims.claim(id="weak-to-strong-barrier", title="No student of a weak teacher falls below the square of its error")
def weak_to_strong_barrier(case: Projected) -> Margin:
    own = np.square(1.0 - case.gain * (1.0 - np.asarray(case.error)))
    return Margin(own - np.square(case.error) + 1e-12)


@kd.claims.claim(id="supervision-falls-with-training", title="The longer the teacher, the simpler its supervision")
def supervision_falls_with_training(case: SpectralProblem) -> Margin:
    def complexity(time: Any) -> Any:
        lam = np.where(case.present, case.relative, 1.0)
        return np.sum(gained(lam * time) ** 2 * case.coefficients**2 / lam, axis=-1)

    time = case.per_mode(case.teacher_progress)
    return Margin(log_ratio(complexity(time), complexity(2.0 * time)))


@kd.claims.claim(
    id="posterior-as-prior-regularizes", title="A posterior taken as prior regularizes like self-distillation"
)
def posterior_as_prior_regularizes(case: SpectralProblem) -> Margin:
    """Twice, on the same data: gains lam / (lam + s^2 / 2) against the square of lam / (lam + s^2)."""
    lam = np.where(case.present, case.relative, 1.0)
    once, twice = lam / (lam + case.noise_variance), lam / (lam + case.noise_variance / 2)
    return Margin(case.least(log_ratio(once, twice)))


# ---------------------------------------------------------------------------------------------------------- confidence


@kd.claims.claim(id="slope-is-above-one", title="A student's logits are steeper than its teacher's")
def slope_is_above_one(case: TwoModes) -> Margin:
    """Two clusters: the slope is the sum of the two gains of the student where both are trained alike."""
    return Margin(gained(case.student_progress) + gained(case.ratio * case.student_progress) - 1.0)


@kd.claims.claim(
    id="slope-with-intercept-is-below-one", title="Square loss never exaggerates, with an intercept either"
)
def slope_with_intercept_is_below_one(case: TwoModes) -> Margin:
    teacher = gained(case.teacher_progress), gained(case.ratio * case.teacher_progress)
    student = [gain * gained(r * case.student_progress) for gain, r in zip(teacher, (1.0, case.ratio), strict=True)]
    return Margin((teacher[0] - teacher[1]) - (student[0] - student[1]))


@dataclass(frozen=True)
class Logits(Case):
    """Logits of student and teacher, and the temperature."""

    student: Annotated[Any, linear(-20.0, 20.0, simple=1.0)]
    teacher: Annotated[Any, linear(-20.0, 20.0, simple=0.0)]
    temperature: Annotated[Any, logarithmic(0.5, 50.0, simple=4.0)]


@kd.claims.claim(
    id="temperature-four-is-hot", title="At temperature 4 and above the gradient is that of matched logits"
)
def temperature_four_is_hot(case: Logits) -> Margin:
    """Within a tenth of the limit, (z - z_T) / 4."""
    difference = 0.5 * (np.tanh(case.student / case.temperature / 2) - np.tanh(case.teacher / case.temperature / 2))
    limit = (np.asarray(case.student) - case.teacher) / 4
    margin = 0.1 * np.abs(limit) - np.abs(case.temperature * difference - limit) + 1e-12
    return Margin(np.where(np.asarray(case.temperature) >= 4, margin, 1.0))


@kd.claims.claim(id="confident-points-converge-first", title="Points on which the teacher is confident converge first")
def confident_points_converge_first(case: Logits) -> Margin:
    """Local speed at the teacher's probability against that at one half."""
    probability = 1.0 / (1.0 + np.exp(-np.asarray(case.teacher)))
    return Margin(probability * (1 - probability) - 0.25 + 1e-9)


@kd.claims.claim(id="label-smoothing-is-distillation", title="Distillation is label smoothing with a learned strength")
def label_smoothing_is_distillation(case: SpectralProblem) -> Margin:
    """One factor for all modes, within a percent."""
    gain = kd.GradientFlow(case.teacher_time).gain(case.eigenvalues)
    return Margin(case.least(0.01 - np.abs(1.0 - gain / gain[..., :1])))


@dataclass(frozen=True)
class Rotated(Case):
    """Teacher's modes turned against the student's; the teacher's gains, and the target's second coefficient."""

    angle: Annotated[Any, linear(0.0, 1.5, simple=0.0)]
    first: Annotated[Any, odds(0.01, 0.99, simple=0.9)]
    second: Annotated[Any, odds(0.01, 0.99, simple=0.1)]
    target: Annotated[Any, linear(-1.0, 1.0, simple=-0.1)]


@kd.claims.claim(
    id="rotation-keeps-signs", title="A student of another kernel keeps the sign of the target in its modes"
)
def rotation_keeps_signs(case: Rotated) -> Margin:
    cos, sin = np.cos(case.angle), np.sin(case.angle)
    shown = case.first * (cos + sin * case.target), case.second * (cos * case.target - sin)
    return Margin((sin * shown[0] + cos * shown[1]) * np.sign(case.target) + 1e-9)
