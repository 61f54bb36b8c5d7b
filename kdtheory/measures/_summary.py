"""Measures as a few lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array

if TYPE_CHECKING:
    from kdtheory.measures.confidence import Confidence


def spread(values: Array, digits: int = 4) -> str:
    """A number; or the mean and range of several."""
    numbers = np.asarray(values)
    if numbers.size == 1:
        return f"{numbers.item():.{digits}g}"
    return f"{numbers.mean():.{digits}g} [{numbers.min():.{digits}g}, {numbers.max():.{digits}g}]"


def table(rows: list[list[str]], *, rule: bool = True) -> str:
    """Rows as aligned columns, the first row being the head; the first column is aligned left, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in rows
    ]
    if rule:
        lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def confidence_summary(measured: Confidence) -> str:
    """The numbers of a `Confidence`, beside its control if there is one."""
    whose = "true class" if measured.of == "labels" else "teacher's top class"
    size = " x ".join(f"{len(coordinates)} {name}" for name, coordinates in measured.axes.items())
    where = f" ({measured.on})" if measured.on else ""
    head = f"Confidence in the {whose}: {measured.teacher.shape[-1]} points{where}, {measured.scale} scale"
    names = {
        "slope": "slope, least squares",
        "theil_sen": "slope, Theil-Sen",
        "intercept": "intercept",
        "low_confidence_deviation": f"student - teacher, lowest {100 * measured.fraction:g} %",
    }
    columns = ["student"] if measured.control is None else ["student", "control", "difference"]
    rows = [["", *columns]]
    for field, name in names.items():
        try:
            row = [spread(getattr(measured, field))]
            if measured.control is not None:
                row += [spread(getattr(measured.control, field)), spread(measured.difference(field))]
        except InvalidArgument:
            row = ["undefined: constant teacher" if measured.teacher.shape[-1] > 1 else "undefined: one point"]
            row += [""] * (len(columns) - 1)
        rows.append([name, *row])
    if size:
        head += f", mean [range] over {size}"
    note = (
        ""
        if measured.of == "labels" or measured.control is not None
        else ("\nThe class was chosen by the teacher: without a control, regression to the mean is in these numbers.")
    )
    return head + "\n" + table(rows) + note
