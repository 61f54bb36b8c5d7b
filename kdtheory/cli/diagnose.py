"""``kdtheory diagnose``: what did a student do to its teacher's confidence?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kdtheory.cli.arrays import read_array
from kdtheory.cli.output import Json, Quiet, show
from kdtheory.errors import InvalidArgument

Logits = Annotated[Path, typer.Argument(help="Logits, shape (points, classes), as an .npy file.")]
Labels = Annotated[Path | None, typer.Option(help="Class labels, shape (points,), as an .npy file.")]
FIELDS = ("slope", "theil_sen", "intercept", "low_confidence_deviation")


def diagnose(teacher: Logits, student: Logits, labels: Labels = None, json: Json = False, quiet: Quiet = False) -> None:
    """Slope of a student's confidence on its teacher's, from stored logits; above 1 it exaggerates."""
    from kdtheory import measures

    arrays = {name: _matrix(name, path) for name, path in {"teacher": teacher, "student": student}.items()}
    classes = None if labels is None else read_array(labels)
    measured = measures.confidence(arrays["teacher"], arrays["student"], classes)
    data = {
        "points": int(measured.teacher.shape[-1]),
        "class": "true" if measured.of == "labels" else "teacher's top",
        **{name: float(getattr(measured, name)) for name in FIELDS},
    }
    show(data, str(measured), as_json=json, quiet=quiet)


def _matrix(name: str, path: Path) -> Any:
    array = read_array(path)
    if array.ndim != 2:
        fix = "store one row per point, and one set of points per file"
        raise InvalidArgument(f"{name} ({path})", expected="shape (points, classes)", got=f"{array.shape}", fix=fix)
    return array
