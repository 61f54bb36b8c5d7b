"""One unit of the study of wide networks: how far they are from their closed forms, by width."""

from __future__ import annotations

from collections.abc import Sequence

from kdtheory.distillation import Fit, Phase, Recipe, labels, output_of, solve
from kdtheory.measures import deviation, power_law
from kdtheory.models import KernelModel
from kdtheory.networks import MLP, train
from kdtheory.procedures import GradientDescent
from kdtheory.tasks import Task


def kernel_regime(
    task: Task, seed: int, *, widths: Sequence[int], depth: int, steps: int, mixing: float = 0.5
) -> dict[str, float]:
    """Relative deviation from the closed form of the infinite network, for every way of distilling.

    Parameters
    ----------
    task : Task
        Squared error, full gradients; with test inputs.
    seed : int
    widths : sequence of int
        Three or more for an exponent.
    depth : int
        Hidden layers.
    steps : int
        Steps of every fit.
    mixing : float
        Weight of the teacher in the mixture.

    Returns
    -------
    dict of str to float
        ``FIT, WIDTH, deviation`` on test points and ``FIT, exponent`` of its power law in the width, for the teacher,
        student, switched (after half of the steps), mixed, the retrain control and the control stopped at a third.

    >>> import kdtheory as kd
    >>> numbers = kernel_regime(
    ...     kd.tasks.digits(train=30, test=30), 0, widths=[8, 64], depth=1, steps=5
    ... )
    >>> numbers["student, 64, deviation"] < numbers["student, 8, deviation"]
    True
    """
    recipe = _recipe(steps, mixing)
    closed = solve(recipe, KernelModel(MLP(width=1, depth=depth, parametrization="ntk").kernel()), task)
    numbers = {}
    for width in widths:
        nets = train(recipe, MLP(width=width, depth=depth, parametrization="ntk"), task, seeds=[seed])
        for name in recipe:
            numbers[f"{name}, {width}, deviation"] = float(deviation(nets[name], closed[name], on="test")[0])
    for name in recipe:
        curve = [numbers[f"{name}, {width}, deviation"] for width in widths]
        if len(widths) > 2:
            numbers[f"{name}, exponent"] = power_law(widths, curve).exponent
        numbers[f"{name}, widest deviation"] = curve[-1]
    return numbers


def _recipe(steps: int, mixing: float) -> Recipe:
    whole, taught = GradientDescent(steps=steps), output_of("teacher")
    half, rest = GradientDescent(steps=steps // 2), GradientDescent(steps=steps - steps // 2)
    return Recipe(
        teacher=Fit(Phase(labels, whole)),
        student=Fit(Phase(taught, whole)),
        switched=Fit([Phase(labels, half), Phase(taught, rest)], stream="student"),
        mixed=Fit(Phase(mixing * taught + (1 - mixing) * labels, whole), stream="student"),
        control=Fit(Phase(labels, whole), stream="student"),
        stopped=Fit(Phase(labels, GradientDescent(steps=max(1, steps // 3))), stream="student"),
    )
