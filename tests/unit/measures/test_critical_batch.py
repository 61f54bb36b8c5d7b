import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdtheory.errors import InvalidArgument
from kdtheory.measures import critical_batch

whole = st.integers(0, 12)


@given(one_hot=whole, own=whole, squared=whole, batch=st.integers(1, 40))
def test_the_teacher_is_better_exactly_below_it(one_hot, own, squared, batch):
    # In whole numbers: |b|^2 + V_q / B < V_OH / B.
    better = squared * batch + own < one_hot
    limit = critical_batch(one_hot, own, squared)
    assert (batch < limit) == better or limit == pytest.approx(batch, rel=1e-15)


def test_never_and_always():
    assert critical_batch(1.0, 1.0, 0.0) == 0.0  # a tie is not better
    assert critical_batch(1.0, 2.0, 0.0) == 0.0
    assert critical_batch(1.0, 1.0, 1.0) == 0.0
    assert critical_batch(0.0, 0.0, 0.0) == 0.0
    assert critical_batch(2.0, 1.0, 0.0) == np.inf
    assert critical_batch(1e300, 0.0, 1e-300) == np.inf


def test_arrays_broadcast():
    np.testing.assert_array_equal(
        critical_batch([[4.0], [2.0]], 1.0, [1.0, 0.5, 0.0]), [[3, 6, np.inf], [1, 2, np.inf]]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1.0, 0.0, 0.0), r"^one_hot_variance: expected numbers of at least 0, got -1; pass variances, and the square"),
        ((1.0, [0.0, -0.5], 0.0), r"^variance: expected numbers of at least 0, got -0.5;"),
        ((1.0, 0.0, np.nan), r"^squared_bias: expected finite numbers, got nan"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(arguments, message):
    with pytest.raises(InvalidArgument, match=message):
        critical_batch(*arguments)
