"""The locator finds the same modules under the same names in a checkout and in an installed wheel.

Each layout is built in a temporary folder around the real ``_located.py`` and ``errors.py`` and read by a fresh
interpreter, because what is tested is the state of the import system.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import kdtheory.errors
from kdtheory import _located

MODULES = {
    "__init__.py": "LOADED = True",
    "_house.py": "COLOUR = 'blue'",
    "exaggerated_bias.py": "from ._house import COLOUR\nclass Dataset: pass",
    "three_worlds.py": "import nothing_of_this_name",
    "notes.txt": "not a module",
}


def write_folder(path: Path) -> None:
    path.mkdir()
    for name, text in MODULES.items():
        (path / name).write_text(text)


def write_package(root: Path) -> Path:
    package = root / "kdtheory"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for module in (_located, kdtheory.errors):
        shutil.copy(str(module.__file__), package)
    return package


def checkout(root: Path) -> Path:
    write_package(root)
    (root / "pyproject.toml").touch()
    (root / "references.bib").touch()
    write_folder(root / "figures")
    write_folder(root / "derivations")
    write_folder(root / "studies")
    return root


def wheel(root: Path) -> Path:
    package = write_package(root)
    (package / "references.bib").touch()
    write_folder(package / "_figures")
    write_folder(package / "_derivations")
    write_folder(package / "_studies")
    return root


def run(root: Path, program: str) -> str:
    """Standard output of a program that imports kdtheory from ``root`` and prints each error it meets on one line."""
    preamble = "import sys\nfrom kdtheory import _located\nfrom kdtheory.errors import KdtheoryError\n"
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", preamble + program],
        capture_output=True,
        text=True,
        env=environment,
        cwd=root,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def error_of(root: Path, call: str) -> str:
    program = f"try:\n    {call}\nexcept KdtheoryError as error:\n    print(type(error).__name__, error, sep=': ')"
    return run(root, program)


both_layouts = pytest.mark.parametrize("layout", [checkout, wheel])


@both_layouts
def test_ids_have_hyphens_and_leave_private_modules_and_other_files_out(tmp_path: Path, layout: Callable[[Path], Path]):
    root = layout(tmp_path / "root")
    for kind in _located.KINDS:
        assert run(root, f"print(_located.available({kind!r}))") == "('exaggerated-bias', 'three-worlds')"


@both_layouts
@pytest.mark.parametrize("name", ["exaggerated-bias", "exaggerated_bias"])
def test_a_module_has_the_same_identity_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, layout: Callable[[Path], Path], name: str
):
    program = f"""
figure = _located.load("figures", {name!r})
print(figure.__name__, figure.Dataset.__module__, figure.COLOUR)
print(figure is _located.load("figures", {name!r}), figure is sys.modules["kdtheory._figures.exaggerated_bias"])
import kdtheory
print(kdtheory._figures.LOADED, kdtheory._figures.exaggerated_bias is figure)
print(_located.load("derivations", {name!r}).__name__)
"""
    lines = run(layout(tmp_path / "root"), program).splitlines()
    assert lines == [
        "kdtheory._figures.exaggerated_bias kdtheory._figures.exaggerated_bias blue",
        "True True",
        "True True",
        "kdtheory._derivations.exaggerated_bias",
    ]


def test_a_checkout_does_not_import_the_folder_under_its_top_level_name(tmp_path: Path):
    program = "_located.load('figures', 'exaggerated-bias'); print('figures' in sys.modules)"
    assert run(checkout(tmp_path / "root"), program) == "False"


def test_a_checkout_reads_from_beside_the_package_and_a_wheel_from_inside_it(tmp_path: Path):
    program = "print(_located.folder('figures'), _located.references(), sep='\\n')"
    beside = checkout(tmp_path / "checkout").resolve()
    assert run(beside, program).splitlines() == [str(beside / "figures"), str(beside / "references.bib")]
    inside = wheel(tmp_path / "wheel").resolve() / "kdtheory"
    assert run(inside.parent, program).splitlines() == [str(inside / "_figures"), str(inside / "references.bib")]


def test_folders_beside_an_installed_package_are_somebody_elses(tmp_path: Path):
    root = checkout(tmp_path / "root")
    (root / "pyproject.toml").unlink()
    package = root.resolve() / "kdtheory"
    where = "expected it inside the installed package or beside it in a checkout"
    rest = f"{where}, got neither at {package}; reinstall kdtheory"
    assert error_of(root, "_located.folder('figures')") == f"DataUnavailable: figures/__init__.py: {rest}"
    assert error_of(root, "_located.references()") == f"DataUnavailable: references.bib: {rest}"


@both_layouts
@pytest.mark.parametrize("name", ["exagerated-bias", "_house", "notes", "../kdtheory/errors", "__init__", ""])
def test_an_unknown_name_is_one_line_with_the_names_there_are(
    tmp_path: Path, layout: Callable[[Path], Path], name: str
):
    root = layout(tmp_path / "root")
    fix = f"see what {'_figures' if layout is wheel else 'figures'}/ holds"
    assert error_of(root, f"_located.load('figures', {name!r})") == (
        f"UnknownName: figure: expected one of 'exaggerated-bias', 'three-worlds', got {name!r}; {fix}"
    )


def test_an_unknown_kind_is_one_line(tmp_path: Path):
    assert error_of(wheel(tmp_path / "root"), "_located.available('tests')") == (
        "InvalidArgument: kind: expected one of 'figures', 'derivations', 'studies', got 'tests'; choose one of these"
    )


@both_layouts
def test_a_missing_import_inside_a_module_is_not_taken_for_a_missing_module(
    tmp_path: Path, layout: Callable[[Path], Path]
):
    program = """
try:
    _located.load("figures", "three-worlds")
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert run(layout(tmp_path / "root"), program) == "nothing_of_this_name"


def test_a_package_that_fails_to_load_is_not_left_half_registered(tmp_path: Path):
    root = checkout(tmp_path / "root")
    (root / "figures" / "__init__.py").write_text("1 / 0")
    program = """
try:
    _located.load("figures", "exaggerated-bias")
except ZeroDivisionError:
    print("kdtheory._figures" in sys.modules)
"""
    assert run(root, program) == "False"


def test_this_installation_has_its_folders_and_references():
    for kind in _located.KINDS:
        assert (_located.folder(kind) / "__init__.py").is_file()
    assert "@inproceedings{nagarajan2023," in _located.references().read_text(encoding="utf-8")
