"""One unit of the studies of loss switching: students that change their target on the way, in both directions."""

from __future__ import annotations

from collections.abc import Sequence

from kdtheory.distillation import CrossEntropy, Fit, Minibatch, Phase, Recipe, Target, labels, output_of
from kdtheory.measures import accuracy
from kdtheory.networks import Network, Optimizer, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task


def switching(
    task: Task,
    network: Network,
    seed: int,
    *,
    teacher_epochs: int,
    epochs: int,
    batch: int,
    optimizer: Optimizer,
    temperature: float,
    places: Sequence[float] = (0.25, 0.5, 0.75),
    shares: Sequence[float] = (0.1, 0.3, 0.6),
) -> dict[str, float]:
    """Test accuracies of a student, of one-hot training, and of both with the other's end.

    Parameters
    ----------
    task : Task
        With test inputs and labels.
    network : Network
        Of all fits.
    seed : int
    teacher_epochs, epochs : int
        Training time of the teacher, and of everything else.
    batch : int
    optimizer : Optimizer
    temperature : float
        Of what the teacher says.
    places : sequence of float
        Shares of the time after which targets are switched.
    shares : sequence of float
        When one-hot nets are stopped early.

    Returns
    -------
    dict of str to float
        ``distillation, gain``: over the one-hot net of equal start, batches and time. ``to distillation at 0.5, gain``
        and ``to labels at 0.5, gain`` likewise; ``..., beyond half`` less half of the full gain, so that it is above
        zero where more than half is recovered. ``stop at 0.3, gain`` and ``oracle stop, gain`` of early-stopped one-hot
        nets; ``distillation over oracle stop``, over the one that tests best. ``teacher, accuracy``, ``control,
        accuracy``, and ``teacher, train accuracy`` on the labels it was given.

    >>> import kdtheory as kd
    >>> task, net = kd.tasks.digits(train=40, test=40), kd.networks.MLP(width=8, depth=1)
    >>> known = {"teacher_epochs": 1, "epochs": 4, "batch": 20, "optimizer": kd.Adam()}
    >>> numbers = switching(task, net, 0, **known, temperature=1.0)
    >>> "to distillation at 0.25, gain" in numbers
    True
    """
    each, soft = task.size // batch, CrossEntropy(temperature=temperature)
    steps, taught = epochs * each, output_of("teacher")
    parts = {"distillation": [(taught, steps)], "control": [(labels, steps)]}
    parts |= {f"stop at {share:g}": [(labels, round(share * steps))] for share in shares}
    for place in places:
        first = round(place * steps)
        parts[f"to distillation at {place:g}"] = [(labels, first), (taught, steps - first)]
        parts[f"to labels at {place:g}"] = [(taught, first), (labels, steps - first)]
    fits = {"teacher": _fit([(labels, teacher_epochs * each)], soft, None)}
    fits |= {name: _fit(phases, soft, "student") for name, phases in parts.items()}
    nets = train(Recipe(**fits), network, task, seeds=[seed], optimizer=optimizer, batch=Minibatch(batch))
    tested = {name: float(accuracy(nets[name], on="test")[0]) for name in nets}
    numbers = {f"{name}, accuracy": tested[name] for name in ("teacher", "control")}
    numbers["teacher, train accuracy"] = float(accuracy(nets["teacher"], on="train")[0])
    gains = {name: tested[name] - tested["control"] for name in parts if name != "control"}
    gains["oracle stop"] = max(0.0, *(gains[f"stop at {share:g}"] for share in shares))
    numbers |= {f"{name}, gain": gain for name, gain in gains.items()}
    numbers["distillation over oracle stop"] = gains["distillation"] - gains["oracle stop"]
    for name, gain in gains.items():
        if name.startswith("to "):
            numbers[f"{name}, beyond half"] = gain - gains["distillation"] / 2
    return numbers


def _fit(parts: Sequence[tuple[Target, int]], loss: CrossEntropy, stream: str | None) -> Fit:
    return Fit([Phase(target, GradientDescent(steps=steps), loss) for target, steps in parts], stream=stream)
