"""Plotting: the house style, and one function per kind of plot. Data in, Axes out; nothing is computed here."""

from kdtheory.plotting.confidence import confidence_scatter, slopes_by_seed
from kdtheory.plotting.dataset import Dataset
from kdtheory.plotting.deviation import deviation_against_size
from kdtheory.plotting.heat_map import heat_map
from kdtheory.plotting.labels import label, pointer
from kdtheory.plotting.modes import gain_by_mode, gain_curves, lag_by_mode
from kdtheory.plotting.odds import distances_by_round, flow_time_of_limit, odds_plane
from kdtheory.plotting.plane import coefficient_plane
from kdtheory.plotting.stopping import deviation_against_time
from kdtheory.plotting.style import GUIDE, ROLES, Role, canvas, house_style, role, title
from kdtheory.plotting.verdicts import condition_by_gain, ratio_ranges

__all__ = [
    "GUIDE",
    "ROLES",
    "Dataset",
    "Role",
    "canvas",
    "coefficient_plane",
    "condition_by_gain",
    "confidence_scatter",
    "deviation_against_size",
    "deviation_against_time",
    "distances_by_round",
    "flow_time_of_limit",
    "gain_by_mode",
    "gain_curves",
    "heat_map",
    "house_style",
    "label",
    "lag_by_mode",
    "odds_plane",
    "pointer",
    "ratio_ranges",
    "role",
    "slopes_by_seed",
    "title",
]
