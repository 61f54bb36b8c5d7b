"""Random features: unbiased, with an error that falls as m^{-1/2}, and a model like any other."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.kernels import NNGP, NTK, RBF, ArcCosine, Laplace
from kdtheory.models import RandomFeatures

KERNELS = [RBF(gamma=0.4), Laplace(gamma=0.7), ArcCosine(0), ArcCosine(1), ArcCosine(2), NNGP(depth=1)]


@pytest.fixture
def task():
    generator = np.random.default_rng(0)
    return kd.tasks.from_arrays(*(generator.normal(size=s) for s in ((8, 3), (8, 2), (4, 3), (4, 2))))


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_the_expected_gram_matrix_is_the_kernel(kernel, task):
    """Every entry within five standard errors of a mean over 200 000 features."""
    features = RandomFeatures(kernel, count=200_000, seed=1).features(task.inputs) * np.sqrt(200_000)
    exact = kernel.gram(task.inputs)
    for i in range(task.size):
        products = features[i] * features
        error = products.std(axis=1) / np.sqrt(200_000)
        assert np.all(np.abs(products.mean(axis=1) - exact[i]) < 5 * error)


@pytest.mark.parametrize("kernel", [RBF(gamma=0.4), NNGP(depth=1)], ids=str)
def test_the_error_falls_as_the_root_of_the_number_of_features(kernel, task):
    """Root mean square over 400 seeds, 16 times the features: a factor 4 within 10 % (two standard errors are 7 %)."""
    exact = kernel.gram(task.inputs)

    def error(count):
        deviations = [RandomFeatures(kernel, count, seed).gram(task) - exact for seed in range(400)]
        return np.sqrt(np.mean(np.square(deviations)))

    assert error(20) / error(320) == pytest.approx(4.0, rel=0.1)


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_more_features_begin_with_the_fewer_ones(kernel, task):
    few, more = (RandomFeatures(kernel, m, seed=3).features(task.inputs) * np.sqrt(m) for m in (5, 12))
    np.testing.assert_allclose(more[:, :5], few, rtol=1e-12)


def test_the_seed_decides_the_draw_and_the_model_is_compared_by_value(task):
    first, again, other = (RandomFeatures(RBF(gamma=1.0), 10, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.features(task.inputs), again.features(task.inputs))
    assert np.abs(first.features(task.inputs) - other.features(task.inputs)).max() > 0.1
    assert first == again
    assert first != other
    assert first.spectrum(task) is again.spectrum(task)
    assert first.spectrum(task) is not other.spectrum(task)


@pytest.mark.parametrize("count", [3, 8, 50])
def test_the_spectrum_is_that_of_the_gram_matrix(count, task):
    model = RandomFeatures(RBF(gamma=0.4), count)
    spectrum = model.spectrum(task)
    rebuilt = spectrum.basis * spectrum.eigenvalues @ spectrum.basis.T
    np.testing.assert_allclose(rebuilt, model.gram(task), atol=1e-13)
    assert spectrum.rank == min(count, 8)


def test_small_eigenvalues_keep_their_digits(task):
    """The smallest of 8 eigenvalues of nearly coincident inputs, from singular values in 40 digits."""
    import mpmath

    close = kd.tasks.from_arrays(task.inputs * 1e-3, task.targets)
    model = RandomFeatures(RBF(gamma=1.0), 30)
    with mpmath.workdps(40):
        features = mpmath.matrix(model.features(close.inputs).tolist())
        exact = sorted(mpmath.eigsy(features * features.T, eigvals_only=True), reverse=True)
    found = model.spectrum(close).eigenvalues
    assert float(exact[-1]) < 1e-11 * float(exact[0])
    np.testing.assert_allclose(found, [float(value) for value in exact], rtol=1e-8)


def test_weights_predict_what_the_kernel_of_the_features_predicts(task):
    model = RandomFeatures(NNGP(depth=1), 20, seed=5)
    recipe = kd.self_distillation(kd.Ridge(penalty=0.1), kd.GradientFlow(time=2.0), mixing=0.7)
    solved = kd.solve(recipe, model, task)["student"]
    np.testing.assert_allclose(model.features(task.test_inputs) @ solved.weights, solved.test, atol=1e-12)
    gram, cross = model.gram(task), model.cross_gram(task.test_inputs, task)
    by_kernel = kd.solve(recipe, kd.KernelModel(gram=gram, cross=cross), task)["student"]
    np.testing.assert_allclose(solved.test, by_kernel.test, atol=1e-10)


@pytest.mark.parametrize("options, message", [
    (dict(kernel=NTK(depth=1), count=5),
     "kernel: expected RBF, Laplace, ArcCosine or NNGP(depth=1), the kernels with random features, got NTK(depth=1); "
     "choose one of them, or use KernelModel"),
    (dict(kernel=NNGP(depth=2), count=5),
     "kernel: expected RBF, Laplace, ArcCosine or NNGP(depth=1), the kernels with random features, got NNGP(depth=2); "
     "choose one of them, or use KernelModel"),
    (dict(kernel="rbf", count=5),
     "kernel: expected RBF, Laplace, ArcCosine or NNGP(depth=1), the kernels with random features, got 'rbf'; "
     "choose one of them, or use KernelModel"),
    (dict(kernel=RBF(1.0), count=0), "count: expected a whole number of at least 1, got 0; change count"),
    (dict(kernel=RBF(1.0), count=5, seed=-1), "seed: expected a whole number of at least 0, got -1; change seed"),
])  # fmt: skip
def test_what_has_no_random_features_gets_one_line(options, message):
    with pytest.raises(InvalidArgument) as caught:
        RandomFeatures(**options)
    assert str(caught.value) == message


def test_features_of_what_is_no_matrix_get_one_line():
    with pytest.raises(InvalidArgument, match=r"^inputs: expected 2 dimension\(s\), got 1 \(shape \(2,\)\); reshape"):
        RandomFeatures(RBF(1.0), 5).features([0.0, 1.0])
