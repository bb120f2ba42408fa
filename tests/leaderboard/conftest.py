"""What tests of the leaderboard share: a report of sodeval, its entries, the board that comes with bdstr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the modules beside the tests

from boards import scored, write_numbers

from bdstr_leaderboard.board import Board, read_board
from bdstr_leaderboard.entry import Entry, Run
from bdstr_leaderboard.figure import Method
from bdstr_leaderboard.submission import entries_of
from sodeval import Report

EntryOf = Callable[..., Entry]


@pytest.fixture(scope="session")
def report() -> Report:
    """Of 300 images, as many as SOD has; the masks are not SOD's."""
    return scored()


@pytest.fixture(scope="session")
def report_folder(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as files; tests do not write into it."""
    return write_numbers(report, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def entry_of(report: Report) -> EntryOf:
    """The entry of a method of `report`, with what is said of it."""

    def make(reported: str = "Near", **about: Any) -> Entry:
        method = Method(**({"name": reported, "supervision": "full"} | about))
        (entry,) = entries_of(report, reported, method, lambda _: Run(by="A. Uthor", date="2026-11-25"))
        return entry

    return make


@pytest.fixture(scope="session")
def packaged_board() -> Board:
    """What comes with bdstr."""
    return read_board()
