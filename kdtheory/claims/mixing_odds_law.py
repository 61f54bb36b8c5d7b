"""C4: rounds of self-distillation with labels mixed in multiply the odds of every gain by the labels' weight."""

from __future__ import annotations

import numpy as np

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mixed_rounds import Formulas, MixedRounds, margins
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._rounds import Rounds, approach_margin, law_margin
from kdtheory.testing import Margin, tolerance


def _simulation() -> Margin:
    """Eight rounds with momentum and three label weights, step by step: the law asks nothing of the procedure.

    The slowest mode comes closer by half in every round, and so do its odds to those of the law.
    """
    import kdtheory as kd

    task, model = kd.tasks.from_spectrum([1.0, 0.3], coefficients=[1.0, -2.0], seed=0), kd.LinearModel()
    run = kd.procedures.HeavyBall(steps=6, momentum=0.4, step_size=0.3)
    mixing = np.array([0.5, 0.3, -0.5])
    recipe = kd.self_distillation(run, run, mixing=kd.axis("mixing", mixing), rounds=8)
    result, spectrum = kd.simulate(recipe, model, task), model.spectrum(task)
    gains = [np.asarray(result[name].on(spectrum).gains) for name in recipe]
    g, m = run.gain(spectrum.eigenvalues), mixing[:, None]
    limit = Formulas().limit(g, run.residual(spectrum.eigenvalues), m)
    expected = [Formulas().transient(j, g, limit, m * g) for j in range(len(gains))]
    error = np.max([np.abs(one - other).max() for one, other in zip(gains, expected, strict=True)])
    shift = gains[-1] * (1.0 - g) / ((1.0 - gains[-1]) * g)
    return Margin(
        odds=Margin.within(np.log(shift / (1.0 - m)).reshape(-1), 0.1).values.min(),
        agreement=Margin.within(error, tolerance(6 * 8)).values,
        approach=-np.max(np.log(np.abs(gains[-1] - limit) / np.abs(g - limit))) / 8,
    )


COUNTEREXAMPLES = (
    Counterexample(
        "overshooting-gain",
        violates="contraction",
        words="One long descent step gains 1.9; with a label weight of 0.3 every round multiplies the distance from "
        "the limit by 1.33.",
        case=Rounds(gains=(1.9,), label_weights=(0.3,), rounds=1),
        restored=Rounds(gains=(1.9,), label_weights=(0.6,), rounds=1),
        margin=-0.28517894223366237,
        check=approach_margin,
    ),
    Counterexample(
        "one-round",
        violates="many-rounds",
        words="A single student is on its way to the limit, and closer to its teacher than the law says.",
        case=Rounds(gains=(0.6,), label_weights=(0.3,), rounds=1),
        restored=Rounds(gains=(0.6,), label_weights=(0.3,)),
        margin=-0.5248118647407307,
        check=law_margin,
    ),
    Counterexample(
        "weights-by-turns",
        violates="one-weight",
        words="Label weights of 0.3 and 0.9 by turns end in two limits by turns, neither of which is that of either.",
        case=Rounds(gains=(0.6,), label_weights=(0.3, 0.9)),
        restored=Rounds(gains=(0.6,), label_weights=(0.3,)),
        margin=-1.0601460068403141,
        check=law_margin,
    ),
    Counterexample(
        "trainings-by-turns",
        violates="one-procedure",
        words="Trainings that gain 0.6 and 0.9 by turns shift no odds by the label weight.",
        case=Rounds(gains=(0.6, 0.9), label_weights=(0.3,)),
        restored=Rounds(gains=(0.6,), label_weights=(0.3,)),
        margin=-0.8839553502312186,
        check=law_margin,
    ),
    Counterexample(
        "continued-student",
        violates="same-start",
        words="A student that goes on from the previous one's weights forgets nothing: the rounds converge to the "
        "labels themselves, however little these weigh.",
        case=Rounds(gains=(0.6,), label_weights=(0.3,), rounds=40, continued=True),
        restored=Rounds(gains=(0.6,), label_weights=(0.3,), rounds=40),
        margin=-9.652693203371994,
        check=law_margin,
    ),
    Counterexample(
        "hardened-outputs",
        violates="raw-outputs",
        words="Outputs rounded to the labels they stand for undo the shrinkage: every round is a training on labels.",
        case=Rounds(gains=(0.6,), label_weights=(0.3,), hardened=True),
        restored=Rounds(gains=(0.6,), label_weights=(0.3,)),
        margin=-1.203972803325936,
        check=law_margin,
    ),
    Counterexample(
        "labels-only",
        violates="teacher-heard",
        words="With label weight 1 every round is the same training: its limit is gradient flow of one time.",
        case=MixedRounds(0.0, 0.5, 1.0, 1.0, mixing=0.0, rounds=1.0, overshoot=0.5),
        restored=MixedRounds(0.0, 0.5, 1.0, 1.0, mixing=0.5, rounds=1.0, overshoot=0.5),
        margin=0.0,
    ),
    Counterexample(
        "tied-eigenvalues",
        violates="distinct-eigenvalues",
        words="On modes of one eigenvalue one gradient-flow time always fits.",
        case=MixedRounds(0.0, 1.0, 1.0, 1.0, mixing=0.5, rounds=1.0, overshoot=0.5),
        restored=MixedRounds(0.0, 0.5, 1.0, 1.0, mixing=0.5, rounds=1.0, overshoot=0.5),
        margin=0.0,
    ),
)


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate(
        "odds-exponent", "odds are multiplied by the square of the label weight", odds_factor=lambda m: (1 - m) ** 2
    ),
    mutate("odds-inverse", "odds are divided by the label weight", odds_factor=lambda m: 1 / (1 - m)),
    mutate("odds-teacher-weight", "odds are multiplied by the teacher's weight", odds_factor=lambda m: m),
    mutate("limit-sign", "the limit has 1 + (1 - alpha) g below", limit=lambda g, e, m: (1 - m) * g / (1 + m * g)),
    mutate("limit-factor", "the limit lacks the label weight above", limit=lambda g, e, m: g / (e + (1 - m) * g)),
    mutate(
        "limit-exponent",
        "the limit's residual has the gain squared",
        limit_residual=lambda g, e, m: e / (e + (1 - m) * g**2),
    ),
    mutate(
        "transient-exponent",
        "the transient is one round ahead",
        transient=lambda j, a, b, q: b + q ** (j + 1) * (a - b),
    ),
    mutate("transient-sign", "the distance from the limit alternates", factor=lambda g, m: -m * g),
    mutate("transient-factor", "the contraction is by the label weight", factor=lambda g, m: (1 - m) * g),
    mutate("ridge-inverse", "the penalty is multiplied by the label weight", penalty=lambda c, m: c * (1 - m)),
    mutate(
        "ridge-exponent", "the penalty is divided by the label weight squared", penalty=lambda c, m: c / (1 - m) ** 2
    ),
    mutate(
        "flow-factor", "the flow's limit lacks the minus one", flow_progress=lambda z, m: np.log1p((1 - m) * np.exp(z))
    ),
    mutate(
        "flow-exponent",
        "the label weight enters the flow's limit squared",
        flow_progress=lambda z, m: np.log1p((1 - m) ** 2 * np.expm1(z)),
    ),
    mutate(
        "flow-inverse",
        "the label weight divides in the flow's limit",
        flow_progress=lambda z, m: np.log1p(np.expm1(z) / (1 - m)),
    ),
    mutate.flipped("regularizes-sign", "a label weight above 1 regularizes more, one below less", "regularizes"),
    mutate.flipped("time-sign", "for label weights below 1 smaller eigenvalues have the longer time", "no_single_time"),
)


@claim(
    id="mixing-odds-law",
    title="Mixing labels in multiplies the odds of every gain by the labels' weight",
    topic="rounds and mixing",
    source="borup2021, ridge; odds law for every procedure, transient and gradient-flow limit derived here",
    statement=r"""Let a training have the gain $g$ in a mode, and let round $j$ run it, always from the same start, on
$\alpha\, \text{labels} + (1 - \alpha)\, \text{outputs of round } j - 1$, from a teacher with any gain $g_0$. If
$(1 - \alpha) g \ne 1$,
\[ g_j = g_\infty + \bigl((1 - \alpha) g\bigr)^j (g_0 - g_\infty), \qquad
   g_\infty = \frac{\alpha g}{1 - (1 - \alpha) g}. \]
The rounds converge, from every $g_0$, exactly if $|(1 - \alpha) g| < 1$, and then
\[ \frac{g_\infty}{1 - g_\infty} = \alpha\, \frac{g}{1 - g} \quad (g \ne 1). \]
Hence $g_\infty < g$ for $0 < \alpha < 1$ and $g_\infty > g$ for $1 < \alpha < 2$, where $0 < g < 1$. The limit of ridge
with penalty $c$ is ridge with penalty $c / \alpha$. That of gradient flow of time $t$ is
\[ 1 - g_\infty = e^{-\lambda \tau(\lambda)}, \qquad
   \tau(\lambda) = \tfrac{1}{\lambda} \log\bigl(1 + \alpha (e^{\lambda t} - 1)\bigr): \]
a time that runs strictly monotonically from $\alpha t$ at small eigenvalues to $t$ at large ones. With $\alpha = 0$,
$g_j = g^j g_0$.""",
    words="Repeated self-distillation with the labels mixed in shifts the log-odds of every gain by one and the same "
    "amount, the log of the labels' weight, whatever the training procedure. For ridge that is a larger penalty; for "
    "gradient flow it is no stopping time at all, because large modes keep theirs and small modes lose up to the "
    "labels' weight. Weights between 1 and 2 push away from the teacher and regularize less. Without labels the rounds "
    "collapse to zero in every mode that a training does not learn exactly.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "same-modes": "All rounds have the same inputs and kernel.",
        "one-procedure": "All rounds run the same procedure with the same parameters; the teacher may run another.",
        "one-weight": "The labels have the same weight in all rounds.",
        "same-start": "Every round starts from the same function again, at rest.",
        "raw-outputs": "What a round hands on are its raw outputs.",
        "contraction": "The teacher's weight times the gain is below 1 in absolute value.",
        "many-rounds": "The number of rounds grows without bound (the transient holds for every number).",
        "teacher-heard": "The label weight is not 1: for the order of gains and for the times of gradient flow.",
        "distinct-eigenvalues": "Eigenvalues differ: for the times of gradient flow.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def mixing_odds_law(case: MixedRounds) -> Margin:
    """Margins of all parts for gradient flow, ridge and descent steps that overshoot, at two label weights."""
    return margins(case, Formulas())
