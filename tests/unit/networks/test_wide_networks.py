"""Wide networks in NTK parametrization follow the closed form of their limit kernel; narrow ones less."""

import numpy as np
import pytest
import torch

import kdtheory as kd


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_the_kernel_of_a_wide_network_at_its_start_is_the_limit_kernel(depth):
    X = np.random.default_rng(0).normal(size=(5, 7))
    network = kd.networks.MLP(width=1500, depth=depth, parametrization="ntk")
    module = network.build(7, 1, torch.Generator().manual_seed(0))
    weights = list(module.parameters())
    rows = [torch.autograd.grad(module(torch.tensor(x)[None]).sum(), weights) for x in X]
    jacobian = torch.stack([torch.cat([g.reshape(-1) for g in row]) for row in rows])
    empirical, limit = (jacobian @ jacobian.T).numpy(), network.kernel().gram(X)
    error = np.linalg.norm(empirical - limit) / np.linalg.norm(limit)
    assert error < (1e-14 if depth == 0 else 0.08)  # 1500 units: about depth / sqrt(1500)


def test_teacher_and_student_approach_the_closed_form_with_width():
    task = kd.tasks.digits(train=40, test=60, seed=0)
    narrow, wide = (kd.networks.MLP(width=width, depth=1, parametrization="ntk") for width in (64, 2048))
    model = kd.KernelModel(wide.kernel())
    spectrum = model.spectrum(task)
    recipe = kd.self_distillation(kd.GradientFlow(spectrum.time_at(0.9, 5)), kd.GradientFlow(spectrum.time_at(0.9, 8)))
    exact = kd.solve(recipe, model, task)

    def deviation(network, name, on):
        nets = results[network][name].outputs(on)
        return np.mean(np.linalg.norm(nets - exact[name].outputs(on), axis=(1, 2))) / np.linalg.norm(
            exact[name].outputs(on)
        )

    results = {network: kd.train(recipe, network, task, seeds=(0, 1)) for network in (narrow, wide)}
    for name in ("teacher", "student"):
        assert deviation(wide, name, "train") < 0.07
        assert deviation(wide, name, "test") < 0.12
        for on in ("train", "test"):
            assert deviation(narrow, name, on) > 3 * deviation(wide, name, on)


def test_without_subtraction_a_fit_starts_at_its_network_and_its_student_sees_it():
    task = kd.tasks.digits(train=20, test=10, seed=0)
    nothing = kd.GradientDescent(steps=0)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, nothing)), student=kd.Fit(kd.Phase(kd.output_of("teacher"), nothing))
    )
    network = kd.networks.MLP(width=32, depth=1, parametrization="ntk")
    kept = kd.train(recipe, network, task, subtract_initial=False, dtype="float64")["student"]
    subtracted = kd.train(recipe, network, task, dtype="float64")["student"]
    assert np.all(subtracted.train == 0)
    assert np.all(subtracted.test == 0)
    assert np.std(kept.test) > 0.3


@pytest.mark.parametrize("name", ["teacher", "student"])
def test_every_fit_subtracts_its_initial_output(name):
    """At short times all fits are linear in the step; a fit that kept its initial output would be far off."""
    task = kd.tasks.digits(train=20, test=10, seed=0)
    network = kd.networks.MLP(width=1024, depth=1, parametrization="ntk")
    model = kd.KernelModel(network.kernel())
    recipe = kd.self_distillation(kd.GradientDescent(steps=3), kd.GradientDescent(steps=2))
    nets, exact = kd.train(recipe, network, task)[name], kd.solve(recipe, model, task)[name]
    assert np.linalg.norm(nets.test[0] - exact.test) < 0.1 * np.linalg.norm(exact.test)
