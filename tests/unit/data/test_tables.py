"""Tables in pickled data frames: as pandas stores them, and as a hand that knows how it does."""

import pickle

import numpy as np
import pytest

from kdtheory.data.tables import columns
from kdtheory.errors import DataUnavailable


class Called:
    """Pickles as a call of a function with these arguments, and a state."""

    def __init__(self, function, *arguments, state=None):
        self.recipe = (function, arguments, state)

    def __reduce__(self):
        return self.recipe


def DataFrame(): ...


def BlockManager(blocks, axes): ...


def _unpickle_block(values, place, dimensions): ...


def _new_Index(kind, settings): ...


def frame(blocks, names):
    """A data frame of blocks (values, places) as a pickle."""
    index = Called(_new_Index, object, {"data": np.array(names, dtype=object), "name": None})
    made = tuple(Called(_unpickle_block, values, place, 2) for values, place in blocks)
    return pickle.dumps(Called(DataFrame, state={"_mgr": Called(BlockManager, made, [index])}), protocol=5)


def test_columns_are_found_at_their_places():
    numbers, texts = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([["u", "v"]], dtype=object)
    content = frame(
        [(numbers, slice(0, 4, 2)), (np.array([[7, 8]]), np.array([3])), (texts, slice(1, 2, 1))], list("acbd")
    )
    assert {name: values.tolist() for name, values in columns("tiny", content).items()} == {
        "a": [1.0, 2.0], "c": ["u", "v"], "b": [3.0, 4.0], "d": [7, 8],
    }  # fmt: skip


@pytest.mark.parametrize("order", ["C", "F"])
def test_texts_keep_their_order(order):
    texts = np.array([["a", "b", "c"], ["d", "e", "f"]], dtype=object, order=order)
    found = columns("tiny", frame([(texts, slice(0, 2, 1))], ["x", "y"]))
    assert (found["x"].tolist(), found["y"].tolist()) == (["a", "b", "c"], ["d", "e", "f"])


def stored(frame):
    """As pandas 2 stored tables: texts are objects."""
    texts = {name: object for name, kind in frame.dtypes.items() if kind.kind not in "fi"}
    frame.columns = frame.columns.astype(object)
    return pickle.dumps(frame.astype(texts), protocol=5)


@pytest.mark.parametrize("rows", [1, 2, 700])
def test_columns_are_those_of_pandas(rows):
    pandas = pytest.importorskip("pandas")
    generator = np.random.default_rng(0)
    frame = pandas.DataFrame({
        "x": generator.normal(size=rows), "n": generator.integers(9, size=rows), "y": generator.normal(size=rows),
        "grade": generator.choice(["Fair", "Good"], size=rows), "m": np.arange(rows), "color": ["D"] * rows,
    })  # fmt: skip
    found = columns("tiny", stored(frame))
    assert list(found) == list(frame.columns)
    for name in found:
        np.testing.assert_array_equal(found[name], frame[name].to_numpy())
    assert (found["x"].dtype, found["n"].dtype) == (np.float64, np.int64)


@pytest.mark.parametrize(
    "content, got",
    [
        (b"", "a broken pickle"),
        (pickle.dumps([1]), "no DataFrame where a table has one"),
        (frame([(np.ones((1, 1), dtype=np.float32), slice(0, 1, 1))], ["x"]), "numbers of type <f4"),
        (frame([(np.ones((1, 1)), slice(0, 1, 1))], ["x"]).replace(b"_mgr", b"_mrg"), "'_mgr'"),
        (frame([(np.ones((1, 1)), slice(0, 1, 1))], ["x", "y"]), "'y'"),
        (frame([(np.ones((2, 1)), slice(0, 1, 1))], ["x", "y"]), r"zip\(\) argument 2 is longer"),
    ],
)
def test_anything_else_is_refused_in_one_line(content, got):
    with pytest.raises(DataUnavailable, match=f"^tiny: expected a table, got {got}.*; get the data set again$"):
        columns("tiny", content)
