"""Tangent kernels of networks as they stand, and what networks would do if those did not change."""

import numpy as np
import pytest
import torch

import kdtheory as kd
from kdtheory.errors import InvalidArgument, UnsupportedRecipe

IMAGE = kd.tasks.digits(train=12, test=6, seed=0)
RNG = np.random.default_rng(0)
TOKENS = kd.tasks.from_arrays(
    RNG.integers(0, 9, (12, 5)).astype(float), RNG.integers(0, 3, 12), RNG.integers(0, 9, (6, 5)), classes=3
)
NETWORKS = {
    "MLP": (kd.networks.MLP(width=10, depth=2), IMAGE),
    "NTK": (kd.networks.MLP(width=10, depth=1, parametrization="ntk"), IMAGE),
    "dropout": (kd.networks.MLP(width=10, depth=1, dropout=0.5), IMAGE),
    "CNN": (kd.networks.CNN(channels=(3,), image=(1, 8, 8)), IMAGE),
    "bag": (kd.networks.EmbeddingBag(vocabulary=9, width=6), TOKENS),
    "TextCNN": (kd.networks.TextCNN(vocabulary=9, width=6, kernels=(2, 3)), TOKENS),
}
pairs = pytest.mark.parametrize(("network", "task"), NETWORKS.values(), ids=NETWORKS)


def gradients(module, points):
    """One backward pass per point and output."""
    weights = list(module.eval().parameters())
    rows = [
        [
            torch.cat([g.flatten() for g in torch.autograd.grad(out, weights, retain_graph=True)])
            for out in module(x[None])[0]
        ]
        for x in torch.tensor(np.array(points))
    ]
    return torch.stack([torch.stack(row) for row in rows]).numpy()


@pairs
def test_the_kernel_is_that_of_gradients_one_by_one(network, task):
    module = kd.networks.initialized(network, task, seed=3, stream="student")
    left, right = gradients(module, task.inputs), gradients(module, task.test_inputs)
    known = np.einsum("aip,bjp->aibj", left, right)
    found = kd.networks.empirical_ntk(module, task.inputs, task.test_inputs)
    assert found == pytest.approx(known, rel=0, abs=1e-12 * np.abs(known).max())
    own = kd.networks.empirical_ntk(module, task.inputs)
    assert own == pytest.approx(np.einsum("aip,bjp->aibj", left, left), rel=0, abs=1e-12 * np.abs(own).max())
    assert np.array_equal(own, own.transpose(2, 3, 0, 1))


def test_blocks_of_points_join(monkeypatch):
    import kdtheory.networks.tangent_kernel as source

    module = kd.networks.initialized(*NETWORKS["MLP"])
    whole = [
        kd.networks.empirical_ntk(module, IMAGE.inputs),
        kd.networks.empirical_ntk(module, IMAGE.inputs, IMAGE.test_inputs),
    ]
    weights = sum(weight.numel() for weight in module.parameters())
    monkeypatch.setattr(source, "_NUMBERS", 5 * 10 * weights)
    parts = [
        kd.networks.empirical_ntk(module, IMAGE.inputs),
        kd.networks.empirical_ntk(module, IMAGE.inputs, IMAGE.test_inputs),
    ]
    for one, other in zip(whole, parts, strict=True):
        assert other == pytest.approx(one, rel=1e-12, abs=1e-13)


def test_the_start_is_that_of_training():
    network, task = NETWORKS["MLP"]
    nothing = kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=0, step_size=1.0))))
    nets = kd.train(nothing, network, task, seeds=[5], subtract_initial=False, dtype="float64")
    module = kd.networks.initialized(network, task, seed=5, stream="student").eval()
    with torch.no_grad():
        assert np.array_equal(module(torch.tensor(np.array(task.inputs))).numpy(), nets["student"].train[0])


def test_the_module_is_left_as_it_was():
    module = kd.networks.initialized(*NETWORKS["dropout"])
    module.train()
    before = [weight.detach().clone() for weight in module.parameters()]
    kd.networks.empirical_ntk(module, IMAGE.inputs[:2])
    assert module.training
    assert all(p.grad is None and torch.equal(p, b) for p, b in zip(module.parameters(), before, strict=True))


def test_frozen_weights_do_not_count():
    module = kd.networks.initialized(kd.networks.MLP(depth=0), IMAGE)
    module[0].weight.requires_grad_(False)
    kernel = kd.networks.empirical_ntk(module, IMAGE.inputs)  # of the bias alone
    assert kernel == pytest.approx(np.einsum("ab,ij->aibj", np.ones((12, 12)), np.eye(10)))


def recipe(size):
    def steps(count):
        return kd.GradientDescent(steps=count, step_size=size)

    taught = kd.output_of("teacher")
    return kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, steps(9))),
        student=kd.Fit(kd.Phase(taught, steps(7))),
        switched=kd.Fit([kd.Phase(kd.labels, steps(3)), kd.Phase(taught, steps(4))], stream="student"),
        mixed=kd.Fit(
            kd.Phase(0.3 * taught + 0.7 * kd.labels, kd.WeightDecayDescent(steps=6, decay=0.5, step_size=size))
        ),
        pushed=kd.Fit(kd.Phase(taught, kd.HeavyBall(steps=5, momentum=0.7, step_size=size)), stream="student"),
    )


@pairs
def test_a_linearized_network_trains_to_the_closed_form_of_its_kernel(network, task):
    size = 0.4 / kd.networks.linearized_model(network, task, seed=1).spectrum(kd.networks.flattened(task)).largest
    known = kd.networks.solve_linearized(recipe(size), network, task, seeds=(1, 2))
    nets = kd.train(recipe(size), kd.networks.Linearized(network), task, seeds=(1, 2), dtype="float64")
    for name in known:
        for on in ("train", "test"):
            assert nets[name].outputs(on) == pytest.approx(known[name].outputs(on), rel=0, abs=1e-11)
    assert np.abs(known["student"].train[0] - known["student"].train[1]).max() > 1e-4


def test_a_network_moves_off_its_tangent_quadratically():
    network, task = NETWORKS["MLP"]
    errors = []
    for size in (1e-5, 5e-6):  # so small that no unit changes its side
        one = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=1, step_size=size))))
        closed, nets = (
            kd.networks.solve_linearized(one, network, task)["teacher"].test,
            kd.train(one, network, task, dtype="float64")["teacher"].test,
        )
        errors.append(np.abs(nets - closed).max())
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)


def test_open_step_sizes_are_those_of_training():
    network, task = NETWORKS["NTK"]
    open_size = kd.self_distillation(kd.GradientDescent(steps=5), kd.GradientDescent(steps=5))
    tests = []
    for size in (None, 0.01):
        closed = kd.networks.solve_linearized(open_size, network, task, step_size=size)
        nets = kd.train(open_size, kd.networks.Linearized(network), task, step_size=size, dtype="float64")
        assert nets["student"].test == pytest.approx(closed["student"].test, rel=0, abs=1e-12)
        tests.append(closed["student"].test)
    assert np.abs(tests[0] - tests[1]).max() > 1e-3


def test_linearized_networks_take_any_loss_and_start_at_their_network():
    network, task = NETWORKS["dropout"]
    soft = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=0), kd.CrossEntropy())))
    known = {"optimizer": kd.Adam(), "subtract_initial": False, "dtype": "float64", "seeds": [4]}
    start, same = (
        kd.train(soft, net, task, **known)["teacher"].test for net in (kd.networks.Linearized(network), network)
    )
    assert start == pytest.approx(same, rel=0, abs=1e-14)
    longer = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=200), kd.CrossEntropy())))
    nets = kd.train(longer, kd.networks.Linearized(network), task, **{**known, "optimizer": kd.Adam(rate=1e-2)})
    assert kd.measures.accuracy(nets["teacher"], on="train")[0] == 1.0


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda: kd.networks.Linearized(kd.networks.Linearized(NETWORKS["MLP"][0])), InvalidArgument, "network: expected a network"),
        (lambda: kd.networks.empirical_ntk("x", [[1.0]]), InvalidArgument, "module: expected a torch.nn.Module"),
        (lambda: kd.networks.empirical_ntk(torch.nn.ReLU(), [[1.0]]), InvalidArgument, "weights that need gradients"),
        (lambda: kd.networks.empirical_ntk(torch.nn.Linear(1, 1), [[1.0]], [[1.0, 2.0]]), InvalidArgument, "right: expected 1 columns"),
        (lambda: kd.networks.initialized(NETWORKS["bag"][0], IMAGE), InvalidArgument, "whole numbers of tokens"),
        (lambda: kd.networks.solve_linearized(with_fit(task=IMAGE), NETWORKS["MLP"][0], IMAGE), UnsupportedRecipe, "without a task of its own"),
        (lambda: kd.networks.solve_linearized(with_fit(start=kd.Start(offset=np.ones)), NETWORKS["MLP"][0], IMAGE), UnsupportedRecipe, "start"),
        (lambda: kd.networks.solve_linearized(with_fit(loss=kd.CrossEntropy()), NETWORKS["MLP"][0], IMAGE), UnsupportedRecipe, "squared error"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(change, error, words):
    with pytest.raises(error, match=words) as caught:
        change()
    assert "\n" not in str(caught.value)


def with_fit(loss=None, **more):
    phase = kd.Phase(kd.labels, kd.GradientDescent(steps=2, step_size=0.1), *([] if loss is None else [loss]))
    return kd.Recipe(teacher=kd.Fit(phase, **more))
