"""Convolutions, texts, dropout, normalization and disturbed images, each against torch or a literal loop."""

import numpy as np
import pytest
import torch
from torch import nn

import kdtheory as kd
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.networks import CNN, MLP, Augmented, EmbeddingBag, TextCNN

DOUBLE = {"dtype": torch.float64}
TASK = kd.tasks.digits(train=40, test=20, seed=0)
TOKENS = torch.tensor([[5, 2, 2, 0], [1, 3, 4, 6], [0, 0, 0, 0]], **DOUBLE)
STEPS = kd.GradientDescent(steps=5)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def close(one, other):
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14)


def trained(recipe, network, task=TASK, **options):
    options = {"optimizer": kd.Adam(1e-2), "dtype": "float64", **options}
    return kd.train(recipe, network, task, **options)


def distilled(mode="evaluation"):
    return kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, STEPS, kd.CrossEntropy())),
        student=kd.Fit(kd.Phase(kd.output_of("teacher", mode=mode), STEPS, kd.CrossEntropy(4.0))),
    )


def test_a_cnn_is_torchs_layers_with_their_initialization():
    ours = CNN(channels=(3, 4), image=(2, 8, 8), batch_norm=True).build(128, 5, seeded(3))
    with torch.random.fork_rng():
        torch.manual_seed(3)
        first, second = nn.Conv2d(2, 3, 3, padding=1, **DOUBLE), nn.Conv2d(3, 4, 3, padding=1, **DOUBLE)
        last = nn.Linear(4 * 2 * 2, 5, **DOUBLE)
    x = torch.randn(6, 128, generator=seeded(1), **DOUBLE)
    pool, relu, norms = nn.AvgPool2d(2), nn.ReLU(), [nn.BatchNorm2d(3, **DOUBLE), nn.BatchNorm2d(4, **DOUBLE)]
    h = pool(relu(norms[0](first(x.reshape(6, 2, 8, 8)))))
    h = pool(relu(norms[1](second(h))))
    close(ours(x), last(h.reshape(6, -1)))


def test_a_cnn_in_ntk_parametrization_is_its_formula():
    module = CNN(channels=(2,), image=(4, 4), parametrization="ntk").build(16, 3, seeded())
    W, V = (p.detach() for p in module.parameters())
    x = torch.randn(2, 16, generator=seeded(1), **DOUBLE)
    h = nn.functional.conv2d(x.reshape(2, 1, 4, 4), W / 3, padding=1).relu() * 2**0.5
    h = h.reshape(2, 2, 2, 2, 2, 2).mean(dim=(3, 5)).reshape(2, -1)
    close(module(x), h @ V.T / 8**0.5)


@pytest.mark.parametrize("parametrization", ["standard", "ntk"])
def test_an_embedding_bag_is_the_mean_over_tokens_that_are_not_padding(parametrization):
    network = EmbeddingBag(vocabulary=7, width=3, depth=0, parametrization=parametrization)
    module = network.build(4, 2, seeded())
    E, W, *bias = (p.detach() for p in module.parameters())
    assert E[0].abs().max() == 0
    bags = nn.functional.embedding_bag(TOKENS.long(), E, mode="mean", padding_idx=0)
    close(module(TOKENS), bags @ W.T + bias[0] if bias else bags @ W.T / 3**0.5)


def test_padding_stays_zero_in_training():
    network, inputs = EmbeddingBag(vocabulary=7, width=3), TOKENS.numpy()
    module = network.build(4, 2, seeded())
    module(TOKENS).square().sum().backward()
    (embedding, *_) = module.parameters()
    assert embedding.grad[0].abs().max() == 0
    assert embedding.grad[5].abs().max() > 0
    task = kd.tasks.from_arrays(inputs, [[1, 0], [0, 1], [1, 0]])
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, STEPS, kd.CrossEntropy())))
    assert trained(recipe, network, task)["teacher"].train.shape == (1, 3, 2)


def test_a_text_cnn_is_the_strongest_response_of_each_filter():
    module = TextCNN(vocabulary=7, width=2, kernels=(2, 3)).build(4, 3, seeded())
    E, two, two_bias, three, three_bias, W, bias = (p.detach() for p in module.parameters())
    found = []
    for text in TOKENS.long():
        strongest = []
        for filters, shift in ((two, two_bias), (three, three_bias)):
            length = filters.shape[2]
            windows = [E[text[i : i + length]].T for i in range(4 - length + 1)]
            responses = torch.stack([(filters * w).sum(dim=(1, 2)) + shift for w in windows]).relu()
            strongest.append(responses.max(dim=0).values)
        found.append(torch.cat(strongest) @ W.T + bias)
    close(module(TOKENS), torch.stack(found))


def test_a_normalized_mlp_is_torchs():
    ours = MLP(width=4, depth=1, batch_norm=True).build(3, 2, seeded(2))
    with torch.random.fork_rng():
        torch.manual_seed(2)
        first, last = nn.Linear(3, 4, **DOUBLE), nn.Linear(4, 2, **DOUBLE)
    x, norm = torch.randn(5, 3, generator=seeded(1), **DOUBLE), nn.BatchNorm1d(4, **DOUBLE)
    close(ours(x), last(norm(first(x)).relu()))
    close(ours.eval()(x), last(norm.eval()(first(x)).relu()))


def test_dropout_leaves_out_in_training_and_nothing_in_evaluation():
    dropped, plain = (MLP(width=500, depth=1, dropout=p).build(3, 2, seeded()) for p in (0.7, 0.0))
    x = torch.randn(4, 3, generator=seeded(1), **DOUBLE)
    close(dropped.eval()(x), plain(x))
    hidden = dropped[:3].train()(x)
    kept = hidden[dropped[:2](x) > 0] > 0
    assert kept.double().mean() == pytest.approx(0.3, abs=0.05)
    close(hidden[hidden > 0], (dropped[:2](x) / 0.3)[hidden > 0])


def test_dropout_changes_what_is_learned_and_one_seed_gives_the_same_bits():
    recipe, network = distilled(), MLP(width=32, depth=1, dropout=0.5)
    one, two = (trained(recipe, network)["student"].test for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - trained(recipe, MLP(width=32, depth=1))["student"].test).max() > 1e-3


def test_a_teacher_in_training_mode_answers_with_its_dropout_on():
    dropped, plain = MLP(width=32, depth=1, dropout=0.5), MLP(width=32, depth=1)
    quiet, loud = (trained(distilled(mode), dropped) for mode in ("evaluation", "training"))
    np.testing.assert_array_equal(quiet["teacher"].test, loud["teacher"].test)
    assert np.abs(quiet["student"].test - loud["student"].test).max() > 1e-4
    quiet, loud = (trained(distilled(mode), plain)["student"].test for mode in ("evaluation", "training"))
    np.testing.assert_allclose(quiet, loud, rtol=1e-12)


def test_mixtures_and_squared_error_hear_a_teacher_in_training_mode_too():
    def recipe(mode):
        target = 0.7 * kd.output_of("teacher", mode=mode) + 0.3 * kd.labels
        teacher = kd.Fit(kd.Phase(kd.labels, STEPS))
        return kd.Recipe(teacher=teacher, student=kd.Fit(kd.Phase(target, STEPS)))

    quiet, loud = (trained(recipe(mode), MLP(width=32, depth=1))["student"].test for mode in ("evaluation", "training"))
    np.testing.assert_allclose(quiet, loud, rtol=1e-12)


def test_closed_forms_and_simulations_refuse_a_training_mode():
    for world in (kd.solve, kd.simulate):
        flow = kd.Phase(kd.output_of("teacher", mode="training"), kd.GradientDescent(3))
        recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(3))), student=kd.Fit(flow))
        with pytest.raises(UnsupportedRecipe) as raised:
            world(recipe, kd.LinearModel(), TASK)
        assert str(raised.value) == (
            "student: expected a target in evaluation mode, got output_of('teacher', mode='training'); "
            "train networks, or drop mode="
        )


def test_images_are_shifted_mirrored_and_disturbed_in_training_only():
    image = torch.arange(1.0, 10.0, **DOUBLE).reshape(3, 3)
    noisy = Augmented(MLP(width=2, depth=0), shift=1, mirror=True).build(9, 1, seeded())[0]
    x = image.reshape(1, 9).repeat(400, 1)
    close(noisy.eval()(x), x)
    seen = {tuple(row) for row in noisy.train()(x).tolist()}
    expected = set()
    for picture in (image, image.flip(1)):
        padded = nn.functional.pad(picture, (1, 1, 1, 1))
        for row in range(3):
            expected |= {tuple(padded[row : row + 3, c : c + 3].reshape(-1).tolist()) for c in range(3)}
    assert seen == expected
    blurred = Augmented(MLP(width=2, depth=0), noise=0.5).build(9, 1, seeded())[0].train()(x) - x
    assert blurred.std() == pytest.approx(0.5, rel=0.05)


def test_disturbed_images_train():
    network = Augmented(CNN(channels=(2, 2), image=(8, 8)), shift=1)
    test = trained(distilled(), network)["student"].test
    assert test.shape == (1, 20, 10)
    assert np.abs(test - trained(distilled(), network.network)["student"].test).max() > 1e-3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(dropout=1.0), "dropout: expected a number of at least 0 and below 1, got 1.0; change dropout"),
        (
            lambda: MLP(dropout=0.5, parametrization="ntk"),
            "dropout: expected none in NTK parametrization, got 0.5; use parametrization='standard'",
        ),
        (lambda: CNN(kernel_size=2), "kernel_size: expected an odd number, got 2; pass 3 or 5"),
        (
            lambda: CNN().build(50, 2, seeded()),
            "image: expected a square number of inputs, or image=, got 50 inputs; pass image=(height, width), or "
            "(channels, height, width)",
        ),
        (
            lambda: CNN(channels=(2, 2, 2), image=(4, 16)).build(64, 2, seeded()),
            "image: expected images of at least 8 by 8 pixels for 3 blocks, got 64 pixels; use fewer channels=(...)",
        ),
        (
            lambda: TextCNN(vocabulary=9).build(4, 2, seeded()),
            "kernels: expected texts of at least 5 tokens, got 4; use shorter kernels=(...)",
        ),
        (
            lambda: trained(distilled(), EmbeddingBag(vocabulary=9)),
            "teacher, train inputs: expected whole numbers of tokens from 0 to 8, got",
        ),
        (
            lambda: trained(distilled(), MLP(batch_norm=True), batch=kd.Minibatch(1)),
            "batch: expected at least 2 samples with batch_norm, got 1; take larger batches",
        ),
        (lambda: Augmented("MLP"), "network: expected a network, got 'MLP'; pass for example MLP(width=512)"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(make, message):
    with pytest.raises(InvalidArgument) as raised:
        make()
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)
