"""A board as a static site: every file that it consists of."""

from __future__ import annotations

import json
from importlib import resources

from sodeval._version import __version__

from ..board import Board
from ..entry import entry_to_json
from ..standings import standings
from . import charts_page, conventions_page, index_page, record_page
from .addresses import addresses_of, proof_of
from .board_js import board_js
from .curves_js import curves_js
from .method_page import method_page

MARKER = "site.json"
"""The file that says that a folder is a site of ours, and which files it has."""


def build_site(board: Board) -> dict[str, bytes]:
    """Path from the root of the site -> content; equal boards give equal sites.

    The site needs no server and no network: ``index.html`` opens from a disk.
    """
    pages = addresses_of(board)
    placed = {column: standings(board, column) for column in board.columns}
    files = {
        index_page.PATH: index_page.index_page(board),
        charts_page.PATH: charts_page.charts_page(),
        conventions_page.PATH: conventions_page.conventions_page(board, placed),
        record_page.PATH: record_page.record_page(board),
        "board.js": board_js(board, placed),
        "curves.js": curves_js(board),
    }
    files |= {path: method_page(board, placed, title, path) for title, path in pages.items()}
    files |= {
        proof_of(pages[entry.method.title], entry.benchmark): entry_to_json(entry).encode()
        for entry in board.entries
        if entry.method.title in pages  # else all of it was removed: it stands on record
    }
    files |= _carried("static") | _carried("vendor")
    return files | {MARKER: _marker(files)}


def _carried(folder: str) -> dict[str, bytes]:
    """The files of a folder of this package."""
    found = sorted((resources.files(__package__) / folder).iterdir(), key=lambda file: file.name)
    return {f"{folder}/{file.name}": file.read_bytes() for file in found if not file.name.startswith("_")}


def _marker(files: dict[str, bytes]) -> bytes:
    made_by = f"bdstr leaderboard {__version__}"
    return json.dumps({"made_by": made_by, "files": sorted(files)}, indent=1).encode()
