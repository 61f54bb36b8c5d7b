"""Every family of procedures in recipes: closed form, literal training of weights, and simulation agree."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import procedures as p
from kdtheory.errors import InvalidArgument
from tests.laws.literal import run_recipe

SHAPES = {"fewer features than samples": (9, 4), "square": (5, 5), "more features than samples": (4, 9)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)

# By family, the run as a function of its duration, in units such that durations add up.
CONTINUED = {
    "gradient descent": lambda k: p.GradientDescent(k, 0.02),
    "heavy ball": lambda k: p.HeavyBall(k, 0.8, 0.02),
    "Nesterov": lambda k: p.Nesterov(k, 0.7, 0.02),
    "look-ahead": lambda k: p.Nesterov(k, 0.7, 0.02, output="look-ahead"),
    "averaged descent": lambda k: p.AveragedDescent(k, 0.02),
    "iterated Tikhonov": lambda k: p.IteratedTikhonov(20.0, k),
    "weight decay": lambda k: p.WeightDecayDescent(k, 0.9, 0.02),
    "weight decay to the start": lambda k: p.WeightDecayDescent(k, 0.9, 0.02, center="start"),
    "gradient flow": lambda k: p.GradientFlow(0.02 * k),
    "heavy-ball flow": lambda k: p.HeavyBallFlow(0.1 * k, 0.6),
    "averaged flow": lambda k: p.AveragedFlow(0.02 * k),
    "weight-decay flow": lambda k: p.WeightDecayFlow(0.02 * k, 0.9),
    "weight-decay flow to the start": lambda k: p.WeightDecayFlow(0.02 * k, 0.9, center="start"),
}
ANEW = {
    "Nesterov flow": lambda k: p.NesterovFlow(0.15 * k),
    "ridge": lambda k: p.Ridge(1.0 / (k + 1)),
    "cut-off": lambda k: p.SpectralCutOff(4.0 / (k + 1)),
    "cut-off to the start": lambda k: p.SpectralCutOff(4.0 / (k + 1), center="start"),
}
FAMILIES = {**CONTINUED, **ANEW}
STEPS = {name: CONTINUED[name] for name in CONTINUED if "flow" not in name and "Tikhonov" not in name}
each_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
each_continued = pytest.mark.parametrize("family", CONTINUED.values(), ids=CONTINUED)

TEACHER = kd.Fit([kd.Phase(kd.labels, p.GradientDescent(15, 0.02))])  # which simulation runs exactly
MIXED = 0.7 * kd.output_of("teacher") + 0.3 * kd.labels


def problem(shape, seed=0):
    n, features = shape
    draw = np.random.default_rng(seed).normal
    return kd.tasks.from_arrays(*(draw(size=size) for size in ((n, features), (n, 2), (6, features), (6, 2))))


def start(shape, seed=1):
    draw = np.random.default_rng(seed).normal
    slope = draw(size=(shape[1], 2))
    return kd.Start(weights=draw(size=(shape[1], 2)), offset=lambda x: np.sin(x @ slope))


def student(shape, *phases, begin=True):
    return kd.Recipe(teacher=TEACHER, student=kd.Fit([*phases], start=start(shape) if begin else None))


def assert_equal(ours, theirs, tolerance, what):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(1.0, np.abs(theirs).max()), err_msg=what)


def assert_equals_literal(recipe, task, tolerance=1e-10):
    exact, literal = kd.solve(recipe, kd.LinearModel(), task), run_recipe(recipe, task)
    for name in recipe:
        assert_equal(exact[name].train, literal[name](task.inputs), tolerance, f"train of {name}")
        assert_equal(exact[name].weights, literal[name].weights, tolerance, f"weights of {name}")
        assert_equal(exact[name].test, literal[name](task.test_inputs), tolerance, f"test of {name}")


def assert_equals_simulation(recipe, model, task, tolerance=1e-9):
    exact, simulated = kd.solve(recipe, model, task), kd.simulate(recipe, model, task)
    for name in recipe:
        assert_equal(simulated[name].train, exact[name].train, tolerance, f"train of {name}")
        assert_equal(simulated[name].test, exact[name].test, tolerance, f"test of {name}")


@each_shape
@each_family
def test_one_phase_is_its_literal_iteration_or_equation(family, shape):
    assert_equals_literal(student(shape, kd.Phase(MIXED, family(9))), problem(shape))


@each_shape
@each_family
def test_the_state_goes_on_through_other_targets_and_other_families(family, shape):
    """The same family on another target; a zero-length phase; another family between; the same family again."""
    phases = [kd.Phase(kd.labels, family(7))]
    if family in CONTINUED.values():
        phases += [kd.Phase(MIXED, family(4)), kd.Phase(kd.labels, family(0)), kd.Phase(kd.labels, family(3))]
    phases += [kd.Phase(MIXED, p.GradientDescent(2, 0.01)), kd.Phase(MIXED, family(5))]
    assert_equals_literal(student(shape, *phases), problem(shape))


@each_shape
@each_continued
def test_splitting_a_phase_in_two_changes_nothing(family, shape):
    task = problem(shape)
    whole, split, three = (
        kd.solve(student(shape, *(kd.Phase(MIXED, family(k)) for k in parts)), kd.LinearModel(), task)["student"]
        for parts in ((9,), (4, 5), (1, 2, 6))
    )
    for parts in (split, three):
        for what in ("train", "test", "weights", "gains", "residuals"):
            assert_equal(getattr(parts, what), getattr(whole, what), 1e-12, what)


@each_shape
@each_family
def test_a_restart_forgets_velocity_average_and_clock(family, shape):
    phases = [kd.Phase(kd.labels, family(7)), kd.Phase(MIXED, family(4), restart=True)]
    assert_equals_literal(student(shape, *phases), problem(shape))


@pytest.mark.parametrize(
    "name", ["heavy ball", "Nesterov", "look-ahead", "averaged descent", "heavy-ball flow", "averaged flow"]
)
def test_a_restart_makes_a_difference_where_there_is_something_to_forget(name):
    def gains(restart):
        phases = [kd.Phase(kd.labels, CONTINUED[name](k), restart=restart) for k in (7, 4)]
        return kd.solve(student((9, 4), *phases, begin=False), kd.LinearModel(), problem((9, 4)))["student"].gains

    assert np.abs(gains(True) - gains(False)).max() > 0.01


@pytest.mark.parametrize(
    "one, other",
    [
        (p.HeavyBall(6, 0.8, 0.02), p.HeavyBall(6, 0.7, 0.02)),
        (p.HeavyBall(6, 0.8, 0.02), p.HeavyBall(6, 0.8, 0.03)),
        (p.HeavyBall(6, 0.8, 0.02), p.Nesterov(6, 0.8, 0.02)),
        (p.Nesterov(6, 0.8, 0.02, output="look-ahead"), p.Nesterov(6, 0.8, 0.02)),
        (p.AveragedDescent(6, 0.02), p.AveragedDescent(6, 0.03)),
        (p.HeavyBallFlow(0.6, 0.5), p.HeavyBallFlow(0.6, 0.6)),
    ],
    ids=repr,
)
def test_memory_is_reset_where_family_or_parameters_change(one, other):
    phases = [kd.Phase(kd.labels, one), kd.Phase(MIXED, other), kd.Phase(kd.labels, other)]
    assert_equals_literal(student((4, 9), *phases), problem((4, 9)))
    if "step_size" in one.parameters:
        assert_equals_simulation(student((4, 9), *phases), kd.LinearModel(), problem((4, 9)))


def test_a_clock_cannot_go_on_but_can_begin_anew():
    phases = [kd.Phase(kd.labels, p.NesterovFlow(1.0)), kd.Phase(kd.labels, p.NesterovFlow(2.0))]
    with pytest.raises(InvalidArgument) as caught:
        _ = kd.solve(student((9, 4), *phases), kd.LinearModel(), problem((9, 4)))["student"].train
    line = "phases: expected no second NesterovFlow after the first, whose clock cannot go on, got NesterovFlow(time=2.0); run it in one phase, or set restart=True"
    assert str(caught.value) == line


@each_family
def test_sweeps_are_the_runs_one_by_one(family):
    """Every number of the family becomes a sweep of its own, in a recipe that continues the run."""
    task, made = problem((4, 9)), family(4)
    numbers = {name: value for name, value in made.parameters.items() if not isinstance(value, str)}
    for name, value in numbers.items():
        values = [value, value + 1 if name in ("steps", "iterations") else 1.1 * value]

        def recipe(swept, name=name):
            procedure = type(made)(**{**made.parameters, name: swept})
            phases = [kd.Phase(kd.labels, procedure), kd.Phase(MIXED, procedure, restart=made.has_clock)]
            return student((4, 9), *phases)

        surface = kd.solve(recipe(kd.axis(name, values)), kd.LinearModel(), task)["student"]
        for index, one in enumerate(values):
            single = kd.solve(recipe(one), kd.LinearModel(), task)["student"]
            assert_equal(surface.test[index], single.test, 1e-13, f"{name} = {one}")
            assert_equal(surface.gains[index], single.gains, 1e-13, f"{name} = {one}")


@pytest.mark.parametrize(
    "model", [kd.LinearModel(), kd.KernelModel(kd.kernels.RBF(gamma=0.3))], ids=["linear", "kernel"]
)
@pytest.mark.parametrize("family", STEPS.values(), ids=STEPS)
def test_solve_equals_simulate(family, model):
    task = problem((7, 3))
    begin = isinstance(model, kd.LinearModel)
    phases = [kd.Phase(kd.labels, family(7)), kd.Phase(MIXED, family(30)), kd.Phase(kd.labels, family(2), restart=True)]
    assert_equals_simulation(student((7, 3), *phases, begin=begin), model, task)


@pytest.mark.parametrize("seed", range(4))
def test_solve_equals_simulate_in_random_recipes_of_three_rounds_and_four_phases(seed):
    draw = np.random.default_rng(seed)
    shape = list(SHAPES.values())[seed % 3]
    fits = {}
    for name in ("teacher", "student", "student_2", "student_3"):
        phases = []
        for _ in range(draw.integers(1, 5)):
            weights = draw.uniform(-1, 1, size=len(fits))
            target = (1 - weights.sum()) * kd.labels
            for weight, other in zip(weights, fits, strict=True):
                target = target + float(weight) * kd.output_of(other)
            family = list(STEPS.values())[draw.integers(len(STEPS))]
            parts = [family(int(k)) for k in draw.integers(0, 25, size=draw.integers(1, 3))]
            phases += [kd.Phase(target, part, restart=bool(draw.integers(2))) for part in parts]
        fits[name] = kd.Fit(phases[:4], start=start(shape, seed=int(draw.integers(100))))
    recipe, task = kd.Recipe(**fits), problem(shape, seed)
    assert_equals_literal(recipe, task)
    assert_equals_simulation(recipe, kd.LinearModel(), task)


@pytest.mark.parametrize(
    "family",
    [lambda t: p.AveragedFlow(t), lambda t: p.WeightDecayFlow(t, 2.0, center="start"), lambda t: p.HeavyBallFlow(3 * t, 0.6)],
    ids=["averaged", "decayed", "heavy ball"],
)  # fmt: skip
def test_flows_are_the_limit_of_their_small_steps_also_where_phases_are_cut_differently(family):
    """The error halves with the step; times 0.2 and 0.15 take steps of different sizes, and memory goes on between."""
    task = problem((9, 4))
    recipe = student((9, 4), kd.Phase(kd.labels, family(0.2)), kd.Phase(MIXED, family(0.15)))
    exact = kd.solve(recipe, kd.LinearModel(), task)["student"]
    errors = []
    for steps in (400, 800):
        simulated = kd.simulate(recipe, kd.LinearModel(), task, step_size=family(1.0).time * 0.2 / (steps + 0.5))
        errors.append(np.abs(simulated["student"].weights - exact.weights))
        assert len(set(map(tuple, simulated.provenance["step_sizes"].values()))) > 1
    assert errors[0].max() < 0.1
    np.testing.assert_allclose(errors[0].sum() / errors[1].sum(), 2.0, rtol=0.05)


def test_ridge_is_the_end_of_its_descent_in_simulation():
    task, ridge = problem((4, 9)), p.Ridge(3.0, center="start")
    exact = kd.solve(student((4, 9), kd.Phase(MIXED, ridge)), kd.LinearModel(), task)["student"]
    literal = kd.simulate(student((4, 9), kd.Phase(MIXED, ridge.as_decay(400))), kd.LinearModel(), task)["student"]
    assert_equal(literal.weights, exact.weights, 1e-12, "weights")
