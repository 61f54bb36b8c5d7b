"""The registry of claims: statements with their assumptions, evidence, counterexamples and derivations.

Each module of this package without a leading underscore is one claim, found by listing the package:
``exaggerated_bias.py`` holds the claim ``exaggerated-bias``.
Nothing here imports Hypothesis, SymPy, JAX or torch until a check needs it.
"""

from kdtheory.claims._check import check
from kdtheory.claims._claim import Assumption, Claim, Counterexample, Mutant
from kdtheory.claims._derivation import Derivation, Step
from kdtheory.claims._evidence import Derived, Evidence, Networks, PropertyTested, Simulated, evidence
from kdtheory.claims._registry import claim, get, names

__all__ = [
    "Assumption",
    "Claim",
    "Counterexample",
    "Derivation",
    "Derived",
    "Evidence",
    "Mutant",
    "Networks",
    "PropertyTested",
    "Simulated",
    "Step",
    "check",
    "claim",
    "evidence",
    "get",
    "names",
]
