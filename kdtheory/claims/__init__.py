"""The registry of claims: statements with their assumptions, evidence, counterexamples and derivations.

Each module of this package without a leading underscore is one claim, found by listing the package:
``exaggerated_bias.py`` holds the claim ``exaggerated-bias``.
Nothing here imports Hypothesis, SymPy, JAX or torch until a check needs it.
"""

from kdtheory.claims._algebra import zero
from kdtheory.claims._check import check
from kdtheory.claims._claim import TOPICS, Assumption, Claim, Counterexample, Mutant
from kdtheory.claims._derivation import Derivation, Step
from kdtheory.claims._evidence import Derived, Evidence, Networks, PropertyTested, Simulated, evidence
from kdtheory.claims._gallery import counterexample, counterexamples
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._parallel import check_all
from kdtheory.claims._registry import by_topic, claim, get, names
from kdtheory.claims._sources import Reference, places, references
from kdtheory.claims._user_files import load

__all__ = [
    "TOPICS",
    "Assumption",
    "Claim",
    "Counterexample",
    "Derivation",
    "Derived",
    "Evidence",
    "Mutant",
    "Mutate",
    "Networks",
    "PropertyTested",
    "Reference",
    "Simulated",
    "Step",
    "by_topic",
    "check",
    "check_all",
    "claim",
    "counterexample",
    "counterexamples",
    "evidence",
    "get",
    "load",
    "names",
    "places",
    "references",
    "zero",
]
