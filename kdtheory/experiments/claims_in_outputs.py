"""What claims about distillation say, as numbers that closed forms and networks can both be asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kdtheory.models import KernelModel
from kdtheory.networks import flattened
from kdtheory.tasks import Task

Array = NDArray[np.float64]
Outputs = Mapping[str, tuple[Array, Array]]


def claims_in_outputs(outputs: Outputs, path: Array, task: Task, kernel: KernelModel) -> dict[str, float]:
    """One number per claim, from what a teacher and its students say.

    Parameters
    ----------
    outputs : dict of str to pair of arrays, shapes (n, outputs) and (m, outputs)
        On train and test points, of ``teacher``, ``student``, ``control``, ``switched`` and ``mixed``.
    path : array of shape (times, n, outputs)
        The control's outputs on train points over time, from zero on.
    task : Task
        With clean targets.
    kernel : KernelModel
        The student's tangent kernel at its start, of the `flattened` task.

    Returns
    -------
    dict of str to float
        ``lag``: the control's progress on lower modes less the student's, when both have come equally far on leading
        ones (exaggerated-bias). ``mixing``: relative distance of the mixed from the mean of student and control
        (mixing-odds-law). ``switching``: distance of the switched from the student, over that of the control
        (loss-switching). ``denoising``: logarithm of the squared error of the gradient with the teacher over that with
        labels, against clean targets, at the student's start (gradient-denoising). ``gain``: how much smaller the
        student's squared error on clean test targets is than the control's, as a share of it.
    """
    teacher, student, control = (outputs[name] for name in ("teacher", "student", "control"))
    mean = (student[1] + control[1]) / 2
    return {
        "lag": _lag(student[0], path, task, kernel),
        "mixing": _size(outputs["mixed"][1] - mean) / _size(mean),
        "switching": _size(outputs["switched"][1] - student[1]) / _size(control[1] - student[1]),
        "denoising": _denoising(teacher[0], task, kernel),
        "gain": 1 - _error(student[1], task) / _error(control[1], task),
    }


def _lag(student: Array, path: Array, task: Task, kernel: KernelModel) -> float:
    """Groups of modes: the second and third per output lead, the next seven follow. At nearest ends, if need be."""
    spectrum, width = kernel.spectrum(flattened(task)), student.shape[1]
    groups = (slice(width, 3 * width), slice(3 * width, 10 * width))
    targets = _coefficients(spectrum.basis, np.asarray(task.targets))

    def progress(values: Array) -> list[float]:
        own = _coefficients(spectrum.basis, values)
        return [float(own[group] @ targets[group] / (targets[group] @ targets[group])) for group in groups]

    course = np.array([progress(values) for values in path])
    course = course[np.argsort(course[:, 0], kind="stable")]
    leading, lower = progress(student)
    return float(np.interp(leading, *course.T)) - lower


def _coefficients(basis: Array, values: Array) -> Array:
    return basis.T @ values.ravel()


def _denoising(teacher: Array, task: Task, kernel: KernelModel) -> float:
    gram = kernel.gram(flattened(task))
    clean, given = np.asarray(task.clean_targets), np.asarray(task.targets)
    with_teacher, with_labels = ((values - clean).ravel() for values in (teacher, given))
    return float(np.log((with_teacher @ gram @ with_teacher) / (with_labels @ gram @ with_labels)))


def _error(values: Array, task: Task) -> float:
    return float(np.sum(np.square(values - np.asarray(task.test_targets))))


def _size(values: Array) -> float:
    return float(np.linalg.norm(values))
