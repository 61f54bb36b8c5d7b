"""Units of the other studies: each number on a case where it is known, or against a recipe of its own."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.experiments.gradient_noise import teachers_noise
from kdtheory.experiments.kernel_regime import kernel_regime
from kdtheory.experiments.low_directions import low_directions
from kdtheory.experiments.noise_average import noise_average
from kdtheory.experiments.settings import task
from kdtheory.experiments.switching import switching
from kdtheory.experiments.watched import Watched

DIGITS = {"data": "digits", "train": 60, "test": 50}
NET = kd.networks.MLP(width=12, depth=1)


@pytest.fixture(scope="module")
def switched():
    known = {"teacher_epochs": 2, "epochs": 8, "batch": 20, "optimizer": kd.Adam(rate=1e-2), "temperature": 3.0}
    return switching(task(DIGITS, 5), NET, 7, **known)


def accuracies_by_hand():
    data, soft = task(DIGITS, 5), kd.CrossEntropy(temperature=3.0)

    def fit(*parts, **more):
        return kd.Fit([kd.Phase(target, kd.GradientDescent(steps=n), soft) for target, n in parts], **more)

    taught = kd.output_of("teacher")
    recipe = kd.Recipe(
        teacher=fit((kd.labels, 6)), student=fit((taught, 24)), control=fit((kd.labels, 24), stream="student"),
        late=fit((kd.labels, 18), (taught, 6), stream="student"), left=fit((taught, 6), (kd.labels, 18), stream="student"),
        stop=fit((kd.labels, 7), stream="student"),
    )  # fmt: skip
    nets = kd.train(recipe, NET, data, seeds=[7], optimizer=kd.Adam(rate=1e-2), batch=kd.Minibatch(20))
    return {name: kd.measures.accuracy(nets[name], on="test")[0] for name in nets}


def test_switches_happen_at_their_step_in_their_direction(switched):
    known = accuracies_by_hand()
    gain = {name: value - known["control"] for name, value in known.items()}
    assert switched["distillation, gain"] == pytest.approx(gain["student"])
    assert switched["to distillation at 0.75, gain"] == pytest.approx(gain["late"])
    assert switched["to labels at 0.25, gain"] == pytest.approx(gain["left"])
    assert switched["stop at 0.3, gain"] == pytest.approx(gain["stop"])
    assert switched["to labels at 0.25, beyond half"] == pytest.approx(gain["left"] - gain["student"] / 2)
    assert switched["teacher, accuracy"] == known["teacher"]


def test_the_switches_differ_from_each_other(switched):
    gains = [v for k, v in switched.items() if k.startswith("to ") and k.endswith("gain")]
    assert len(set(gains)) >= 4


def test_wider_networks_are_nearer_to_their_closed_form():
    numbers = kernel_regime(task({**DIGITS, "train": 30}, 0), 0, widths=[16, 64, 256, 1024], depth=1, steps=20)
    for name in ("teacher", "student", "switched", "mixed", "control", "stopped"):
        assert numbers[f"{name}, exponent"] < -0.2
        assert numbers[f"{name}, widest deviation"] == numbers[f"{name}, 1024, deviation"] < 0.2


def test_noise_by_hand_and_more_of_it_for_confident_teachers():
    data = task({**DIGITS, "label_noise": 0.2}, 0)
    kernel = kd.kernels.NTK(depth=1)
    numbers = teachers_noise(data, NET, kernel, 0, epochs=[1, 60], batch=20, optimizer=kd.Adam(rate=1e-2))
    assert numbers["one-hot, variance"] + numbers["one-hot, squared bias"] == pytest.approx(1.0)
    assert numbers["1 epochs, variance"] < numbers["60 epochs, variance"]
    assert numbers["1 epochs, confidence"] < numbers["60 epochs, confidence"]
    # Gradients of samples by hand: features times (softmax of 0 minus label), batches of one, scaled by n.
    gram = kernel.gram(data.inputs)
    slopes = 0.1 - data.targets
    mean = slopes.mean(axis=0)
    products = gram * (slopes @ slopes.T)
    variance = 60 * np.trace(products) - products.sum()
    wrong = (0.1 - data.clean_targets) - slopes
    bias = np.sum(gram * (wrong @ wrong.T))
    assert mean.shape == (10,)
    assert numbers["one-hot, squared bias"] == pytest.approx(bias / (bias + variance))


def test_a_filtered_teacher_loses_what_lies_in_low_directions():
    data = task({**DIGITS, "label_noise": 0.2}, 0)
    known = {"epochs": 20, "batch": 20, "optimizer": kd.Adam(rate=1e-2), "temperature": 4.0}
    kernel = kd.kernels.NTK(depth=1)
    whole, cut = (low_directions(data, NET, kernel, 0, **known, kept=kept) for kept in (1.0, 0.1))
    assert whole["filtered teacher, slope"] == pytest.approx(1.0)
    assert whole["filtered student, slope difference"] == pytest.approx(0.0, abs=1e-3)
    assert abs(cut["filtered teacher, slope"] - 1.0) > 0.05
    assert cut["filtered teacher, lowest_fifth"] != 0.0


def test_a_watched_network_trains_like_itself_and_shows_its_weights():
    data = task(DIGITS, 5)
    watched = Watched(kd.networks.MLP(width=6, depth=2), data.inputs)
    run = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=5), kd.CrossEntropy())))
    nets = [kd.train(run, net, data, optimizer=kd.Adam()) for net in (watched, watched.network)]
    assert np.array_equal(nets[0]["teacher"].test, nets[1]["teacher"].test)
    first, second, last = watched.layers
    assert np.array_equal(first.inputs, data.inputs)
    assert (second.inputs.shape, second.now.shape, last.now.shape) == ((60, 6), (6, 6), (10, 6))
    assert np.all(second.inputs >= 0)
    # Five steps of Adam at 1e-3 move a weight by at most about five thousandths.
    assert 1e-4 < np.abs(first.now - first.start).max() < 6e-3


def test_a_noisy_student_is_read_in_evaluation_mode_and_averaged_at_its_temperature():
    data, net = task(DIGITS, 5), kd.networks.MLP(width=12, depth=1, dropout=0.5)
    known = {"optimizer": kd.Adam(rate=1e-2), "temperature": 3.0, "draws": 7}
    numbers = noise_average(data, net, NET, 7, epochs=8, batch=20, **known)

    def fit(target, temperature, **more):
        return kd.Fit(kd.Phase(target, kd.GradientDescent(steps=24), kd.CrossEntropy(temperature)), **more)

    recipe = kd.Recipe(
        teacher=fit(kd.labels, 1.0),
        student=fit(kd.output_of("teacher"), 3.0),
        listener=fit(kd.output_of("teacher", mode="training"), 3.0, stream="student"),
        control=fit(kd.labels, 1.0, stream="student"),
        quiet_teacher=fit(kd.labels, 1.0, stream="teacher", model=NET),
        quiet=fit(kd.output_of("quiet_teacher"), 3.0, stream="student", model=NET),
    )
    nets = kd.train(recipe, net, data, seeds=[7], optimizer=kd.Adam(rate=1e-2), batch=kd.Minibatch(20), noisy_draws=7)
    averaged = {name: log_mean_softmax(nets[name].noisy.test[:, 0], 3.0) for name in nets}
    teacher, student, listener = (nets[name].test[0] for name in ("teacher", "student", "listener"))
    assert numbers["test, slope"] == pytest.approx(slope(data, teacher, student))
    assert numbers["test, averaged slope"] == pytest.approx(slope(data, teacher, averaged["student"]))
    assert numbers["test, noise"] == pytest.approx(numbers["test, slope"] - numbers["test, averaged slope"])
    assert numbers["test, noisy teacher, slope"] == pytest.approx(slope(data, teacher, listener))
    twin = slope(data, nets["quiet_teacher"].test[0], nets["quiet"].test[0])
    assert numbers["test, twin, slope"] == pytest.approx(twin)
    assert numbers["test, averaged minus twin"] == pytest.approx(numbers["test, averaged slope"] - twin)
    control = slope(data, teacher, averaged["control"])
    assert numbers["test, averaged slope, difference"] == pytest.approx(numbers["test, averaged slope"] - control)
    on_average = slope(data, averaged["teacher"], listener)
    assert numbers["test, noisy teacher, slope on average"] == pytest.approx(on_average)
    both = slope(data, averaged["teacher"], averaged["listener"])
    assert numbers["test, noisy teacher, averaged slope"] == pytest.approx(both)
    right = [np.mean(each.argmax(-1) == data.test_labels) for each in (teacher, student, averaged["student"], listener)]
    assert numbers["gain"] == pytest.approx(right[1] - right[0])
    assert numbers["averaging gain"] == pytest.approx(right[2] - right[1])
    assert numbers["noisy teacher, gain"] == pytest.approx(right[3] - right[0])


def log_mean_softmax(draws, temperature):
    raised = np.exp(draws / temperature)
    return temperature * np.log(np.mean(raised / raised.sum(axis=-1, keepdims=True), axis=0))


def slope(data, teacher, student):
    odds = [kd.measures.log_odds(each, data.test_labels) for each in (teacher, student)]
    return np.polyfit(*odds, 1)[0]
