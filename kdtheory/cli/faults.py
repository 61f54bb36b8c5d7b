"""Every fault is one line on standard error, and a number."""

from __future__ import annotations

from kdtheory.errors import KdtheoryError, MissingPackage

FAILED = 1
USAGE = 2


def one_line(error: Exception) -> tuple[int, str]:
    """Exit code and line for an exception that reached the top.

    What kdtheory or the parser refuses is wrong usage; a group of commands alone is answered by its help. Anything else
    is a bug: it counts as failed, and the line says how to see more.
    """
    if isinstance(error, KdtheoryError):
        return (FAILED if isinstance(error, MissingPackage) else USAGE), f"kdtheory: {_joined(str(error))}"
    if type(error).__name__ == "NoArgsIsHelpError":
        return USAGE, str(error)
    usage = getattr(error, "format_message", None)
    if usage is not None and hasattr(error, "exit_code"):
        return USAGE, f"kdtheory: {_joined(usage())}{_hint(error)}"
    if isinstance(error, OSError):
        path = f"{error.filename}: " if error.filename else ""
        return USAGE, f"kdtheory: {path}{_joined(error.strerror or str(error))}"
    kind = type(error).__name__
    said = _joined(str(error)) or "no message"
    return FAILED, f"kdtheory: bug: {kind}: {said} (please report it; KDTHEORY_TRACEBACK=1 shows where)"


def _hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f" (see {context.command_path} --help)" if context is not None else ""


def _joined(text: str) -> str:
    return " ".join(text.split())
