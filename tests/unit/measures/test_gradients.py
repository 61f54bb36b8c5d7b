import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.measures import gradients

LOSSES = [
    kd.SquaredError(),
    kd.CrossEntropy(),
    kd.CrossEntropy(temperature=4.0, label_temperature=2.0),
    kd.CrossEntropy(temperature=0.5, label_temperature=3.0, scaled=False),
]
WEIGHTS, OFFSET, TEACHER = (3 * np.random.default_rng(7).normal(size=shape) for shape in [(4, 3), (3,), (8, 3)])


def torch_loss(loss, outputs, labels, teacher):
    """The two terms of a loss over samples, as PyTorch computes them, in float64."""
    labels, teacher = torch.tensor(labels), torch.tensor(teacher)
    if isinstance(loss, kd.SquaredError):
        return [0.5 * (outputs - aim).square().sum() for aim in (labels, teacher)]
    hot, cold = loss.temperature, loss.label_temperature
    told = functional.softmax(teacher / hot, dim=1)
    supervision = functional.cross_entropy(outputs / cold, labels, reduction="sum")
    imitation = functional.cross_entropy(outputs / hot, told, reduction="sum")
    return [cold**2 * supervision, hot**2 * imitation] if loss.scaled else [supervision, imitation]


def torch_gradient(loss, inputs, labels, teacher, mixing):
    weights = torch.tensor(WEIGHTS, requires_grad=True)
    outputs = torch.tensor(inputs) @ weights + torch.tensor(OFFSET)
    supervision, imitation = torch_loss(loss, outputs, labels, teacher)
    (mixing * imitation + (1 - mixing) * supervision).backward()
    return weights.grad.numpy()


@pytest.mark.parametrize("mixing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_gradients_are_those_of_autograd_summed_and_sample_by_sample(classes, loss, mixing):
    at = kd.Start(weights=WEIGHTS, offset=OFFSET)
    ours = gradients(kd.LinearModel(), classes, at, teacher=TEACHER, mixing=mixing, loss=loss)
    data = (classes.inputs, classes.targets, TEACHER)
    np.testing.assert_allclose(ours.weights, torch_gradient(loss, *data, mixing), rtol=0, atol=1e-12)
    for i in range(classes.size):
        alone = torch_gradient(loss, *(array[i : i + 1] for array in data), mixing)
        np.testing.assert_allclose(ours.per_sample_weights[i], alone, rtol=0, atol=1e-12)


def test_without_a_teacher_the_targets_are_the_labels_and_others_may_be_passed(classes):
    at = kd.Start(weights=WEIGHTS, offset=OFFSET)
    own = gradients(kd.LinearModel(), classes, at)
    np.testing.assert_allclose(
        own.weights, torch_gradient(LOSSES[0], classes.inputs, classes.targets, TEACHER, 0.0), atol=1e-12
    )
    other = gradients(kd.LinearModel(), replace(classes, targets=None), at, labels=classes.targets)
    np.testing.assert_array_equal(own.slopes, other.slopes)


def test_the_default_point_is_the_zero_function_where_softmax_is_uniform(classes):
    slopes = gradients(kd.LinearModel(), classes, loss=kd.CrossEntropy()).slopes
    np.testing.assert_allclose(slopes, 1 / 3 - classes.targets, atol=1e-15)


def test_modes_are_the_weights_gradient_in_the_right_singular_directions(classes):
    ours = gradients(kd.LinearModel(), classes, kd.Start(weights=WEIGHTS))
    spectrum = kd.LinearModel().spectrum(classes)
    rank = spectrum.rank
    directions = classes.inputs.T @ spectrum.basis[:, :rank] / np.sqrt(spectrum.eigenvalues[:rank])
    np.testing.assert_allclose(directions.T @ directions, np.eye(rank), atol=1e-12)
    np.testing.assert_allclose(ours.modes[:rank], directions.T @ ours.weights, atol=1e-12)
    np.testing.assert_array_equal(ours.modes[rank:], 0.0)
    np.testing.assert_allclose(ours.per_sample_modes[:, :rank], directions.T @ ours.per_sample_weights, atol=1e-12)
    np.testing.assert_allclose(ours.per_sample_modes.sum(axis=0), ours.modes, atol=1e-12)


def test_gradients_of_a_kernel_have_the_inner_products_of_its_function_space(classes):
    model = kd.KernelModel(kd.kernels.RBF(gamma=0.3))
    ours = gradients(model, classes, TEACHER, loss=kd.CrossEntropy())
    gram = model.gram(classes)
    products = np.einsum("iko,jko->ij", ours.per_sample_modes, ours.per_sample_modes)
    np.testing.assert_allclose(products, gram * (ours.slopes @ ours.slopes.T), atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_one_step_of_a_simulation_follows_the_gradient_of_a_kernel(classes, loss):
    model, step = kd.KernelModel(kd.kernels.RBF(gamma=0.3)), 0.125
    recipe = kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(1, step), loss)))
    after = kd.simulate(recipe, model, classes)["student"].train
    expected = -step * model.gram(classes) @ gradients(model, classes, loss=loss).slopes
    np.testing.assert_allclose(after, expected, atol=1e-13)


def test_a_minibatch_counts_repeats_and_is_scaled_by_n_over_its_size(classes):
    full = gradients(kd.LinearModel(), classes, kd.Start(weights=WEIGHTS))
    per_sample = full.per_sample_weights
    batch = full.batch([2, 2, 5]).weights
    np.testing.assert_allclose(batch, 8 / 3 * (2 * per_sample[2] + per_sample[5]), atol=1e-12)
    mean = np.mean([full.batch(drawn).weights for drawn in itertools.product(range(8), repeat=2)], axis=0)
    np.testing.assert_allclose(mean, full.weights, atol=1e-12)


def test_a_centred_task_has_gradients_of_its_own_model_and_values_in_original_units(classes):
    task = kd.tasks.from_arrays(classes.inputs + 2.0, TEACHER[:, :1] + 5.0).centered()
    weights = WEIGHTS[:, :1]
    ours = gradients(kd.LinearModel(), task, kd.Start(weights=weights))
    literal = task.inputs.T @ (task.inputs @ weights - task.targets)
    np.testing.assert_allclose(ours.weights, literal, atol=1e-12)
    np.testing.assert_allclose(ours.slopes, task.inputs @ weights - task.targets, atol=1e-12)
    values = task.restored(task.inputs @ weights)
    np.testing.assert_allclose(gradients(kd.LinearModel(), task, values).weights, literal, atol=1e-11)
    fit = kd.solve(kd.Recipe(t=kd.Fit(kd.Phase(kd.labels, kd.Ridge(1.0)))), kd.LinearModel(), task)["t"]
    at_fit = gradients(kd.LinearModel(), task, fit).weights
    np.testing.assert_allclose(at_fit, -1.0 * fit.weights, atol=1e-12)  # stationary: gradient + penalty * weights = 0


def test_axes_of_point_and_teacher_are_matched_by_name(make_fit, classes):
    at, teacher = make_fit("student", seed=3, mixing=2), make_fit("teacher", draw=1, mixing=2)
    ours = gradients(kd.LinearModel(), classes, at, teacher=teacher)
    assert list(ours.axes) == ["seed", "mixing"]
    assert ours.modes.shape == (3, 2, 8, 3)
    assert ours.per_sample_weights.shape == (3, 2, 8, 4, 3)
    np.testing.assert_array_equal(ours.slopes[2, 1], at.train[2, 1] - teacher.train[1])
    np.testing.assert_allclose(
        ours.batch([1, 4]).modes[0, 1],
        gradients(kd.LinearModel(), classes, at.train[0, 1], teacher=teacher.train[1]).batch([1, 4]).modes,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(model="linear"), r"^model: expected a model, got 'linear'; pass kd.LinearModel\(\) or kd.KernelModel\(...\)$"),
        (dict(task=3), r"^task: expected a task, got 3; use kd.tasks.from_arrays\(...\)$"),
        (dict(loss="mse"), r"^loss: expected a loss, got 'mse'; pass kd.SquaredError\(\) or kd.CrossEntropy\(\)$"),
        (dict(at=np.zeros((7, 3))), r"^at: expected 8 points, one per training input, got 7; evaluate it on"),
        (dict(at=np.zeros((8, 2))), r"^at: expected 3 output\(s\), got 2; pass values with one column per output"),
        (dict(at=np.full((8, 3), np.nan)), r"^at: expected finite numbers, got nan"),
        (dict(at=kd.Start(weights=np.zeros(5))), r"^start.weights: expected shape \(4, 3\), got \(5, 1\)"),
        (dict(teacher=np.zeros((8, 2)), mixing=0.5), r"^teacher: expected 3 output\(s\), got 2;"),
        (dict(mixing="half"), r"^mixing: expected a number, got 'half'"),
        (dict(mixing=1.5, loss=kd.CrossEntropy()), r"^mixing: expected a number from 0 to 1, got 1.5"),
        (dict(labels=np.ones((8, 3)), loss=kd.CrossEntropy()), r"^labels: expected probabilities of two classes or more, got 3 output\(s\), a row \[1.0, 1.0, 1.0\]; pass one-hot"),
        (dict(labels=np.ones((8, 1)), loss=kd.CrossEntropy()), r"^labels: expected probabilities of two classes or more, got 1 output\(s\); pass"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(classes, change, message):
    given = {"model": kd.LinearModel(), "task": classes, **change}
    with pytest.raises(InvalidArgument, match=message):
        gradients(given.pop("model"), given.pop("task"), given.pop("at", None), **given)


def test_unlabelled_inputs_other_inputs_and_wrong_samples_are_refused(classes, make_fit):
    unlabelled = replace(classes, targets=None)
    with pytest.raises(InvalidArgument, match=r"^labels: expected a labelled task, got Task\(.*; pass labels=$"):
        gradients(kd.LinearModel(), unlabelled)
    moved = replace(classes, inputs=classes.inputs + 1.0)
    with pytest.raises(InvalidArgument, match=r"^at: expected the training inputs of Task\(.*got other inputs"):
        gradients(kd.LinearModel(), moved, make_fit("student"))
    assert gradients(kd.LinearModel(), replace(classes), make_fit("student")).modes.shape == (8, 3)
    full = gradients(kd.LinearModel(), classes)
    for bad in ([8], [-1], [0.5]):
        with pytest.raises(InvalidArgument, match=r"^samples: expected sample numbers from 0 to 7, got"):
            full.batch(bad)
