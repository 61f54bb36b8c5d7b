"""C5: distillation in a linear model does something only if teacher and student are both stopped early."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._compared import Compared, FirstStep, same_margin, step_margin
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._taught_problems import Formulas, TaughtProblem, margins
from kdtheory.distillation import Fit, Phase, Recipe, Start, labels, output_of
from kdtheory.kernels import RBF
from kdtheory.models import KernelModel
from kdtheory.procedures import GradientFlow, Procedure, Ridge, WeightDecayFlow
from kdtheory.tasks import from_arrays
from kdtheory.testing import Margin, tolerance

TALL = from_arrays([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [1.0, -1.0, 1.0], np.eye(2), [0.0, 0.0])
WIDE = from_arrays([[2.0, 0.0, 1.0], [0.0, 1.0, 1.0]], [1.0, -1.0], np.eye(3), [0.0, 0.0, 0.0])
STOPPED, END = GradientFlow(1.0), GradientFlow(np.inf)


def _against_onehot(teacher: Procedure = END, model: Any = None) -> Compared:
    """The stopped student of a teacher beside the same training on labels, on samples that no teacher interpolates."""
    recipe = Recipe(
        teacher=Fit(Phase(labels, teacher)),
        student=Fit(Phase(output_of("teacher"), STOPPED), model),
        onehot=Fit(Phase(labels, STOPPED), model),
    )
    return Compared(TALL, recipe, "student", "onehot")


def _against_teacher(
    teacher: Procedure = STOPPED,
    student: Procedure = END,
    *,
    mixing: float = 1.0,
    starts: tuple[Start | None, Start | None] = (None, None),
    task: Any = TALL,
    on: str = "train",
) -> Compared:
    """A student beside its teacher."""
    target = output_of("teacher") if mixing == 1.0 else mixing * output_of("teacher") + (1.0 - mixing) * labels
    recipe = Recipe(
        teacher=Fit(Phase(labels, teacher), start=starts[0]), student=Fit(Phase(target, student), start=starts[1])
    )
    return Compared(task, recipe, "student", "teacher", on)


def _simulation() -> Margin:
    """Descent on three samples of two features and two samples of three, from starts of their own."""
    import kdtheory as kd

    found = []
    for task in (TALL, WIDE):
        features = task.inputs.shape[1]
        own, other = (kd.Start(weights=np.linspace(*ends, features)) for ends in ((1.0, -0.5), (0.5, 2.0)))
        few, many = kd.GradientDescent(steps=5), kd.GradientDescent(steps=400)
        recipe = kd.Recipe(
            converged=kd.Fit(kd.Phase(kd.labels, many), start=own),
            student=kd.Fit(kd.Phase(kd.output_of("converged"), few), start=other),
            onehot=kd.Fit(kd.Phase(kd.labels, few), start=other),
            stopped=kd.Fit(kd.Phase(kd.labels, few), start=own),
            faithful=kd.Fit(kd.Phase(kd.output_of("stopped"), many), start=other),
            early=kd.Fit(kd.Phase(kd.output_of("stopped"), few), start=other),
        )
        run = kd.simulate(recipe, kd.LinearModel(), task)
        inputs = np.concatenate([task.inputs, np.eye(features)])
        outputs = {name: inputs @ run[name].weights for name in run}
        shown = {"same": outputs["student"] - outputs["onehot"]}
        shown["faithful"] = (outputs["faithful"] - outputs["stopped"])[: task.size]
        effect = np.abs(outputs["early"] - outputs["onehot"]).max()
        found.append([*(np.abs(error).max() for error in shown.values()), effect])
    same, faithful, effect = np.transpose(found)
    allowed = tolerance(400)
    return Margin(
        same=Margin.within(same, allowed).values,
        faithful=Margin.within(faithful, allowed).values,
        effect_of_stopping=np.log(effect / allowed),
    )


COUNTEREXAMPLES = (
    Counterexample(
        "stopped-teacher",
        violates="teacher-to-the-end",
        words="Teacher and student both stopped: the exaggerated bias of C1.",
        case=_against_onehot(STOPPED),
        restored=_against_onehot(),
        margin=-0.07257881156904847,
        check=same_margin,
    ),
    Counterexample(
        "stopped-student",
        violates="student-to-the-end",
        words="A student that is stopped is still on its way to its teacher.",
        case=_against_teacher(student=STOPPED),
        restored=_against_teacher(),
        margin=-0.07257881156904847,
        check=same_margin,
    ),
    Counterexample(
        "other-frozen-start",
        violates="same-frozen-start",
        words="With fewer samples than features, what training cannot see of the starts stays: train predictions "
        "agree, test predictions differ by it.",
        case=_against_teacher(starts=(None, Start(weights=[0.0, 0.0, 1.0])), task=WIDE, on="test"),
        restored=_against_teacher(task=WIDE, on="test"),
        margin=-0.4444444434444445,
        check=same_margin,
    ),
    Counterexample(
        "other-kernel",
        violates="same-features",
        words="A linear teacher cannot fit what a student with an RBF kernel can, and the student learns the misfit.",
        case=_against_onehot(model=KernelModel(RBF(gamma=0.5))),
        restored=_against_onehot(),
        margin=-0.21409107809201486,
        check=same_margin,
    ),
    Counterexample(
        "decayed-teacher",
        violates="no-shrinkage",
        words="Weight decay shrinks a teacher that is trained to the end, and its student inherits that.",
        case=_against_onehot(WeightDecayFlow(np.inf, decay=1.0)),
        restored=_against_onehot(),
        margin=-0.25352851576870733,
        check=same_margin,
    ),
    Counterexample(
        "ridge-student",
        violates="no-shrinkage",
        words="A ridge student of a ridge teacher shrinks twice.",
        case=_against_teacher(Ridge(1.0), Ridge(1.0)),
        restored=_against_teacher(Ridge(1.0), END),
        margin=-0.2076124557474047,
        check=same_margin,
    ),
    Counterexample(
        "offset-of-the-student",
        violates="within-the-model",
        words="A function added to the student that the model cannot express stays where no training reaches: the one "
        "way to differ on train points, as for a network linearized around a nonzero function.",
        case=_against_teacher(starts=(None, Start(offset=1.0))),
        restored=_against_teacher(),
        margin=-0.2222222212222223,
        check=same_margin,
    ),
    Counterexample(
        "labels-mixed-in",
        violates="pure-distillation",
        words="A student that sees labels, too, ends between its teacher and the least-squares fit.",
        case=_against_teacher(mixing=0.5),
        restored=_against_teacher(),
        margin=-0.044513485403942676,
        check=same_margin,
    ),
    Counterexample(
        "one-sample-at-a-time",
        violates="full-batch",
        words="The part of the labels that the model cannot fit cancels in the sum over all samples, not in a batch: "
        "with more samples than features a converged teacher takes that noise away.",
        case=FirstStep(TALL, samples=(0,)),
        restored=FirstStep(TALL, samples=(0, 1, 2)),
        margin=-0.6666666656666665,
        check=step_margin,
    ),
)


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("time-sum", "the student equals the one-hot run at T + s", onehot_time=lambda t, s: t + s),
    mutate("time-factor", "the student equals the one-hot run at s / 2", onehot_time=lambda t, s: s / 2),
    mutate("always-faithful", "the student ends at its teacher's weights", converged=lambda P, b, a: b),
    mutate("start-forgotten", "the student's start leaves no trace", converged=lambda P, b, a: P(b)),
    mutate("frozen-sign", "the frozen part turns round", converged=lambda P, b, a: P(b) - a + P(a)),
    mutate("gap-sign", "the test gap has the other sign", gap=lambda P, b, a: (b - a) - P(b - a)),
    mutate("gap-factor", "test predictions always agree", gap=lambda P, b, a: 0 * a),
    mutate("gap-row-space", "the test gap lies in the row space", gap=lambda P, b, a: P(a - b)),
    mutate("effect-sign", "early stopping speeds up", effect=lambda x, t, s: -Formulas().effect(x, t, s)),
    mutate("effect-exponent", "T counts twice", effect=lambda x, t, s: Formulas().effect(x, 2 * t, s)),
    mutate("effect-factor", "s does not count", effect=lambda x, t, s: Formulas().effect(x, t, 2 * s)),
    mutate("inherited-factor", "the ridge penalty is inherited twice", inherited=lambda c: 2 * c),
    mutate("inherited-nothing", "no regularization is inherited", inherited=lambda c: 1e-12 * c),
)


@claim(
    id="no-early-stopping-no-effect",
    title="Without early stopping of teacher and student, distillation has no effect",
    topic="stopping and switching",
    source="phuong2019; rahbar2020; ji2020; nagarajan2023; the effect of stopping and (c) derived here",
    statement=r"""Linear model $f(x) = x \cdot b$ on inputs $X$ and labels $y$, gradient flow; $P$ projects onto the
row space of $X$. A teacher is trained on $y$ from $b_{0T}$ for the time $T$ to $b_T$, a student on $X b_T$ from
$b_{0S}$ for the time $s$ to $b_S$; $b_1(s)$ is the one-hot run on $y$ from $b_{0S}$.
\[ \text{(a)} \quad T = \infty: \quad b_S = b_1(s) \quad \text{for every } s, b_{0T}, b_{0S}. \]
For finite times, with $\Sigma = X^T X$ and $\phi_s(\lambda) = (1 - e^{-\lambda s}) / \lambda$,
\[ b_S - b_1(s) = -\phi_s(\Sigma)\, e^{-T \Sigma} X^T (y - X b_{0T}). \]
\[ \text{(b)} \quad s = \infty: \quad b_S = P b_T + (I - P)\, b_{0S}, \qquad
   x \cdot b_S - x \cdot b_T = x \cdot (I - P)(b_{0S} - b_T), \]
so that train predictions equal the teacher's, and all test predictions do exactly if $(I - P)(b_T - b_{0S}) = 0$.
\[ \text{(c)} \quad s = \infty,\; b_{0S} = 0,\; b_T \text{ minimizes } |X b - y|^2 + c\, |b|^2,\; c > 0:
   \quad b_S = b_T. \]""",
    words="A teacher trained to the end tells its student nothing that the labels would not: wherever the student "
    "stops, it is where training on the labels would have brought it. The teacher need not fit the labels; what "
    "it cannot fit, the student would not have noticed. A student trained to the end is its teacher on all training "
    "points, and elsewhere too, except for what the training inputs do not see of its start. All regularization of the "
    "teacher is inherited, none is added. Only where both stop early is the student neither of the two, and the "
    "difference from training on labels dies out exponentially in the teacher's time.",
    assumptions={
        "squared-loss": "The loss is squared error.",
        "same-features": "Teacher and student have the same features and training inputs.",
        "within-the-model": "Both start at functions that the model can express: no offset outside it.",
        "no-shrinkage": "Nothing but stopping regularizes, no weight decay; in (c) only the teacher is ridge.",
        "full-batch": "Gradients are those of all samples.",
        "pure-distillation": "(b), (c): the student sees no labels ((a) holds for every mixture of both).",
        "teacher-to-the-end": "(a): the teacher is trained until its gradient is zero.",
        "student-to-the-end": "(b), (c): the student is trained until its gradient is zero.",
        "same-frozen-start": "For equal test predictions in (b): the starts agree off the row space of the inputs.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def no_early_stopping_no_effect(case: TaughtProblem) -> Margin:
    """Margins of all parts on problems of up to 8 samples and 8 features, wide, square and tall, any rank."""
    return margins(case, Formulas())
