"""Wrong labels, on purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.tasks.base import Task, one_hot
from kdtheory.validation import count, describe, number


def with_label_noise(task: Task, fraction: float, seed: int = 0) -> Task:
    """The task with a fraction of its training labels changed to another class, each other class being as likely.

    Parameters
    ----------
    task : Task
        A classification task, not centred.
    fraction : float
        Between 0 and 1; ``round(fraction * n)`` training labels are changed, drawn without replacement. Changed means
        wrong: under the other convention (a label drawn from all classes) a fraction ``1 / classes`` of them stays
        right.
    seed : int
        Seed of the draw.

    Returns
    -------
    Task
        ``targets`` and ``labels`` are noisy. ``clean_targets`` holds the truth: what it held before, else the one-hot
        targets before the noise. Test labels and inputs are those of ``task``; models share its spectrum.

    >>> import kdtheory as kd
    >>> noisy = kd.tasks.with_label_noise(kd.tasks.digits(train=100), fraction=0.2)
    >>> int((noisy.labels != noisy.clean_targets.argmax(axis=1)).sum())
    20
    """
    if not isinstance(task, Task):
        raise InvalidArgument("task", expected="a Task", got=describe(task), fix="use kd.tasks.digits(...)")
    if task.labels is None or task.targets is None:
        fix = "pass a vector of integers as y to kd.tasks.from_arrays"
        raise InvalidArgument("task", expected="a task with class labels", got=repr(task), fix=fix)
    if task.target_shift is not None:
        got = "a centred task"
        raise InvalidArgument("task", expected="a task that is not centred", got=got, fix="add noise, then center")
    classes = task.targets.shape[1]
    if classes < 2:
        raise InvalidArgument("task", expected="at least two classes", got=f"{classes}", fix="pass classes=")
    fraction = number("fraction", fraction, at_least=0.0, at_most=1.0)
    generator = np.random.default_rng(count("seed", seed))
    changed = generator.choice(task.size, size=round(fraction * task.size), replace=False)
    labels = task.labels.copy()
    labels[changed] = (labels[changed] + generator.integers(1, classes, size=len(changed))) % classes
    noise = {"fraction": fraction, "changed": len(changed), "seed": seed}
    return replace(
        task,
        targets=one_hot(labels, classes),
        labels=labels,
        clean_targets=task.targets if task.clean_targets is None else task.clean_targets,
        name=f"{task.name} with {100 * fraction:g} % label noise",
        provenance={**task.provenance, "label_noise": [*task.provenance.get("label_noise", []), noise]},
    )
