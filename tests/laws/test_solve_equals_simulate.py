"""Law: what is solved in closed form is what gradient descent does step by step."""

import numpy as np
import pytest

import kdtheory as kd

TOLERANCE = 1e-9
SHAPES = {"wide": (5, 8), "tall": (9, 4), "kernel": (7, 3)}  # samples, features
OUTPUTS = 2


def steps(number, step_size=None):
    return kd.GradientDescent(number, step_size)


def problem(shape, seed=0):
    n, p = SHAPES[shape]
    draw = np.random.default_rng([n, p, seed]).standard_normal
    task = kd.tasks.from_arrays(draw((n, p)), draw((n, OUTPUTS)), draw((4, p)), draw((4, OUTPUTS)))
    return (kd.KernelModel(kd.kernels.RBF(gamma=0.3)) if shape == "kernel" else kd.LinearModel()), task


def assert_equal_worlds(recipe, model, task):
    exact, simulated = kd.solve(recipe, model, task), kd.simulate(recipe, model, task)
    for name in recipe:
        moved = max(1.0, np.abs(exact[name].train).max())
        for what in ("train", "test", "weights"):
            if what == "test" and exact[name].task.test_inputs is None:
                continue
            if what == "weights" and not isinstance(exact[name].model, kd.LinearModel):
                assert simulated[name].weights is None
                continue
            ours, theirs = getattr(exact[name], what), getattr(simulated[name], what)
            np.testing.assert_allclose(theirs, ours, rtol=0, atol=TOLERANCE * moved, err_msg=f"{what} of {name}")
            assert theirs.dtype == np.float64
        assert list(simulated[name].axes) == list(exact[name].axes)
    return simulated


RECIPES = {
    "a teacher alone": kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, steps(30)))),
    "two rounds": kd.self_distillation(steps(30), steps(17), rounds=2),
    "mixing": kd.self_distillation(steps(25), steps(12), mixing=[0.3, 0.8], rounds=2),
    "mixing outside [0, 1]": kd.self_distillation(steps(25), steps(12), mixing=[-0.4, 1.7], rounds=2),
    "loss switching": kd.loss_switching(steps(40), before=steps(11), after=steps(23), mixing=0.7),
    "a step per phase": kd.loss_switching(steps(9), before=steps(8, 0.01), after=steps(7, 0.03)),
    "two teachers": kd.Recipe(
        early=kd.Fit(kd.Phase(kd.labels, steps(3))),
        late=kd.Fit(kd.Phase(kd.labels, steps(60))),
        student=kd.Fit(kd.Phase(0.5 * kd.output_of("early") + 0.8 * kd.output_of("late") - 0.3 * kd.labels, steps(20))),
    ),
    "no steps at all": kd.self_distillation(steps(4), steps(0)),
}


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_recipes_on_one_task(shape, name):
    assert_equal_worlds(RECIPES[name], *problem(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_steps_that_overshoot(shape):
    """Just below the stability limit the residual of the first mode changes its sign in every step."""
    model, task = problem(shape)
    fast = 1.9 / model.spectrum(task).largest
    assert_equal_worlds(kd.self_distillation(steps(3, fast), steps(5, fast)), model, task)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", SHAPES)
def test_random_recipes(shape, seed):
    """Fits of one to three phases on random mixtures of all earlier fits, on labelled and centred tasks, from anywhere."""
    draw = np.random.default_rng(seed)
    model, task = problem(shape, seed)
    tasks = [None, None, problem(shape, seed + 100)[1], problem(shape, seed + 200)[1].centered(), task.centered()]
    fits = {}
    for position in range(4):
        phases = []
        for _ in range(draw.integers(1, 4)):
            weights = draw.uniform(-1, 1, size=len(fits))
            mixed = (1 - weights.sum()) * kd.labels
            for weight, name in zip(weights, fits, strict=True):
                mixed = mixed + float(weight) * kd.output_of(name)
            phases.append(kd.Phase(mixed, steps(int(draw.integers(0, 20)))))
        weights = None if shape == "kernel" else draw.standard_normal((task.inputs.shape[1], OUTPUTS))
        start = [None, kd.Start(weights=weights, offset=draw.standard_normal(OUTPUTS))][draw.integers(2)]
        fits[f"fit_{position}"] = kd.Fit(phases, task=tasks[draw.integers(len(tasks))], start=start)
    assert_equal_worlds(kd.Recipe(**fits), model, task)


@pytest.mark.parametrize("shape", ["wide", "tall"])
def test_nonzero_starts_and_offsets_of_teacher_and_student(shape):
    model, task = problem(shape)
    draw = np.random.default_rng(1).standard_normal
    p = task.inputs.shape[1]
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, steps(20)), start=kd.Start(weights=draw((p, OUTPUTS)), offset=[0.5, -2.0])),
        student=kd.Fit(
            [kd.Phase(kd.labels, steps(6)), kd.Phase(0.6 * kd.output_of("teacher") + 0.4 * kd.labels, steps(9))],
            start=kd.Start(weights=draw((p, OUTPUTS)), offset=lambda x: np.sin(x[:, :OUTPUTS])),
        ),
        student_2=kd.Fit(kd.Phase(kd.output_of("student"), steps(30))),
    )
    assert_equal_worlds(recipe, model, task)


def test_offsets_of_kernel_models():
    model, task = problem("kernel")
    teacher = kd.Fit(kd.Phase(kd.labels, steps(20)), start=kd.Start(offset=lambda x: np.cos(x[:, :OUTPUTS])))
    student = kd.Fit(kd.Phase(kd.output_of("teacher"), steps(8)), start=kd.Start(offset=3.0))
    assert_equal_worlds(kd.Recipe(teacher=teacher, student=student), model, task)


@pytest.mark.parametrize("shape", SHAPES)
def test_unlabelled_transfer_inputs(shape):
    model, task = problem(shape)
    draw = np.random.default_rng(2).standard_normal
    transfer = kd.tasks.from_arrays(draw((6, task.inputs.shape[1])), X_test=task.inputs)
    student = kd.Fit(kd.Phase(kd.output_of("teacher"), steps(15)), task=transfer)
    assert_equal_worlds(kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, steps(30))), student=student), model, task)


def test_a_student_with_another_kernel_and_one_with_a_linear_model():
    model, task = problem("kernel")
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, steps(30))),
        student=kd.Fit(
            kd.Phase(0.5 * kd.output_of("teacher") + 0.5 * kd.labels, steps(15)),
            model=kd.KernelModel(kd.kernels.RBF(gamma=2.0)),
        ),
        student_2=kd.Fit(kd.Phase(kd.output_of("student"), steps(10)), model=kd.LinearModel()),
    )
    assert_equal_worlds(recipe, model, task)


@pytest.mark.parametrize("shape", SHAPES)
def test_centred_tasks_alone_and_beside_others(shape):
    model, task = problem(shape)
    _, other = problem(shape, seed=1)
    centred = task.centered()
    teacher = kd.Fit(kd.Phase(kd.labels, steps(20)))
    mixed = 0.7 * kd.output_of("teacher") + 0.3 * kd.labels
    assert_equal_worlds(kd.Recipe(teacher=teacher, student=kd.Fit(kd.Phase(mixed, steps(9)))), model, centred)
    for own, given in [(other.centered(), centred), (centred, task), (task, centred)]:
        student = kd.Fit(kd.Phase(mixed, steps(9)), task=own)
        assert_equal_worlds(kd.Recipe(teacher=teacher, student=student), model, given)


def test_precomputed_gram_matrices():
    model, task = problem("kernel")
    given = kd.KernelModel(gram=model.gram(task), cross=model.cross_gram(task.test_inputs, task))
    assert_equal_worlds(RECIPES["loss switching"], given, task.centered())


@pytest.mark.parametrize("shape", ["wide", "kernel"])
def test_sweeps_become_leading_axes_of_what_depends_on_them(shape):
    model, task = problem(shape)
    recipe = kd.self_distillation(
        teacher=steps(kd.axis("teacher_steps", [2, 5, 9])),
        student=steps(7, kd.axis("student_step", [0.01, 0.03])),
        mixing=kd.axis("mixing", [0.0, 0.4, 1.0, 1.5]),
    )
    simulated = assert_equal_worlds(recipe, model, task)
    assert simulated["teacher"].train.shape == (3, task.size, OUTPUTS)
    assert simulated["student"].train.shape == (3, 2, 4, task.size, OUTPUTS)


def test_a_teacher_swept_on_other_inputs():
    model, task = problem("wide")
    _, other = problem("wide", seed=1)
    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, steps(kd.axis("teacher_steps", [2, 5, 9])))),
        student=kd.Fit(kd.Phase(kd.output_of("teacher"), steps(kd.axis("student_steps", [1, 4]))), task=other),
    )
    assert_equal_worlds(recipe, model, task)


@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_flow_is_the_limit_of_small_steps_at_the_rate_of_euler(shape):
    """The error of teacher and student halves with the step: it falls neither slower, nor faster, nor to a floor."""
    model, task = problem(shape)
    largest = model.spectrum(task).largest
    recipe = kd.self_distillation(kd.GradientFlow(2.0 / largest), kd.GradientFlow(3.0 / largest), mixing=0.6)
    exact = kd.solve(recipe, model, task)
    errors = []
    for step in (1 / 32, 1 / 64, 1 / 128):
        simulated = kd.simulate(recipe, model, task, step_size=step / largest)
        errors.append([np.abs(simulated[name].test - exact[name].test).max() for name in recipe])
    ratios = np.array(errors)[:-1] / np.array(errors)[1:]
    np.testing.assert_allclose(ratios, 2.0, atol=0.05)
    assert np.max(errors[-1]) < 0.01
