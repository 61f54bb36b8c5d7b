"""Importing kdtheory costs next to nothing and shows everything that is public."""

import subprocess
import sys

import pytest

import kdtheory as kd

HEAVY = ("jax", "torch", "matplotlib", "seaborn", "sympy", "hypothesis", "scipy", "sklearn")


def loaded_after(code):
    """Which heavy packages a fresh interpreter has loaded after running ``code``."""
    report = f"import sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True)
    return run.stdout.strip().splitlines()[-1]


def test_importing_kdtheory_loads_nothing_heavy():
    assert loaded_after("import kdtheory") == "[]"


def test_the_check_above_can_fail():
    assert loaded_after("import scipy") == "['scipy']"


def test_closed_forms_need_no_jax_torch_or_plots():
    code = (
        "import kdtheory as kd; task = kd.tasks.from_spectrum([2.0, 1.0], coefficients=[1.0, 1.0]);"
        "print(kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.LinearModel(), task)['student'].gains)"
    )
    assert loaded_after(code) == "['scipy']"


def test_the_rooms_of_networks_claims_and_plotting_wait_with_what_is_heavy():
    assert loaded_after("import kdtheory as kd; kd.claims.names()").count("jax") == 0
    assert loaded_after("import kdtheory as kd; kd.networks.MLP(width=4)").count("torch") == 0


@pytest.mark.parametrize("name", dir(kd))
def test_every_public_name_is_there(name):
    assert getattr(kd, name) is not None


def test_the_typed_names_are_the_public_names():
    import ast
    from pathlib import Path

    tree = ast.parse(Path(kd.__file__).read_text())
    typed = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        for item in node.body
        if isinstance(item, ast.ImportFrom)
        for alias in item.names
    }
    assert typed == set(dir(kd)) - {"__version__"}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'kdtheory' has no attribute 'slove'"):
        _ = kd.slove
