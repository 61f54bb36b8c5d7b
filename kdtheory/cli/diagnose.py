"""``kdtheory diagnose``: what did a student do to its teacher's confidence?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kdtheory.cli.arrays import read_array
from kdtheory.cli.output import Json, Quiet, show
from kdtheory.errors import InvalidArgument

Logits = Annotated[Path, typer.Argument(help="Logits, shape (points, classes), as an .npy file.")]
Control = Annotated[Path | None, typer.Option(help="Logits of a retrain control: the student's run on labels.")]
Labels = Annotated[Path | None, typer.Option(help="Class labels, shape (points,), as an .npy file.")]
FIELDS = ("slope", "theil_sen", "intercept", "low_confidence_deviation")


def diagnose(
    teacher: Logits,
    student: Logits,
    labels: Labels = None,
    control: Control = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Slope of a student's confidence on its teacher's, from stored logits; above 1 it exaggerates.

    Another training run on the labels has a slope, too: with a control the difference is what distillation did.
    """
    from kdtheory import measures

    given = {"teacher": teacher, "student": student, "control": control}
    arrays = {name: _matrix(name, path) for name, path in given.items() if path is not None}
    classes = None if labels is None else read_array(labels)
    measured = measures.confidence(arrays["teacher"], arrays["student"], classes, control=arrays.get("control"))
    data = {
        "points": int(measured.teacher.shape[-1]),
        "class": "true" if measured.of == "labels" else "teacher's top",
        **{name: float(getattr(measured, name)) for name in FIELDS},
    }
    if control is not None:
        data["student minus control"] = {name: float(measured.difference(name)) for name in FIELDS}
    show(data, str(measured), as_json=json, quiet=quiet)


def _matrix(name: str, path: Path) -> Any:
    array = read_array(path)
    if array.ndim != 2:
        fix = "store one row per point, and one set of points per file"
        raise InvalidArgument(f"{name} ({path})", expected="shape (points, classes)", got=f"{array.shape}", fix=fix)
    if array.dtype.kind == "f" and array.size and array.min() >= 0 and abs(array.sum(axis=1) - 1.0).max() < 1e-5:
        fix = "store what goes into the softmax; log-probabilities do as well"
        raise InvalidArgument(f"{name} ({path})", expected="logits", got="rows that sum to 1, probabilities", fix=fix)
    return array
