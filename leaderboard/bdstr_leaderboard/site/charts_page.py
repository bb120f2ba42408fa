"""The page of charts: figures against years and parameters, benchmarks against each other, curves."""

from __future__ import annotations

from .curves_js import CHART_SCRIPTS
from .markup import page, template

PATH = "charts.html"
SCRIPTS = ("board.js", *CHART_SCRIPTS, "static/view.js", "static/charts.js")


def charts_page() -> bytes:
    """The page; its charts are drawn by a script."""
    return page(PATH, "Charts", [template(PATH)], SCRIPTS)
