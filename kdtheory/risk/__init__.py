"""Risk: exact bias and variance, and what only somebody who knows the truth can choose (``oracle_...``)."""

from kdtheory.risk.decompose import Risk, decompose
from kdtheory.risk.deterministic_equivalents import effective_penalty, proportional_risk
from kdtheory.risk.ensembles import ridge_ensemble_weights
from kdtheory.risk.label_averaging import oracle_correcting_rounds
from kdtheory.risk.marchenko_pastur import isotropic_risk
from kdtheory.risk.mixing import oracle_mixing
from kdtheory.risk.moments import Moments, sgd_moments
from kdtheory.risk.one_pass import OnePass, one_pass_sgd
from kdtheory.risk.population import Population
from kdtheory.risk.proportional_distillation import (
    oracle_proportional_mixing,
    proportional_distillation_risk,
    proportional_test_slope,
)
from kdtheory.risk.quadratic import QuadraticRisk, oracle_fixed_design, oracle_random_design
from kdtheory.risk.rounds import OptimalMixings, oracle_mixings, oracle_mixings_one_by_one, oracle_step_mixing
from kdtheory.risk.second_stage import oracle_second_stage_slope
from kdtheory.risk.stationary import sgd_stationary, sgd_step_limit
from kdtheory.risk.surrogate import oracle_surrogate, surrogate_risk
from kdtheory.risk.weak_to_strong import weak_to_strong_barrier
from kdtheory.risk.wiener import oracle_excess_risk, oracle_wiener_gains

__all__ = [
    "Moments", "OnePass", "OptimalMixings", "Population", "QuadraticRisk", "Risk", "decompose", "effective_penalty",
    "isotropic_risk", "one_pass_sgd", "oracle_excess_risk", "oracle_fixed_design", "oracle_mixing", "oracle_mixings",
    "oracle_mixings_one_by_one", "oracle_proportional_mixing", "oracle_random_design", "oracle_step_mixing",
    "oracle_surrogate", "oracle_wiener_gains", "proportional_distillation_risk", "proportional_risk",
    "proportional_test_slope", "ridge_ensemble_weights", "sgd_moments", "sgd_stationary", "sgd_step_limit",
    "oracle_correcting_rounds", "oracle_second_stage_slope", "surrogate_risk", "weak_to_strong_barrier",
]  # fmt: skip
