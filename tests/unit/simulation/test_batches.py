"""Minibatches: what they visit, how they are scaled, and what their randomness depends on."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.simulation import batches

WAYS = [False, True]  # replace


def orthogonal(samples):
    """A task whose samples do not see each other: a visit moves a sample's value, and no other, towards its target 1."""
    return kd.tasks.from_arrays(np.eye(samples), np.ones(samples))


def descent(steps, step_size=0.1, name="teacher", **more):
    return kd.Recipe(**{name: kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps, step_size)), **more)})


def values(recipe, task, model=None, **options):
    return kd.simulate(recipe, model or kd.LinearModel(), task, **options)["teacher"].train[..., 0]


def regression(samples=7, seed=0):
    draw = np.random.default_rng(seed).standard_normal
    return kd.tasks.from_arrays(draw((samples, 4)), draw((samples, 2)))


@pytest.mark.parametrize("epochs", [1, 3])
def test_an_epoch_visits_each_sample_once_with_gradients_scaled_by_n_over_size(epochs):
    after = values(descent(steps=4 * epochs), orthogonal(12), batch=kd.Minibatch(3), seeds=range(5))
    np.testing.assert_allclose(after, 1 - (1 - 0.1 * 12 / 3) ** epochs, rtol=1e-12)


def test_a_remainder_is_left_out_of_its_epoch_and_another_one_of_the_next():
    visits = [
        values(descent(2 * epochs), orthogonal(7), batch=kd.Minibatch(3), seeds=range(30)) > 0 for epochs in (1, 2)
    ]
    assert (visits[0].sum(axis=-1) == 6).all()
    assert (visits[1].sum(axis=-1) == 7).mean() > 0.5


def test_epochs_are_shuffled_anew():
    """After the first batch of the second epoch, three samples were visited twice: not always those of the first batch."""
    one, two = (values(descent(steps), orthogonal(12), batch=kd.Minibatch(3), seeds=range(10)) for steps in (1, 5))
    first, again = one > 0, two > 0.5
    assert (again.sum(axis=-1) == 3).all()
    assert (first == again).all(axis=-1).mean() < 0.5


def test_drawing_with_replacement_may_draw_a_sample_twice():
    after = values(descent(1), orthogonal(4), batch=kd.Minibatch(4, replace=True), seeds=range(200)) / 0.1
    np.testing.assert_allclose(after, np.round(after), atol=1e-12)
    np.testing.assert_allclose(after.sum(axis=-1), 4)
    # A sample is drawn twice or more with probability 0.262; over 800 of them the deviation is 0.016 at most.
    assert (after >= 1.5).mean() == pytest.approx(0.262, abs=5 * 0.016)


@pytest.mark.parametrize("replace", WAYS)
@pytest.mark.parametrize("model", [kd.LinearModel(), kd.KernelModel(kd.kernels.RBF(gamma=0.3))])
def test_one_step_is_the_full_step_on_average(model, replace):
    task, seeds = regression(), range(3000)
    batch = kd.Minibatch(2, replace=replace)
    full = kd.simulate(descent(1, 0.01), model, task)["teacher"].train
    steps = kd.simulate(descent(1, 0.01), model, task, batch=batch, seeds=seeds)["teacher"].train
    deviation = (steps.mean(axis=0) - full) / (steps.std(axis=0) / np.sqrt(len(seeds)))
    assert np.abs(deviation).max() < 5


@pytest.mark.parametrize("loss", [kd.SquaredError(), kd.CrossEntropy(temperature=2.0)])
@pytest.mark.parametrize("model", [kd.LinearModel(), kd.KernelModel(kd.kernels.RBF(gamma=0.3))])
def test_a_batch_of_all_samples_is_the_full_batch(model, loss):
    inputs = regression().inputs
    task = kd.tasks.from_arrays(inputs, [0, 1, 2, 0, 1, 2, 2])
    procedure = kd.GradientDescent(8)
    start = kd.Start(offset=lambda x: 3 * x[:, :3])
    teacher = kd.Fit(kd.Phase(kd.labels, procedure, loss), start=start)
    target = 0.6 * kd.output_of("teacher") + 0.4 * kd.labels
    recipe = kd.Recipe(teacher=teacher, student=kd.Fit(kd.Phase(target, procedure, loss), start=start))
    full = kd.simulate(recipe, model, task)
    batched = kd.simulate(recipe, model, task, batch=kd.Minibatch(7))
    np.testing.assert_allclose(batched["student"].train, full["student"].train, rtol=0, atol=1e-12)


@pytest.mark.parametrize("replace", WAYS)
def test_a_seed_gives_the_same_result_in_any_company(replace):
    task, batch = regression(), kd.Minibatch(2, replace=replace)
    recipe = kd.self_distillation(kd.GradientDescent(9), kd.GradientDescent(5), mixing=0.7)
    wider = kd.self_distillation(
        kd.GradientDescent(9), kd.GradientDescent(kd.axis("steps", [2, 5])), mixing=kd.axis("mixing", [0.1, 0.7])
    )
    alone = kd.simulate(recipe, kd.LinearModel(), task, batch=batch, seeds=[3])
    company = kd.simulate(recipe, kd.LinearModel(), task, batch=batch, seeds=[11, 3, 4_000_000_000])
    swept = kd.simulate(wider, kd.LinearModel(), task, batch=batch, seeds=[5, 3])
    for name in recipe:
        expected = alone[name].train[0]
        np.testing.assert_allclose(company[name].train[1], expected, rtol=0, atol=1e-12)
        assert np.abs(company[name].train[0] - expected).max() > 1e-3
    np.testing.assert_allclose(swept["student"].train[1, 1, 1], alone["student"].train[0], rtol=0, atol=1e-12)
    assert list(swept["student"].axes) == ["seed", "steps", "mixing"]


def test_without_seeds_minibatches_use_seed_0_and_there_is_no_axis():
    task, batch = regression(), kd.Minibatch(2)
    alone = kd.simulate(descent(5), kd.LinearModel(), task, batch=batch)
    seeded = kd.simulate(descent(5), kd.LinearModel(), task, batch=batch, seeds=[0])
    assert alone["teacher"].axes == {}
    np.testing.assert_array_equal(alone["teacher"].train, seeded["teacher"].train[0])
    assert alone.provenance["seeds"] == [0]


def test_without_minibatches_all_seeds_are_equal():
    simulated = kd.simulate(descent(5), kd.LinearModel(), regression(), seeds=[4, 2, 9])
    assert simulated["teacher"].axes["seed"].tolist() == [4, 2, 9]
    assert simulated["teacher"].train.shape == (3, 7, 2)
    np.testing.assert_array_equal(np.ptp(simulated["teacher"].train, axis=0), 0)


def test_a_stream_belongs_to_a_fit_unless_two_fits_share_one():
    phase = kd.Phase(kd.labels, kd.GradientDescent(9))
    recipe = kd.Recipe(teacher=kd.Fit(phase), other=kd.Fit(phase), control=kd.Fit(phase, stream="teacher"))
    simulated = kd.simulate(recipe, kd.LinearModel(), regression(), batch=kd.Minibatch(2))
    np.testing.assert_array_equal(simulated["teacher"].train, simulated["control"].train)
    assert np.abs(simulated["teacher"].train - simulated["other"].train).max() > 1e-3


@pytest.mark.parametrize("replace", WAYS)
@pytest.mark.parametrize("cut", [3, 4, 6])
def test_splitting_a_phase_in_two_changes_nothing(replace, cut, monkeypatch):
    """Neither in the middle of an epoch (three batches of two make one) nor at its end, nor at that of a drawn block."""
    monkeypatch.setattr(batches, "BLOCK", 4)
    phases = [kd.Phase(kd.labels, kd.GradientDescent(steps, 0.05)) for steps in (cut, 10 - cut)]
    batch = kd.Minibatch(2, replace=replace)
    whole = kd.simulate(descent(10, 0.05), kd.LinearModel(), regression(), batch=batch)
    split = kd.simulate(kd.Recipe(teacher=kd.Fit(phases)), kd.LinearModel(), regression(), batch=batch)
    np.testing.assert_array_equal(split["teacher"].train, whole["teacher"].train)


def test_both_precisions_see_the_same_batches():
    for replace in WAYS:
        options = {"batch": kd.Minibatch(2, replace=replace), "seeds": range(3)}
        double, single = (values(descent(9), regression(), dtype=d, **options) for d in ("float64", "float32"))
        np.testing.assert_allclose(single, double, atol=1e-5)


def test_long_trainings_are_drawn_block_by_block(monkeypatch):
    """After 30 epochs in many blocks each sample was visited 30 times; and a block does not repeat the one before it."""
    monkeypatch.setattr(batches, "BLOCK", 8)
    after = values(descent(120, 0.01), orthogonal(12), batch=kd.Minibatch(3), seeds=range(5))
    np.testing.assert_allclose(after, 1 - (1 - 0.01 * 12 / 3) ** 30, rtol=1e-12)
    drawn = kd.Minibatch(1, replace=True)
    one, two = (values(descent(steps, 0.01), orthogonal(12), batch=drawn, seeds=range(5)) for steps in (8, 16))
    assert (np.abs((1 - one) ** 2 - (1 - two)) > 0.01).any(axis=-1).all()
