"""Risk: exact bias and variance, and what only somebody who knows the truth can choose (``oracle_...``)."""

from kdtheory.risk.decompose import Risk, decompose
from kdtheory.risk.mixing import oracle_mixing
from kdtheory.risk.moments import Moments, sgd_moments
from kdtheory.risk.stationary import sgd_stationary, sgd_step_limit
from kdtheory.risk.wiener import oracle_excess_risk, oracle_wiener_gains

__all__ = [
    "Moments", "Risk", "decompose", "oracle_excess_risk", "oracle_mixing", "oracle_wiener_gains", "sgd_moments",
    "sgd_stationary", "sgd_step_limit",
]  # fmt: skip
