"""What the studies say about accounts of distillation: sentences, and the registered predictions that test them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kdtheory import _located
from kdtheory.errors import InvalidArgument
from kdtheory.experiments.study import Study
from kdtheory.experiments.summary import stored

FILE = "account.json"


@dataclass(frozen=True)
class Statement:
    """A sentence of an account, and what the studies say about it.

    Attributes
    ----------
    account : str
        Whose: ``"the paper's"``, ``"the theory's"`` or ``"the rival"``.
    says : str
    tested_by : dict of str to list of str
        Predictions by study.
    verdicts : dict of str to str
        Verdicts of these predictions, by ``STUDY: PREDICTION``; empty if a study was not run.
    """

    account: str
    says: str
    tested_by: Mapping[str, Sequence[str]]
    verdicts: Mapping[str, str]

    @property
    def verdict(self) -> str:
        """Supported if all of its predictions are, contradicted if one is, else open.

        >>> Statement(
        ...     "the paper's", "Students lag.", {"o1": ["slope"]}, {"o1: slope": "open"}
        ... ).verdict
        'open'
        """
        words = set(self.verdicts.values())
        if not words:
            return "not run"
        return "contradicted" if "contradicted" in words else "supported" if words == {"supported"} else "open"


@dataclass(frozen=True)
class Observation:
    """What some studies are about together: its ``title``, their names, and names of figures that belong to them."""

    title: str
    studies: Sequence[str]
    figures: Sequence[str] = ()


@dataclass(frozen=True)
class Account:
    """Statements and observations in their order, and a ``note`` on what was known when they were written."""

    note: str
    statements: Sequence[Statement]
    observations: Sequence[Observation] = ()


def account(studies: Sequence[Study]) -> Account:
    """What ``studies/account.json`` says, with the verdicts of today.

    Parameters
    ----------
    studies : sequence of Study
        Those that may be spoken of.

    Raises
    ------
    InvalidArgument
        If a sentence or an observation speaks of a study or a prediction that there is not.
    """
    by_name = {study.name: study for study in studies}
    said = json.loads((_located.folder("studies") / FILE).read_text(encoding="utf-8"))
    rows = [Statement(**row, verdicts=_verdicts(row["tested_by"], by_name)) for row in said["statements"]]
    observations = [Observation(**row) for row in said.get("observations", ())]
    unknown = next((name for each in observations for name in each.studies if name not in by_name), None)
    if unknown is not None:
        raise InvalidArgument(FILE, expected="a registered study", got=repr(unknown), fix="mend the observation")
    return Account(said["note"], rows, observations)


def _verdicts(tested_by: Mapping[str, Sequence[str]], studies: Mapping[str, Study]) -> dict[str, str]:
    refuse = partial(InvalidArgument, FILE, fix="mend the sentence")
    found: dict[str, str] = {}
    for name, ids in tested_by.items():
        if name not in studies:
            raise refuse(expected="a registered study", got=repr(name))
        known = {said.id for said in studies[name].registration.predictions}
        unknown = next((one for one in ids if one not in known), None)
        if unknown is not None:
            raise refuse(expected=f"a prediction of {name}", got=repr(unknown))
        summary = stored(studies[name])
        if summary is None:
            return {}
        found |= {f"{name}: {said['id']}": said["verdict"] for said in summary["predictions"] if said["id"] in ids}
    return found
