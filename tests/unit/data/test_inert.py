"""Pickles are read and not run."""

import os
import pickle
import subprocess
import sys

import pytest

from kdtheory.data import _inert
from kdtheory.data._inert import Wish, read
from kdtheory.data._unpack import Refused


class Trap:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def test_a_hostile_pickle_runs_when_unpickled_and_not_when_read(tmp_path):
    hostile = pickle.dumps({"data": Trap(f"touch {tmp_path}/sprung")}, protocol=5)
    assert read(hostile) == {"data": Wish("posix.system", (f"touch {tmp_path}/sprung",))}
    assert list(tmp_path.iterdir()) == []
    pickle.loads(hostile)
    assert [path.name for path in tmp_path.iterdir()] == ["sprung"]


@pytest.mark.parametrize(
    "value",
    [None, True, False, 3, -70000, 2.5, "text", "λ" * 300, b"bytes", [], [1, [2, "a"]], {}, {"a": {"b": (1,)}}, (), (1,),
     (1, 2), (1, 2, 3), (1, 2, 3, 4), bytearray(b"x"), [[1], [1]], ["again"] * 300],
)  # fmt: skip
def test_values_become_themselves(value):
    assert read(pickle.dumps(value, protocol=5)) == value


def test_many_values_that_are_remembered_come_back_right():
    value = [f"word {number}" for number in range(300)] * 2
    assert read(pickle.dumps(value, protocol=5)) == value


def test_nothing_is_imported():
    wish = b"\x80\x05\x8c\x04this\x94\x8c\x01s\x94\x93\x94)R\x94."  # import this; this.s()
    code = f"import sys\nfrom kdtheory.data._inert import read\nprint(read({wish!r}))\nassert 'this' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "Wish(name='this.s', arguments=(), state=None)"


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", pickle.dumps([1, 2], protocol=5)[:-1], pickle.dumps({1, 2}, protocol=5), pickle.dumps(1, protocol=0),
     b"\x80\x05.", b"\x80\x05h\x05.", b"\x80\x05t.", b"\x80\x05K\x01K\x01R.", b"\x80\x05NNb."],
)  # fmt: skip
def test_broken_pickles_and_those_of_other_things_are_refused(content):
    with pytest.raises(Refused, match="^a broken pickle, or none of a table|^a pickle that does not end$"):
        read(content)


def test_the_reader_has_no_unpickler():
    assert not {"pickle", "importlib", "eval", "exec"} & set(vars(_inert))
