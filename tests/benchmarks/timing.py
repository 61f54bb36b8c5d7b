"""Interleaved timing for the benchmarks: everything is measured in one run, and compared as ratios of medians."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable


def interleaved(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each task, the tasks taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            begin = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in seconds.items()}


def arguments(description: str, **numbers: int) -> argparse.Namespace:
    """Command-line arguments: whole numbers with defaults, and ``--json``."""
    parser = argparse.ArgumentParser(description=description)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def report(facts: dict[str, object], as_json: bool) -> None:
    """Print what was measured."""
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name:>40}: {value:.4g}" if isinstance(value, float) else f"{name:>40}: {value}")
