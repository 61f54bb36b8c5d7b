"""C7c: with noisy labels, a teacher trained long enough has the better gradient, best at the Wiener gain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._denoising import EIGENVALUE, TINY, noise, share_left
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import Case, Margin, logarithmic

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NoisyMode(Case):
    """A mode whose labels have noise.

    Attributes
    ----------
    progress : between 1e-6 and 30
        Eigenvalue times the teacher's training time.
    snr : between 0.001 and 10000
        Squared coefficient of the clean target over the variance of its noise.
    """

    progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]
    snr: Annotated[Any, logarithmic(1e-3, 1e4, simple=3.0)]


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    ratio: Callable[..., Array] = lambda gain, missing, snr: gain**2 + missing**2 * snr
    threshold: Callable[..., Array] = lambda snr: np.log1p((snr - 1) / 2)
    wiener: Callable[..., Array] = lambda snr: np.log1p(snr)


def margins(case: NoisyMode, formulas: Formulas) -> Margin:
    """Margins of every part: mean squared error, threshold and best time."""
    progress, snr = (np.atleast_1d(value) for value in (case.progress, case.snr))
    even, best = formulas.threshold(snr), formulas.wiener(snr)
    times = np.stack([progress, np.maximum(even, TINY), np.maximum(best, TINY)])
    measured = noise(times.reshape(-1))
    gains, missing = (
        np.sqrt(each.reshape(times.shape) / EIGENVALUE)
        for each in (measured.distillation.variance, measured.distillation.squared_bias)
    )
    ratios = gains**2 + missing**2 * snr
    expected = formulas.ratio(-np.expm1(-progress), np.exp(-progress), snr)
    # The ratio is below 1 iff (1 + a) / (1 - a) > snr, which is decided in logs, without cancellation.
    ahead = np.log((1 + gains[0]) / missing[0]) - np.log(snr)
    wiener = snr / (1 + snr)
    excess = (1 + snr) * (gains[0] - wiener) ** 2
    return Margin(
        ratio=share_left(ratios[0], expected, expected, 2 * (1 + progress)),
        threshold=ahead * np.sign(progress - even),
        break_even=np.where(snr > 1, share_left(ratios[1], 1.0, 1.0, 30), 1.0),
        wiener=np.minimum(share_left(ratios[2], wiener, wiener, 30), share_left(gains[2], wiener, wiener, 30)),
        least=share_left(ratios[0], wiener + excess, wiener + excess, 30),
    )


@dataclass(frozen=True)
class Noisy:
    """A teacher trained on noisy labels: its progress; power of the clean target and of the noise."""

    progress: float
    signal: float
    noise: float


def benefit_margin(case: Noisy) -> Margin:
    """Mean squared error of the one-hot gradient minus that of distillation, over their sum."""
    measured = noise(case.progress)
    distilled = case.noise * measured.distillation.variance + case.signal * measured.distillation.squared_bias
    onehot = case.noise * measured.one_hot.variance
    return Margin(((onehot - distilled) / (onehot + distilled))[0, 0])


COUNTEREXAMPLES = (
    Counterexample(
        "clean-labels",
        violates="label-noise",
        words="Without label noise the one-hot gradient is exact, and what the teacher has not learned is pure error: "
        "the statement says nothing there.",
        case=Noisy(progress=1.0, signal=1.0, noise=0.0),
        restored=Noisy(progress=1.0, signal=1.0, noise=1.0),
        margin=-1.0,
        check=benefit_margin,
    ),
    Counterexample(
        "short-teacher",
        violates="long-enough",
        words="With three times more signal than noise, a teacher stopped before log 2 has too little of the signal.",
        case=Noisy(progress=0.5, signal=3.0, noise=1.0),
        restored=Noisy(progress=1.0, signal=3.0, noise=1.0),
        margin=-0.11443941980944013,
        check=benefit_margin,
    ),
    Counterexample(
        "over-long-teacher",
        violates="early-stopping",
        words="A teacher trained to the end has learned all of the noise: its gradient is the one-hot gradient.",
        case=Noisy(progress=np.inf, signal=3.0, noise=1.0),
        restored=Noisy(progress=float(np.log(4.0)), signal=3.0, noise=1.0),
        margin=0.0,
        check=benefit_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("ratio-exponent", "a for a^2", ratio=lambda a, missing, snr: a + missing**2 * snr),
    mutate("ratio-bias", "(1 - a) for (1 - a)^2", ratio=lambda a, missing, snr: a**2 + missing * snr),
    mutate("ratio-unbiased", "no bias", ratio=lambda a, missing, snr: a**2),
    mutate("threshold-factor", "the threshold is at log(1 + SNR)", threshold=np.log1p),
    mutate("threshold-sign", "log((SNR - 1) / 2)", threshold=lambda snr: np.log(np.abs(snr - 1) / 2)),
    mutate("best-sign", "the best time is log SNR", wiener=np.log),
    mutate("best-factor", "half of it", wiener=lambda snr: np.log1p(snr) / 2),
)


@claim(
    id="denoising-threshold",
    title="With noisy labels, a teacher trained beyond a threshold has the better gradient",
    topic="gradients",
    source="menon2021, less variance for some bias; nagarajan2023, the denoising view; threshold derived here",
    statement=r"""Squared loss, labels $y = f^* + \varepsilon$ with independent noise of variance $\sigma^2$; the
teacher is gradient flow on the same labels from zero, with the gain $a = 1 - e^{-\lambda T}$ in a mode, and
$\mathrm{SNR} = c^{*2} / \sigma^2$ there. Errors are against the gradient of clean targets at the same point, whichever
it is.
\[ \frac{\text{MSE}_{\text{KD}}}{\text{MSE}_{\text{OH}}} = a^2 + (1 - a)^2\, \mathrm{SNR} < 1
\iff \lambda T > \log \frac{1 + \mathrm{SNR}}{2}, \]
least at $\lambda T = \log(1 + \mathrm{SNR})$, where $a$ and the ratio are $\mathrm{SNR} / (1 + \mathrm{SNR})$.""",
    words="With noisy labels the teacher's gradient is the better one if the teacher was trained longer than "
    "log((1 + SNR) / 2), the best one at the Wiener gain. Where noise outweighs the signal every teacher helps. The "
    "ratio holds at every point, also at one that depends on the noise; only the variance of gradients changes along a "
    "trajectory.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "gradient-flow": "The teacher was trained by gradient flow from zero (the ratio in terms of its gain holds for "
        "every procedure).",
        "label-noise": "Labels have independent noise of positive variance, the same in the teacher's training and in "
        "the one-hot gradient.",
        "long-enough": "The benefit: the teacher was trained beyond log((1 + SNR) / 2).",
        "early-stopping": "The benefit: the teacher's training is finite.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="gradient-denoising",
)
def denoising_threshold(case: NoisyMode) -> Margin:
    """Margins of formulas against bias and variance as the toolkit measures them."""
    return margins(case, Formulas())
