"""Plotting: the house style, and one function per kind of plot. Data in, Axes out; nothing is computed here."""

from kdtheory.plotting.confidence import confidence_scatter, slopes_by_seed
from kdtheory.plotting.counterexamples import courses_side_by_side, failing_and_restored, margins_around
from kdtheory.plotting.dataset import Dataset
from kdtheory.plotting.deviation import deviation_against_size
from kdtheory.plotting.filters import filters_by_eigenvalue, rounds_by_ratio
from kdtheory.plotting.heat_map import heat_map
from kdtheory.plotting.labels import label, pointer
from kdtheory.plotting.limits import drawn_points, level, limit_line
from kdtheory.plotting.modes import gain_by_mode, gain_curves, lag_by_mode
from kdtheory.plotting.odds import distances_by_round, flow_time_of_limit, odds_plane
from kdtheory.plotting.plane import coefficient_plane
from kdtheory.plotting.predictions import intervals_by_cell
from kdtheory.plotting.risk import gains_by_rounds, risk_by_rounds, risk_surface, sign_plane
from kdtheory.plotting.series import named_series, points_of_series
from kdtheory.plotting.slopes import margins_by_cluster, slopes_against_time
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
    "courses_side_by_side",
    "deviation_against_size",
    "deviation_against_time",
    "distances_by_round",
    "drawn_points",
    "failing_and_restored",
    "filters_by_eigenvalue",
    "flow_time_of_limit",
    "gain_by_mode",
    "gain_curves",
    "gains_by_rounds",
    "heat_map",
    "house_style",
    "intervals_by_cell",
    "label",
    "lag_by_mode",
    "level",
    "limit_line",
    "margins_around",
    "margins_by_cluster",
    "named_series",
    "odds_plane",
    "pointer",
    "points_of_series",
    "ratio_ranges",
    "risk_by_rounds",
    "risk_surface",
    "role",
    "rounds_by_ratio",
    "sign_plane",
    "slopes_against_time",
    "slopes_by_seed",
    "title",
]
