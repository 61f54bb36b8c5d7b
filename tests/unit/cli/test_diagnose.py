"""``kdtheory diagnose``: two files of logits in, slopes or one line out."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import kdtheory
from tests.unit.cli.calls import fault


@pytest.fixture
def logits(tmp_path):
    teacher = 3.0 * np.random.default_rng(0).normal(size=(50, 3))
    labels = np.argmax(teacher, axis=1)
    for name, array in {"teacher": teacher, "student": 1.3 * teacher, "labels": labels}.items():
        np.save(tmp_path / f"{name}.npy", array)
    return teacher


def test_diagnose_gives_the_slopes_as_text_and_as_numbers(run, logits):
    code, out, _ = run("diagnose", "teacher.npy", "student.npy")
    assert code == 0
    assert "slope, least squares" in out
    code, out, _ = run("diagnose", "teacher.npy", "student.npy", "--labels", "labels.npy", "--json")
    data = json.loads(out)
    expected = kdtheory.measures.confidence(logits, 1.3 * logits, np.argmax(logits, axis=1))
    assert code == 0
    assert data["slope"] == float(expected.slope)
    assert data["theil_sen"] == float(expected.theil_sen)
    assert data["class"] == "true"


def test_a_control_is_measured_against_the_same_teacher(run, logits):
    np.save("control.npy", 1.1 * logits)
    code, out, _ = run("diagnose", "teacher.npy", "student.npy", "--control", "control.npy", "--json")
    data = json.loads(out)
    assert code == 0
    expected = kdtheory.measures.confidence(logits, 1.3 * logits, control=1.1 * logits).difference("slope")
    assert data["student minus control"]["slope"] == float(expected)
    assert float(expected) == pytest.approx(0.2, abs=0.01)


def test_probabilities_are_no_logits(run, logits):
    odds = np.exp(logits)
    np.save("student.npy", odds / odds.sum(axis=1, keepdims=True))
    code, _, line = run("diagnose", "teacher.npy", "student.npy")
    assert code == 2
    assert line == (
        "kdtheory: student (student.npy): expected logits, got rows that sum to 1, probabilities; "
        "store what goes into the softmax; log-probabilities do as well\n"
    )
    np.save("student.npy", np.log(odds / odds.sum(axis=1, keepdims=True)))
    assert run("diagnose", "teacher.npy", "student.npy", "--quiet")[0] == 0


def damaged(kind: str, path: Path) -> None:
    good = path.read_bytes()
    match kind:
        case "truncated":
            path.write_bytes(good[:-9])
        case "cut in the head":
            path.write_bytes(good[:30])
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("1.0 2.0")
        case "promises too much":
            path.write_bytes(good.replace(b"(50, 3), }" + 10 * b" ", b"(5000000000, 30), }" + b" "))
            assert path.read_bytes() != good
        case "corrupted head":
            path.write_bytes(good.replace(b"'descr'", b"'dEsc%'"))
        case "strange type":
            path.write_bytes(good.replace(b"'<f8'", b"'<q9'"))
        case "pickled":
            np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
        case "an archive":
            with path.open("wb") as file:
                np.savez(file, np.eye(2))
        case "missing":
            path.unlink()
        case "a folder":
            path.unlink()
            path.mkdir()
        case "not a number":
            np.save(path, np.where(np.arange(150).reshape(50, 3) == 10, np.nan, 1.0))
        case "infinite":
            np.save(path, np.where(np.arange(150).reshape(50, 3) == 10, np.inf, 1.0))
        case "too short":
            np.save(path, np.ones((40, 3)))
        case "flat":
            np.save(path, np.ones(50))
        case "words":
            np.save(path, np.array([["a", "b"]]))
        case "nothing inside":
            np.save(path, np.ones((0, 3)))


SHORTER = "student.npy: expected an array of numbers, got a file that is shorter than it says, or empty; save"
NO_NPY = "student.npy: expected an .npy file, got another format; save it again"
FAULTS = {
    "truncated": SHORTER,
    "promises too much": SHORTER,
    "cut in the head": "student.npy: expected an array of numbers, got a broken file (EOF: reading array header",
    "corrupted head": "student.npy: expected an array of numbers, got a broken file (Header does not contain",
    "strange type": "student.npy: expected an array of numbers, got a broken file (descr is not a valid dtype",
    "empty": NO_NPY,
    "text": NO_NPY,
    "an archive": NO_NPY,
    "pickled": "student.npy: expected an array of numbers, got Python objects (pickles are never opened); save it again",
    "missing": "student.npy: expected an .npy file, got no such file; check the path",
    "a folder": "student.npy: expected an .npy file, got a folder; check the path",
    "not a number": "student: expected finite numbers, got nan at index [3, 1] (1 such value(s)); remove or impute",
    "infinite": "student: expected finite numbers, got inf at index [3, 1] (1 such value(s)); remove or impute",
    "too short": "student: expected 50 points and 3 output(s) as teacher has, got 40 and 3; evaluate both",
    "flat": "student (student.npy): expected shape (points, classes), got (50,); store one row per point",
    "words": "student: expected an array of real numbers, got an array of type <U1; pass",
    "nothing inside": "student: expected at least one number, got an empty array of shape (0, 3); pass",
}


@pytest.mark.parametrize("output", [(), ("--json",), ("--quiet",)])
@pytest.mark.parametrize("kind", FAULTS)
def test_every_bad_file_is_one_line(run, logits, tmp_path, kind, output):
    damaged(kind, tmp_path / "student.npy")
    assert fault(run("diagnose", "teacher.npy", "student.npy", *output)).startswith(f"kdtheory: {FAULTS[kind]}")


@pytest.mark.parametrize(("labels", "message"), [([0, 1], "labels: expected 50 labels"), ([7] * 50, "labels: expected class labels from 0 to 2, got 7")])  # fmt: skip
def test_wrong_labels_are_one_line(run, logits, tmp_path, labels, message):
    np.save(tmp_path / "labels.npy", np.array(labels))
    line = fault(run("diagnose", "teacher.npy", "student.npy", "--labels", "labels.npy"))
    assert line.startswith(f"kdtheory: {message}")


def test_a_hostile_pickle_is_never_opened(run, logits, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "opened"),))

    np.save(tmp_path / "student.npy", np.array([Hostile()], dtype=object), allow_pickle=True)
    fault(run("diagnose", "teacher.npy", "student.npy"))
    assert not (tmp_path / "opened").exists()
