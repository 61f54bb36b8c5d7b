"""The teaching lab: demonstrations in which one knob moves and one invariant shows.

Each is a marimo app, a plain file of this folder: ``kdtheory lab NAME`` serves it to this machine alone, and it runs as
a script too. Nothing here imports marimo until it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kdtheory.errors import MissingPackage
from kdtheory.validation import lookup


@dataclass(frozen=True)
class Demonstration:
    """A demonstration: its name, one line about it, and the sources of what it shows."""

    name: str
    line: str
    sources: tuple[str, ...]

    @property
    def file(self) -> Path:
        """The marimo app."""
        return Path(__file__).with_name(f"{self.name}.py")


DEMONSTRATIONS = {
    each.name: each
    for each in (
        Demonstration(
            "eigenspace",
            "Gains of teacher and student, mode by mode: who is ahead on the lower modes, and what the limits are.",
            ("nagarajan2023", "borup2021"),
        ),
        Demonstration(
            "gradient_denoising",
            "Gradients of minibatches with labels and with a teacher: bias and variance, and where the teacher hurts.",
            ("nagarajan2023", "safaryan2023", "menon2021"),
        ),
        Demonstration(
            "break_the_theorem",
            "Choose procedures and eigenvalues and try to make the student lead; the criterion says who wins, and why.",
            ("nagarajan2023",),
        ),
    )
}


def demonstration(name: str) -> Demonstration:
    """The demonstration of that name.

    >>> demonstration("eigenspace").file.name
    'eigenspace.py'
    """
    return lookup(DEMONSTRATIONS, name.replace("-", "_"), "demonstration")


def require_marimo() -> None:
    """Raise one line that names the extra unless marimo can be imported."""
    try:
        import marimo  # noqa: F401
    except ImportError as error:
        raise MissingPackage(
            "marimo", expected="marimo to be installed", got=str(error), fix="pip install 'kdtheory[lab]'"
        ) from error


__all__ = ["DEMONSTRATIONS", "Demonstration", "demonstration", "require_marimo"]
