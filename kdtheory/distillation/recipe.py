"""Recipes: what is trained on what, in which order. One recipe runs in all three worlds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kdtheory.axes import Axis, collect
from kdtheory.distillation.losses import CrossEntropy, Loss, SquaredError
from kdtheory.distillation.targets import Target, labels, mixture
from kdtheory.errors import InvalidArgument
from kdtheory.procedures import InfiniteRounds, Procedure
from kdtheory.tasks import Task
from kdtheory.validation import count, describe, lookup


@dataclass(frozen=True)
class Start:
    """Where a fit begins, if not at the zero function.

    Parameters
    ----------
    weights : array of shape (p,) or (p, outputs), optional
        Initial weights of a model with explicit weights; penalties centred at the start pull towards them.
    offset : callable or array of shape (outputs,) or number, optional
        An untrainable function added to the model, of inputs (m, d) to values (m, outputs), or a constant. Never
        penalized.
    """

    weights: Any = None
    offset: Callable[[Any], Any] | Any = None


@dataclass(frozen=True, eq=False)
class Phase:
    """One procedure run on one target, from the state so far.

    Parameters
    ----------
    target : Target
        ``labels``, ``output_of(name)`` or an affine mixture of them.
    procedure : Procedure
        For example ``GradientFlow(time=1.0)``.
    loss : SquaredError or CrossEntropy
        Closed forms take squared error only.
    restart : bool
        Forget what the procedure carries besides the position (velocity); the position always goes on.
    """

    target: Target
    procedure: Procedure
    loss: Loss = field(default_factory=SquaredError)
    restart: bool = False

    def __post_init__(self) -> None:
        expected = {"target": Target, "procedure": Procedure, "loss": Loss}
        fixes = {
            "target": "pass labels or output_of(name)",
            "procedure": "pass for example GradientFlow(time=1.0)",
            "loss": "pass SquaredError() or CrossEntropy(temperature=4.0)",
        }
        for name, kind in expected.items():
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise InvalidArgument(name, expected=f"a {name}", got=describe(value), fix=fixes[name])
        self.target.refuse_unless_affine()
        if isinstance(self.loss, CrossEntropy):
            self._refuse_extrapolation()

    def _refuse_extrapolation(self) -> None:
        values = [w.values.min() if isinstance(w, Axis) else w for w in self.target.weights]
        if min(values) < 0:
            fix = "use squared error for weights outside [0, 1]"
            raise InvalidArgument(
                "mixing", expected="weights in [0, 1] with cross-entropy", got=f"{min(values):g}", fix=fix
            )


@dataclass(frozen=True, eq=False, init=False)
class Fit:
    """One training from its start to its last phase.

    Parameters
    ----------
    phases : Phase or sequence of phases
        Run one after the other on the same state.
    model, task : optional
        Where they differ from those of the call that runs the recipe. Unlabelled inputs are a task without targets.
    start : Start, optional
        Default: the zero function.
    stream : str, optional
        Name of the random stream behind initialization and batches; default: the fit's own name. Two fits with one
        stream start from the same weights and see the same batches (a retrain control of a student).
    """

    phases: tuple[Phase, ...]
    model: Any
    task: Task | None
    start: Start | None
    stream: str | None

    def __init__(
        self,
        phases: Phase | Iterable[Phase],
        model: Any = None,
        task: Task | None = None,
        start: Start | None = None,
        stream: str | None = None,
    ) -> None:
        given = (phases,) if isinstance(phases, Phase) else tuple(phases) if isinstance(phases, Iterable) else ()
        if not given:
            fix = "pass [Phase(...)]"
            raise InvalidArgument("phases", expected="a Phase or several", got=describe(phases), fix=fix)
        _refuse_unless("phases", given, Phase, "wrap target and procedure in Phase(...)")
        _refuse_unless("task", [task], Task | None, "use kd.tasks.from_arrays(...)")
        _refuse_unless("start", [start], Start | None, "pass Start(weights=..., offset=...)")
        _refuse_unless("stream", [stream], str | None, "pass the name of a fit")
        for name, value in zip(
            ("phases", "model", "task", "start", "stream"), (given, model, task, start, stream), strict=True
        ):
            object.__setattr__(self, name, value)

    @property
    def teachers(self) -> list[str]:
        """Names of the fits it imitates, each once."""
        return list(dict.fromkeys(name for phase in self.phases for name in phase.target.teachers))

    @property
    def parameters(self) -> Iterator[object]:
        """Everything that may be swept: parameters of procedures and weights of targets."""
        for phase in self.phases:
            yield from phase.procedure.parameters.values()
            yield from phase.target.weights


class Recipe(Mapping[str, Fit]):
    """Named fits in the order in which they are trained; each may imitate earlier ones.

    >>> import kdtheory as kd
    >>> flow = kd.GradientFlow(time=1.0)
    >>> kd.Recipe(
    ...     teacher=kd.Fit(kd.Phase(kd.labels, flow)),
    ...     student=kd.Fit(kd.Phase(kd.output_of("teacher"), flow)),
    ... )
    Recipe(teacher: labels; student: output_of('teacher'))
    """

    def __init__(self, **fits: Fit) -> None:
        if not fits:
            raise InvalidArgument(
                "recipe", expected="at least one fit", got="none", fix="pass Recipe(teacher=Fit(...))"
            )
        for position, (name, fit) in enumerate(fits.items()):
            earlier = list(fits)[:position]
            if not isinstance(fit, Fit):
                raise InvalidArgument(name, expected="a Fit", got=describe(fit), fix="wrap the phases in Fit([...])")
            for teacher in fit.teachers:
                if teacher not in earlier:
                    known = ", ".join(earlier) or "none"
                    fix = "name the fits in the order in which they are trained"
                    raise InvalidArgument(
                        name, expected=f"a teacher among earlier fits ({known})", got=repr(teacher), fix=fix
                    )
        self._fits = fits
        self.axes: dict[str, Axis] = collect(parameter for fit in fits.values() for parameter in fit.parameters)

    def __getitem__(self, name: str) -> Fit:
        return lookup(self._fits, name, "fit")

    def __iter__(self) -> Iterator[str]:
        return iter(self._fits)

    def __len__(self) -> int:
        return len(self._fits)

    def __repr__(self) -> str:
        chain = "; ".join(f"{name}: {', then '.join(str(p.target) for p in fit.phases)}" for name, fit in self.items())
        return f"Recipe({chain})"


def self_distillation(
    teacher: Procedure,
    student: Procedure,
    mixing: float | Axis | Sequence[float | Axis] = 1.0,
    rounds: float = 1,
    *,
    loss: Loss | None = None,
) -> Recipe:
    """A teacher trained on labels and ``rounds`` students, each taught by the fit before it.

    Parameters
    ----------
    teacher, student : Procedure
        What the teacher's training, and each student's, does.
    mixing : float, axis or sequence
        Weight of the teacher in the student's target, ``1 - mixing`` being that of the labels (Borup & Andersen
        2021 call ``1 - mixing`` alpha). A list or tuple gives one weight per round; a sweep is ``kd.axis(...)``.
    rounds : int or inf
        Number of students: ``student``, ``student_2``, ... With ``math.inf`` the one student is the limit of the rounds
        (`InfiniteRounds`), which a single mixing below 1 keeps from collapsing.
    loss : SquaredError or CrossEntropy
        Of all fits; the teacher sees labels only.

    >>> import kdtheory as kd
    >>> kd.self_distillation(
    ...     kd.Ridge(penalty=1.0), kd.Ridge(penalty=1.0), mixing=[1.0, 0.5], rounds=2
    ... )
    Recipe(teacher: labels; student: output_of('teacher'); student_2: 0.5 * output_of('student') + 0.5 * labels)
    """
    loss = SquaredError() if loss is None else loss
    teach = Fit(Phase(labels, teacher, loss))
    if isinstance(rounds, float) and rounds == math.inf:
        return Recipe(teacher=teach, student=Fit(Phase(labels, InfiniteRounds(student, _weight(mixing)), loss)))
    rounds = count("rounds", rounds, at_least=1)
    weights = list(mixing) if isinstance(mixing, list | tuple) else [mixing] * rounds
    if len(weights) != rounds:
        fix = "pass one weight per round, or a single number; a sweep is kd.axis(...)"
        raise InvalidArgument("mixing", expected=f"{rounds} weight(s), one per round", got=f"{len(weights)}", fix=fix)
    fits = {"teacher": teach}
    for position, weight in enumerate(weights, start=1):
        previous = list(fits)[-1]
        fits[student_name(position)] = Fit(Phase(mixture(previous, _weight(weight)), student, loss))
    return Recipe(**fits)


def loss_switching(
    teacher: Procedure, before: Procedure, after: Procedure, mixing: float | Axis = 1.0, *, loss: Loss | None = None
) -> Recipe:
    """A student that starts on the labels and switches to the teacher's outputs in the middle of training.

    Parameters
    ----------
    teacher, before, after : Procedure
        The teacher's training, the student's on labels, and the student's on the teacher.
    mixing : float or axis
        Weight of the teacher after the switch.
    loss : SquaredError or CrossEntropy
        Of all phases.

    >>> import kdtheory as kd
    >>> kd.loss_switching(
    ...     kd.GradientFlow(2.0), before=kd.GradientFlow(1.0), after=kd.GradientFlow(1.0)
    ... )
    Recipe(teacher: labels; student: labels, then output_of('teacher'))
    """
    loss = SquaredError() if loss is None else loss
    student = [Phase(labels, before, loss), Phase(mixture("teacher", _weight(mixing)), after, loss)]
    return Recipe(teacher=Fit(Phase(labels, teacher, loss)), student=Fit(student))


def student_name(position: int) -> str:
    """``student`` for round 1, ``student_2`` for round 2, ..."""
    return "student" if position == 1 else f"student_{position}"


def _refuse_unless(argument: str, values: Iterable[object], kind: Any, fix: str) -> None:
    for value in values:
        if not isinstance(value, kind):
            names = str(kind) if not isinstance(kind, type) else kind.__name__
            expected = f"a {names.rsplit('.', 1)[-1].removesuffix(' | None')}"
            raise InvalidArgument(argument, expected=expected, got=describe(value), fix=fix)


def _weight(mixing: object) -> Any:
    if isinstance(mixing, Axis):
        return mixing
    if isinstance(mixing, bool) or not isinstance(mixing, int | float) or not abs(mixing) < float("inf"):
        fix = "pass a number, one per round, or kd.axis(...)"
        raise InvalidArgument("mixing", expected="a finite number", got=describe(mixing), fix=fix)
    return float(mixing)
