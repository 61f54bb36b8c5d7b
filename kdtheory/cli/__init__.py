"""The command line: parses, calls, prints. Commands import what they need when they run: help is instant."""

from __future__ import annotations

import os
import sys

import typer

from kdtheory.cli import claims, diagnose, doctor, figures, report
from kdtheory.cli.faults import USAGE, one_line

app = typer.Typer(
    name="kdtheory",
    help="The theory of knowledge distillation, executable: check claims, draw figures, write the report.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(claims.app, name="claims")
app.add_typer(figures.app, name="figures")
app.command("report")(report.report)
app.command("diagnose")(diagnose.diagnose)
app.command("doctor")(doctor.doctor)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with 0 (well), 1 (a claim or figure failed) or 2 (wrong usage)."""
    try:
        code = app(args=arguments, prog_name="kdtheory", standalone_mode=False)
    except KeyboardInterrupt:
        code = 130
        print("interrupted; what was finished is kept", file=sys.stderr)
    except BrokenPipeError:
        # The reader of a pipe has seen enough. Python would complain once more while it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if os.environ.get("KDTHEORY_TRACEBACK"):
            raise
        code, line = one_line(error)
        print(line, file=sys.stderr)
    sys.exit(code if isinstance(code, int) else 0)


__all__ = ["USAGE", "app", "main"]
