"""All losses of a distillation surface, against one eigendecomposition of the same Gram matrix.

    python -m tests.benchmarks.surface --samples 2000 --times 50

The goal: a surface of 50 x 50 times x 5 mixings on 2000 samples with 10 outputs costs, with its eigendecomposition, at most
twice the eigendecomposition alone, and agrees with direct evaluation to 1e-12 of the largest loss.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg

import kdtheory as kd
from tests.benchmarks.timing import arguments, interleaved, report


def problem(samples: int, test: int) -> kd.tasks.Task:
    """Random inputs and ten outputs; only sizes matter for time."""
    generator = np.random.default_rng(0)
    sizes = ((samples, 64), (samples, 10), (test, 64), (test, 10))
    return kd.tasks.from_arrays(*(generator.normal(size=size) for size in sizes))


def surface(task: kd.tasks.Task, model: kd.KernelModel, times: int) -> kd.distillation.Result:
    """The solved surface; nothing is composed yet."""
    spectrum = model.spectrum(task)
    grid = np.geomspace(0.1 / spectrum.largest, 10.0 / spectrum.eigenvalues[-1], times)
    recipe = kd.self_distillation(
        kd.GradientFlow(kd.axis("teacher_time", grid)),
        kd.GradientFlow(kd.axis("student_time", grid)),
        mixing=kd.axis("mixing", [0.0, 0.25, 0.5, 0.75, 1.0]),
    )
    return kd.solve(recipe, model, task)


def largest_disagreement(student: kd.distillation.ExactFit, on: str, points: int = 50) -> float:
    """Largest difference from direct evaluation at random points of the surface, over the largest loss."""
    losses = student.loss(on=on)
    generator = np.random.default_rng(1)
    worst = 0.0
    for _ in range(points):
        index = tuple(int(generator.integers(size)) for size in losses.shape)
        values = {
            name: float(coordinates[i]) for i, (name, coordinates) in zip(index, student.axes.items(), strict=True)
        }
        recipe = kd.self_distillation(
            kd.GradientFlow(values["teacher_time"]), kd.GradientFlow(values["student_time"]), mixing=values["mixing"]
        )
        direct = kd.solve(recipe, student.model, student.task)["student"].loss(on=on)
        worst = max(worst, abs(float(losses[index] - direct)))
    return worst / float(losses.max())


def main() -> None:
    """Measure and print."""
    chosen = arguments(
        "Losses of a surface against one eigendecomposition", samples=2000, test=1000, times=50, rounds=3
    )
    task = problem(chosen.samples, chosen.test)
    kernel = kd.kernels.RBF(gamma=1 / 64)
    model = kd.KernelModel(gram=kernel.gram(task.inputs), cross=kernel.gram(task.test_inputs, task.inputs))
    gram = model.gram(task)
    solved = surface(task, model, chosen.times)

    def all_losses() -> None:
        student = surface(task, model, chosen.times)["student"]
        student.loss(on="train")
        student.loss(on="test")

    seconds = interleaved(
        {"eigendecomposition": lambda: scipy.linalg.eigh(gram, driver="evd"), "losses": all_losses}, chosen.rounds
    )
    facts: dict[str, object] = {
        "samples": chosen.samples,
        "points of the surface": chosen.times**2 * 5,
        "(eigh + losses) / eigh": 1 + seconds["losses"] / seconds["eigendecomposition"],
        "disagreement, train": largest_disagreement(solved["student"], "train"),
        "disagreement, test": largest_disagreement(solved["student"], "test"),
    }
    report(facts, chosen.json)


if __name__ == "__main__":
    main()
