"""Claims by id: the built-in ones, found by listing this package, and the user's own."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

from kdtheory.claims._claim import DERIVED_HERE, TOPICS, Assumption, Check, Claim, Counterexample, Mutant
from kdtheory.errors import InvalidArgument, UnknownName
from kdtheory.testing.margin import Margin
from kdtheory.validation import describe

_FOLDER = Path(__file__).parent
_PACKAGE = __name__.rpartition(".")[0]
_claims: dict[str, Claim] = {}


def names() -> tuple[str, ...]:
    """Ids of all claims, in alphabetical order: built in, and registered in this session."""
    return tuple(sorted({*_built_in(), *_claims}))


def by_topic() -> dict[str, list[Claim]]:
    """All claims by topic, topics in the reader's order; those without a claim are left out."""
    every = [get(id) for id in names()]
    found = {topic: [claim for claim in every if claim.topic == topic] for topic in TOPICS}
    return {topic: claims for topic, claims in found.items() if claims}


def get(id: str) -> Claim:
    """The claim of that id.

    >>> get("exaggerated-bias").title
    'Gradient-flow distillation exaggerates the bias of its teacher'
    """
    if id not in _claims and id in _built_in():
        importlib.import_module(f"{_PACKAGE}.{id.replace('-', '_')}")
        if id not in _claims:
            file = f"claims/{id.replace('-', '_')}.py"
            fix = "give claim and file the same name"
            raise InvalidArgument(file, expected=f"a claim with the id {id!r}", got="none", fix=fix)
    if id not in _claims:
        known = ", ".join(names())
        raise UnknownName("claim", expected=f"one of {known}", got=describe(id), fix="see kdtheory claims list")
    return _claims[id]


def claim(
    id: str,
    title: str,
    source: str = DERIVED_HERE,
    *,
    topic: str = TOPICS[-1],
    statement: str = "",
    words: str = "",
    assumptions: Mapping[str, str] | None = None,
    counterexamples: Sequence[Counterexample] = (),
    mutants: Sequence[Mutant] = (),
    derivation: str | None = None,
    figure: str | None = None,
    simulation: Callable[[], Margin] | None = None,
    experiment: str | None = None,
    vectorized: bool = True,
) -> Callable[[Check], Claim]:
    """Decorator: make a claim of a check and register it.

    Parameters
    ----------
    id, title, source : str
        The id has lower-case words joined by hyphens; the source is a key of ``references.bib`` or any text.
    topic : str
        One of `kdtheory.claims.TOPICS`; default: "your own".
    statement, words : str
        LaTeX, and words; default of the words: the check's docstring.
    assumptions : mapping of names to sentences
    counterexamples, mutants : sequences
    derivation, figure : str, optional
        Ids; default: ``id``.
    simulation, experiment, vectorized
        See `Claim`.

    Examples
    --------
    >>> from kdtheory.testing import Margin, TwoModes
    >>> @claim(
    ...     id="my-conjecture",
    ...     title="Smaller modes are learned later",
    ...     source="my draft, lemma 3",
    ... )
    ... def my_conjecture(case: TwoModes) -> Margin:
    ...     return Margin(-case.ratio + 1)
    >>> my_conjecture(TwoModes(0.0, 0.5, 1.0, 1.0)).smallest
    0.5
    """
    if not isinstance(id, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        fix = "write it like 'exaggerated-bias'"
        raise InvalidArgument("id", expected="lower-case words joined by hyphens", got=describe(id), fix=fix)

    def register(check: Check) -> Claim:
        made = Claim(
            id=id,
            title=title,
            topic=topic,
            statement=statement,
            words=words or inspect.getdoc(check) or "",
            assumptions=tuple(Assumption(name, sentence) for name, sentence in (assumptions or {}).items()),
            source=source,
            case=_case_type(id, check),
            check=check,
            counterexamples=tuple(counterexamples),
            mutants=tuple(mutants),
            derivation=derivation or id,
            figure=figure or id,
            simulation=simulation,
            experiment=experiment,
            vectorized=vectorized,
        )
        _refuse_second(made)
        _claims[id] = made
        return made

    return register


def _built_in() -> set[str]:
    modules = (module.name for module in pkgutil.iter_modules([str(_FOLDER)]))
    return {name.replace("_", "-") for name in modules if not name.startswith("_")}


def _case_type(id: str, check: Check) -> Any:
    """The annotation of the check's only argument, which must say how cases are drawn."""
    fix = "write def check(case: kd.testing.TwoModes) -> kd.testing.Margin"
    expected = "a function of one argument, annotated with a case class"
    try:
        arguments = list(inspect.signature(check).parameters)
        hints = get_type_hints(check)
    except (NameError, TypeError, ValueError) as error:
        raise InvalidArgument(id, expected=expected, got=f"{type(error).__name__}: {error}", fix=fix) from error
    if len(arguments) != 1:
        raise InvalidArgument(id, expected=expected, got=f"{len(arguments)} arguments", fix=fix)
    case = hints.get(arguments[0])
    if case is None:
        raise InvalidArgument(id, expected=expected, got=f"no annotation of {arguments[0]!r}", fix=fix)
    missing = [name for name in ("draw", "strategy") if not callable(getattr(case, name, None))]
    if missing:
        got = f"{getattr(case, '__name__', case)}, which has no {missing[0]}()"
        raise InvalidArgument(id, expected=expected, got=got, fix=fix)
    return case


def _refuse_second(made: Claim) -> None:
    """Two claims of one id: allowed only if it is the same function again (a notebook cell run twice)."""
    old = _claims.get(made.id)
    own_module = f"{_PACKAGE}.{made.id.replace('-', '_')}"
    place = (made.check.__module__, made.check.__qualname__)
    if old is not None and (old.check.__module__, old.check.__qualname__) == place:
        return
    if old is not None or (made.id in _built_in() and made.check.__module__ != own_module):
        fix = "choose another id"
        raise InvalidArgument("id", expected="an id that is not taken", got=repr(made.id), fix=fix)
