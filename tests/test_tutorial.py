"""The tutorial runs as it stands, in order, in an empty folder, and prints what it says."""

import contextlib
import doctest
import io
import re
import shlex
from pathlib import Path

import pytest

from kdtheory.claims import _registry
from kdtheory.cli import main

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "TUTORIAL.md").read_text(), flags=re.DOTALL)
FILE = "# my_claims.py\n"
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def command(line: str) -> int:
    program, *arguments = shlex.split(line)
    assert program == "kdtheory"
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """What every block prints, with the text that is to follow it and the exit code of commands."""
    for name in _registry._built_in():
        _registry.get(name)  # what is imported meanwhile is not to be forgotten with the tutorial's claims
    before, folder = dict(_registry._claims), tmp_path_factory.mktemp("tutorial")
    names, found = {}, []
    with contextlib.chdir(folder):
        for position, (kind, block) in enumerate(BLOCKS):
            code = None
            with contextlib.redirect_stdout(io.StringIO()) as out:
                if kind == "python" and block.startswith(FILE):
                    with Path("my_claims.py").open("a") as file:
                        file.write(f"\n\n{block}")
                elif kind == "python":
                    exec(compile(block, f"TUTORIAL.md, block {position}", "exec"), names)
                elif kind == "bash":
                    code = max(command(line) for line in block.splitlines())
            following = BLOCKS[position + 1] if position + 1 < len(BLOCKS) else ("", "")
            if kind != "text":
                found.append((block, code, out.getvalue(), following[1] if following[0] == "text" else None))
    _registry._claims.clear()
    _registry._claims.update(before)
    return folder, found


def test_what_is_printed_is_what_the_tutorial_says(walked):
    compared = 0
    for block, _, printed, said in walked[1]:
        if said is not None:
            assert said.strip()
            assert doctest.OutputChecker().check_output(said, printed, LOOSELY), (
                f"{block}\nsays\n{said}\nprints\n{printed}"
            )
            compared += 1
    assert compared == 6


def test_commands_succeed_and_fail_where_claims_hold_and_break(walked):
    assert [code for _, code, _, _ in walked[1] if code is not None] == [0, 1, 1, 0]


def test_the_picture_is_there(walked):
    assert (walked[0] / "momentum.png").read_bytes().startswith(b"\x89PNG")


def test_the_claims_of_the_tutorial_are_forgotten(walked):
    assert "flow-lags" not in _registry._claims


def test_the_readme_leads_here():
    assert "(TUTORIAL.md)" in (ROOT / "README.md").read_text()
