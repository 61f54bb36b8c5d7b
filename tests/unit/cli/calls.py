"""What the tests of the command line share."""

import os
import subprocess
import sys
from pathlib import Path

import kdtheory


def fault(outcome) -> str:
    """The one line of a refused call."""
    code, out, err = outcome
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    return err.strip()


def python(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings, "PYTHONPATH": str(Path(kdtheory.__file__).parent.parent)}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False)
