"""Hypothesis strategies of problems by their spectrum: eigenvalues, bases, targets, noise, Gram matrices.

All of them shrink to what is easily read: few modes, round numbers, the identity as basis, no noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.testing.variables import linear, logarithmic, odds
from kdtheory.validation import count, describe, number, one_of

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Array = NDArray[np.float64]
Size = int | tuple[int, int]
_Drawn = TypeVar("_Drawn")

KINDS = ("distinct", "tied", "clustered", "power law", "wide", "singular")
"""Kinds of spectra: clusters are apart by 1e-12 to 1e-3; wide spectra cover up to twelve decades; singular ones end in
zeros."""

ALIGNMENTS = ("flat", "aligned", "adverse", "sparse", "any")
"""Where a target lies: in all modes alike, in leading modes, in trailing modes, in one mode, anywhere."""


def spectra(
    size: Size = (1, 8), kinds: Sequence[str] = KINDS, largest: tuple[float, float] = (1e-8, 1e8)
) -> SearchStrategy[Array]:
    """Eigenvalues of a Gram matrix, falling, shape (modes,); the first is positive.

    Parameters
    ----------
    size : int or (int, int)
        Number of modes, or the least and the most.
    kinds : sequence of {"distinct", "tied", "clustered", "power law", "wide", "singular"}
    largest : (float, float)
        Range of the largest eigenvalue; it shrinks to 1, or to the end that is nearer to 1.

    Examples
    --------
    >>> from hypothesis import find, settings
    >>> find(spectra(), lambda lam: len(lam) > 2, settings=settings(database=None)).tolist()
    [1.0, 0.5, 0.25]
    """
    from hypothesis import strategies

    for kind in kinds:
        one_of("kinds", kind, KINDS)
    least, most = (number("largest", end, above=0) for end in largest)
    top = logarithmic(least, most).strategy() if least < most else strategies.just(least)

    def build(draw: Callable[[Any], Any]) -> Array:
        # The ratios are drawn first, of all kinds alike, so that shrinking goes to the first kind.
        ratios = [draw(odds(0.001, 0.999).strategy()) for _ in range(draw(_sizes(size)) - 1)]
        relative = _RELATIVE[draw(strategies.sampled_from(list(kinds)))](draw, ratios)
        return draw(top) * relative

    return _composed(build)


def bases(size: Size = (1, 8)) -> SearchStrategy[Array]:
    """Orthonormal bases, shape (n, n), vectors in columns; the simplest is the identity.

    >>> from hypothesis import find, settings
    >>> find(bases(2), lambda basis: True, settings=settings(database=None)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def build(draw: Callable[[Any], Any]) -> Array:
        modes, seed = draw(_sizes(size)), draw(_seeds())
        if seed == 0:
            return np.eye(modes)
        q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((modes, modes)))
        return q * np.where(np.diag(r) < 0, -1.0, 1.0)

    return _composed(build)


def targets(size: Size = (1, 8), alignments: Sequence[str] = ALIGNMENTS) -> SearchStrategy[Array]:
    """Coefficients of a target on the modes, shape (modes,), by where they lie; signs are drawn, too.

    Parameters
    ----------
    size : int or (int, int)
    alignments : sequence of {"flat", "aligned", "adverse", "sparse", "any"}

    Examples
    --------
    >>> from hypothesis import find, settings
    >>> aligned = targets(3, ["aligned"])
    >>> find(aligned, lambda y: True, settings=settings(database=None)).round(3).tolist()
    [1.0, 0.5, 0.333]
    """
    from hypothesis import strategies

    for alignment in alignments:
        one_of("alignments", alignment, ALIGNMENTS)

    def build(draw: Callable[[Any], Any]) -> Array:
        modes = draw(_sizes(size))
        sizes = _ALIGNED[draw(strategies.sampled_from(list(alignments)))](draw, modes)
        signs = draw(strategies.lists(strategies.sampled_from([1.0, -1.0]), min_size=modes, max_size=modes))
        return sizes * np.array(signs)

    return _composed(build)


def noises(size: Size = (1, 8), level: tuple[float, float] = (1e-3, 10.0)) -> SearchStrategy[Array]:
    """Gaussian noise in the coefficients of labels, shape (modes,), with a standard deviation in the range ``level``.

    The simplest noise is none.
    """
    least, most = (number("level", end, above=0) for end in level)

    def build(draw: Callable[[Any], Any]) -> Array:
        modes, seed = draw(_sizes(size)), draw(_seeds())
        scale = draw(logarithmic(least, most).strategy())
        return scale * np.random.default_rng(seed).standard_normal(modes) if seed else np.zeros(modes)

    return _composed(build)


def gram_matrices(
    size: Size = (1, 8), kinds: Sequence[str] = KINDS, largest: tuple[float, float] = (1e-8, 1e8)
) -> SearchStrategy[Array]:
    """Symmetric positive semidefinite matrices of these spectra in any basis, shape (n, n); the simplest is diagonal.

    Zeros of singular spectra come back as numbers of the size of rounding.

    >>> from hypothesis import find, settings
    >>> find(gram_matrices(2), lambda gram: True, settings=settings(database=None)).tolist()
    [[1.0, 0.0], [0.0, 0.5]]
    """

    def build(draw: Callable[[Any], Any]) -> Array:
        lam = draw(spectra(size, kinds, largest))
        basis = draw(bases(len(lam)))
        gram = (basis * lam) @ basis.T
        return 0.5 * (gram + gram.T)

    return _composed(build)


Ratios = list[float]


def _tied(draw: Callable[[Any], Any], ratios: Ratios) -> Array:
    from hypothesis import strategies

    return _product([1.0 if draw(strategies.booleans()) else ratio for ratio in ratios])


def _clustered(draw: Callable[[Any], Any], ratios: Ratios) -> Array:
    apart = logarithmic(1e-12, 1e-3, simple=1e-6).strategy()
    return _product([1.0 - draw(apart) for _ in ratios])


def _power_law(draw: Callable[[Any], Any], ratios: Ratios) -> Array:
    return _by_rank(len(ratios) + 1, draw(linear(0.1, 5.0, simple=1.0).strategy()))


def _wide(draw: Callable[[Any], Any], ratios: Ratios) -> Array:
    decades = draw(linear(1.0, 12.0, simple=12.0).strategy())
    return np.power(10.0, np.linspace(0.0, -decades, len(ratios) + 1))


def _singular(draw: Callable[[Any], Any], ratios: Ratios) -> Array:
    from hypothesis import strategies

    rank = draw(strategies.integers(1, max(len(ratios), 1)))
    return np.where(np.arange(len(ratios) + 1) < rank, _product(ratios), 0.0)


def _product(ratios: Ratios) -> Array:
    return np.cumprod([1.0, *ratios], dtype=np.float64)


def _by_rank(modes: int, exponent: float) -> Array:
    return np.power(np.arange(1.0, modes + 1.0), -exponent)


_RELATIVE = dict(
    zip(KINDS, (lambda draw, ratios: _product(ratios), _tied, _clustered, _power_law, _wide, _singular), strict=True)
)


def _falling(draw: Callable[[Any], Any], modes: int) -> Array:
    return _by_rank(modes, draw(linear(0.5, 4.0, simple=1.0).strategy()))


def _one_mode(draw: Callable[[Any], Any], modes: int) -> Array:
    from hypothesis import strategies

    return np.eye(modes)[draw(strategies.integers(0, modes - 1))]


def _anywhere(draw: Callable[[Any], Any], modes: int) -> Array:
    return np.array([draw(logarithmic(1e-3, 1e3).strategy()) for _ in range(modes)])


_ALIGNED: dict[str, Callable[[Callable[[Any], Any], int], Array]] = {
    "flat": lambda draw, modes: np.ones(modes),
    "aligned": _falling,
    "adverse": lambda draw, modes: _falling(draw, modes)[::-1].copy(),
    "sparse": _one_mode,
    "any": _anywhere,
}


def _sizes(size: object) -> SearchStrategy[int]:
    from hypothesis import strategies

    ends = size if isinstance(size, tuple) else (size, size)
    if len(ends) != 2:
        fix = "pass 3, or (1, 8)"
        raise InvalidArgument("size", expected="a whole number, or the least and the most", got=describe(size), fix=fix)
    least = count("size", ends[0], at_least=1)
    return strategies.integers(least, count("size", ends[1], at_least=least))


def _seeds() -> SearchStrategy[int]:
    from hypothesis import strategies

    return strategies.integers(0, 2**32 - 1)


def _composed(build: Callable[[Callable[[Any], Any]], _Drawn]) -> SearchStrategy[_Drawn]:
    """The strategy of what ``build`` makes of the draws that it asks for."""
    from hypothesis import strategies

    return strategies.composite(build)()
