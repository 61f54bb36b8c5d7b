"""The linear kernel."""

import numpy as np

from kdtheory.kernels import Linear


def test_the_linear_kernel_is_the_inner_product():
    left, right = np.random.default_rng(0).standard_normal((2, 5, 3))
    np.testing.assert_allclose(Linear().gram(left, right), left @ right.T, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(Linear().gram(left), left @ left.T, rtol=1e-14, atol=1e-15)
    assert Linear()([1.0, 2.0], [3.0, -4.0]) == -5.0
    assert Linear().diagonal([[3.0, 4.0], [0.0, 0.0]]).tolist() == [25.0, 0.0]
