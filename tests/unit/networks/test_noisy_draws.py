"""What trained networks say with their noise left on."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument

TASK = kd.tasks.digits(train=40, test=30)
NET = kd.networks.MLP(width=16, depth=1, dropout=0.5)
SOFT = kd.CrossEntropy(temperature=4.0)


def pair(mode="evaluation"):
    steps = kd.GradientDescent(steps=20)
    taught = kd.output_of("teacher", mode=mode)
    return kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, steps, SOFT)), student=kd.Fit(kd.Phase(taught, steps, SOFT)))


def train(net=NET, recipe=None, seeds=(3,), **options):
    return kd.train(recipe or pair(), net, TASK, seeds=seeds, optimizer=kd.Adam(), batch=kd.Minibatch(10), **options)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
def test_listening_changes_nothing_else(mode):
    plain, heard = train(recipe=pair(mode)), train(recipe=pair(mode), noisy_draws=3)
    for name in plain:
        assert plain[name].noisy is None
        np.testing.assert_array_equal(plain[name].train, heard[name].train)
        np.testing.assert_array_equal(plain[name].test, heard[name].test)


def test_draws_are_those_of_their_seed_whatever_else_is_run():
    alone, among = train(seeds=[4], noisy_draws=2), train(seeds=[3, 4], noisy_draws=2)
    assert list(among["student"].noisy.axes) == ["draw", "seed"]
    assert among["student"].noisy.test.shape == (2, 2, 30, 10)
    np.testing.assert_array_equal(alone["student"].noisy.test[:, 0], among["student"].noisy.test[:, 1])
    assert np.any(alone["student"].noisy.test[0] != alone["student"].noisy.test[1])


def test_dropout_drops_units_and_scales_the_others():
    # A hidden layer that draws dropout's masks is linear in its mask: the mean over masks is the evaluation mode.
    fit = train(noisy_draws=4000)["student"]
    error = fit.noisy.test.std(axis=0) / np.sqrt(4000)
    assert np.all(np.abs(fit.noisy.test.mean(axis=0) - fit.test) < 6 * error)
    assert np.all(error > 0)


def test_a_network_without_noise_repeats_what_it_says():
    fit = train(kd.networks.MLP(width=16, depth=1), noisy_draws=2)["student"]
    for draw in fit.noisy.test:
        np.testing.assert_allclose(draw, fit.test, rtol=1e-5, atol=1e-6)
    together = train(kd.networks.MLP(width=16, depth=1), seeds=range(3), seeds_at_once=3, noisy_draws=2)["student"]
    np.testing.assert_allclose(together.noisy.test[0], together.test, rtol=1e-5, atol=1e-6)


def test_a_task_without_test_points_has_none_in_its_draws():
    task = kd.tasks.from_arrays(TASK.inputs, TASK.labels)
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=3), SOFT)))
    fit = kd.train(recipe, NET, task, optimizer=kd.Adam(), noisy_draws=2)["teacher"]
    assert fit.noisy.train.shape == (2, 1, 40, 10)
    assert fit.noisy.test_outputs is None


def test_less_than_no_draws_are_refused():
    with pytest.raises(InvalidArgument, match="^noisy_draws: "):
        train(noisy_draws=-1)


def test_fewer_draws_are_the_first_of_more():
    fewer, more = (train(noisy_draws=draws)["student"].noisy for draws in (2, 4))
    np.testing.assert_array_equal(fewer.train, more.train[:2])
    np.testing.assert_array_equal(fewer.test, more.test[:2])


def test_seeds_and_fits_of_other_streams_have_masks_of_their_own():
    # One hidden unit: dropped, the network says its bias, which is the value that is heard most often.
    net = kd.networks.MLP(width=1, depth=1, dropout=0.5)
    nets = train(net, seeds=range(4), noisy_draws=20, subtract_initial=False)
    heard = [nets[name].noisy.test[:, seed, :, 0] for name in nets for seed in range(4)]
    masks = []
    for said in heard:
        values, counts = np.unique(said, return_counts=True)
        masks.append(said == values[np.argmax(counts)])
    compared = 0
    for place, first in enumerate(masks):
        for second in masks[:place]:
            active = ~(first.all(axis=0) | second.all(axis=0))
            if active.any():
                compared += 1
                assert np.any(first[:, active] != second[:, active])
    assert compared > 0


def test_stochastic_depth_and_disturbed_images_are_noise_and_batch_means_are_not():
    nets = {
        "blocks": kd.networks.ResidualMLP(width=16, depth=2, stochastic_depth=0.5),
        "disturbed": kd.networks.Augmented(kd.networks.MLP(width=16, depth=1), image=(8, 8), shift=1),
        "batch means": kd.networks.MLP(width=16, depth=1, batch_norm=True),
    }
    differ = {}
    for name, net in nets.items():
        first, second = train(net, noisy_draws=2)["student"].noisy.test
        differ[name] = bool(np.any(first != second))
    assert differ == {"blocks": True, "disturbed": True, "batch means": False}


def test_a_point_alone_has_no_batch_means():
    task = kd.tasks.from_arrays(TASK.inputs, TASK.labels, TASK.test_inputs[:1], TASK.test_labels[:1])
    net = kd.networks.MLP(width=4, depth=1, batch_norm=True)
    with pytest.raises(InvalidArgument) as raised:
        kd.train(pair(), net, task, optimizer=kd.Adam(), noisy_draws=2)
    assert str(raised.value) == (
        "teacher, test inputs: expected at least 2 points for noisy_draws with batch_norm, got 1; "
        "evaluate more points, or leave noisy_draws at 0"
    )


def test_it_is_told_in_the_provenance():
    assert train(noisy_draws=2).provenance["noisy_draws"] == 2
