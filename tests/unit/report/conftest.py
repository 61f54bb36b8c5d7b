"""A figure small enough to be built many times."""

from dataclasses import replace

import pytest

from kdtheory.report import Figure, figure


@pytest.fixture(scope="session")
def small() -> Figure:
    whole = figure("exaggerated-bias")
    return replace(whole, quick=replace(whole.quick, train=40, points=11))
