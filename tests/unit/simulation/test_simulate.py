"""What `simulate` takes, gives back and refuses."""

import contextlib
import re

import jax
import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument, UnsupportedRecipe
from kdtheory.simulation import precision


@pytest.fixture
def task():
    draw = np.random.default_rng(0).standard_normal
    return kd.tasks.from_arrays(draw((6, 4)), draw((6, 2)), draw((3, 4)))


@pytest.fixture
def digits_like(task):
    return kd.tasks.from_arrays(task.inputs, [0, 1, 2, 0, 1, 2])


def fit(target, procedure, loss=None, **more):
    return kd.Fit(kd.Phase(target, procedure, loss or kd.SquaredError()), **more)


def teach(procedure, loss=None, **more):
    return kd.Recipe(teacher=fit(kd.labels, procedure, loss, **more))


def refused(line, recipe, task, model=None, error=InvalidArgument, **options):
    with pytest.raises(error, match=f"^{re.escape(line)}$"):
        kd.simulate(recipe, model or kd.LinearModel(), task, **options)


def test_results_are_float64_arrays_with_logits_where_the_last_loss_is_cross_entropy(digits_like):
    descent, soft = kd.GradientDescent(3), kd.CrossEntropy()
    last_soft = kd.Fit([kd.Phase(kd.labels, descent), kd.Phase(kd.labels, descent, soft)])
    last_squared = kd.Fit([kd.Phase(kd.labels, descent, soft), kd.Phase(kd.labels, descent)])
    recipe = kd.Recipe(teacher=last_soft, student=last_squared)
    for dtype in ("float64", "float32"):
        simulated = kd.simulate(recipe, kd.LinearModel(), digits_like, dtype=dtype)
        assert [simulated[name].logits for name in recipe] == [True, False]
        assert {simulated[name].weights.dtype for name in recipe} == {np.dtype(np.float64)}


def test_provenance_tells_how_it_was_run(task):
    recipe = kd.loss_switching(
        kd.GradientFlow(time=1.0), kd.GradientDescent(kd.axis("before", [3, 4]), 0.02), kd.GradientDescent(5, 0.01)
    )
    simulated = kd.simulate(recipe, kd.LinearModel(), task, step_size=0.05, batch=kd.Minibatch(2), seeds=[7, 8])
    assert simulated.world == "simulate"
    assert simulated.provenance == {
        "model": "LinearModel()",
        "task": task.provenance,
        "steps": {"teacher": [20], "student": [[3, 4], [5, 5]]},
        "step_sizes": {"teacher": [0.05], "student": [[0.02, 0.02], [0.01, 0.01]]},
        "batch": "Minibatch(size=2, replace=False)",
        "seeds": [7, 8],
        "dtype": "float64",
        "jax": jax.__version__,
    }


def test_the_precision_of_jax_is_neither_needed_nor_changed(task):
    recipe = teach(kd.GradientDescent(50))
    exact = kd.solve(recipe, kd.LinearModel(), task)["teacher"].train
    for before in (False, True):
        with jax.enable_x64(before):
            double = kd.simulate(recipe, kd.LinearModel(), task)["teacher"].train
            single = kd.simulate(recipe, kd.LinearModel(), task, dtype="float32")["teacher"].train
            assert jax.numpy.zeros(1).dtype == ("float64" if before else "float32")
        assert np.abs(double - exact).max() < 1e-12
        assert 1e-9 < np.abs(single - exact).max() < 1e-5


def test_double_precision_is_never_cut_in_silence(task, monkeypatch):
    monkeypatch.setattr(precision.jax, "enable_x64", lambda value: contextlib.nullcontext())
    line = (
        "dtype: expected a JAX that computes in float64, got float32; "
        "allow 64-bit types in JAX on this device, or ask for dtype='float32'"
    )
    refused(line, teach(kd.GradientDescent(1)), task)


def test_ridge_is_refused_with_its_alternatives(task):
    """The alternatives are the procedure's to name."""
    for center in ("zero", "start"):
        line = (
            f"expected a descent to run step by step, got Ridge(penalty=1.0, center='{center}'), which takes no steps"
        )
        with pytest.raises(UnsupportedRecipe, match=rf"^procedure: {re.escape(line)}; use .+, or kd\.solve$"):
            kd.simulate(teach(kd.Ridge(1.0, center)), kd.LinearModel(), task)


def test_infinite_times_and_numbers_of_steps_without_end_are_refused(task):
    line = "time: expected a finite time to run in steps, got inf; give a finite time, or use kd.solve"
    refused(line, teach(kd.GradientFlow(time=np.inf)), task, error=UnsupportedRecipe)
    line = "steps: expected at most 2147483647, got {}; take fewer steps, or larger ones"
    refused(line.format("1e+12"), teach(kd.GradientFlow(time=1e10)), task, step_size=0.01)
    refused(line.format("inf"), teach(kd.GradientFlow(time=1e300)), task, step_size=1e-300)
    refused(line.format("1e+10"), teach(kd.GradientDescent(10**10)), task)


def test_unstable_steps_are_refused_by_descent_and_by_flow():
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    line = (
        "step_size: expected less than 0.5, the stability limit at largest eigenvalue 4, got 0.6; "
        "take a smaller step, or step_size=None for half of 1 / largest eigenvalue"
    )
    refused(line, teach(kd.GradientDescent(2, 0.6)), task)
    refused(line, teach(kd.GradientFlow(time=5.0)), task, step_size=0.6)


def test_cross_entropy_may_take_steps_that_are_too_large_for_squared_loss(digits_like):
    """Its curvature is at most half; the gradient never grows, so that nothing diverges in any case."""
    largest = kd.LinearModel().spectrum(digits_like).largest
    simulated = kd.simulate(
        teach(kd.GradientDescent(500, 3.9 / largest), kd.CrossEntropy()), kd.LinearModel(), digits_like
    )
    logits = simulated["teacher"].train
    assert (logits.argmax(axis=-1) == digits_like.labels).all()


def test_divergence_is_one_line():
    """A step that is stable for all samples together, and not for the twofold gradient of one of two samples."""
    task = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0])
    phases = [
        kd.Phase(kd.output_of("teacher"), kd.GradientDescent(1, 0.001)),
        kd.Phase(kd.labels, kd.GradientDescent(5000, 0.4)),
    ]
    recipe = kd.Recipe(teacher=fit(kd.labels, kd.GradientDescent(3)), student=kd.Fit(phases))
    line = (
        "step_size: expected steps that stay finite, got infinity or NaN in 'student', phase 2, at step size 0.4 and "
        "Minibatch(size=1, replace=False); take a smaller step, or larger batches"
    )
    refused(line, recipe, task, batch=kd.Minibatch(1))


def test_labels_that_are_no_probabilities_are_refused_with_cross_entropy(task):
    fix = "pass class labels as integers to kd.tasks.from_arrays, or use SquaredError()"
    expected = "task: expected targets that are probabilities of classes, with cross-entropy, got"
    loss, inputs = kd.CrossEntropy(), task.inputs[:2]
    numbers = kd.tasks.from_arrays(inputs, [[0.5, 0.5], [0.5, 1.0]])
    refused(f"{expected} 2 output(s), a row [0.5, 1.0]; {fix}", teach(kd.GradientDescent(1), loss), numbers)
    negative = kd.tasks.from_arrays(inputs, [[-0.5, 1.5], [0.5, 0.5]])
    refused(f"{expected} 2 output(s), a row [-0.5, 1.5]; {fix}", teach(kd.GradientDescent(1), loss), negative)
    single = kd.tasks.from_arrays(inputs, [1.0, 1.0])
    refused(f"{expected} 1 output(s); {fix}", teach(kd.GradientDescent(1), loss), single)


def test_a_teacher_alone_may_say_anything_under_cross_entropy(task):
    recipe = kd.Recipe(
        teacher=fit(kd.labels, kd.GradientDescent(3)),
        student=fit(kd.output_of("teacher"), kd.GradientDescent(3), kd.CrossEntropy(temperature=2.0)),
    )
    assert np.isfinite(kd.simulate(recipe, kd.LinearModel(), task)["student"].test).all()


def test_weights_are_refused_as_the_start_of_a_kernel_model(task):
    model = kd.KernelModel(kd.kernels.RBF(gamma=1.0))
    line = (
        f"model: expected a model with explicit weights, got {model!r}; "
        "use LinearModel, or drop what needs weights (Start(weights=...), .weights)"
    )
    refused(line, teach(kd.GradientDescent(3), start=kd.Start(weights=np.ones(4))), task, model)


def test_a_parameter_per_mode_is_refused(task):
    line = (
        "time: expected a number or kd.axis(...) to simulate with, got an array of shape (6,); "
        "sweep it: time=kd.axis('time', values)"
    )
    refused(line, teach(kd.GradientFlow(time=np.arange(6.0))), task)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"step_size": 0.0}, "step_size: expected a number above 0, got 0.0; change step_size"),
        ({"step_size": "small"}, "step_size: expected a number above 0, got 'small'; pass one real number"),
        (
            {"batch": 2},
            "batch: expected a Minibatch, or None for all samples, got 2; pass for example kd.Minibatch(64)",
        ),
        ({"batch": kd.Minibatch(7)}, "batch: expected at most 6 samples, got 7; take a smaller batch"),
        (
            {"seeds": 3},
            "seeds: expected a sequence of whole numbers, got 3; pass for example range(5), or [5] for the seed 5 alone",
        ),
        (
            {"seeds": []},
            "seeds: expected a sequence of whole numbers, got an empty one; "
            "pass for example range(5), or [5] for the seed 5 alone",
        ),
        ({"seeds": [0, -1]}, "seeds: expected a whole number of at least 0, got -1; change seeds"),
        (
            {"seeds": [1, 1]},
            "seeds: expected each seed once, got [1, 1]; pass for example range(5), or [5] for the seed 5 alone",
        ),
        ({"seeds": [0.5]}, "seeds: expected a whole number of at least 0, got 0.5; change seeds"),
        ({"dtype": "float16"}, "dtype: expected one of 'float64', 'float32', got 'float16'; choose one of them"),
    ],
)
def test_options_that_make_no_sense_are_refused(task, options, line):
    refused(line, teach(kd.GradientFlow(time=1.0)), task, **options)


def test_a_sweep_called_seed_is_refused_beside_seeds(task):
    line = (
        "seeds: expected an axis 'seed' of its own, got a sweep called 'seed'; call the swept parameter something else"
    )
    refused(line, teach(kd.GradientFlow(time=kd.axis("seed", [1.0, 2.0]))), task, seeds=[0])
