"""What a unit measures, on a setting whose outcome is known: thresholds that wrong training or bookkeeping misses."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.experiments.exaggeration import exaggeration, student_name
from kdtheory.experiments.settings import task

ADAM = kd.Adam(rate=1e-3)


@pytest.fixture(scope="module")
def digits():
    net = kd.networks.MLP(width=256, depth=1)
    known = {"epochs": 60, "batch": 64, "optimizer": ADAM, "temperatures": (1.0, 4.0)}
    return exaggeration(task({"data": "digits", "train": 600, "test": 600}, 1), net, net, 1, **known)


@pytest.mark.slow
def test_digits_exaggerate_at_temperature_4_and_shrink_at_temperature_1(digits):
    # Seeds 1 to 3: 1.056 to 1.067, and 0.919 to 0.949; with the temperature forgotten, both are the same.
    assert digits["t4, train, slope"] > 1.03
    assert digits["t1, train, slope"] < 0.97
    # Control and student swapped: signs turn.
    assert digits["t4, train, slope, difference"] > 0.03
    assert digits["t1, train, slope, difference"] < -0.02
    assert abs(digits["control, train, slope"] - 1.0) < 0.05
    assert digits["t4, train, lowest_fifth"] < -0.3 < -0.2 < digits["control, train, lowest_fifth"]


@pytest.mark.slow
def test_differences_are_student_minus_control_and_gains_are_accuracies(digits):
    for word in ("slope", "theil_sen", "lowest_fifth"):
        for on in ("train", "test"):
            name = f"t4, {on}, {word}"
            assert digits[f"{name}, difference"] == pytest.approx(digits[name] - digits[name.replace("t4", "control")])
    own = digits["t4, gain"] + digits["teacher, accuracy"]
    assert digits["t4, gain over control"] == pytest.approx(own - digits["control, accuracy"])
    assert own == pytest.approx(round(own * 600) / 600)


@pytest.mark.parametrize(("given", "taught"), [({}, 15), ({"teacher_epochs": 2}, 6)])
def test_a_unit_is_what_its_recipe_gives_by_itself(given, taught):
    data, seed = task({"data": "digits", "train": 60, "test": 50}, 5), 7
    teacher, student = kd.networks.MLP(width=12, depth=1), kd.networks.MLP(width=8, depth=2)
    known = {"epochs": 5, "batch": 20, "optimizer": ADAM, "temperatures": (3.0,), "shares": (0.4, 1.0)}
    numbers = exaggeration(data, teacher, student, seed, **known, **given)

    def fit(target, steps, temperature, **more):
        return kd.Fit(kd.Phase(target, kd.GradientDescent(steps=steps), kd.CrossEntropy(temperature)), **more)

    recipe = kd.Recipe(
        teacher=fit(kd.labels, taught, 1.0, model=teacher),
        student=fit(kd.output_of("teacher"), 6, 3.0),
        control=fit(kd.labels, 6, 1.0, stream="student"),
        last=fit(kd.labels, 15, 1.0, stream="student"),
    )
    nets = kd.train(recipe, student, data, seeds=[seed], optimizer=ADAM, batch=kd.Minibatch(20))
    for on in ("train", "test"):
        measured = kd.measures.confidence(nets["teacher"], nets["student"], on=on, control=nets["control"])
        assert numbers[f"t3 at 0.4, {on}, slope"] == measured.slope[0]
        assert numbers[f"t3 at 0.4, {on}, slope, difference"] == measured.difference("slope")[0]
        assert numbers[f"control at 0.4, {on}, slope"] == measured.control.slope[0]
    accuracy = {name: kd.measures.accuracy(nets[name], on="test")[0] for name in nets}
    assert numbers["t3 at 0.4, gain"] == accuracy["student"] - accuracy["teacher"]
    assert numbers["t3 at 0.4, gain over control"] == accuracy["student"] - accuracy["control"]
    stopped = max(accuracy["control"], accuracy["last"])
    assert numbers["t3 at 0.4, gain over oracle stop"] == accuracy["student"] - stopped


def test_a_teacher_in_training_mode_differs_only_by_its_dropout():
    data = task({"data": "digits", "train": 60, "test": 50}, 5)
    known = {"epochs": 3, "batch": 20, "optimizer": ADAM, "temperatures": (2.0,), "modes": ("evaluation", "training")}
    for dropout, differs in ((0.0, False), (0.5, True)):
        net = kd.networks.MLP(width=12, depth=1, dropout=dropout)
        numbers = exaggeration(data, net, net, 0, **known)
        # Apart from rounding: a teacher without dropout says the same in both modes.
        assert (abs(numbers["t2, train, slope"] - numbers["t2 noisy, train, slope"]) > 1e-4) == differs


def test_students_have_different_names_and_numbers_are_finite():
    names = {student_name(t, s, m) for t in (1.0, 1.5) for s in (0.25, 1.0) for m in ("evaluation", "training")}
    assert len(names) == 8
    data, net = task({"data": "digits", "train": 40, "test": 40}, 0), kd.networks.MLP(width=8, depth=1)
    numbers = exaggeration(data, net, net, 0, epochs=2, batch=20, optimizer=ADAM, temperatures=(1.0, 4.0))
    assert np.all(np.isfinite(list(numbers.values())))
