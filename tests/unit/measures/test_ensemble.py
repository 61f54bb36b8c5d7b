"""The mean probability of several fits, against softmax by hand."""

import numpy as np
import pytest
import scipy.special

import kdtheory as kd
from kdtheory.distillation.results import ArrayFit
from kdtheory.errors import InvalidArgument
from kdtheory.measures import accuracy, ensemble, log_odds


@pytest.mark.parametrize("temperature", [1.0, 4.0])
@pytest.mark.parametrize(("over", "axis"), [("member", 0), ("seed", 1)])
def test_it_is_the_mean_probability_at_that_temperature(make_fit, over, axis, temperature):
    fit = make_fit("student", member=3, seed=2)
    averaged = ensemble(fit, over=over, temperature=temperature)
    for on in ("train", "test"):
        mean = scipy.special.softmax(fit.outputs(on) / temperature, axis=-1).mean(axis=axis)
        np.testing.assert_allclose(scipy.special.softmax(averaged.outputs(on) / temperature, axis=-1), mean, rtol=1e-13)
    assert list(averaged.axes) == [name for name in ("member", "seed") if name != over]


def test_equal_members_say_what_each_says(make_fit):
    one = make_fit("student", seed=2)
    twice = ArrayFit("student", one.task, {"draw": np.arange(2), **one.axes}, np.stack([one.train] * 2), logits=True)
    twice.test_outputs = np.stack([one.test] * 2)
    averaged = ensemble(twice, over="draw", temperature=3.0)
    labels = one.task.labels
    np.testing.assert_allclose(log_odds(averaged.train, labels), log_odds(one.train, labels), rtol=1e-12)


def test_logits_of_a_thousand_keep_their_digits():
    task = kd.tasks.from_arrays(np.eye(2), np.array([0, 1]))
    logits = np.array([[[1000.0, 0.0], [0.0, 1000.0]], [[1000.0, 0.0], [0.0, 1002.0]]])
    averaged = ensemble(ArrayFit("student", task, {"seed": np.arange(2)}, logits, logits=True))
    # The chance of the other class is the mean of exp(-1000) and exp(-1002).
    expected = 1000.0 - np.log((1.0 + np.exp(-2.0)) / 2.0)
    np.testing.assert_allclose(log_odds(averaged.train, [0, 1]), [1000.0, expected], rtol=1e-14)


def test_a_single_column_is_the_log_odds_of_two_classes():
    task = kd.tasks.from_arrays(np.eye(2), np.array([1.0, -1.0]))
    logits = np.array([[[2.0], [-1.0]], [[-4.0], [3.0]]])
    single = ensemble(
        ArrayFit("student", task, {"draw": np.arange(2)}, logits, logits=True), over="draw", temperature=2.0
    )
    chance = scipy.special.expit(logits / 2.0).mean(axis=0)
    np.testing.assert_allclose(scipy.special.expit(single.train / 2.0), chance, rtol=1e-14)


def test_values_of_squared_error_are_averaged_as_they_are(make_fit):
    fit = make_fit("student", logits=False, seed=4)
    np.testing.assert_array_equal(ensemble(fit).test, fit.test.mean(axis=0))
    assert not ensemble(fit).logits


def test_monte_carlo_dropout_is_a_fit_that_measures_read():
    task = kd.tasks.digits(train=40, test=30)
    net = kd.networks.MLP(width=16, depth=1, dropout=0.5)
    recipe = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=20), kd.CrossEntropy())))
    nets = kd.train(recipe, net, task, seeds=[1, 2], optimizer=kd.Adam(), noisy_draws=8)
    averaged = ensemble(nets["teacher"].noisy, over="draw")
    assert accuracy(averaged).shape == (2,)
    by_hand = scipy.special.softmax(nets["teacher"].noisy.test, axis=-1).mean(axis=0)
    np.testing.assert_allclose(scipy.special.softmax(averaged.test, axis=-1), by_hand, rtol=1e-12)


def test_faults_are_one_line(make_fit):
    fit = make_fit("student", seed=2)
    where = "sweeps and seeds are axes, and draws are those of result[name].noisy"
    asked = {
        (fit, "draw"): f"over: expected one of the axes 'seed', got 'draw'; {where}",
        (make_fit("student"), "seed"): f"over: expected a fit with axes, got 'seed'; {where}",
        (
            fit.noisy,
            "draw",
        ): "result: expected a fit that was heard with its noise on, got None; train with noisy_draws=20",
    }
    for (result, over), message in asked.items():
        with pytest.raises(InvalidArgument) as raised:
            ensemble(result, over)
        assert str(raised.value) == message
    with pytest.raises(InvalidArgument, match="^result: expected a fit, got an array"):
        ensemble(fit.train)
    with pytest.raises(InvalidArgument, match="^temperature: "):
        ensemble(fit, temperature=0.0)


def test_a_sweep_of_the_closed_form_is_averaged_too():
    task = kd.tasks.from_arrays(np.eye(3), np.arange(3.0), np.ones((2, 3)))
    times = kd.axis("time", [1.0, 2.0, 4.0])
    fit = kd.solve(kd.self_distillation(kd.GradientFlow(time=times), kd.GradientFlow(time=1.0)), kd.LinearModel(), task)
    averaged = ensemble(fit["student"], "time")
    np.testing.assert_allclose(averaged.test, fit["student"].test.mean(axis=0), rtol=1e-14)
    assert averaged.axes == {}
