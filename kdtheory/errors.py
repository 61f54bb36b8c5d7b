"""Error types of kdtheory.

Every error is one line: the argument at fault, what was expected, what was got and what to do.
Each type also derives from the built-in exception a NumPy or scikit-learn user would try to catch.
"""


class KdtheoryError(Exception):
    """Base of all errors that kdtheory raises on purpose.

    Parameters
    ----------
    argument : str
        Name of the argument (or file, or package) at fault.
    expected, got : str
        What would have been accepted, and what came instead.
    fix : str
        What the user can do about it.
    """

    def __init__(self, argument: str, *, expected: str, got: str, fix: str) -> None:
        self.argument, self.expected, self.got, self.fix = argument, expected, got, fix
        line = f"{argument}: expected {expected}, got {got}; {fix}"
        super().__init__(" ".join(line.split()))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.argument, self.expected, self.got, self.fix))


class InvalidArgument(KdtheoryError, ValueError):
    """A value that no part of kdtheory can work with."""


class UnsupportedRecipe(InvalidArgument):
    """A recipe that is meaningful, but not in the world that was asked to run it."""


class NotDiagonal(InvalidArgument):
    """Gains per mode were asked of a fit whose operators do not commute; ``operator`` answers instead."""


class UnknownName(KdtheoryError, KeyError):
    """A name (of a fit, claim, figure, data set) that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0])


class MissingPackage(KdtheoryError, ImportError):
    """An optional package is needed and not installed."""


class DataUnavailable(KdtheoryError, OSError):
    """A data set or file cannot be had, or is not what it should be."""

    def __str__(self) -> str:
        return str(self.args[0])


def _rebuild(kind: type[KdtheoryError], argument: str, expected: str, got: str, fix: str) -> KdtheoryError:
    return kind(argument, expected=expected, got=got, fix=fix)
