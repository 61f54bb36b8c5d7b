"""The command line: parses, calls, prints. Commands import what they need when they run: help is instant."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from kdtheory import __version__
from kdtheory.cli import claims, data, diagnose, doctor, experiments, figures, lab, report
from kdtheory.cli.faults import USAGE, one_line

app = typer.Typer(
    name="kdtheory",
    help="The theory of knowledge distillation, executable: check claims, draw figures, write the report.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(claims.app, name="claims")
app.add_typer(figures.app, name="figures")
app.add_typer(data.app, name="data")
app.add_typer(experiments.app, name="experiments")
app.command("report")(report.report)
app.command("diagnose")(diagnose.diagnose)
app.command("lab")(lab.lab)
app.command("doctor")(doctor.doctor)


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)] = False,
) -> None:
    """What stands before a command; without any, the help."""
    if version or context.invoked_subcommand is None:
        print(__version__ if version else context.get_help())
        raise typer.Exit


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
