"""Hypothesis strategies of what is run: procedures of every family within their stable range, and whole recipes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kdtheory import procedures as p
from kdtheory.distillation import Fit, Phase, Recipe, labels
from kdtheory.distillation.targets import mixture
from kdtheory.procedures import Procedure
from kdtheory.testing.spectral_strategies import _composed
from kdtheory.testing.variables import linear, logarithmic, odds
from kdtheory.validation import count, lookup, number

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Draw = Callable[[Any], Any]


def procedures(largest: float = 1.0, families: Sequence[type[Procedure]] | None = None) -> SearchStrategy[Procedure]:
    """Procedures that are stable on eigenvalues up to ``largest``, with times and penalties on its scale.

    Parameters
    ----------
    largest : float
        The largest eigenvalue that they will meet.
    families : sequence of classes, optional
        For example ``[kd.GradientFlow, kd.Ridge]``; default: all of `FAMILIES`.

    Examples
    --------
    >>> from hypothesis import find, settings
    >>> find(procedures(), lambda run: True, settings=settings(database=None))
    GradientFlow(time=1.0)
    """
    from hypothesis import strategies

    number("largest", largest, above=0)
    chosen = list(_MADE) if families is None else list(families)
    names = {family.__name__: family for family in _MADE}
    makers = [_MADE[lookup(names, getattr(family, "__name__", str(family)), "family")] for family in chosen]
    return _composed(lambda draw: draw(strategies.sampled_from(makers))(draw, float(largest)))


def recipes(
    largest: float = 1.0,
    families: Sequence[type[Procedure]] | None = None,
    *,
    rounds: int = 3,
    phases: int = 2,
) -> SearchStrategy[Recipe]:
    """Valid recipes: a teacher and up to ``rounds`` students, each in one to ``phases`` phases.

    A phase's target is the labels, the previous fit's outputs, or any affine mixture of the two.

    Parameters
    ----------
    largest : float
        The largest eigenvalue of the data.
    families : sequence of classes, optional
        Of procedures, as for `procedures`.
    rounds, phases : int
        The most; the simplest recipe is one student with one phase on its teacher's outputs.

    Examples
    --------
    >>> from hypothesis import find, settings
    >>> find(recipes(), lambda recipe: True, settings=settings(database=None))
    Recipe(teacher: labels; student: output_of('teacher'))
    """
    from hypothesis import strategies

    count("rounds", rounds, at_least=1)
    count("phases", phases, at_least=1)
    runs = procedures(largest, families)
    taught = strategies.one_of(strategies.sampled_from([1.0, 0.5, 0.0]), linear(-0.5, 1.5, simple=1.0).strategy())

    def fit(draw: Draw, teacher: str | None) -> Fit:
        made: list[Phase] = []
        for _ in range(draw(strategies.integers(1, phases))):
            target = labels if teacher is None else mixture(teacher, draw(taught))
            run = draw(runs)
            again = any(run.has_clock and type(earlier.procedure) is type(run) for earlier in made[-1:])
            made.append(Phase(target, run, restart=again or draw(strategies.booleans())))
        return Fit(made)

    def build(draw: Draw) -> Recipe:
        names = ["teacher", "student", *(f"student_{k}" for k in range(2, draw(strategies.integers(1, rounds)) + 1))]
        return Recipe(**{name: fit(draw, names[i - 1] if i else None) for i, name in enumerate(names)})

    return _composed(build)


def _steps(draw: Draw) -> int:
    from hypothesis import strategies

    return draw(strategies.integers(1, 30))


def _progress(draw: Draw) -> float:
    return draw(logarithmic(1e-3, 1e3).strategy())


def _momentum(draw: Draw) -> float:
    return draw(linear(0.0, 0.95, simple=0.5).strategy())


def _share(draw: Draw) -> float:
    """Of the largest stable step size."""
    return draw(odds(0.01, 0.95, simple=0.25).strategy())


def _center(draw: Draw) -> Any:
    from hypothesis import strategies

    return draw(strategies.sampled_from(["zero", "start"]))


def _output(draw: Draw) -> Any:
    from hypothesis import strategies

    return draw(strategies.sampled_from(["iterate", "look-ahead"]))


def _heavy_ball(draw: Draw, top: float) -> Procedure:
    momentum = _momentum(draw)
    return p.HeavyBall(_steps(draw), momentum, _share(draw) * 2.0 * (1.0 + momentum) / top)


def _nesterov(draw: Draw, top: float) -> Procedure:
    momentum = _momentum(draw)
    limit = (2.0 + 2.0 * momentum) / (1.0 + 2.0 * momentum) / top
    return p.Nesterov(_steps(draw), momentum, _share(draw) * limit, output=_output(draw))


def _decayed_descent(draw: Draw, top: float) -> Procedure:
    decay = top * _progress(draw)
    return p.WeightDecayDescent(_steps(draw), decay, _share(draw) * 2.0 / (top + decay), center=_center(draw))


def _infinite_rounds(draw: Draw, top: float) -> Procedure:
    run = procedures(top, [p.GradientFlow, p.Ridge, p.WeightDecayFlow])
    return p.InfiniteRounds(draw(run), draw(linear(-0.9, 0.9, simple=0.5).strategy()))


_MADE: dict[type[Procedure], Callable[[Draw, float], Procedure]] = {
    p.GradientFlow: lambda draw, top: p.GradientFlow(_progress(draw) / top),
    p.GradientDescent: lambda draw, top: p.GradientDescent(_steps(draw), _share(draw) * 2.0 / top),
    p.Ridge: lambda draw, top: p.Ridge(top * _progress(draw), center=_center(draw)),
    p.IteratedTikhonov: lambda draw, top: p.IteratedTikhonov(top * _progress(draw), _steps(draw)),
    p.SpectralCutOff: lambda draw, top: p.SpectralCutOff(
        top * draw(odds(0.001, 0.999).strategy()), center=_center(draw)
    ),
    p.WeightDecayFlow: lambda draw, top: p.WeightDecayFlow(
        _progress(draw) / top, top * _progress(draw), center=_center(draw)
    ),
    p.WeightDecayDescent: _decayed_descent,
    p.AveragedFlow: lambda draw, top: p.AveragedFlow(_progress(draw) / top),
    p.AveragedDescent: lambda draw, top: p.AveragedDescent(_steps(draw), _share(draw) * 2.0 / top),
    p.HeavyBall: _heavy_ball,
    p.Nesterov: _nesterov,
    p.HeavyBallFlow: lambda draw, top: p.HeavyBallFlow(_progress(draw) / top**0.5, _progress(draw) * top**0.5),
    p.NesterovFlow: lambda draw, top: p.NesterovFlow(_progress(draw) / top**0.5),
    p.InfiniteRounds: _infinite_rounds,
}

FAMILIES = tuple(_MADE)
"""The families that `procedures` draws from."""
