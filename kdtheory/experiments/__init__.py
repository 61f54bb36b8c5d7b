"""Studies on networks, declared before they run: registered, seeded by their commit, resumable, judged by rule."""

from kdtheory.experiments.account import Account, Observation, Statement, account
from kdtheory.experiments.afterwards import Afterthought, afterthoughts
from kdtheory.experiments.power import powers
from kdtheory.experiments.registration import Prediction, Ratio, Registration, registration
from kdtheory.experiments.run import run
from kdtheory.experiments.seeds import registered_commit, seeds
from kdtheory.experiments.study import Study, names, study
from kdtheory.experiments.summary import finished, judged, save, stored, summary
from kdtheory.experiments.units import Unit

__all__ = [
    "Account", "Afterthought", "Observation", "Prediction", "Ratio", "Registration", "Statement", "Study", "Unit",
    "account", "afterthoughts", "finished", "judged", "names", "powers", "registered_commit",
    "registration", "run", "save", "seeds", "stored", "study", "summary",
]  # fmt: skip
