"""One line for everything that cannot be trained: the argument, what was expected, what was got, what to do."""

import re
import subprocess
import sys

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.errors import InvalidArgument, KdtheoryError, MissingPackage, UnsupportedRecipe

TASK = kd.tasks.digits(train=30, test=10, seed=0)
REGRESSION = kd.tasks.from_arrays(np.arange(6.0).reshape(3, 2), [1.0, 2.0, 3.0])
NTK = kd.networks.MLP(width=16, depth=1, parametrization="ntk")
STANDARD = kd.networks.MLP(width=16, depth=1)
DESCENT, FLOW = kd.GradientDescent(steps=3), kd.GradientFlow(time=0.1)


def teacher(procedure=DESCENT, loss=None, **options):
    return kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, procedure, loss or kd.SquaredError()), **options))


def message(recipe=None, network=NTK, task=TASK, kind=InvalidArgument, **options):
    with pytest.raises(kind) as raised:
        kd.train(recipe or teacher(), network, task, **options)
    line = str(raised.value)
    assert "\n" not in line
    return line


def test_ridge():
    assert message(teacher(kd.Ridge(penalty=1.0)), kind=UnsupportedRecipe).startswith(
        "procedure: expected a descent to run step by step, got Ridge(penalty=1.0, center='zero')"
    )
    for network, options in ((STANDARD, {}), (NTK, {"optimizer": kd.Adam()})):
        line = message(teacher(kd.Ridge(penalty=1.0)), network, kind=UnsupportedRecipe, **options)
        assert line.startswith("procedure: expected steps, not a time, with ")
        assert "got Ridge(penalty=1.0, center='zero'); use GradientDescent(steps=...)" in line


def test_sweeps():
    recipe = kd.self_distillation(kd.GradientFlow(kd.axis("time", [1.0, 2.0])), FLOW, mixing=kd.axis("mixing", [0, 1]))
    assert message(recipe, kind=UnsupportedRecipe) == (
        "recipe: expected no sweep with networks, got the axes time, mixing; "
        "train one recipe per value, or sweep with kd.solve"
    )


def test_parameters_that_are_arrays():
    assert message(teacher(kd.GradientFlow(np.array([1.0, 2.0]))), kind=UnsupportedRecipe) == (
        "time: expected one number, got an array of shape (2,); train one recipe per value"
    )


def test_starts_by_weights():
    assert message(teacher(start=kd.Start(weights=np.ones(64))), kind=UnsupportedRecipe) == (
        "teacher: expected a start without weights, got Start(weights=...); "
        "drop the weights; Start(offset=...) is honoured"
    )


def test_times_with_adam_momentum_and_unknown_limits():
    end = ", got GradientFlow(time=0.1); use GradientDescent(steps=...), or plain SGD on MLP(parametrization='ntk')"
    adam = "Adam(rate=0.001, memory=0.9, squared_memory=0.999, epsilon=1e-08)"
    limitless = "MLP(width=16, depth=1, parametrization='standard'), whose limit kernel is unknown"
    start = "procedure: expected steps, not a time, with "
    assert message(teacher(FLOW), optimizer=kd.Adam(), kind=UnsupportedRecipe) == start + adam + end
    assert message(teacher(FLOW), optimizer=kd.SGD(0.5), kind=UnsupportedRecipe) == start + "SGD(momentum=0.5)" + end
    assert message(teacher(FLOW), STANDARD, step_size=0.1, kind=UnsupportedRecipe) == start + limitless + end


def test_a_step_size_where_there_is_no_default():
    assert message(network=STANDARD) == (
        "step_size: expected a number, for MLP(width=16, depth=1, parametrization='standard') has no limit kernel to "
        "choose it by, got None; pass step_size=, or optimizer=Adam(rate=1e-3), or use MLP(parametrization='ntk')"
    )


@pytest.mark.parametrize(("procedure", "step_size"), [(DESCENT, 0.1), (kd.GradientDescent(3, 0.1), None)])
def test_a_step_size_beside_adam(procedure, step_size):
    assert message(teacher(procedure), optimizer=kd.Adam(), step_size=step_size, kind=UnsupportedRecipe) == (
        "step_size: expected None with Adam(rate=0.001, memory=0.9, squared_memory=0.999, epsilon=1e-08), "
        "which has a rate, got 0.1; leave step_size out and change Adam(rate=...)"
    )


def test_an_infinite_time():
    assert "finite time" in message(teacher(kd.GradientFlow(np.inf)), kind=UnsupportedRecipe)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_divergence(dtype):
    linear = kd.networks.MLP(depth=0, parametrization="ntk")
    line = message(teacher(kd.GradientDescent(steps=2000, step_size=1.0)), linear, dtype=dtype, seeds=[4])
    assert re.fullmatch(
        r"step_size: expected training to converge, got 1, and a loss that went from 15 to \d\.\d+e\+0[78] "
        r"at step [3-9] of phase 1 of 'teacher' with seed 4; take a smaller step_size",
        line,
    )


def test_divergence_in_the_last_step():
    assert message(teacher(kd.GradientDescent(steps=1, step_size=1e300))) == (
        "step_size: expected training to converge, got 1e+300, and a loss that went from 15 to nan at the end of "
        "phase 1 of 'teacher' with seed 0; take a smaller step_size"
    )


def test_networks_that_die_of_a_large_step():
    line = message(teacher(kd.GradientDescent(steps=50, step_size=1.0)), seeds=[4])
    assert re.search(r"a loss that went from 15 to \S+ at the end of phase 1", line)


def test_divergence_with_adam_names_its_rate():
    line = message(teacher(loss=kd.CrossEntropy()), STANDARD, optimizer=kd.Adam(rate=30.0))
    assert line.startswith("rate: expected training to converge, got 30, and a loss that went from 69.1 to ")
    assert line.endswith("take a smaller rate")


def test_cross_entropy_needs_classes():
    loss = kd.CrossEntropy()
    assert message(teacher(loss=loss), task=REGRESSION) == (
        "teacher: expected at least 2 outputs with cross-entropy, got 1; use one-hot targets, or SquaredError()"
    )
    task = kd.tasks.from_arrays(np.eye(2), [[1.0, 0.0], [0.7, 0.5]])
    assert message(teacher(loss=loss), task=task) == (
        "teacher: expected labels that are probabilities (at least 0, sum 1 over outputs) with cross-entropy, "
        "got [0.7 0.5] in row 1; use class labels, or SquaredError()"
    )
    kd.train(teacher(loss=loss), NTK, TASK.centered())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"seeds": 5}, "seeds: expected several whole numbers, got 5; pass (0,) or range(5)"),
        ({"seeds": []}, "seeds: expected at least one seed, each once, got none; pass (0,) or range(5)"),
        ({"seeds": [1, 1]}, "seeds: expected at least one seed, each once, got [1, 1]; pass (0,) or range(5)"),
        ({"seeds": [-1]}, "seeds: expected a whole number from 0 to "),
        ({"seeds": ["a"]}, "seeds: expected a whole number from 0 to "),
        ({"optimizer": "adam"}, "optimizer: expected SGD, Adam or None, got 'adam'; pass Adam(rate=1e-3)"),
        ({"optimizer": kd.Adam}, "optimizer: expected SGD, Adam or None, got a value of type type; "),
        ({"batch": 64}, "batch: expected a Minibatch or None, got 64; pass Minibatch(64)"),
        ({"batch": kd.Minibatch(31)}, "batch: expected at most 30 samples, got 31; take a smaller batch"),
        ({"step_size": 0.0}, "step_size: expected a number above 0, got 0.0; change step_size"),
        ({"step_size": float("nan")}, "step_size: expected a number above 0, got nan; change step_size"),
        ({"subtract_initial": 1}, "subtract_initial: expected True or False, got 1; pass a boolean"),
        ({"dtype": "float16"}, "dtype: expected one of 'float32', 'float64', got 'float16'; choose one of them"),
        ({"threads": 0}, "threads: expected a whole number of at least 1, got 0; change threads"),
        (
            {"network": kd.LinearModel()},
            "network: expected a network, got a value of type LinearModel; pass for example networks.MLP",
        ),
        ({"task": "digits"}, "task: expected a Task, got 'digits'; "),
    ],
)
def test_arguments(options, expected):
    assert message(**options).startswith(expected)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            lambda: kd.SGD(momentum=1.0),
            "momentum: expected a number of at least 0 and below 1, got 1.0; change momentum",
        ),
        (lambda: kd.Adam(rate=0), "rate: expected a number above 0, got 0.0; change rate"),
        (lambda: kd.Adam(memory=-0.1), "memory: expected a number of at least 0 and below 1, got -0.1; change memory"),
        (lambda: kd.Adam(epsilon=float("inf")), "epsilon: expected a number above 0, got inf; change epsilon"),
        (lambda: kd.networks.MLP(width=0), "width: expected a whole number of at least 1, got 0; change width"),
        (lambda: kd.networks.MLP(depth=1.5), "depth: expected a whole number of at least 0, got 1.5; change depth"),
        (
            lambda: kd.networks.MLP(parametrization="NTK"),
            "parametrization: expected one of 'standard', 'ntk', got 'NTK'; choose one of them",
        ),
    ],
)
def test_descriptions(make, expected):
    with pytest.raises(KdtheoryError) as raised:
        make()
    assert str(raised.value) == expected


def test_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for call in (lambda: kd.train(teacher(), NTK, TASK), lambda: NTK.build(3, 2, None)):
        with pytest.raises(MissingPackage) as raised:
            call()
        assert str(raised.value).startswith("torch: expected PyTorch to be installed, got ")
        assert str(raised.value).endswith("; pip install 'kdtheory[networks]'")


def test_torch_is_imported_when_it_is_needed_and_not_before():
    program = (
        "import sys, kdtheory as kd; kd.train, kd.Adam(), kd.networks.MLP().width;"
        "assert 'torch' not in sys.modules;"
        "kd.networks.MLP(4, 1, 'ntk').kernel(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_provenance_tells_how_the_numbers_were_made():
    import torch

    recipe = kd.self_distillation(DESCENT, DESCENT, loss=kd.CrossEntropy(temperature=2.0))
    result = kd.train(recipe, STANDARD, TASK, optimizer=kd.Adam(), batch=kd.Minibatch(10), seeds=(2, 5))
    adam = {"rate": 1e-3, "memory": 0.9, "squared_memory": 0.999, "epsilon": 1e-8, "weight_decay": 0.0, "steps": 3}
    assert result.world == "train"
    assert result["student"].axes["seed"].tolist() == [2, 5]
    assert result.provenance == {
        "model": "MLP(width=16, depth=1, parametrization='standard')",
        "task": TASK.provenance,
        "seeds": [2, 5],
        "optimizer": "Adam(rate=0.001, memory=0.9, squared_memory=0.999, epsilon=1e-08)",
        "batch": "Minibatch(size=10, replace=False)",
        "step_size": None,
        "subtract_initial": True,
        "dtype": "float32",
        "threads": 1,
        "seeds_at_once": 1,
        "noisy_draws": 0,
        "steps": {"teacher": [3], "student": [3]},
        "rates": {"teacher": [adam], "student": [adam]},
        "torch": torch.__version__,
    }
