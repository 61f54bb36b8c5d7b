"""The report: figures built and checked, claims with their evidence, and the static page that shows them."""

from kdtheory.report.build import Built, build
from kdtheory.report.evidence import Checked, checked
from kdtheory.report.figure import Figure, figure
from kdtheory.report.figure import names as figure_names
from kdtheory.report.page import Findings, Shown, render
from kdtheory.report.provenance import versions
from kdtheory.report.references import Difference, differences
from kdtheory.report.references import update as update_reference
from kdtheory.report.storage import load
from kdtheory.report.write import Report, write_report

__all__ = [
    "Built",
    "Checked",
    "Difference",
    "Figure",
    "Findings",
    "Report",
    "Shown",
    "build",
    "checked",
    "differences",
    "figure",
    "figure_names",
    "load",
    "render",
    "update_reference",
    "versions",
    "write_report",
]
