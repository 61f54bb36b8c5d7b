"""A new procedure and a new kernel are one new file each, as CONTRIBUTING.md shows them."""

import re
from pathlib import Path

import numpy as np
import pytest

import kdtheory as kd

BLOCKS = re.findall(
    r"```python\n(.*?)```", (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(), flags=re.DOTALL
)


@pytest.fixture
def with_files(tmp_path, monkeypatch):
    """The examples of CONTRIBUTING.md as files of the two rooms."""
    for room, block in zip((kd.procedures, kd.kernels), BLOCKS, strict=True):
        folder = tmp_path / room.__name__.rpartition(".")[2]
        folder.mkdir()
        (folder / f"example_{folder.name}.py").write_text(block)
        monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder)])


@pytest.mark.usefixtures("with_files")
def test_a_new_procedure_runs_in_recipes():
    halving = kd.procedures.Halving()
    assert type(kd.Halving()) is type(halving)
    task = kd.tasks.from_spectrum([2.0, 1.0, 0.0], coefficients=[4.0, 8.0, 1.0])
    solved = kd.solve(kd.self_distillation(halving, halving), kd.LinearModel(), task)
    assert solved["student"].gains.tolist() == [0.25, 0.25, 0.0]
    np.testing.assert_allclose(solved["student"].train.ravel(), [1.0, 2.0, 0.0])


@pytest.mark.usefixtures("with_files")
def test_a_new_kernel_makes_gram_matrices():
    inputs = np.array([[1.0, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(kd.kernels.Cosine().gram(inputs), [[1.0, np.sqrt(0.5)], [np.sqrt(0.5), 1.0]])


def test_names_that_no_file_defines_are_still_errors():
    with pytest.raises(AttributeError, match="module 'kdtheory.procedures' has no attribute 'Halving'"):
        _ = kd.procedures.Halving
    with pytest.raises(AttributeError, match="module 'kdtheory' has no attribute 'Halving'"):
        _ = kd.Halving
