"""Random arrays by seed: NumPy's own, the same in a batch and alone."""

import numpy as np

from kdtheory.testing.seeded import seeded, seeded_by_name


def test_numbers_are_those_of_numpys_generator_of_the_rounded_seed():
    literal = np.random.default_rng(7)
    np.testing.assert_array_equal(seeded(6.9, 2, 3), literal.standard_normal((2, 3)))
    uniform = seeded(7, 4, draw=np.random.Generator.random)
    np.testing.assert_array_equal(uniform, np.random.default_rng(7).random(4))


def test_a_batch_stacks_its_cases():
    batch = seeded(np.array([3.0, 1.0, 3.0]), 2, 2)
    assert batch.shape == (3, 2, 2)
    np.testing.assert_array_equal(batch, [seeded(3, 2, 2), seeded(1, 2, 2), seeded(3, 2, 2)])
    assert not np.any(batch[0] == batch[1])


def test_named_arrays_share_one_stream_without_overlap():
    shapes = {"matrix": (2, 3), "vector": (4,)}
    for seed in (5.0, np.array([5.0, 8.0])):
        found = seeded_by_name(seed, shapes)
        assert {name: array.shape for name, array in found.items()} == {
            name: (*np.shape(seed), *shape) for name, shape in shapes.items()
        }
        flat = [array.reshape(*np.shape(seed), -1) for array in found.values()]
        np.testing.assert_array_equal(np.concatenate(flat, axis=-1), seeded(seed, 10))
