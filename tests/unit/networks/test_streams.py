"""Randomness: named by seed and stream, and nothing else."""

import numpy as np
import torch

import kdtheory as kd
from kdtheory.networks.streams import stream_seed

TASK = kd.tasks.digits(train=60, test=20, seed=0)
NET = kd.networks.MLP(width=32, depth=2)
SOFT = kd.CrossEntropy(temperature=4.0)


def phase(target, loss=None, steps=12):
    return kd.Phase(target, kd.GradientDescent(steps=steps), loss or kd.CrossEntropy())


def train(recipe, seeds=(0,), **options):
    options = {"optimizer": kd.Adam(), "batch": kd.Minibatch(16)} | options
    return kd.train(recipe, NET, TASK, seeds=seeds, **options)


def pair(**more):
    return kd.Recipe(teacher=kd.Fit(phase(kd.labels)), student=kd.Fit(phase(kd.output_of("teacher"), SOFT)), **more)


def test_stream_seeds_are_frozen():
    assert (
        stream_seed(0, "student", "initialization") == 8829435940812342360
    )  # sha256sum of [0, "student", "initialization"], 63 bits


def test_the_same_seed_gives_the_same_bits():
    first, second = train(pair()), train(pair())
    for name in first:
        np.testing.assert_array_equal(first[name].train, second[name].train)
        np.testing.assert_array_equal(first[name].test, second[name].test)


def test_a_seed_does_not_depend_on_other_seeds_or_fits():
    alone = train(kd.Recipe(teacher=kd.Fit(phase(kd.labels))), seeds=[3])
    among = train(pair(), seeds=[1, 3])
    np.testing.assert_array_equal(alone["teacher"].train[0], among["teacher"].train[1])
    assert np.any(among["teacher"].train[0] != among["teacher"].train[1])


def test_fits_start_differently_unless_they_share_a_stream():
    recipe = kd.Recipe(one=kd.Fit(phase(kd.labels)), two=kd.Fit(phase(kd.labels)))
    result = train(recipe)
    assert np.any(result["one"].train != result["two"].train)


def test_a_control_with_the_students_stream_and_target_is_the_student_bit_for_bit():
    twin = kd.Fit(phase(kd.output_of("teacher"), SOFT), stream="student")
    control = kd.Fit(phase(kd.labels), stream="student")
    result = train(pair(twin=twin, control=control), seeds=range(2))
    np.testing.assert_array_equal(result["twin"].train, result["student"].train)
    np.testing.assert_array_equal(result["twin"].test, result["student"].test)
    assert np.any(result["control"].train != result["student"].train)


def test_a_control_shares_weights_and_batches_with_its_student():
    """The two differ by their targets only, so that before the first step their gradients' inputs agree."""
    nothing = kd.Recipe(
        teacher=kd.Fit(phase(kd.labels, steps=0)),
        student=kd.Fit(phase(kd.output_of("teacher"), steps=0)),
        control=kd.Fit(phase(kd.labels, steps=0), stream="student"),
    )
    result = train(nothing, subtract_initial=False)
    np.testing.assert_array_equal(result["control"].test, result["student"].test)
    assert np.any(result["control"].test != result["teacher"].test)


def test_batches_do_not_touch_or_depend_on_global_randomness():
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first = train(pair())
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(2)
    np.testing.assert_array_equal(first["student"].train, train(pair())["student"].train)


def test_layers_with_randomness_of_their_own_are_seeded_and_quiet_when_they_teach():
    class Dropping(kd.networks.Network):
        def build(self, inputs, outputs, generator):
            module = kd.networks.MLP(width=32, depth=1).build(inputs, outputs, generator)
            return torch.nn.Sequential(*module[:2], torch.nn.Dropout(0.5), module[2])

    options = {"optimizer": kd.Adam(), "seeds": [0, 1]}
    first, second = (kd.train(pair(), Dropping(), TASK, **options) for _ in range(2))
    np.testing.assert_array_equal(first["student"].train, second["student"].train)
    still = kd.Recipe(teacher=kd.Fit(phase(kd.labels, steps=0)))
    assert np.all(kd.train(still, Dropping(), TASK, **options)["teacher"].train == 0)


def test_threads_are_put_back():
    before = torch.get_num_threads()
    train(pair(), threads=1 if before > 1 else 2)
    assert torch.get_num_threads() == before


def test_both_precisions_start_from_the_same_weights():
    nothing = kd.Recipe(teacher=kd.Fit(phase(kd.labels, steps=0)))
    single, double = (train(nothing, dtype=d, subtract_initial=False)["teacher"].train for d in ("float32", "float64"))
    np.testing.assert_allclose(single, double, rtol=0, atol=1e-6)
    assert single.dtype == double.dtype == np.float64


class OneStart(kd.networks.Network):
    """Equal weights at every start."""

    def build(self, inputs, outputs, generator):
        return kd.networks.MLP(width=8, depth=1, dropout=0.5).build(inputs, outputs, torch.Generator().manual_seed(0))


def test_layers_that_draw_do_so_anew_for_every_seed_and_stream():
    fit = kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=3)))
    again = kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=3)), stream="teacher")
    result = kd.train(
        kd.Recipe(teacher=fit, other=fit, again=again), OneStart(), TASK, seeds=[0, 1], optimizer=kd.Adam()
    )
    teacher, other = result["teacher"].train, result["other"].train
    np.testing.assert_array_equal(teacher, result["again"].train)
    for differs in (teacher[0] - teacher[1], teacher - other):
        assert np.abs(differs).max() > 1e-4
