"""One unit of the study of noise: what a noisy student says in evaluation mode, and averaged over its own noise."""

from __future__ import annotations

from kdtheory.distillation import CrossEntropy, Fit, FitResult, Minibatch, Phase, Recipe, Target, labels, output_of
from kdtheory.measures import accuracy, confidence, ensemble
from kdtheory.networks import Network, Optimizer, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task

PLACES = ("train", "test")


def noise_average(
    task: Task,
    network: Network,
    seed: int,
    *,
    epochs: int,
    batch: int,
    optimizer: Optimizer,
    temperature: float,
    draws: int,
) -> dict[str, float]:
    """Distil a network with noise of its own into its equal, and listen to the student with its noise on.

    Parameters
    ----------
    task : Task
        With test inputs and labels.
    network : Network
        With dropout or another source of noise.
    seed : int
    epochs, batch : int
        Training time of both, and the size of minibatches.
    optimizer : Optimizer
    temperature : float
        Of the student's loss, and of the softmax that is averaged.
    draws : int
        Answers with noise over which it is averaged.

    Returns
    -------
    dict of str to float
        On train and test points, slopes of log odds on the teacher's: of the student in evaluation mode (``test,
        slope``), of its mean probability over its noise (``test, averaged slope``) and their difference (``test,
        noise``); of a student whose teacher's noise was on, in evaluation mode (``test, noisy teacher, slope``) and of
        both averages (``..., averaged slope``). Differences of test accuracy: ``gain`` and ``noisy teacher, gain`` over
        the teacher, ``averaging gain`` of the student's average over the student.

    >>> import kdtheory as kd
    >>> task, net = (
    ...     kd.tasks.digits(train=40, test=40),
    ...     kd.networks.MLP(width=8, depth=1, dropout=0.5),
    ... )
    >>> numbers = noise_average(
    ...     task, net, 0, epochs=2, batch=20, optimizer=kd.Adam(), temperature=4.0, draws=5
    ... )
    >>> numbers["test, noise"] == numbers["test, slope"] - numbers["test, averaged slope"]
    True
    """
    steps = GradientDescent(steps=epochs * (task.size // batch))

    def fit(target: Target, tau: float = temperature, stream: str | None = None) -> Fit:
        return Fit(Phase(target, steps, CrossEntropy(temperature=tau)), stream=stream)

    recipe = Recipe(
        teacher=fit(labels, tau=1.0),
        student=fit(output_of("teacher")),
        listener=fit(output_of("teacher", mode="training"), stream="student"),
    )
    nets = train(recipe, network, task, seeds=[seed], optimizer=optimizer, batch=Minibatch(batch), noisy_draws=draws)
    averaged = {name: ensemble(nets[name].noisy, over="draw", temperature=temperature) for name in nets}
    numbers = {}
    for on in PLACES:
        own, mean = _slope(nets["teacher"], nets["student"], on), _slope(nets["teacher"], averaged["student"], on)
        numbers |= {f"{on}, slope": own, f"{on}, averaged slope": mean, f"{on}, noise": own - mean}
        numbers[f"{on}, noisy teacher, slope"] = _slope(nets["teacher"], nets["listener"], on)
        numbers[f"{on}, noisy teacher, averaged slope"] = _slope(averaged["teacher"], averaged["listener"], on)
    right = {name: _accuracy(nets[name]) for name in nets}
    return numbers | {
        "gain": right["student"] - right["teacher"],
        "averaging gain": _accuracy(averaged["student"]) - right["student"],
        "noisy teacher, gain": right["listener"] - right["teacher"],
    }


def _slope(teacher: FitResult, student: FitResult, on: str) -> float:
    return float(confidence(teacher, student, on=on, of="labels").slope[0])


def _accuracy(fit: FitResult) -> float:
    return float(accuracy(fit, on="test")[0])
