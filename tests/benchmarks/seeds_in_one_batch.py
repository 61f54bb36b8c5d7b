"""What it saves to train seeds in one batch of networks: seconds one by one over seconds at once, through `kd.train`.

    python -m tests.benchmarks.seeds_in_one_batch --seeds 8 --steps 100

Above 1 the batch is faster. It spares what a step costs whatever the size of the network; products of large matrices take as
long in a batch as one after the other, and the last network is so large that it is trained one by one in any case.
"""

from __future__ import annotations

from functools import partial

import numpy as np

import kdtheory as kd
from kdtheory.networks import CNN, MLP, Network
from tests.benchmarks.timing import arguments, interleaved, report

PLAIN, ADAM = {"step_size": 1e-5}, {"optimizer": kd.Adam(1e-3)}
SMALL, LARGE = (100, 64), (1000, 196)
SETTINGS: dict[str, tuple[Network, tuple[int, int], int | None, dict]] = {
    "MLP 32x1, n=100 of 64, batch 20, Adam": (MLP(32, 1), SMALL, 20, ADAM),
    "MLP 64x1, n=100 of 64, full gradient": (MLP(64, 1), SMALL, None, PLAIN),
    "NTK 64x1, n=100 of 64, full gradient": (MLP(64, 1, "ntk"), SMALL, None, PLAIN),
    "MLP 64x1, n=1000 of 196, batch 64, Adam": (MLP(64, 1), LARGE, 64, ADAM),
    "MLP 128x1, n=1000 of 196, batch 64, Adam": (MLP(128, 1), LARGE, 64, ADAM),
    "MLP 256x1, n=1000 of 196, batch 64, Adam": (MLP(256, 1), LARGE, 64, ADAM),
    "MLP 256x1, n=1000 of 196, batch 64, SGD": (MLP(256, 1), LARGE, 64, PLAIN),
    "MLP 256x1, n=1000 of 256, batch 64, Adam": (MLP(256, 1), (1000, 256), 64, ADAM),
    "CNN 8, 16, n=1000 of 14x14, batch 64, Adam": (CNN((8, 16)), LARGE, 64, ADAM),
    "MLP 512x3, n=1000 of 196, batch 64, Adam": (MLP(512, 3), LARGE, 64, ADAM),
}


def problem(samples: int, features: int) -> kd.tasks.Task:
    """Random inputs in ten classes; only sizes matter for time."""
    generator = np.random.default_rng(0)
    return kd.tasks.from_arrays(
        0.3 * generator.normal(size=(samples, features)), np.eye(10)[generator.integers(10, size=samples)]
    )


def main() -> None:
    """Measure and print."""
    chosen = arguments("Seeds in one batch of networks against seeds one by one", seeds=8, steps=100, rounds=3)
    facts: dict[str, object] = {"seeds": chosen.seeds, "steps": chosen.steps}
    steps = kd.GradientDescent(steps=chosen.steps)
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, steps, kd.CrossEntropy())))
    for name, (network, size, batch, options) in SETTINGS.items():
        visits = None if batch is None else kd.Minibatch(batch)
        run = partial(kd.train, recipe, network, problem(*size), seeds=range(chosen.seeds), batch=visits, **options)
        ways = {"one by one": run, "at once": partial(run, seeds_at_once=chosen.seeds)}
        seconds = interleaved(ways, chosen.rounds)
        facts[name] = seconds["one by one"] / seconds["at once"]
    report(facts, chosen.json)


if __name__ == "__main__":
    main()
