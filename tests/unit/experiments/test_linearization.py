"""The unit of the study of linearization: networks beside the closed form of their own kernel."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.experiments.claims_in_outputs import claims_in_outputs
from kdtheory.experiments.linearization import FITS, linearization
from kdtheory.experiments.settings import task

DATA = task({"data": "digits", "train": 16, "test": 12, "label_noise": 0.2}, 3)
HORIZONS = [1, 4, 16]


def net(width):
    return kd.networks.MLP(width=width, depth=1, parametrization="ntk")


@pytest.fixture(scope="module")
def wide():
    return linearization(DATA, net(1024), 1, horizons=HORIZONS)


@pytest.fixture(scope="module")
def narrow():
    return linearization(DATA, net(32), 1, horizons=HORIZONS)


def test_wide_networks_move_their_kernel_less_and_stay_nearer(wide, narrow):
    for fit in FITS:
        for steps in HORIZONS[1:]:
            assert wide[f"{fit}, {steps} steps, moved"] < 0.6 * narrow[f"{fit}, {steps} steps, moved"]
            assert wide[f"{fit}, {steps} steps, deviation"] < 0.6 * narrow[f"{fit}, {steps} steps, deviation"]
    assert wide["steps within"] == 16 > narrow["steps within"]


def test_a_network_that_is_its_own_tangent_is_predicted_to_the_last_digit():
    linear = linearization(DATA, kd.networks.MLP(depth=0), 1, horizons=HORIZONS)
    assert max(value for name, value in linear.items() if "moved" in name) == 0
    assert max(value for name, value in linear.items() if "deviation" in name or "error" in name) < 1e-9
    assert linear["mixing, predicted at end"] < 1e-9
    assert linear["steps within"] == 16


def test_the_largest_deviation_within_is_over_the_horizons_within(narrow):
    last = narrow["steps within"]
    seen = [narrow[f"student, {steps} steps, deviation"] for steps in HORIZONS if steps <= last]
    assert narrow["student, deviation within"] == max(seen)
    assert narrow["student, deviation at end"] == narrow["student, 16 steps, deviation"]


def outputs(teacher, student, control, switched, mixed):
    return {
        name: (np.asarray(values, float)[:, None], np.asarray(values, float)[:, None])
        for name, values in locals().items()
    }


def test_claims_by_hand():
    eigenvalues = np.linspace(1.0, 0.1, 12)
    clean = np.ones(12)
    given = clean.copy()
    given[0] = 3.0
    data = kd.tasks.from_arrays(np.eye(12), given, np.eye(12), clean)
    data = kd.tasks.Task(**{**vars(data), "clean_targets": clean[:, None]})
    control, student = 0.5 * given, 0.2 * given
    student[1:3] = 0.25  # progress on the leading group: a quarter, on the group that follows: a fifth
    run = outputs(given * 0.9, student, control, (student + control) / 2, (student + control) / 2 * 1.1)
    path = np.stack([np.zeros(12), control])[:, :, None]
    kernel = kd.KernelModel(gram=np.diag(eigenvalues), cross=np.diag(eigenvalues))
    found = claims_in_outputs(run, path, data, kernel)
    assert found["mixing"] == pytest.approx(0.1)
    assert found["switching"] == pytest.approx(0.5)
    teacher, labels = 0.9 * given - clean, given - clean
    known = np.log((eigenvalues @ teacher**2) / (eigenvalues @ labels**2))
    assert found["denoising"] == pytest.approx(known)
    assert found["gain"] == pytest.approx(1 - np.sum((student - 1) ** 2) / np.sum((control - 1) ** 2))
    assert found["lag"] == pytest.approx(0.25 - 0.2)  # all groups of the control are equally far
