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
    twin: Network,
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
    network, twin : Network
        With dropout or another source of noise, and the same without; they share starts and batches.
    seed : int
    epochs, batch : int
        Training time of all, and the size of minibatches.
    optimizer : Optimizer
    temperature : float
        Of the students' loss, and of the softmax that is averaged.
    draws : int
        Answers with noise over which it is averaged.

    Returns
    -------
    dict of str to float
        On train and test points (``train, ...``, ``test, ...``), slopes of log odds on those of the teacher in
        evaluation mode: ``slope`` of the student in evaluation mode, ``averaged slope`` of its mean probability over
        its noise, and their difference ``noise``; ``twin, slope`` of the twin on its own teacher, and ``averaged minus
        twin``; ``averaged slope, difference`` to the retrain control, averaged too. Of a student whose teacher's noise
        was on: ``noisy teacher, slope``, ``noisy teacher, slope on average`` on the teacher's average, and ``noisy
        teacher, averaged slope`` of both averages. Differences of test accuracy: ``gain`` and ``noisy teacher, gain``
        over the teacher, ``averaging gain`` of the student's average over the student.

    >>> import kdtheory as kd
    >>> net, twin = (kd.networks.MLP(width=8, depth=1, dropout=rate) for rate in (0.5, 0.0))
    >>> known = {
    ...     "epochs": 2,
    ...     "batch": 20,
    ...     "optimizer": kd.Adam(),
    ...     "temperature": 4.0,
    ...     "draws": 5,
    ... }
    >>> numbers = noise_average(kd.tasks.digits(train=40, test=40), net, twin, 0, **known)
    >>> numbers["test, noise"] == numbers["test, slope"] - numbers["test, averaged slope"]
    True
    """
    steps = GradientDescent(steps=epochs * (task.size // batch))

    def fit(target: Target, tau: float = temperature, stream: str | None = None) -> Fit:
        return Fit(Phase(target, steps, CrossEntropy(temperature=tau)), stream=stream)

    pair = {"teacher": fit(labels, tau=1.0), "student": fit(output_of("teacher"))}
    listener = fit(output_of("teacher", mode="training"), stream="student")
    recipe = Recipe(**pair, listener=listener, control=fit(labels, tau=1.0, stream="student"))
    known = {"seeds": [seed], "optimizer": optimizer, "batch": Minibatch(batch)}
    nets = train(recipe, network, task, **known, noisy_draws=draws)
    quiet = train(Recipe(**pair), twin, task, **known)
    averaged = {name: ensemble(nets[name].noisy, over="draw", temperature=temperature) for name in nets}
    numbers: dict[str, float] = {}
    for on in PLACES:
        own, mean = _slope(nets["teacher"], nets["student"], on), _slope(nets["teacher"], averaged["student"], on)
        without = _slope(quiet["teacher"], quiet["student"], on)
        numbers |= {f"{on}, slope": own, f"{on}, averaged slope": mean, f"{on}, noise": own - mean}
        numbers |= {f"{on}, twin, slope": without, f"{on}, averaged minus twin": mean - without}
        numbers[f"{on}, averaged slope, difference"] = mean - _slope(nets["teacher"], averaged["control"], on)
        numbers[f"{on}, noisy teacher, slope"] = _slope(nets["teacher"], nets["listener"], on)
        numbers[f"{on}, noisy teacher, slope on average"] = _slope(averaged["teacher"], nets["listener"], on)
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
