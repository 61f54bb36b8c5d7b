"""What starting costs: ``import kdtheory`` and ``kdtheory --help`` beside a bare interpreter and the packages they avoid.

    python -m tests.benchmarks.start

The budgets are 0.3 s each on the kind of machine the project is tested on; read the ratios elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.benchmarks.timing import arguments, interleaved, report

PROGRAMS = {
    "bare interpreter": ["-c", "pass"],
    "import kdtheory": ["-c", "import kdtheory"],
    "kdtheory --help": ["-m", "kdtheory", "--help"],
    "import jax": ["-c", "import jax"],
    "import seaborn": ["-c", "import seaborn"],
}


def program(options: list[str]) -> Callable[[], object]:
    """A run of the interpreter with these options."""
    return lambda: subprocess.run([sys.executable, *options], check=True, capture_output=True)


def main() -> None:
    """Measure and print."""
    chosen = arguments("What starting costs", rounds=7)
    seconds = interleaved({name: program(options) for name, options in PROGRAMS.items()}, chosen.rounds)
    facts: dict[str, object] = {f"{name} [s]": value for name, value in seconds.items()}
    facts |= {f"{name} / bare interpreter": value / seconds["bare interpreter"] for name, value in seconds.items()}
    report(facts, chosen.json)


if __name__ == "__main__":
    main()
