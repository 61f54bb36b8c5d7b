"""Units against the literal thing: PyTorch's optimizers, ordinary differential equations, numbers worked out by hand."""

import itertools
import json

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import conventions
from kdtheory.errors import InvalidArgument

torch = pytest.importorskip("torch")

SAMPLES, FEATURES, OUTPUTS, STEPS, STEP_SIZE = 12, 4, 3, 7, 0.01


@pytest.fixture(scope="module")
def task():
    random = np.random.default_rng(0)
    return kd.tasks.from_arrays(random.normal(size=(SAMPLES, FEATURES)), random.normal(size=(SAMPLES, OUTPUTS)))


def _sgd(loss, inputs, targets, batches, **options):
    """Weights after ``torch.optim.SGD`` on a linear layer from zero, one step per batch of indices."""
    layer = torch.nn.Linear(inputs.shape[1], targets.shape[1], bias=False, dtype=torch.float64)
    torch.nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), **options)
    x, y = torch.tensor(inputs), torch.tensor(targets)
    for rows in batches:
        optimizer.zero_grad()
        loss(layer(x[rows]), y[rows]).backward()
        optimizer.step()
    return layer.weight.detach().numpy().T


EVERYTHING = [list(range(SAMPLES))] * STEPS
BATCHES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11], [0, 5, 7]]


def _steps(inputs, targets, batches, residual, penalty=0.0):
    """The definition of section 6b: gradients of summed losses, those of minibatches scaled by samples / batch."""
    weights = np.zeros((inputs.shape[1], targets.shape[1]))
    for rows in batches:
        x, y = inputs[rows], targets[rows]
        gradient = len(inputs) / len(rows) * x.T @ residual(x @ weights, y)
        weights = weights - STEP_SIZE * (gradient + penalty * weights)
    return weights


def _difference(outputs, targets):
    return outputs - targets


def _softmax_difference(outputs, targets):
    exponentials = np.exp(outputs)
    return exponentials / exponentials.sum(axis=1, keepdims=True) - targets


def test_the_learning_rate_of_mse_is_literally_that_of_torch(task):
    """And it is what solve calls gradient descent with that step size."""
    rate = conventions.learning_rate_of_mse(STEP_SIZE, SAMPLES, OUTPUTS)
    assert rate == pytest.approx(0.18, rel=1e-15)  # 0.01 * 12 * 3 / 2
    weights = _sgd(torch.nn.MSELoss(), task.inputs, task.targets, EVERYTHING, lr=rate)
    np.testing.assert_allclose(weights, _steps(task.inputs, task.targets, EVERYTHING, _difference), rtol=1e-12)
    descent = kd.GradientDescent(steps=STEPS, step_size=STEP_SIZE)
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, descent)))
    np.testing.assert_allclose(weights, kd.solve(recipe, kd.LinearModel(), task)["teacher"].weights, atol=1e-13)


def test_the_learning_rate_of_mse_is_the_same_for_minibatches(task):
    rate = conventions.learning_rate_of_mse(STEP_SIZE, SAMPLES, OUTPUTS)
    weights = _sgd(torch.nn.MSELoss(), task.inputs, task.targets, BATCHES, lr=rate)
    np.testing.assert_allclose(weights, _steps(task.inputs, task.targets, BATCHES, _difference), rtol=1e-12)


def test_weight_decay_of_mse(task):
    rate = conventions.learning_rate_of_mse(STEP_SIZE, SAMPLES, OUTPUTS)
    decay = conventions.weight_decay_of_mse(2.0, SAMPLES, OUTPUTS)
    assert decay == pytest.approx(1 / 9, rel=1e-15)  # 2 * 2 / 36
    weights = _sgd(torch.nn.MSELoss(), task.inputs, task.targets, EVERYTHING, lr=rate, weight_decay=decay)
    expected = _steps(task.inputs, task.targets, EVERYTHING, _difference, penalty=2.0)
    np.testing.assert_allclose(weights, expected, rtol=1e-12)


@pytest.mark.parametrize("batches", [EVERYTHING, BATCHES], ids=["full", "minibatches"])
def test_cross_entropy_as_a_mean_and_as_a_sum(task, batches):
    soft = np.exp(task.targets) / np.exp(task.targets).sum(axis=1, keepdims=True)
    for targets in (soft, np.eye(OUTPUTS)[task.targets.argmax(axis=1)]):
        expected = _steps(task.inputs, targets, batches, _softmax_difference)
        rate = conventions.learning_rate_of_cross_entropy(STEP_SIZE, SAMPLES)
        mean = _sgd(torch.nn.CrossEntropyLoss(), task.inputs, targets, batches, lr=rate)
        np.testing.assert_allclose(mean, expected, rtol=1e-12)
        rate = conventions.learning_rate_of_sum(STEP_SIZE, SAMPLES, batch=len(batches[0]))
        total = _sgd(torch.nn.CrossEntropyLoss(reduction="sum"), task.inputs, targets, batches, lr=rate)
        np.testing.assert_allclose(total, expected, rtol=1e-12)


def test_half_of_a_summed_mse(task):
    rate = conventions.learning_rate_of_sum(STEP_SIZE, SAMPLES, batch=3)
    assert rate == pytest.approx(0.04, rel=1e-15)  # 0.01 * 12 / 3
    loss = torch.nn.MSELoss(reduction="sum")
    weights = _sgd(lambda f, y: loss(f, y) / 2, task.inputs, task.targets, BATCHES, lr=rate)
    np.testing.assert_allclose(weights, _steps(task.inputs, task.targets, BATCHES, _difference), rtol=1e-12)


@pytest.mark.parametrize("outputs", [1, OUTPUTS])
def test_times_and_penalties_beside_mean_losses(task, outputs):
    """The minimum and the flow of half the mean, written out with its own Hessian, against solve."""
    time, penalty = 0.05, 3.0
    their_time = conventions.time_of_mean_loss(time, SAMPLES, outputs)
    their_penalty = conventions.penalty_of_mean_loss(penalty, SAMPLES, outputs)
    assert (their_time, their_penalty) == pytest.approx((0.6 * outputs, 0.25 / outputs))
    hessian = task.inputs.T @ task.inputs / (SAMPLES * outputs) + their_penalty * np.eye(FEATURES)
    force = task.inputs.T @ task.targets / (SAMPLES * outputs)
    minimum = np.linalg.solve(hessian, force)
    ridge = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(penalty))))
    np.testing.assert_allclose(kd.solve(ridge, kd.LinearModel(), task)["teacher"].weights, minimum, atol=1e-12)
    flow = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(time))))
    free = task.inputs.T @ task.inputs / (SAMPLES * outputs)
    values, basis = np.linalg.eigh(free)
    weights = basis * (-np.expm1(-values * their_time) / values) @ basis.T @ force
    np.testing.assert_allclose(kd.solve(flow, kd.LinearModel(), task)["teacher"].weights, weights, atol=1e-12)


def test_neural_tangents_predicts_the_same_at_its_time():
    """`gradient_descent_mse` of version 0.6.5 is expm1(-eigenvalue * t / y_train.size): here 4 samples, 3 outputs.

    With eigenvalue 2 and t = 6 that is 1 - e^-1 = 0.632120558828558 at our time 1/2.
    """
    assert conventions.time_of_neural_tangents(0.5, samples=4, outputs=3) == 6.0
    assert kd.GradientFlow(time=0.5).gain([2.0])[0] == pytest.approx(0.632120558828558, rel=1e-14)


def test_the_regularizer_of_neural_tangents_is_relative_to_the_mean_of_the_diagonal():
    """Its source adds diag_reg * trace / dimension: 0.25 * 200 / 100 = 0.5."""
    assert conventions.diag_reg_of_neural_tangents(0.5, trace=200.0, samples=100) == 0.25


@pytest.mark.parametrize("stds", [(1.0,), (1.3, 0.7), (2**0.5, 2**0.5, 2**0.5), (1.0, 1.5, 0.5, 2.0)])
def test_networks_with_other_weight_scales_have_the_kernel_times_the_factor(stds):
    """The empirical tangent kernel of one finite network, by autograd, in both parametrizations."""
    widths = [3, *[5] * (len(stds) - 1), 1]
    generator = torch.Generator().manual_seed(0)
    weights = [
        torch.randn(i, o, generator=generator, dtype=torch.float64, requires_grad=True)
        for i, o in itertools.pairwise(widths)
    ]
    x = torch.randn(3, generator=generator, dtype=torch.float64)

    def kernel(scales, behind_relu):
        hidden = x
        for layer, (w, scale) in enumerate(zip(weights, scales, strict=True)):
            hidden = scale * hidden @ w / len(hidden) ** 0.5
            if layer < len(weights) - 1:
                hidden = behind_relu * torch.relu(hidden)
        gradients = torch.autograd.grad(hidden.sum(), weights)
        return float(sum((g**2).sum() for g in gradients))

    ours, theirs = kernel([1.0] * len(stds), 2**0.5), kernel(stds, 1.0)
    assert ours > 0
    assert theirs / ours == pytest.approx(conventions.kernel_factor_of_neural_tangents(stds), rel=1e-12)


def test_the_factor_of_the_usual_networks():
    """W_std = sqrt(2) everywhere doubles the kernel; with 1 in the last layer it is ours (docstring of NTK)."""
    root = 2**0.5
    assert conventions.kernel_factor_of_neural_tangents([root] * 4) == pytest.approx(2.0, rel=1e-15)
    assert conventions.kernel_factor_of_neural_tangents([root, root, root, 1.0]) == pytest.approx(1.0, rel=1e-15)


ONE = kd.tasks.from_arrays([[1.0]], [1.0])


def _fits(setting, rounds):
    ridge = kd.Ridge(setting.penalty)
    solved = kd.solve(kd.self_distillation(ridge, ridge, setting.mixing, rounds), kd.LinearModel(), ONE)
    return [float(fit.weights[0, 0]) for fit in solved.values()]


def test_borup_weighs_the_labels():
    """x = y = penalty = 1, teacher 1/2; alpha = 1/4: (1/4 * 1 + 3/4 * 1/2) / 2 = 5/16. The toy: tests/oracle."""
    assert _fits(conventions.from_borup(alpha=0.25, penalty=1.0), rounds=1) == pytest.approx([0.5, 0.3125], rel=1e-15)
    assert conventions.from_borup(alpha=1.0, penalty=0.2).mixing == 0.0
    assert conventions.to_borup(*conventions.from_borup(0.25, 0.2)) == (0.25, 0.2)


def test_das_weighs_the_teacher():
    """x = y = penalty = 1, teacher 1/2; xi = 3/2 (above 1, as in the abstract): (3/2 * 1/2 - 1/2 * 1) / 2 = 1/8."""
    assert _fits(conventions.from_das(xi=1.5, penalty=1.0), rounds=1) == pytest.approx([0.5, 0.125], rel=1e-15)
    assert conventions.to_das(*conventions.from_das(1.5, 0.2)) == (1.5, 0.2)


def test_pareek_weighs_the_fit_before_in_every_step():
    """x = y = penalty = 1; xi = 1/2: (1/4 + 1/2) / 2 = 3/8; then xi = 2: (2 * 3/8 - 1) / 2 = -1/8."""
    setting = conventions.from_pareek([0.5, 2.0], penalty=1.0)
    assert _fits(setting, rounds=2) == pytest.approx([0.5, 0.375, -0.125], rel=1e-15)
    assert conventions.to_pareek(*setting) == ([0.5, 2.0], 1.0)


def test_phuong_one_logit_and_a_mean_loss_take_twice_as_long_per_sample(task):
    """Steps of BCEWithLogitsLoss on one logit against steps of summed cross-entropy on two, on soft labels."""
    soft = 1 / (1 + np.exp(-task.targets[:, :1]))
    ours = _steps(task.inputs, np.hstack([1 - soft, soft]), EVERYTHING, _softmax_difference)
    rate = conventions.time_of_phuong(STEP_SIZE, SAMPLES)
    assert rate == pytest.approx(0.24, rel=1e-15)  # 2 * 12 * 0.01
    theirs = _sgd(torch.nn.BCEWithLogitsLoss(), task.inputs, soft, EVERYTHING, lr=rate)
    np.testing.assert_allclose(ours[:, 1:] - ours[:, :1], theirs, rtol=1e-12)


def test_mobahi_on_a_flat_spectrum_has_a_closed_form():
    """|y| = 5, K epsilon = 4, so that r = 5/2 and c = lambda / (r - 1) = 2 / 1.5 = 4/3."""
    assert conventions.from_mobahi(2.0, [2.0, 2.0], [3.0, 4.0]) == pytest.approx(4 / 3, rel=1e-14)
    assert conventions.from_mobahi(2.0, [2.0, 2.0], [[3.0, 0.0], [0.0, 4.0]]) == pytest.approx(4 / 3, rel=1e-14)


def test_mobahi_there_and_back():
    random = np.random.default_rng(0)
    for _ in range(50):
        size = int(random.integers(1, 12))
        eigenvalues, targets = 10 ** random.uniform(-8, 8, size), random.normal(size=size)
        tolerance = random.uniform(1e-6, 1.0) * np.mean(targets**2)
        penalty = conventions.from_mobahi(tolerance, eigenvalues, targets)
        assert conventions.to_mobahi(penalty, eigenvalues, targets) == pytest.approx(tolerance, rel=1e-10)


def test_mobahi_is_the_training_error_of_the_fit(task):
    spectrum = kd.LinearModel().spectrum(task)
    coefficients = spectrum.coefficients(task.targets)
    tolerance = conventions.to_mobahi(0.7, spectrum.eigenvalues, coefficients)
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.Ridge(0.7))))
    fitted = kd.solve(recipe, kd.LinearModel(), task)["teacher"].train
    assert tolerance == pytest.approx(np.sum((fitted - task.targets) ** 2) / SAMPLES, rel=1e-12)
    assert conventions.from_mobahi(tolerance, spectrum.eigenvalues, coefficients) == pytest.approx(0.7, rel=1e-9)


def test_mobahi_collapses_when_zero_is_good_enough():
    """|y|^2 = 25 = K epsilon, and anything looser."""
    assert conventions.from_mobahi(12.5, [2.0, 1.0], [3.0, 4.0]) == np.inf
    assert conventions.from_mobahi(12.5 - 1e-9, [2.0, 1.0], [3.0, 4.0]) < np.inf


@pytest.mark.parametrize("call, message", [
    (lambda: conventions.from_mobahi(1.0, [2.0, 0.0], [3.0, 4.0]),
     "tolerance: expected more than 8, got 1; raise it: that part of the targets is out of reach"),
    (lambda: conventions.from_mobahi(0.0, [2.0], [3.0]), "tolerance: expected a number above 0, got 0.0; change tolerance"),
    (lambda: conventions.from_mobahi(1.0, [-2.0], [3.0]),
     "eigenvalues: expected non-negative numbers, got -2; pass the eigenvalues of a Gram matrix"),
    (lambda: conventions.to_mobahi(1.0, [2.0], [3.0, 1.0]), "coefficients: expected 1 rows, got 2; pass one per eigenvalue"),
    (lambda: conventions.learning_rate_of_sum(0.1, samples=5, batch=6),
     "batch: expected a whole number from 1 to 5, got 6; change batch"),
    (lambda: conventions.learning_rate_of_mse(0.0, 5, 1), "step_size: expected a number above 0, got 0.0; change step_size"),
    (lambda: conventions.time_of_mean_loss(-1.0, 5), "time: expected a number of at least 0, got -1.0; change time"),
    (lambda: conventions.kernel_factor_of_neural_tangents([1.0, 0.0]),
     "weight_stds: expected numbers above 0, got 0; pass the W_std of every Dense layer"),
    (lambda: conventions.from_borup(alpha=np.nan, penalty=1.0), "alpha: expected a number, got nan; change alpha"),
])  # fmt: skip
def test_numbers_that_make_no_sense_get_one_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert str(caught.value) == message


def test_results_are_plain_numbers():
    json.dumps([conventions.from_mobahi(2.0, [2.0], [3.0]), conventions.to_mobahi(2.0, [2.0], [3.0])])
