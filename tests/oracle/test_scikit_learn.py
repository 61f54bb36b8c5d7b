"""Ridge and kernel ridge, once and distilled, against scikit-learn."""

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge

import kdtheory as kd

PENALTIES = [1e-3, 0.3, 20.0]


@pytest.fixture(scope="module")
def task():
    return kd.tasks.digits(train=120, test=60, seed=1)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_two_rounds_of_kernel_ridge(task, penalty):
    kernel = kd.kernels.RBF(gamma=0.01)
    recipe = kd.self_distillation(kd.Ridge(penalty), kd.Ridge(penalty), mixing=[1.0, 0.4], rounds=2)
    solved = kd.solve(recipe, kd.KernelModel(kernel), task)
    targets = task.targets
    for name, mixing in (("teacher", None), ("student", 1.0), ("student_2", 0.4)):
        if mixing is not None:
            targets = mixing * fitted.predict(task.inputs) + (1 - mixing) * task.targets  # noqa: F821
        fitted = KernelRidge(alpha=penalty, kernel="rbf", gamma=0.01).fit(task.inputs, targets)
        np.testing.assert_allclose(solved[name].train, fitted.predict(task.inputs), rtol=0, atol=1e-9)
        np.testing.assert_allclose(solved[name].test, fitted.predict(task.test_inputs), rtol=0, atol=1e-9)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_linear_ridge_and_its_weights(task, penalty):
    solved = kd.solve(kd.self_distillation(kd.Ridge(penalty), kd.Ridge(penalty)), kd.LinearModel(), task)
    teacher = Ridge(alpha=penalty, fit_intercept=False, solver="svd").fit(task.inputs, task.targets)
    student = Ridge(alpha=penalty, fit_intercept=False, solver="svd").fit(task.inputs, teacher.predict(task.inputs))
    np.testing.assert_allclose(solved["teacher"].weights, teacher.coef_.T, rtol=0, atol=1e-9)
    np.testing.assert_allclose(solved["student"].weights, student.coef_.T, rtol=0, atol=1e-9)
    np.testing.assert_allclose(solved["student"].test, student.predict(task.test_inputs), rtol=0, atol=1e-9)
