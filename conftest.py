"""What needs PyTorch is left out where it is not installed, and said to be; where ``CI=true`` that is an error."""

import doctest
import os
import re
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kdtheory.errors import MissingPackage

WITHOUT_TORCH = find_spec("torch") is None
NEEDS_TORCH = re.compile(r"^(import|from) torch\b", re.MULTILINE)


def pytest_configure() -> None:
    """Continuous integration runs everything."""
    if WITHOUT_TORCH and os.environ.get("CI") == "true":
        raise pytest.UsageError("torch: expected PyTorch to be installed where CI=true; make environment installs it")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Modules that import it."""
    if WITHOUT_TORCH and collection_path.suffix == ".py" and NEEDS_TORCH.search(collection_path.read_text("utf-8")):
        return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    """Fixtures that train a network."""
    return (yield from _skipped_without_torch())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """Tests and examples that train one."""
    return (yield from _skipped_without_torch())


def _skipped_without_torch() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except (MissingPackage, ModuleNotFoundError, doctest.UnexpectedException) as error:
        cause = error.exc_info[1] if isinstance(error, doctest.UnexpectedException) else error
        missing = isinstance(cause, MissingPackage | ModuleNotFoundError) and re.search(r"\btorch\b", str(cause))
        if not (WITHOUT_TORCH and missing):
            raise
        pytest.skip(str(cause))
