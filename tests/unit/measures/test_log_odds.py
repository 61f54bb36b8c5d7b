import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdtheory.errors import InvalidArgument
from kdtheory.measures import log_odds

EPSILON = np.finfo(float).eps
sizes = st.sampled_from([1e-12, 1e-3, 1.0, 30.0, 800.0, 1e5, 1e12])


def by_mpmath(logits, label):
    with mpmath.workdps(60):
        others = [mpmath.mpf(z) - mpmath.mpf(logits[label]) for i, z in enumerate(logits) if i != label]
        largest = max(others)
        return -(largest + mpmath.log(mpmath.fsum(mpmath.exp(z - largest) for z in others)))


@given(
    scale=sizes,
    shift=sizes,
    unit=st.lists(st.floats(-1, 1), min_size=2, max_size=12),
    label=st.integers(0, 11),
)
def test_log_odds_agree_with_sixty_digits_at_every_size(scale, shift, unit, label):
    logits, label = shift + scale * np.array(unit), label % len(unit)
    exact = by_mpmath(logits, label)
    # One rounding of each difference, one of each exponential and logarithm.
    assert abs(log_odds([logits], [label])[0] - exact) <= 8 * EPSILON * (1 + abs(exact))


def test_log_odds_are_finite_where_probabilities_round_to_one_or_zero():
    np.testing.assert_array_equal(log_odds([[1000.0, 0.0], [1000.0, 0.0]], [0, 1]), [1000.0, -1000.0])
    with np.errstate(divide="ignore"):
        probability = 1.0 / (1.0 + np.exp(-1000.0))
        assert np.isinf(np.log(probability / (1 - probability) if probability < 1 else np.inf))


def test_small_differences_of_large_logits_are_exact():
    # z_j - logsumexp(others) loses log(2) to the rounding of 1e12.
    assert log_odds([[1e12, 1e12, 1e12]], [1])[0] == -np.log(2)


def test_a_common_shift_changes_nothing_and_two_classes_give_the_difference():
    logits = np.array([[3.0, -1.0], [0.5, 0.25]])
    np.testing.assert_array_equal(log_odds(logits, [0, 1]), [4.0, -0.25])
    np.testing.assert_array_equal(log_odds(logits + 2.0**40, [0, 1]), [4.0, -0.25])


@pytest.mark.parametrize("labels", [[1, 0], [1, -1], [True, False]])
def test_a_single_column_is_the_log_odds_already(labels):
    np.testing.assert_array_equal(log_odds([[700.0], [-3.0]], labels), [700.0, 3.0])


def test_leading_axes_stay_and_float32_is_taken_as_it_is():
    logits = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    got = log_odds(logits, [0, 4, 2, 1])
    assert got.shape == (2, 3, 4)
    assert got.dtype == np.float64
    assert got[1, 2, 1] == log_odds(logits[1, 2].astype(float), [0, 4, 2, 1])[1]


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        ([[np.nan, 0.0]], [0], r"^logits: expected finite numbers, got nan at index \[0, 0\] \(1 such value\(s\)\); remove"),
        ([[np.inf, 0.0]], [0], r"^logits: expected finite numbers, got inf at index \[0, 0\]"),
        ([[1e200, 0.0]], [0], r"^logits: expected magnitudes up to 1e\+150, got 1e\+200; rescale the outputs$"),
        ([0.0, 1.0], [0, 0], r"^logits: expected a fit, or an array of shape \(n, classes\).*got shape \(2,\); pass one row"),
        ([], [], r"^logits: expected at least one number, got an empty array of shape \(0,\)"),
        ("abc", [0], r"^logits: expected an array of real numbers, got 'abc'"),
        ([[0.0, 1.0]], [2], r"^labels: expected class labels from 0 to 1, got 2; relabel, or pass outputs for all classes$"),
        ([[0.0, 1.0]], [-1], r"^labels: expected class labels from 0 to 1, got -1;"),
        ([[0.0, 1.0]], [0.5], r"^labels: expected class labels from 0 to 1, got 0.5;"),
        ([[0.0, 1.0]], [0, 1], r"^labels: expected 1 labels, one per point, got 2; pass one label per point$"),
        ([[0.0, 1.0]], [[0]], r"^labels: expected 1 dimension\(s\), got 2"),
        ([[1.0], [2.0]], [0, 3], r"^labels: expected 0 and 1, or -1 and \+1 for a single output, got 0 at index 0; code"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(logits, labels, message):
    with pytest.raises(InvalidArgument, match=message):
        log_odds(logits, labels)


def test_a_torch_tensor_with_gradient_is_read():
    torch = pytest.importorskip("torch")
    logits = torch.tensor([[2.0, 0.0]], requires_grad=True)
    np.testing.assert_array_equal(log_odds(logits, torch.tensor([0])), [2.0])
