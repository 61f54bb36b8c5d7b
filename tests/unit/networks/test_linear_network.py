"""A network without hidden layers is a linear model: `train` must give the closed form to rounding, in every detail."""

import dataclasses

import numpy as np
import pytest

import kdtheory as kd

LINEAR = kd.networks.MLP(depth=0, parametrization="ntk")
MODEL = kd.KernelModel(LINEAR.kernel())


def task(seed, n=12, labelled=True):
    rng = np.random.default_rng(seed)
    X, y, X_test = rng.normal(1.0, size=(n, 5)), rng.normal(2.0, size=(n, 2)), rng.normal(size=(7, 5))
    return kd.tasks.from_arrays(X, y if labelled else None, X_test)


def descent(steps, step_size=None):
    return kd.GradientDescent(steps=steps, step_size=step_size)


def fit(*targets, step_size=None, **options):
    return kd.Fit([kd.Phase(target, descent(9 + i, step_size)) for i, target in enumerate(targets)], **options)


def assert_equals_closed_form(recipe, problem, **options):
    exact = kd.solve(recipe, MODEL, problem)
    nets = kd.train(recipe, LINEAR, problem, dtype="float64", seeds=(0, 7), **options)
    for name in recipe:
        for on in ("train", "test"):
            expected = exact[name].outputs(on)
            np.testing.assert_allclose(nets[name].outputs(on), [expected, expected], rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mixing", [1.0, 0.3, [0.7, 1.4], 0.0])
def test_rounds_of_self_distillation(seed, mixing):
    recipe = kd.self_distillation(descent(30), descent(20, 0.02), mixing=mixing, rounds=2)
    assert_equals_closed_form(recipe, task(seed))


@pytest.mark.parametrize("seed", range(3))
def test_loss_switching(seed):
    recipe = kd.loss_switching(descent(40), before=descent(5, 0.03), after=descent(11), mixing=0.6)
    assert_equals_closed_form(recipe, task(seed))


def test_a_student_of_two_teachers():
    mixed = 0.5 * kd.output_of("teacher") - 0.2 * kd.output_of("other") + 0.7 * kd.labels
    recipe = kd.Recipe(teacher=fit(kd.labels), other=fit(kd.labels, kd.output_of("teacher")), student=fit(mixed))
    assert_equals_closed_form(recipe, task(0))


def test_offsets_are_added_and_never_trained():
    taught = kd.Start(offset=lambda x: np.stack([x[:, 0], x.sum(axis=1)], axis=1))
    recipe = kd.Recipe(
        teacher=fit(kd.labels, start=taught),
        student=fit(kd.output_of("teacher"), start=kd.Start(offset=[1.0, -2.0])),
    )
    assert_equals_closed_form(recipe, task(1))


def test_a_teacher_is_evaluated_on_the_unlabelled_inputs_of_its_student():
    recipe = kd.Recipe(
        teacher=fit(kd.labels), student=fit(kd.output_of("teacher"), task=task(5, n=8, labelled=False), step_size=0.02)
    )
    assert_equals_closed_form(recipe, task(2))


def test_centred_tasks_are_restored():
    shift = np.arange(5.0)
    moved = dataclasses.replace(
        task(3), inputs=task(3).inputs - shift, input_shift=shift
    )  # its mean is not zero: shifts are seen
    recipe = kd.Recipe(
        teacher=fit(kd.labels),
        student=fit(kd.output_of("teacher"), task=task(3, n=9).centered()),
        student_2=fit(0.5 * kd.output_of("student") + 0.5 * kd.labels, task=task(4, n=10)),
        student_3=fit(kd.output_of("student_2"), task=moved),
        student_4=fit(kd.output_of("student_3"), task=task(5, n=10)),
    )
    assert_equals_closed_form(recipe, task(2).centered())


STEPWISE = {
    "HeavyBall": [{"momentum": 0.6}],
    "Nesterov": [{"momentum": 0.6}, {"momentum": 0.6, "output": "look-ahead"}],
    "AveragedDescent": [{}],
    "WeightDecayDescent": [{"decay": 2.0}, {"decay": 2.0, "center": "start"}],
}
PROCEDURES = [
    (getattr(kd.procedures, name), options)
    for name, choices in STEPWISE.items()
    if hasattr(kd.procedures, name)
    for options in choices
]


@pytest.mark.parametrize(("procedure", "options"), PROCEDURES, ids=lambda value: getattr(value, "__name__", None))
def test_every_procedure_runs_by_its_own_step_rule(procedure, options):
    def run(steps):
        return procedure(steps=steps, step_size=0.01, **options)

    start = kd.Start(offset=[0.5, -1.0])
    recipe = kd.Recipe(
        teacher=kd.Fit([kd.Phase(kd.labels, run(7)), kd.Phase(kd.labels, run(5))]),
        student=kd.Fit(
            [kd.Phase(kd.labels, run(6)), kd.Phase(kd.output_of("teacher"), run(8), restart=True)], start=start
        ),
    )
    assert_equals_closed_form(recipe, task(1))


def test_the_step_size_of_the_call_fills_the_procedures_that_leave_it_open():
    problem = task(0)
    left_open = kd.train(kd.self_distillation(descent(9), descent(5, 0.01)), LINEAR, problem, step_size=0.02)
    given = kd.train(kd.self_distillation(descent(9, 0.02), descent(5, 0.01)), LINEAR, problem)
    assert left_open.provenance["rates"] == given.provenance["rates"]
    np.testing.assert_array_equal(left_open["student"].train, given["student"].train)


def test_gradient_flow_is_euler_steps_that_end_at_the_time():
    problem = task(0)
    largest = MODEL.spectrum(problem).largest
    flow = kd.self_distillation(kd.GradientFlow(time=5.2 / largest), kd.GradientFlow(time=1.0 / largest))
    nets = kd.train(flow, LINEAR, problem, dtype="float64")
    assert nets.provenance["steps"] == {"teacher": [11], "student": [2]}
    euler = kd.self_distillation(descent(11, 5.2 / largest / 11), descent(2, 0.5 / largest))
    np.testing.assert_allclose(nets["student"].train[0], kd.solve(euler, MODEL, problem)["student"].train, atol=1e-12)


def test_gradient_flow_is_the_limit_of_small_steps():
    problem = task(0)
    largest = MODEL.spectrum(problem).largest
    flow = kd.self_distillation(kd.GradientFlow(time=3.0 / largest), kd.GradientFlow(time=2.0 / largest))
    exact = kd.solve(flow, MODEL, problem)["student"].train
    errors = [
        np.abs(kd.train(flow, LINEAR, problem, dtype="float64", step_size=h / largest)["student"].train - exact).max()
        for h in (0.02, 0.01)
    ]
    assert 1.9 < errors[0] / errors[1] < 2.1


@pytest.mark.parametrize("replace", [False, True])
def test_a_minibatch_of_everything_is_the_full_gradient(replace):
    problem = task(0)
    recipe = kd.self_distillation(descent(1), descent(1))
    batch = kd.Minibatch(problem.size, replace=replace)
    whole, part = (kd.train(recipe, LINEAR, problem, dtype="float64", batch=b)["teacher"].train for b in (None, batch))
    assert np.allclose(whole, part, rtol=0, atol=1e-12) == (not replace)


def test_minibatch_gradients_estimate_the_full_one():
    problem, recipe = task(0), kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, descent(1, 1e-2))))
    exact = kd.solve(recipe, MODEL, problem)["teacher"].train
    for replace in (False, True):
        batch = kd.Minibatch(3, replace=replace)
        drawn = kd.train(recipe, LINEAR, problem, dtype="float64", batch=batch, seeds=range(400))["teacher"].train
        error = drawn.std(axis=0) / np.sqrt(400)
        assert np.all(np.abs(drawn.mean(axis=0) - exact) < 4.5 * error)


def test_an_epoch_without_replacement_visits_every_sample_once():
    from kdtheory.networks._batches import visits
    from kdtheory.networks.streams import generator

    batches = visits(kd.Minibatch(4), 9, generator(0, "student", "batches"))
    epochs = [[index for _ in range(2) for index in next(batches).tolist()] for _ in range(3)]
    assert all(len(set(epoch)) == 8 for epoch in epochs)
    assert epochs[0] != epochs[1]
