"""Models: Gram matrices, shared spectra, precomputed matrices."""

import gc

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.models import base

RBF = kd.kernels.RBF


@pytest.fixture
def task():
    generator = np.random.default_rng(0)
    return kd.tasks.from_arrays(*(generator.normal(size=s) for s in ((6, 2), (6, 1), (4, 2), (4, 1))))


def test_a_spectrum_is_computed_once_per_kernel_and_inputs(task):
    assert kd.KernelModel(RBF(gamma=1.0)).spectrum(task) is kd.KernelModel(RBF(gamma=1.0)).spectrum(task)
    assert kd.KernelModel(RBF(gamma=1.0)).spectrum(task) is not kd.KernelModel(RBF(gamma=2.0)).spectrum(task)


def test_solving_a_recipe_computes_one_spectrum(task, monkeypatch):
    calls = []
    original = base.Model.spectrum
    monkeypatch.setattr(
        kd.LinearModel, "_spectrum", lambda self, t, f=kd.LinearModel._spectrum: calls.append(1) or f(self, t)
    )
    kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0), rounds=4), kd.LinearModel(), task)
    assert calls == [1]
    assert base.Model.spectrum is original


def test_spectra_are_forgotten_with_their_inputs():
    task = kd.tasks.from_spectrum([2.0, 1.0], coefficients=[1.0, 1.0])
    kd.LinearModel().spectrum(task)
    key = id(task.inputs)
    assert key in base._SPECTRA
    del task
    gc.collect()
    assert key not in base._SPECTRA


def test_a_callable_on_pairs_is_a_kernel(task):
    by_pairs = kd.KernelModel(lambda x, y: float(np.exp(-np.sum((x - y) ** 2))))
    built_in = kd.KernelModel(RBF(gamma=1.0))
    np.testing.assert_allclose(by_pairs.gram(task), built_in.gram(task), rtol=1e-13)
    np.testing.assert_allclose(by_pairs.cross_gram(task.test_inputs, task), built_in.cross_gram(task.test_inputs, task))


def test_precomputed_matrices_give_the_same_predictions(task):
    kernel = RBF(gamma=0.5)
    precomputed = kd.KernelModel(gram=kernel.gram(task.inputs), cross=kernel.gram(task.test_inputs, task.inputs))
    recipe = kd.self_distillation(kd.Ridge(penalty=0.1), kd.Ridge(penalty=0.1))
    ours, theirs = (kd.solve(recipe, model, task)["student"] for model in (precomputed, kd.KernelModel(kernel)))
    np.testing.assert_allclose(ours.test, theirs.test, rtol=0, atol=1e-13)


@pytest.mark.parametrize("options, message", [
    ({}, "kernel: expected a kernel or gram=, one of the two, got neither; for example"),
    ({"kernel": RBF(gamma=1.0), "gram": np.eye(2)}, "kernel: expected a kernel or gram=, one of the two, got both; for"),
    ({"kernel": RBF}, "kernel: expected a kernel or a callable, got a value of type ABCMeta; pass an instance such as"),
    ({"kernel": RBF(gamma=1.0), "cross": np.eye(2)}, "cross: expected cross only beside gram=, got a kernel; drop cross="),
    ({"gram": np.eye(3), "cross": np.eye(2)}, "cross: expected 3 columns, one per training input, got shape (2, 2); pass"),
    ({"gram": [[np.nan]]}, "gram: expected finite numbers, got nan at index [0, 0] (1 such value(s)); remove or impute"),
])  # fmt: skip
def test_a_kernel_model_that_makes_no_sense_gets_one_line(options, message):
    with pytest.raises(InvalidArgument) as caught:
        kd.KernelModel(**options)
    assert str(caught.value).startswith(message)


def test_a_precomputed_matrix_of_another_size_is_refused(task):
    with pytest.raises(InvalidArgument, match=r"^gram: expected 6 rows, got 2; pass the Gram matrix of this task's"):
        kd.KernelModel(gram=np.eye(2)).spectrum(task)


def test_a_precomputed_matrix_cannot_see_other_inputs(task):
    solved = kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.KernelModel(gram=np.eye(6)), task)[
        "student"
    ]
    with pytest.raises(
        InvalidArgument, match=r"^cross: expected the kernel between these inputs .* got no cross matrix; pass"
    ):
        _ = solved.test
    with pytest.raises(
        InvalidArgument, match=r"^cross: expected the kernel between these inputs .* got other inputs; pass"
    ):
        solved.predict([[0.0, 0.0]])


def test_a_kernel_without_weights_says_so(task):
    solved = kd.solve(kd.self_distillation(kd.Ridge(1.0), kd.Ridge(1.0)), kd.KernelModel(RBF(gamma=1.0)), task)[
        "student"
    ]
    with pytest.raises(
        InvalidArgument, match=r"^model: expected a model with explicit weights, got KernelModel\(RBF\(gamma=1.0"
    ):
        _ = solved.weights
