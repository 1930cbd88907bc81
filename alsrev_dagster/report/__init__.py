"""The HTML page, from tables and figures.

Computes nothing and reads no file but its template.
"""

from alsrev_dagster.report.context import ReportContext
from alsrev_dagster.report.page import render_report

__all__ = ["ReportContext", "render_report"]
