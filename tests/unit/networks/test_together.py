"""Several seeds in one batch of networks, against the same seeds trained one by one."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

import kdtheory as kd
from kdtheory.errors import InvalidArgument
from kdtheory.networks import CNN, MLP, SGD, Augmented, Network, ResidualMLP

TASK = kd.tasks.digits(train=40, test=20, seed=0)
TOKENS = kd.tasks.from_arrays([[1, 2, 0], [3, 0, 0], [2, 2, 1]], np.eye(3))
HARD, SOFT = kd.CrossEntropy(), kd.CrossEntropy(4.0)
BATCH = kd.Minibatch(12)
ADAM = kd.Adam(1e-2, weight_decay=0.1, schedule=kd.networks.Schedule(0.2, "cosine"))


def steps(number):
    return kd.GradientDescent(steps=number)


def switching(mode="evaluation", first=HARD, second=SOFT):
    """A student that starts as its teacher does, on labels, and goes on with a mixture."""
    mixture = 0.7 * kd.output_of("teacher", mode=mode) + 0.3 * kd.labels
    return kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, steps(6), first)),
        student=kd.Fit([kd.Phase(kd.labels, steps(4), first), kd.Phase(mixture, steps(5), second)], stream="teacher"),
    )


class Halved(Network):
    """A first layer that is not trained, and differs from seed to seed."""

    def build(self, inputs, outputs, generator):
        module = MLP(width=8, depth=1).build(inputs, outputs, generator)
        module[0].weight.requires_grad_(False)
        return module


@dataclass(frozen=True)
class Uneven(Network):
    """A last layer that is too large for some seeds."""

    factor: float

    def build(self, inputs, outputs, generator):
        module = MLP(width=8, depth=1).build(inputs, outputs, generator)
        with torch.no_grad():
            module[2].weight.mul_(self.factor if module[0].weight[0, 0] > 0 else 1.0)
        return module


def outputs(recipe, network, task=TASK, seeds=(3, 1, 4), dtype="float64", **options):
    result = kd.train(recipe, network, task, seeds=seeds, dtype=dtype, **{"optimizer": ADAM, **options})
    return {(name, on): getattr(fit, on) for name, fit in result.items() for on in ("train", "test") if task is TASK}


@pytest.mark.parametrize("batch", [None, BATCH, kd.Minibatch(7, replace=True)], ids=["full", "epochs", "replaced"])
@pytest.mark.parametrize("network", [MLP(width=8, depth=2), CNN(channels=(2, 3))], ids=["MLP", "CNN"])
def test_seeds_at_once_are_the_seeds_one_by_one(monkeypatch, network, batch):
    alone = outputs(switching(), network, batch=batch)
    monkeypatch.delattr("kdtheory.networks._together.fit_network")
    together = outputs(switching(), network, batch=batch, seeds_at_once=3)
    for name, values in alone.items():
        assert np.abs(values - values[:1]).max() > 0.1
        np.testing.assert_allclose(together[name], values, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": SGD(momentum=0.8, weight_decay=0.1), "step_size": 1e-3},
        {"optimizer": None, "step_size": 1e-3, "subtract_initial": False},
    ],
    ids=["momentum", "plain"],
)
def test_so_they_are_with_squared_errors_and_other_optimizers(monkeypatch, options):
    network, loss = MLP(width=8, depth=1, parametrization="ntk"), kd.SquaredError()
    recipe = switching(first=loss, second=loss)
    alone = outputs(recipe, network, batch=BATCH, **options)
    monkeypatch.delattr("kdtheory.networks._together.fit_network")
    together = outputs(recipe, network, batch=BATCH, seeds_at_once=3, **options)
    for name, values in alone.items():
        np.testing.assert_allclose(together[name], values, rtol=0, atol=1e-12)


def test_in_single_precision_they_agree_within_its_rounding(monkeypatch):
    alone = outputs(switching(), MLP(width=8, depth=1), dtype="float32", batch=BATCH)
    monkeypatch.delattr("kdtheory.networks._together.fit_network")
    together = outputs(switching(), MLP(width=8, depth=1), dtype="float32", batch=BATCH, seeds_at_once=3)
    for name, values in alone.items():
        np.testing.assert_allclose(together[name], values, rtol=0, atol=1e-4)


def test_procedures_with_a_memory_offsets_and_other_data_are_carried_along(monkeypatch):
    inputs = TASK.test_inputs[:15]
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, kd.HeavyBall(steps=6, momentum=0.5)), start=kd.Start(offset=0.5)),
        student=kd.Fit(
            [
                kd.Phase(kd.output_of("teacher"), kd.HeavyBall(steps=3, momentum=0.5)),
                kd.Phase(kd.output_of("teacher"), kd.HeavyBall(steps=3, momentum=0.5), restart=True),
            ],
            task=kd.tasks.from_arrays(inputs),
        ),
    )
    options = {"dtype": "float64", "seeds": range(3), "step_size": 1e-3}
    network = MLP(width=8, depth=1)
    alone = kd.train(recipe, network, TASK, **options)
    monkeypatch.delattr("kdtheory.networks._together.fit_network")
    together = kd.train(recipe, network, TASK, seeds_at_once=3, **options)
    for name in recipe:
        np.testing.assert_allclose(together[name].train, alone[name].train, rtol=0, atol=1e-12)


def test_groups_need_not_divide_the_seeds():
    alone = outputs(switching(), MLP(width=8, depth=1))
    for name, values in outputs(switching(), MLP(width=8, depth=1), seeds_at_once=2).items():
        np.testing.assert_allclose(values, alone[name], rtol=0, atol=1e-8)
        np.testing.assert_array_equal(values[2], alone[name][2])


@pytest.mark.parametrize(
    ("network", "mode"),
    [
        (MLP(width=8, depth=1, dropout=0.5), "evaluation"),
        (MLP(width=8, depth=1, batch_norm=True), "evaluation"),
        (ResidualMLP(width=8, depth=1, stochastic_depth=0.5), "evaluation"),
        (Augmented(MLP(width=8, depth=1), shift=1), "evaluation"),
        (MLP(width=8, depth=1, dropout=0.5), "training"),
        (Halved(), "evaluation"),
        (MLP(width=1350, depth=1), "evaluation"),
    ],
    ids=["dropout", "batch norm", "stochastic depth", "disturbed", "training mode", "frozen weights", "large"],
)
def test_what_cannot_be_one_batch_gives_the_bits_of_one_by_one(network, mode):
    alone = outputs(switching(mode), network, batch=BATCH)
    for name, values in outputs(switching(mode), network, batch=BATCH, seeds_at_once=3).items():
        np.testing.assert_array_equal(values, alone[name])


def test_a_teacher_in_training_mode_without_dropout_is_one_batch_and_its_student_is_not():
    plain = MLP(width=8, depth=1)
    alone = outputs(switching("training"), plain, batch=BATCH)
    for name, values in outputs(switching("training"), plain, batch=BATCH, seeds_at_once=3).items():
        np.testing.assert_allclose(values, alone[name], rtol=0, atol=1e-8)


def test_embeddings_are_trained_one_by_one_and_padding_stays_zero():
    recipe, network = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, steps(4), HARD))), kd.networks.EmbeddingBag(4, 3)
    alone, among = (
        kd.train(recipe, network, TOKENS, optimizer=ADAM, seeds=range(2), seeds_at_once=size)["teacher"].train
        for size in (1, 2)
    )
    np.testing.assert_array_equal(alone, among)


@pytest.mark.parametrize(
    ("seeds", "factor", "told"),
    [
        ((1, 0, 2), 3.0, "20 to 85.1 at the end of phase 1 of 'teacher' with seed 0"),
        ((1, 2, 3), 30.0, "at step 3 of phase 1 of 'teacher' with seed 3"),
    ],
)
def test_one_seed_that_diverges_among_others_is_told_as_it_is_alone(seeds, factor, told):
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, steps(20))))
    for size in (1, 3):
        with pytest.raises(InvalidArgument) as raised:
            kd.train(recipe, Uneven(factor), TASK, seeds=seeds, step_size=1e-3, seeds_at_once=size)
        assert told in str(raised.value)


class Watched(Network):
    """Tells with how many threads it was built."""

    threads = ()

    def build(self, inputs, outputs, generator):
        self.threads = (*self.threads, torch.get_num_threads())
        return MLP(width=8, depth=1).build(inputs, outputs, generator)


def test_threads_are_those_asked_for_and_all_is_left_as_it_was():
    before, threads, network = torch.get_rng_state(), torch.get_num_threads(), Watched()
    outputs(switching(), network, seeds_at_once=3, threads=threads + 1)
    assert network.threads == (threads + 1,) * 6
    assert torch.equal(before, torch.get_rng_state())
    assert torch.get_num_threads() == threads
