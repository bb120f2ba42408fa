"""The page of charts: figures against years and parameters, benchmarks against each other, curves."""

from __future__ import annotations

from .controls import chosen
from .curves_js import CHART_SCRIPTS
from .markup import Html, page

PATH = "charts.html"
SCRIPTS = ("board.js", *CHART_SCRIPTS, "static/view.js", "static/charts.js")

_CHARTS = {
    "year": ("Against the year", "A method a mark; the line is the best so far."),
    "benchmarks": ("One benchmark against another", "Methods that have both figures."),
    "pr": ("Precision against recall", "Of entries measured here on the benchmark, averaged over images."),
    "f": ("F-measure against threshold", "Of the same entries: a map counts as salient from the threshold up."),
    "parameters": ("Against the number of parameters", "Methods whose parameters are known."),
}
"""Id -> title, and what it shows."""


def charts_page() -> bytes:
    """The page; its charts are drawn by a script."""
    controls = (
        '<form id="filters" aria-label="What the charts show">'
        + chosen("benchmark", "Benchmark")
        + chosen("measure", "Measure")
        + chosen("convention", "Convention")
        + chosen("other", "Other benchmark")
        + "</form>"
    )
    said = (
        '<p class="above"><span id="said" role="status"></span> <a id="share" href="#">Link to this view</a> '
        '<a id="astable" href="index.html">The same as a table</a></p><noscript><p>The charts need scripts; the same figures stand on '
        "the pages of the methods.</p></noscript>"
    )
    figures = "".join(
        f'<section class="chart" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>'
        f'<p class="soft">{shows}</p><div id="{name}" class="drawing"></div></section>'
        for name, (title, shows) in _CHARTS.items()
    )
    return page(PATH, "Charts", [Html(controls + said + f'<div class="charts">{figures}</div>')], SCRIPTS)
