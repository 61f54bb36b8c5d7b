"""False conjectures on eigenspace, rounds and switching: plausible variants of true claims, for the checker to break."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

import kdtheory as kd
from kdtheory.testing import (
    LinearProblem,
    Margin,
    SpectralProblem,
    TwoModes,
    agreement,
    linear,
    log_ratio,
    logarithmic,
    matched_lag,
    odds,
    whole,
)


def gained(progress: Any) -> Any:
    """Of gradient flow."""
    return -np.expm1(-np.asarray(progress))


# ------------------------------------------------------------------------------- which procedures exaggerate: not all


@kd.claims.claim(id="averaged-flow-lags", title="Averaged gradient flow lags as gradient flow does")
def averaged_flow_lags(case: TwoModes) -> Margin:
    runs = kd.AveragedFlow(case.teacher_progress), kd.AveragedFlow(case.student_progress)
    return Margin(matched_lag(*runs, kd.AveragedFlow, case.ratio))


@kd.claims.claim(id="momentum-lags-at-all-times", title="Students of teachers with momentum lag, whenever these stop")
def momentum_lags_at_all_times(case: TwoModes) -> Margin:
    def undamped(time: Any) -> Any:
        return kd.HeavyBallFlow(time, friction=0.0)

    runs = undamped(case.teacher_progress), kd.GradientFlow(case.student_progress)
    return Margin(matched_lag(*runs, undamped, case.ratio, longest=np.pi))


@kd.claims.claim(id="shrinkage-keeps-the-lag", title="With all outputs shrunk by a tenth students lag as before")
def shrinkage_keeps_the_lag(case: TwoModes) -> Margin:
    student = 0.9 * gained(case.teacher_progress) * gained(case.student_progress)
    time = -np.log1p(-student)
    lower = 0.9 * gained(case.ratio * case.teacher_progress) * gained(case.ratio * case.student_progress)
    return Margin(log_ratio(gained(case.ratio * time), lower))


@kd.claims.claim(id="swapped-kernels-lag", title="A teacher that orders the modes the other way makes its student lag")
def swapped_kernels_lag(case: TwoModes) -> Margin:
    leading = gained(case.ratio * case.teacher_progress) * gained(case.student_progress)
    lower = gained(case.teacher_progress) * gained(case.ratio * case.student_progress)
    return Margin(log_ratio(gained(-case.ratio * np.log1p(-leading)), lower))


@dataclass(frozen=True)
class Decayed(TwoModes):
    """With weight decay, over the leading eigenvalue."""

    decay: Annotated[Any, logarithmic(0.01, 100.0, simple=0.1)]


@kd.claims.claim(id="weight-decay-lags", title="Gradient flow with weight decay lags, however weak the decay")
def weight_decay_lags(case: Decayed) -> Margin:
    def decayed(time: Any) -> Any:
        return kd.WeightDecayFlow(time, case.decay)

    runs = decayed(case.teacher_progress), decayed(case.student_progress)
    return Margin(matched_lag(*runs, decayed, case.ratio))


@kd.claims.claim(id="mixed-families-lag", title="Students of ridge teachers lag behind gradient flow, too")
def mixed_families_lag(case: TwoModes) -> Margin:
    runs = kd.Ridge(1.0 / np.asarray(case.teacher_progress)), kd.GradientFlow(case.student_progress)
    return Margin(matched_lag(*runs, kd.GradientFlow, case.ratio))


@dataclass(frozen=True)
class FarApart(TwoModes):
    """Two trainings of one scale each, over twelve decades."""

    teacher_scale: Annotated[Any, logarithmic(1e-4, 1e8)]
    student_scale: Annotated[Any, logarithmic(1e-4, 1e8)]


@kd.claims.claim(id="falling-elasticity-is-enough", title="A falling elasticity of the gain is enough for lag")
def falling_elasticity_is_enough(case: FarApart) -> Margin:
    """The gain log(1+z) / (1 + log(1+z)): its elasticity falls."""

    def gain(z: Any) -> Any:
        return np.log1p(z) / (1.0 + np.log1p(z))

    student = gain(case.teacher_scale) * gain(case.student_scale)
    reference = gain(case.ratio * np.expm1(student / (1.0 - student)))
    return Margin(log_ratio(reference, gain(case.ratio * case.teacher_scale) * gain(case.ratio * case.student_scale)))


@kd.claims.claim(id="ensembles-lag", title="The mean of a weak and a strong ridge predictor lags as one of them does")
def ensembles_lag(case: FarApart) -> Margin:
    def gain(scale: Any, ratio: Any) -> Any:
        return 0.5 / (1 + 1 / (ratio * scale)) + 0.5 / (1 + 1e6 / (ratio * scale))

    goal = gain(case.teacher_scale, 1.0) * gain(case.student_scale, 1.0)
    low, high = np.full(np.shape(goal), -20.0), np.full(np.shape(goal), 25.0)
    for _ in range(70):
        middle = 0.5 * (low + high)
        short = gain(10.0**middle, 1.0) < goal
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    reference = gain(10.0**low, case.ratio)
    return Margin(log_ratio(reference, gain(case.teacher_scale, case.ratio) * gain(case.student_scale, case.ratio)))


@kd.claims.claim(id="lag-is-half-its-bound", title="The lag is at least half of its upper bound, in logs")
def lag_is_half_its_bound(case: TwoModes) -> Margin:
    runs = kd.GradientFlow(case.teacher_progress), kd.GradientFlow(case.student_progress)
    return Margin(matched_lag(*runs, kd.GradientFlow, case.ratio) + 0.5 * np.log(case.ratio))


@dataclass(frozen=True)
class Stepped(TwoModes):
    """A number of descent steps, of a share of the largest stable size."""

    steps: Annotated[Any, whole(1, 20)]
    share: Annotated[Any, linear(0.01, 0.99, simple=0.5)]


@kd.claims.claim(id="stable-steps-never-overshoot", title="Descent that converges does not overshoot")
def stable_steps_never_overshoot(case: Stepped) -> Margin:
    return Margin(1.0 - kd.GradientDescent(case.steps, 2.0 * np.asarray(case.share)).gain(1.0) + 1e-12)


# ---------------------------------------------------------------------------------------------------- rounds, mixing


@dataclass(frozen=True)
class Mixed(TwoModes):
    """With the teacher's weight in every round."""

    mixing: Annotated[Any, linear(0.02, 0.98, simple=0.5)]


@kd.claims.claim(id="odds-times-teacher-weight", title="Rounds multiply the odds of a gain by the teacher's weight")
def odds_times_teacher_weight(case: Mixed) -> Margin:
    run = kd.GradientFlow(case.teacher_progress)
    limit = kd.InfiniteRounds(run, case.mixing)
    found = limit.gain(1.0) / limit.residual(1.0)
    return Margin(agreement(found, case.mixing * run.gain(1.0) / run.residual(1.0), condition=1e3))


@kd.claims.claim(
    id="many-rounds-are-a-shorter-flow", title="Infinitely many rounds are gradient flow of a shorter time"
)
def many_rounds_are_a_shorter_flow(case: Mixed) -> Margin:
    limit = kd.InfiniteRounds(kd.GradientFlow(case.teacher_progress), case.mixing)
    time = -np.log(limit.residual(1.0))
    return Margin(agreement(limit.gain(case.ratio), gained(case.ratio * time), condition=1e3))


@kd.claims.claim(id="one-round-is-the-limit", title="After one round with labels mixed in, nothing more happens")
def one_round_is_the_limit(case: Mixed) -> Margin:
    gain = gained(case.teacher_progress)
    once = gain * (case.mixing * gain + 1.0 - np.asarray(case.mixing))
    limit = kd.InfiniteRounds(kd.GradientFlow(case.teacher_progress), case.mixing).gain(1.0)
    return Margin(agreement(once, limit, condition=1e3))


@dataclass(frozen=True)
class Budgeted(SpectralProblem):
    """Target size over the allowed residual."""

    room: Annotated[Any, linear(1.1, 4.0, simple=3.0)]


@kd.claims.claim(id="rounds-are-room-minus-one", title="There are r - 1 rounds until collapse, rounded up")
def rounds_are_room_minus_one(case: Budgeted) -> Margin:
    """Least norm subject to a residual of given size, again and again (Mobahi et al. 2020)."""
    lam, target = case.relative, case.coefficients
    allowed = np.sum(target**2, axis=-1) / np.square(case.room)
    rounds = np.zeros(np.shape(case.room))
    for _ in range(16):
        alive = np.sum(target**2, axis=-1) > allowed * (1 + 1e-9)
        low, high = np.full(np.shape(case.room), -60.0), np.full(np.shape(case.room), 60.0)
        for _ in range(60):
            middle = 0.5 * (low + high)
            left = 1.0 / (1.0 + lam / np.exp(middle)[..., None])
            small = np.sum((left * target) ** 2, axis=-1) < allowed
            low, high = np.where(small, middle, low), np.where(small, high, middle)
        rounds = rounds + alive
        target = np.where(alive[..., None], lam / (lam + np.exp(low)[..., None]) * target, 0.0)
    return Margin(0.5 - (rounds - np.ceil(np.asarray(case.room) - 1e-9) + 1.0))


@kd.claims.claim(id="rounds-shrink-alike", title="A round of self-distillation shrinks all modes alike")
def rounds_shrink_alike(case: SpectralProblem) -> Margin:
    gain = kd.GradientFlow(case.student_time).gain(case.eigenvalues)
    return Margin(case.least(agreement(gain, gain[..., :1], condition=1e3)))


# ------------------------------------------------------------------------------------------------ stopping, switching


@dataclass(frozen=True)
class Switched(TwoModes):
    """The moment of the switch, as a share of the training."""

    switch: Annotated[Any, odds(0.01, 0.99)]

    def recovered(self, eigenvalue: Any) -> Any:
        """Share of the effect of distillation that a switch keeps."""
        horizon = np.asarray(eigenvalue) * self.student_progress
        return gained(horizon * (1.0 - np.asarray(self.switch))) / gained(horizon)


@kd.claims.claim(id="switching-spares-lower-modes", title="Switching late recovers more on lower modes")
def switching_spares_lower_modes(case: Switched) -> Margin:
    return Margin(case.recovered(case.ratio) - case.recovered(1.0))


@kd.claims.claim(id="switching-recovers-the-time-left", title="A switch recovers the share of the time that is left")
def switching_recovers_the_time_left(case: Switched) -> Margin:
    return Margin(0.05 - np.abs(case.recovered(1.0) - (1.0 - np.asarray(case.switch))))


@kd.claims.claim(
    id="reverse-switch-recovers-as-much", title="Starting with distillation recovers as much as ending with it"
)
def reverse_switch_recovers_as_much(case: Switched) -> Margin:
    return Margin(1.0 - case.recovered(1.0) - case.recovered(1.0) + 0.1)


@dataclass(frozen=True)
class Steps(TwoModes):
    """Twenty steps of momentum, and when the target is switched."""

    momentum: Annotated[Any, linear(0.0, 0.95, simple=0.5)]
    before: Annotated[Any, whole(1, 19, simple=10)]


@kd.claims.claim(id="switching-with-momentum", title="The fraction that switching recovers is the same with momentum")
def switching_with_momentum(case: Steps) -> Margin:
    rate = 0.1 * np.asarray(case.ratio)

    def run(first: float, then: float) -> Any:
        position = velocity = np.zeros(np.shape(rate))
        for step in range(20):
            target = np.where(step < np.asarray(case.before), first, then)
            velocity = case.momentum * velocity - rate * (position - target)
            position = position + velocity
        return position

    effect = run(0.5, 0.5) - run(1.0, 1.0)
    found = (run(1.0, 0.5) - run(1.0, 1.0)) / effect
    formula = -np.expm1((20 - np.asarray(case.before)) * np.log1p(-rate)) / -np.expm1(20 * np.log1p(-rate))
    return Margin(0.02 - np.abs(found - formula))


@kd.claims.claim(
    id="converged-students-predict-alike", title="Students trained to the end predict what their teacher does"
)
def converged_students_predict_alike(case: LinearProblem) -> Margin:
    """At test points, whatever the two started from."""
    teacher, own = case.starts
    left = np.eye(8) - case.projector
    apart = case.test_inputs @ (left @ (own - teacher)[..., None])
    return Margin(1e-6 - np.max(np.abs(apart), axis=(-2, -1)))


@kd.claims.claim(
    id="only-both-converged-is-no-effect", title="Distillation has an effect unless both are trained to the end"
)
def only_both_converged_is_no_effect(case: TwoModes) -> Margin:
    """An effect: more than a thousandth of the student's own gain."""
    effect = np.abs(gained(case.teacher_progress) - 1.0)
    return Margin(effect - 1e-3 * (np.asarray(case.student_progress) < 29.0))
