"""The rules of composition, each checked against training in weight space (``literal.py``), which knows no spectrum.

One test per rule; the names are those of the design's section "Rules of composition".
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdtheory as kd
from kdtheory import testing
from kdtheory.errors import InvalidArgument, NotDiagonal, UnsupportedRecipe
from tests.laws.literal import run_recipe

SHAPES = {"fewer features than samples": (9, 4), "square": (5, 5), "more features than samples": (4, 9)}
FLOW, LATER_FLOW = kd.GradientFlow(time=0.4), kd.GradientFlow(time=0.9)
DESCENT = kd.GradientDescent(steps=5, step_size=0.02)
RIDGE, PULLED = kd.Ridge(penalty=0.7), kd.Ridge(penalty=0.7, center="start")
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def problem(shape, seed=0, test=6, outputs=2):
    generator = np.random.default_rng(seed)
    n, p = shape
    arrays = [generator.normal(size=size) for size in ((n, p), (n, outputs), (test, p), (test, outputs))]
    return kd.tasks.from_arrays(*arrays)


def start(shape, seed, offset=False):
    generator = np.random.default_rng(seed)
    slope = generator.normal(size=(shape[1], 2))
    return kd.Start(
        weights=generator.normal(size=(shape[1], 2)), offset=(lambda x: np.sin(x @ slope)) if offset else None
    )


def fit(*pairs, **options):
    return kd.Fit([kd.Phase(target, procedure) for target, procedure in pairs], **options)


def assert_equals_literal(recipe, task, tolerance=1e-10):
    exact, literal = kd.solve(recipe, kd.LinearModel(), task), run_recipe(recipe, task)
    for name in recipe:
        own = exact[name].task
        np.testing.assert_allclose(exact[name].train, literal[name](own.inputs), rtol=0, atol=tolerance)
        np.testing.assert_allclose(exact[name].weights, literal[name].weights, rtol=0, atol=tolerance)
        if own.test_inputs is not None:
            np.testing.assert_allclose(exact[name].test, literal[name](own.test_inputs), rtol=0, atol=tolerance)


@each_shape
@pytest.mark.parametrize("procedure", [FLOW, DESCENT, RIDGE, PULLED], ids=repr)
def test_rule_of_the_map(shape, procedure):
    recipe = kd.Recipe(teacher=fit((kd.labels, procedure), start=start(shape, 1)))
    assert_equals_literal(recipe, problem(shape))


# The literal twin has no infinitely many rounds, and integrates Nesterov's flow too coarsely for long times.
LITERAL = [family for family in testing.FAMILIES if family not in (kd.procedures.InfiniteRounds, kd.NesterovFlow)]


@each_shape
@given(data=st.data())
def test_rule_of_phases_they_continue_the_same_state(shape, data):
    """Whatever the families, targets, restarts and rounds."""
    task = problem(shape)
    largest = 1.01 * kd.LinearModel().spectrum(task).largest
    drawn = data.draw(testing.recipes(largest, LITERAL, rounds=2, phases=3))
    recipe = kd.Recipe(
        **{name: kd.Fit(f.phases, start=start(shape, seed)) for seed, (name, f) in enumerate(drawn.items())}
    )
    assert_equals_literal(recipe, task, tolerance=1e-8)


@each_shape
def test_rule_of_the_anchor_it_is_where_the_fit_started_not_the_phase(shape):
    recipe = kd.Recipe(teacher=fit((kd.labels, FLOW), (kd.labels, PULLED), start=start(shape, 3)))
    assert_equals_literal(recipe, problem(shape))


@each_shape
@pytest.mark.parametrize("whole, halves", [
    (kd.GradientFlow(time=0.9), (kd.GradientFlow(time=0.4), kd.GradientFlow(time=0.5))),
    (kd.GradientDescent(steps=7, step_size=0.02), (kd.GradientDescent(3, 0.02), kd.GradientDescent(4, 0.02))),
], ids=["flow", "descent"])  # fmt: skip
def test_rule_of_splitting_a_phase_in_two_changes_nothing(shape, whole, halves):
    task, begin = problem(shape), start(shape, 4, offset=True)
    one = kd.solve(kd.Recipe(teacher=fit((kd.labels, whole), start=begin)), kd.LinearModel(), task)["teacher"]
    two = kd.solve(kd.Recipe(teacher=fit(*[(kd.labels, h) for h in halves], start=begin)), kd.LinearModel(), task)[
        "teacher"
    ]
    np.testing.assert_allclose(two.train, one.train, rtol=0, atol=1e-12)
    np.testing.assert_allclose(two.test, one.test, rtol=0, atol=1e-12)


@each_shape
@pytest.mark.parametrize("mixing", [0.0, 0.3, 1.0, -0.5, 1.5])
def test_rule_of_targets_the_mixture_of_losses_is_the_loss_of_the_mixture(shape, mixing):
    assert_equals_literal(kd.self_distillation(FLOW, DESCENT, mixing=mixing, rounds=3), problem(shape))


@each_shape
def test_rule_of_rounds_a_list_of_mixings_is_one_per_round(shape):
    recipe = kd.self_distillation(FLOW, LATER_FLOW, mixing=[1.0, 0.25], rounds=2)
    assert list(recipe) == ["teacher", "student", "student_2"]
    assert str(recipe["student_2"].phases[0].target) == "0.25 * output_of('student') + 0.75 * labels"
    assert_equals_literal(recipe, problem(shape))


@each_shape
def test_rule_of_the_start_weights_and_an_offset_that_is_never_penalized(shape):
    recipe = kd.Recipe(
        teacher=fit((kd.labels, RIDGE), start=start(shape, 5, offset=True)),
        student=fit((0.5 * kd.output_of("teacher") + 0.5 * kd.labels, PULLED), start=start(shape, 6, offset=True)),
        student_2=fit((kd.output_of("student"), FLOW)),
    )
    assert_equals_literal(recipe, problem(shape))


@each_shape
def test_rule_of_different_data_the_teacher_is_evaluated_on_the_students_inputs(shape):
    task = problem(shape)
    generator = np.random.default_rng(7)
    transfer = kd.tasks.from_arrays(generator.normal(size=(7, shape[1])), None, task.test_inputs, task.test_targets)
    recipe = kd.Recipe(
        teacher=fit((kd.labels, FLOW), start=start(shape, 8, offset=True)),
        student=fit((kd.output_of("teacher"), DESCENT), (kd.output_of("teacher"), FLOW), task=transfer),
        student_2=fit((1.5 * kd.output_of("student") - 0.5 * kd.labels, RIDGE)),
    )
    assert_equals_literal(recipe, task)


def test_rule_of_different_data_gains_raise_and_operator_answers():
    task = problem((9, 4))
    transfer = kd.tasks.from_arrays(np.random.default_rng(7).normal(size=(7, 4)))
    recipe = kd.Recipe(
        teacher=fit((kd.labels, FLOW)), student=fit((kd.output_of("teacher"), LATER_FLOW), task=transfer)
    )
    student = kd.solve(recipe, kd.LinearModel(), task)["student"]
    with pytest.raises(
        NotDiagonal, match=r"^gains: expected a teacher with the student's inputs and kernel, got 'student'"
    ):
        _ = student.gains
    np.testing.assert_allclose(student.operator() @ task.targets, student.train, rtol=0, atol=1e-12)
    predictions = student.predict(task.test_inputs)
    np.testing.assert_allclose(
        student.operator(inputs=task.test_inputs) @ task.targets, predictions, rtol=0, atol=1e-12
    )


def test_rule_of_different_kernels_the_operators_multiply():
    task = problem((8, 3))
    kernels = [kd.KernelModel(kd.kernels.RBF(gamma=g)) for g in (0.1, 2.0)]
    recipe = kd.Recipe(
        teacher=fit((kd.labels, RIDGE), model=kernels[0]),
        student=fit((kd.output_of("teacher"), RIDGE), model=kernels[1]),
    )
    student = kd.solve(recipe, kd.LinearModel(), task)["student"]
    smoothers = [np.linalg.solve(k.gram(task) + 0.7 * np.eye(8), k.gram(task)).T for k in kernels]
    np.testing.assert_allclose(student.operator(), smoothers[1] @ smoothers[0], rtol=0, atol=1e-12)
    with pytest.raises(NotDiagonal):
        _ = student.residuals


@given(data=st.data(), runs=st.tuples(*[testing.procedures(families=[kd.GradientFlow, kd.Ridge, kd.HeavyBall])] * 2))
def test_rule_of_equal_kernels_and_data_gains_multiply(data, runs):
    """On any spectrum: with ties, zeros and clusters, and over twelve decades."""
    lam = data.draw(testing.spectra((1, 5), largest=(1.0, 1.0)))
    targets = data.draw(testing.targets(len(lam)))
    task = kd.tasks.from_spectrum(lam, coefficients=targets)
    solved = kd.solve(kd.self_distillation(*runs, rounds=2), kd.KernelModel(kd.kernels.Linear()), task)["student_2"]
    expected = runs[0].gain(lam) * runs[1].gain(lam) ** 2
    size = 1.0 + np.abs(expected).max()
    np.testing.assert_allclose(solved.gains, expected, rtol=1e-9, atol=1e-12 * size)
    np.testing.assert_allclose(solved.train.ravel(), expected * targets, atol=1e-12 * size * np.abs(targets).max())
    np.testing.assert_allclose(
        solved.operator() @ task.targets, solved.train, atol=1e-12 * size * np.abs(targets).max()
    )


def test_rule_of_residuals_they_do_not_cancel():
    task = kd.tasks.from_spectrum([1.0], coefficients=[1.0])
    recipe = kd.self_distillation(kd.GradientFlow(50.0), kd.GradientFlow(60.0), mixing=0.5)
    residual = kd.solve(recipe, kd.LinearModel(), task)["student"].residuals[0]
    teacher, student = np.exp(-50.0), np.exp(-60.0)
    assert residual == pytest.approx(0.5 * (1 - student) * teacher + student, rel=1e-12)


def test_rule_of_centring_it_is_explicit_and_undoes_itself():
    from sklearn.linear_model import Ridge

    task = problem((9, 4))
    shifted = kd.tasks.from_arrays(
        task.inputs + 3.0, task.targets - 5.0, task.test_inputs + 3.0, task.test_targets - 5.0
    )
    fitted = kd.solve(kd.Recipe(teacher=fit((kd.labels, RIDGE))), kd.LinearModel(), shifted.centered())["teacher"]
    reference = Ridge(alpha=0.7).fit(shifted.inputs, shifted.targets)
    np.testing.assert_allclose(fitted.train, reference.predict(shifted.inputs), rtol=0, atol=1e-11)
    np.testing.assert_allclose(fitted.test, reference.predict(shifted.test_inputs), rtol=0, atol=1e-11)
    np.testing.assert_allclose(fitted.predict(shifted.test_inputs), fitted.test, rtol=0, atol=1e-12)
    expected = 0.5 * np.sum((reference.predict(shifted.test_inputs) - shifted.test_targets) ** 2)
    assert fitted.loss() == pytest.approx(expected, rel=1e-10)


def test_rule_of_centring_a_teacher_on_a_centred_task_teaches_in_original_units():
    task = problem((9, 4))
    shifted = kd.tasks.from_arrays(task.inputs + 3.0, task.targets - 5.0)
    recipe = kd.Recipe(
        teacher=fit((kd.labels, RIDGE), task=shifted.centered()),
        student=fit((kd.output_of("teacher"), RIDGE), task=shifted),
    )
    solved = kd.solve(recipe, kd.LinearModel(), shifted)
    by_hand = kd.tasks.from_arrays(shifted.inputs, solved["teacher"].train)
    expected = kd.solve(kd.Recipe(teacher=fit((kd.labels, RIDGE))), kd.LinearModel(), by_hand)["teacher"].train
    np.testing.assert_allclose(solved["student"].train, expected, rtol=0, atol=1e-11)


def test_rule_of_sweeps_axes_lead_what_depends_on_them():
    task = problem((9, 4))
    times = [0.2, 0.5, 0.9]
    recipe = kd.self_distillation(
        kd.GradientFlow(kd.axis("teacher_time", times)), kd.GradientFlow(kd.axis("student_time", [0.3, 0.6])),
        mixing=kd.axis("mixing", [0.0, 0.25, 0.5, 1.0]),
    )  # fmt: skip
    surface = kd.solve(recipe, kd.LinearModel(), task)
    assert list(surface["teacher"].axes) == ["teacher_time"]
    assert surface["teacher"].train.shape == (3, 9, 2)
    assert list(surface["student"].axes) == ["teacher_time", "student_time", "mixing"]
    assert surface["student"].loss().shape == (3, 2, 4)
    single = kd.solve(
        kd.self_distillation(kd.GradientFlow(0.5), kd.GradientFlow(0.6), mixing=0.25), kd.LinearModel(), task
    )
    np.testing.assert_allclose(surface["student"].test[1, 1, 1], single["student"].test, rtol=0, atol=1e-13)
    np.testing.assert_allclose(surface["student"].weights[1, 1, 1], single["student"].weights, rtol=0, atol=1e-13)


def test_rule_of_worlds_solve_refuses_cross_entropy():
    recipe = kd.self_distillation(FLOW, FLOW, loss=kd.CrossEntropy(temperature=4.0))
    with pytest.raises(
        UnsupportedRecipe, match=r"^teacher: expected squared error, which has a closed form, got Cross.*; use"
    ):
        kd.solve(recipe, kd.LinearModel(), problem((9, 4)))


def test_rule_of_targets_weights_outside_the_unit_interval_are_for_squared_loss_only():
    target = 1.5 * kd.output_of("teacher") - 0.5 * kd.labels
    with pytest.raises(
        InvalidArgument, match=r"^mixing: expected weights in \[0, 1\] with cross-entropy, got -0.5; use"
    ):
        kd.Phase(target, FLOW, loss=kd.CrossEntropy())


def test_rule_of_results_effective_gains_are_masked_where_the_target_is_silent():
    task = kd.tasks.from_spectrum([4.0, 2.0, 1.0], coefficients=[1.0, 0.0, -2.0])
    model = kd.LinearModel()
    solved = kd.solve(kd.self_distillation(FLOW, FLOW), model, task)["student"]
    view = solved.on(model.spectrum(task))
    assert view.gains.mask.tolist() == [False, True, False]
    np.testing.assert_allclose(view.gains[[0, 2]], solved.gains[[0, 2]], rtol=1e-12)


def test_null_modes_never_reach_predictions():
    task = problem((9, 4))
    forever = kd.GradientFlow(time=np.inf)
    solved = kd.solve(kd.Recipe(teacher=fit((kd.labels, forever))), kd.LinearModel(), task)["teacher"]
    expected = np.linalg.lstsq(task.inputs, task.targets)[0]
    np.testing.assert_allclose(solved.weights, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(solved.test, task.test_inputs @ expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("procedure", [FLOW, DESCENT, RIDGE, PULLED], ids=repr)
@pytest.mark.parametrize("mixing", [0.0, 0.6, -0.4])
def test_rule_of_rounds_infinitely_many_are_the_limit_of_many(procedure, mixing):
    task = problem((4, 9))
    begin = kd.Start(weights=np.ones((9, 2)))
    rounds = {f"round_{i}": mixing * kd.output_of(f"round_{i - 1}") + (1 - mixing) * kd.labels for i in range(1, 60)}
    chain = {name: fit((target, procedure), start=begin) for name, target in rounds.items()}
    many = kd.Recipe(round_0=fit((kd.labels, procedure), start=begin), **chain)
    limit = kd.Recipe(student=fit((kd.labels, kd.procedures.InfiniteRounds(procedure, mixing)), start=begin))
    reached = kd.solve(many, kd.LinearModel(), task)["round_59"]
    exact = kd.solve(limit, kd.LinearModel(), task)["student"]
    for name in ("train", "test", "weights", "gains", "residuals"):
        np.testing.assert_allclose(getattr(exact, name), getattr(reached, name), rtol=0, atol=1e-10)


def test_rule_of_rounds_infinity_is_a_number_of_rounds():
    import math

    task = problem((9, 4))
    limit = kd.solve(kd.self_distillation(RIDGE, RIDGE, mixing=0.75, rounds=math.inf), kd.LinearModel(), task)[
        "student"
    ]
    amplified = kd.solve(kd.self_distillation(kd.Ridge(penalty=0.7 / 0.25), RIDGE), kd.LinearModel(), task)["teacher"]
    np.testing.assert_allclose(limit.gains, amplified.gains, rtol=1e-13)
    np.testing.assert_allclose(limit.test, amplified.test, rtol=0, atol=1e-12)


def test_rule_of_rounds_pure_distillation_collapses():
    limit = kd.procedures.InfiniteRounds(RIDGE, mixing=1.0)
    assert limit.gain([5.0, 0.0]).tolist() == [0.0, 0.0]
    with pytest.raises(InvalidArgument, match=r"^mixing: expected \|mixing \* gain\| below 1 in every mode, got 1.33"):
        kd.procedures.InfiniteRounds(kd.GradientDescent(1, 1.9), mixing=0.7).gain([1.0])


def test_rule_of_centring_equal_arrays_that_stand_for_different_inputs_are_different_data():
    from dataclasses import replace

    task = problem((9, 4))
    moved = replace(task, input_shift=np.ones(4))
    recipe = kd.Recipe(teacher=fit((kd.labels, RIDGE)), student=fit((kd.output_of("teacher"), RIDGE), task=moved))
    solved = kd.solve(recipe, kd.LinearModel(), task)
    seen = kd.tasks.from_arrays(task.inputs, solved["teacher"].predict(task.inputs + 1.0))
    expected = kd.solve(kd.Recipe(teacher=fit((kd.labels, RIDGE))), kd.LinearModel(), seen)["teacher"].train
    np.testing.assert_allclose(solved["student"].train, expected, rtol=0, atol=1e-12)


def test_rule_of_centring_a_precomputed_teacher_may_teach_another_kernel():
    task = kd.tasks.from_arrays(np.eye(3), [1.0, 2.0, 4.0]).centered()
    gram = kd.KernelModel(gram=np.diag([3.0, 2.0, 1.0]))
    recipe = kd.Recipe(teacher=fit((kd.labels, RIDGE), model=gram), student=fit((kd.output_of("teacher"), RIDGE)))
    solved = kd.solve(recipe, kd.LinearModel(), task)
    np.testing.assert_allclose(
        solved["teacher"].train - task.target_shift,
        np.array([3.0, 2.0, 1.0])[:, None] / np.array([3.7, 2.7, 1.7])[:, None] * task.targets,
    )
