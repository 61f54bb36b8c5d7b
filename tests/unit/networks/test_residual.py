"""Residual networks and their stochastic depth: against formulas by hand, and against all ways to leave out blocks."""

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

import kdtheory as kd
from kdtheory.networks import ResidualMLP

DOUBLE = {"dtype": torch.float64}
TASK = kd.tasks.digits(train=40, test=20, seed=0)
STEPS = kd.GradientDescent(steps=5)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def inputs(rows, columns=3):
    return torch.randn(rows, columns, generator=seeded(1), **DOUBLE)


def by_hand(module, x, weights):
    """The formula, with a number in front of every block."""
    W, a, *blocks, U, c = (p.detach() for p in module.parameters())
    h = (x @ W.T + a).relu()
    for weight, start in zip(weights, range(0, len(blocks), 4), strict=True):
        inner, inner_bias, outer, outer_bias = blocks[start : start + 4]
        h = h + weight * ((h @ inner.T + inner_bias).relu() @ outer.T + outer_bias)
    return h @ U.T + c


def close(one, other):
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def learned(network, mode="evaluation", seeds=(0,)):
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, STEPS, kd.CrossEntropy())),
        student=kd.Fit(kd.Phase(kd.output_of("teacher", mode=mode), STEPS, kd.CrossEntropy(4.0))),
    )
    return kd.train(recipe, network, TASK, optimizer=kd.Adam(1e-2), dtype="float64", seeds=seeds)


def test_it_starts_from_torchs_initialization_whatever_its_stochastic_depth():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        sizes = [(3, 4), (4, 4), (4, 4), (4, 4), (4, 4), (4, 2)]
        theirs = [p for pair in sizes for p in nn.Linear(*pair, **DOUBLE).parameters()]
    for drop in (0.0, 0.5):
        ours = ResidualMLP(width=4, depth=2, stochastic_depth=drop).build(3, 2, seeded(3)).parameters()
        for a, b in zip(ours, theirs, strict=True):
            close(a.detach(), b.detach())


def test_survival_falls_in_a_straight_line_to_the_last_block():
    np.testing.assert_allclose(ResidualMLP(depth=5, stochastic_depth=0.4).survival, [0.92, 0.84, 0.76, 0.68, 0.6])
    assert ResidualMLP(depth=3).survival == (1.0, 1.0, 1.0)


def test_in_evaluation_every_block_counts_by_its_survival():
    module = ResidualMLP(width=6, depth=3, stochastic_depth=0.6).build(3, 2, seeded()).eval()
    close(module(inputs(5)).detach(), by_hand(module, inputs(5), [0.8, 0.6, 0.4]))


def test_without_stochastic_depth_it_is_a_plain_residual_network_and_draws_nothing():
    module = ResidualMLP(width=6, depth=3).build(3, 2, seeded())
    before = torch.get_rng_state()
    for training in (True, False):
        close(module.train(training)(inputs(5)).detach(), by_hand(module, inputs(5), [1, 1, 1]))
    assert torch.equal(before, torch.get_rng_state())


def test_in_training_samples_leave_out_blocks_independently_and_as_often_as_said():
    rows, network = 20_000, ResidualMLP(width=6, depth=3, stochastic_depth=0.6)
    module, x = network.build(3, 2, seeded()).train(), inputs(1)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        found = module(x.repeat(rows, 1))
    seen = 0
    for pattern in product([0, 1], repeat=3):
        chance = np.prod([p if kept else 1 - p for p, kept in zip(network.survival, pattern, strict=True)])
        equal = torch.isclose(found, by_hand(module, x, pattern), rtol=1e-10).all(dim=1)
        assert equal.double().mean() == pytest.approx(chance, abs=4.5 * np.sqrt(chance * (1 - chance) / rows))
        seen += int(equal.sum())
    assert seen == rows


def test_the_mean_training_step_of_one_block_is_evaluation():
    module = ResidualMLP(width=6, depth=1, stochastic_depth=0.3).build(3, 2, seeded()).eval()
    without, whole = (by_hand(module, inputs(5), [weight]) for weight in (0, 1))
    close(module(inputs(5)).detach(), 0.3 * without + 0.7 * whole)


def test_one_seed_gives_the_same_bits_alone_and_beside_others():
    network = ResidualMLP(width=16, depth=2, stochastic_depth=0.5)
    alone, beside = learned(network, seeds=[1])["student"].test, learned(network, seeds=[0, 1])["student"].test
    np.testing.assert_array_equal(alone[0], beside[1])
    assert np.abs(alone - learned(ResidualMLP(width=16, depth=2), seeds=[1])["student"].test).max() > 1e-3


def test_a_teacher_in_training_mode_answers_with_blocks_left_out():
    dropped, plain = ResidualMLP(width=16, depth=2, stochastic_depth=0.5), ResidualMLP(width=16, depth=2)
    quiet, loud = (learned(dropped, mode) for mode in ("evaluation", "training"))
    np.testing.assert_array_equal(quiet["teacher"].test, loud["teacher"].test)
    assert np.abs(quiet["student"].test - loud["student"].test).max() > 1e-4
    quiet, loud = (learned(plain, mode)["student"].test for mode in ("evaluation", "training"))
    np.testing.assert_allclose(quiet, loud, rtol=1e-12)
