"""The README's examples run as they stand, in order, and print what a reader would expect."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.special

import kdtheory as kd

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)


@pytest.fixture(scope="module")
def run():
    """Everything the README's Python defines, and what it prints, block by block."""
    names, printed = {}, []
    for number, block in enumerate(BLOCKS):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(block, f"README.md, block {number}", "exec"), names)
        printed.append(out.getvalue())
    return names, printed


def test_all_blocks_run(run):
    assert len(run[1]) == len(BLOCKS) == 7


def test_the_three_worlds_agree_as_the_text_says(run):
    table = run[1][0]
    assert "teacher" in table
    assert "student" in table


def test_the_surface_has_the_shape_that_the_comment_states(run):
    assert run[0]["surface"]["student"].loss(run[0]["task"]).shape == (30, 30, 5)


def test_the_student_lags_on_slow_modes(run):
    names = run[0]
    exact = names["exact"]
    gains = exact["student"].gains / exact["teacher"].gains
    assert np.all(np.diff(gains) <= 1e-12)


def test_a_linearized_network_is_its_own_closed_form(run):
    names = run[0]
    own, net = names["own"], names["net"]
    same = kd.train(own.recipe, kd.networks.Linearized(net), own.task)
    assert kd.measures.deviation(same["student"], own["student"], on="test")[0] < 1e-5
    assert 1e-3 < kd.measures.deviation(names["nets"]["student"], own["student"], on="test")[0] < 0.2


def test_a_mean_over_noise_is_less_sure_than_what_it_is_the_mean_of(run):
    said, averaged = run[0]["noisy"]["student"].noisy, run[0]["averaged"]
    sure = [scipy.special.softmax(fit.test / 4.0, axis=-1).max(axis=-1) for fit in (said, averaged)]
    assert sure[0].shape == (20, *sure[1].shape)
    # Where all draws agree on the class, both are the same.
    less = sure[0].mean(axis=0) - sure[1]
    assert np.all(less > -1e-12)
    assert np.mean(less > 1e-6) > 0.1


def test_the_claim_is_printed_with_its_evidence(run):
    assert "exaggerated-bias" in run[1][6]


def test_commands_of_the_readme_exist():
    from typer.testing import CliRunner

    from kdtheory.cli import app

    text = (ROOT / "README.md").read_text()
    commands = set(re.findall(r"^kdtheory (\w+(?: (?:list|show|build|get))?)", text, flags=re.MULTILINE))
    studies = {"experiments list", "experiments show"}
    assert (
        commands == {"claims list", "claims show", "figures build", "data get", "diagnose", "doctor", "lab"} | studies
    )
    for command in commands:
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0


def test_make_targets_of_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE):
        assert f"\n{target}: " in makefile
