"""Tasks, networks and optimizers from the words of a registration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kdtheory import networks, tasks
from kdtheory.errors import InvalidArgument
from kdtheory.networks import Network, Optimizer, Schedule
from kdtheory.tasks import Task
from kdtheory.validation import describe, lookup

KINDS = ("MLP", "ResidualMLP", "CNN", "EmbeddingBag", "TextCNN", "Augmented")
NETWORKS = {name: getattr(networks, name) for name in KINDS}
OPTIMIZERS = {name: getattr(networks, name) for name in ("SGD", "Adam")}


def task(declared: Mapping[str, Any], seed: int) -> Task:
    """A task as declared: ``data`` is its function in `kdtheory.tasks`, ``label_noise`` a fraction; the rest arguments.

    The seed draws rows and noise, so that seeds differ in their data as in their networks.

    >>> task({"data": "digits", "train": 50, "test": 20, "label_noise": 0.2}, seed=3)
    Task('digits with 20 % label noise', train=50, test=20, features=64, 10 output(s))
    """
    return _task(json.dumps(dict(declared), sort_keys=True), seed)


@lru_cache(maxsize=2)
def _task(declared: str, seed: int) -> Task:
    given = json.loads(declared)
    name, noise = given.pop("data", None), given.pop("label_noise", 0.0)
    if not isinstance(name, str) or name not in tasks.__all__:
        fix = "name a function of kdtheory.tasks"
        raise InvalidArgument("data", expected="a task", got=describe(name), fix=fix)
    made = getattr(tasks, name)(seed=seed, **given)
    return tasks.with_label_noise(made, noise, seed=seed) if noise else made


def network(declared: Mapping[str, Any], on: Task) -> Network:
    """A network as declared: ``kind`` is its class, the rest its arguments; vocabulary and image are the task's.

    >>> network({"kind": "MLP", "width": 8, "depth": 1}, task({"data": "digits"}, seed=0))
    MLP(width=8, depth=1, parametrization='standard')
    """
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declared.items()}
    kind = str(given.pop("kind", None))
    made = lookup(NETWORKS, kind, "network")
    if kind in ("EmbeddingBag", "TextCNN"):
        given.setdefault("vocabulary", on.provenance.get("vocabulary"))
    if kind in ("CNN", "Augmented") and "shape" in on.provenance:
        given.setdefault("image", tuple(on.provenance["shape"]))
    if kind == "Augmented":
        given["network"] = network(given["network"], on)
    return made(**given)


def optimizer(declared: Mapping[str, Any]) -> Optimizer:
    """An optimizer as declared: ``kind``, arguments, and ``schedule`` as an object of its own.

    >>> optimizer({"kind": "Adam", "rate": 0.002, "schedule": {"decay": "cosine"}})
    Adam(rate=0.002, memory=0.9, squared_memory=0.999, epsilon=1e-08, schedule=Schedule(warmup=0.0, decay='cosine'))
    """
    given = dict(declared)
    made = lookup(OPTIMIZERS, str(given.pop("kind", None)), "optimizer")
    if "schedule" in given:
        given["schedule"] = Schedule(**given["schedule"])
    return made(**given)
