"""``curves.js``: precision, recall and F of every measured entry, for the pages that draw them."""

from __future__ import annotations

from typing import Any

from jaxtyping import Float64
from numpy import ndarray

from ..board import Board
from ..entry import Entry
from ..figure import DECIMALS
from .addresses import addresses_of, proof_of
from .board_js import script

CHART_SCRIPTS = ("vendor/d3.min.js", "vendor/plot.min.js", "curves.js", "static/curves.js")
CURVE_SCRIPTS = (*CHART_SCRIPTS, "static/method.js")
"""What a page runs that draws them."""


def curves_js(board: Board) -> bytes:
    """The script: file of an entry -> what it is of, and its curves, highest threshold first."""
    pages = addresses_of(board)
    found = {
        proof_of(pages[entry.method.title], entry.benchmark): _curves(entry)
        for entry in board.entries
        if _drawn(entry) and entry.method.title in pages
    }
    return script("curves", found)


def _drawn(entry: Entry) -> bool:
    return {"precision", "recall", "F"} <= entry.curves.keys()


def _curves(entry: Entry) -> dict[str, Any]:
    return {
        "method": entry.method.title,
        "benchmark": entry.benchmark,
        "unknownMasks": "" if entry.gt_known else entry.gt_fingerprint[:8],
        **{name: _rounded(entry.curves[name]) for name in ("precision", "recall", "F")},
    }


def _rounded(curve: Float64[ndarray, "thresholds"]) -> list[float]:
    return [round(value, DECIMALS) for value in curve.tolist()]
