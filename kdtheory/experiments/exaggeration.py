"""One unit of the studies of confidence: a teacher, its students, their controls, and the ladder over student time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kdtheory.distillation import CrossEntropy, Fit, Minibatch, Phase, Recipe, Result, labels, output_of
from kdtheory.measures import accuracy, confidence
from kdtheory.networks import Network, Optimizer, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task

PLACES = ("train", "test")
FIELDS = {"slope": "slope", "theil_sen": "theil_sen", "low_confidence_deviation": "lowest_fifth"}


def exaggeration(
    task: Task,
    teacher: Network,
    student: Network,
    seed: int,
    *,
    epochs: int,
    batch: int,
    optimizer: Optimizer,
    temperatures: Sequence[float],
    teacher_epochs: int | None = None,
    shares: Sequence[float] = (1.0,),
    modes: Sequence[str] = ("evaluation",),
) -> dict[str, float]:
    """Distil, and measure slopes and gains of every student beside a one-hot net of its start, batches and time.

    Parameters
    ----------
    task : Task
        With test inputs and labels.
    teacher, student : Network
    seed : int
    epochs, batch : int
        Training time, and the size of minibatches.
    optimizer : Optimizer
    temperatures : sequence of float
        One student each.
    teacher_epochs : int, optional
        Training time of the teacher alone; default: ``epochs``. Fewer stop it early.
    shares : sequence of float
        The ladder: students and controls of these shares of the time; 1 is among them.
    modes : sequence of {"evaluation", "training"}
        How the teacher answers.

    Returns
    -------
    dict of str to float
        Per student, named ``t4``, ``t4 at 0.3`` or ``t4 noisy`` (a teacher in training mode): ``NAME, train, slope``
        and, minus the control, ``NAME, train, slope, difference``, for both slopes and the lowest fifth, on train and
        test points; the same of controls, without difference. Test accuracies: ``NAME, gain`` over the teacher,
        ``NAME, gain over control``, and ``NAME, gain over oracle stop`` over the control that tests best on the whole
        ladder. Below the full time there are the least-squares slopes and the gains only.

    >>> import kdtheory as kd
    >>> task, net = kd.tasks.digits(train=40, test=40), kd.networks.MLP(width=8, depth=1)
    >>> numbers = exaggeration(
    ...     task, net, net, 0, epochs=2, batch=20, optimizer=kd.Adam(), temperatures=[4.0]
    ... )
    >>> "t4, train, slope, difference" in numbers, "t4, gain" in numbers
    (True, True)
    """
    steps = epochs * (task.size // batch)
    taught = steps if teacher_epochs is None else teacher_epochs * (task.size // batch)
    fits = {"teacher": _fit(labels, taught, teacher, 1.0, None)}
    students = {}
    for share in shares:
        fits[_control(share)] = _fit(labels, round(share * steps), student, 1.0, "student")
        for temperature in temperatures:
            for mode in modes:
                name = student_name(temperature, share, mode)
                target = output_of("teacher", mode=mode)
                fits[name] = _fit(target, round(share * steps), student, temperature, "student")
                students[name] = _control(share)
    nets = train(Recipe(**fits), student, task, seeds=[seed], optimizer=optimizer, batch=Minibatch(batch))
    controls = list(dict.fromkeys(students.values()))
    numbers = {f"{name}, accuracy": _accuracy(nets, name) for name in ("teacher", *controls)}
    oracle = max(numbers[f"{control}, accuracy"] for control in controls)
    for name, control in students.items():
        numbers |= _slopes(nets, name, control)
        own = _accuracy(nets, name)
        numbers[f"{name}, gain"] = own - numbers["teacher, accuracy"]
        numbers[f"{name}, gain over control"] = own - numbers[f"{control}, accuracy"]
        numbers[f"{name}, gain over oracle stop"] = own - oracle
    return numbers


def student_name(temperature: float, share: float = 1.0, mode: str = "evaluation") -> str:
    """What a student is called among the numbers.

    >>> student_name(4.0), student_name(1.0, 0.3), student_name(2.0, mode="training")
    ('t4', 't1 at 0.3', 't2 noisy')
    """
    noisy = " noisy" if mode == "training" else ""
    return f"t{temperature:g}{noisy}{'' if share == 1 else f' at {share:g}'}"


def _control(share: float) -> str:
    return "control" if share == 1 else f"control at {share:g}"


def _fit(target: Any, steps: int, network: Network, temperature: float, stream: str | None) -> Fit:
    phase = Phase(target, GradientDescent(steps=steps), CrossEntropy(temperature=temperature))
    return Fit(phase, model=network, stream=stream)


def _slopes(nets: Result, name: str, control: str) -> dict[str, float]:
    numbers = {}
    for on in PLACES:
        measured = confidence(nets["teacher"], nets[name], on=on, of="labels", control=nets[control])
        for field, word in FIELDS.items() if control == _control(1.0) else [("slope", "slope")]:
            numbers[f"{name}, {on}, {word}"] = float(getattr(measured, field)[0])
            numbers[f"{name}, {on}, {word}, difference"] = float(measured.difference(field)[0])
            numbers[f"{control}, {on}, {word}"] = float(getattr(measured.control, field)[0])
    return numbers


def _accuracy(nets: Result, name: str) -> float:
    return float(accuracy(nets[name], on="test")[0])
