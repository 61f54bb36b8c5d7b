"""Plotting: the house style, and one function per kind of plot. Data in, Axes out; nothing is computed here."""

from kdtheory.plotting.confidence import confidence_scatter, slopes_by_seed
from kdtheory.plotting.dataset import Dataset
from kdtheory.plotting.deviation import deviation_against_size
from kdtheory.plotting.heat_map import heat_map
from kdtheory.plotting.labels import label, pointer
from kdtheory.plotting.modes import gain_by_mode, lag_by_mode
from kdtheory.plotting.plane import coefficient_plane
from kdtheory.plotting.style import GUIDE, ROLES, Role, canvas, house_style, role, title

__all__ = [
    "GUIDE",
    "ROLES",
    "Dataset",
    "Role",
    "canvas",
    "coefficient_plane",
    "confidence_scatter",
    "deviation_against_size",
    "gain_by_mode",
    "heat_map",
    "house_style",
    "label",
    "lag_by_mode",
    "pointer",
    "role",
    "slopes_by_seed",
    "title",
]
