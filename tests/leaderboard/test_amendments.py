"""Amendments: a figure that was removed or corrected stays on record, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from boards import USUAL_LINE, write_csv, write_published

from bdstr.errors import BoardError
from bdstr_leaderboard.amendments import COLUMNS
from bdstr_leaderboard.board import read_board
from bdstr_leaderboard.entry import Entry, entry_to_json
from bdstr_leaderboard.standings import standings

REMOVED = {
    "date": "2026-11-25",
    "method": "MINet",
    "benchmark": "ECSSD",
    "measure": "MAE",
    "source_url": USUAL_LINE["source_url"],
    "action": "removed",
    "reason": "the source withdrew it",
}
CORRECTED = REMOVED | {"action": "corrected", "value": "0.037", "reason": "a digit was lost"}


def amended(folder: Path, *lines: Mapping[str, str]) -> Path:
    write_csv(folder / "amendments.csv", COLUMNS, lines)
    return folder


def test_a_removed_figure_is_not_shown_and_stays_on_record(tmp_path: Path) -> None:
    write_published(tmp_path, {}, {"measure": "S", "value": "0.9"}, {"method": "B"})
    board = read_board(amended(tmp_path, REMOVED))
    assert [(f.method.name, f.measure) for f in board.figures] == [("MINet", "S"), ("B", "MAE")]
    ((gone),) = board.amended
    assert (gone.was.text, gone.amendment.reason) == (".033", "the source withdrew it")


def test_a_corrected_figure_says_what_it_was_and_is_no_longer_suspect(tmp_path: Path) -> None:
    write_published(tmp_path, {"value": "0.37", "suspect": "ten times", "note": "seen"})
    board = read_board(amended(tmp_path, CORRECTED))
    ((figure),) = board.figures
    assert (figure.text, figure.suspect) == (".037", "")
    assert figure.note == "seen; corrected from .370: a digit was lost"
    assert [each.was.text for each in board.amended] == [".370"]
    assert standings(board, figure.column)[0].rank == 1


def test_without_a_measure_all_of_a_method_on_a_benchmark_is_meant(tmp_path: Path) -> None:
    write_published(tmp_path, {}, {"measure": "S", "value": "0.9"}, {"benchmark": "SOD"})
    board = read_board(amended(tmp_path, REMOVED | {"measure": ""}))
    assert [figure.benchmark for figure in board.figures] == ["SOD"]
    assert len(board.amended) == 2


def test_without_a_source_a_measured_figure_is_meant_and_its_interval_goes(
    entry_of: Callable[..., Entry], tmp_path: Path
) -> None:
    write_published(tmp_path, {"method": "Near", "benchmark": "SOD"})
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "near--sod.json").write_text(entry_to_json(entry_of()), "utf-8")
    line = CORRECTED | {"method": "Near", "benchmark": "SOD", "source_url": ""}
    figures = [f for f in read_board(amended(tmp_path, line)).figures if f.measure == "MAE"]
    assert [(f.measured, f.text, f.interval) for f in figures] == [
        (False, ".033", None),
        (True, ".037", None),
    ]


def test_a_decision_about_no_figure_is_told(tmp_path: Path) -> None:
    write_published(tmp_path, {})
    board = read_board(amended(tmp_path, REMOVED | {"method": "MINet-2"}))
    assert len(board.figures) == 1
    assert [(each.place, each.reason[:12]) for each in board.left_out] == [
        ("amendments.csv, line 2", "no figure th")
    ]


def test_a_decision_about_a_published_figure_without_its_source_says_what_is_missing(tmp_path: Path) -> None:
    write_published(tmp_path, {})
    board = read_board(amended(tmp_path, REMOVED | {"source_url": ""}))
    assert len(board.figures) == 1
    assert board.left_out[0].reason.endswith("give its source_url, such as https://example.org/minet")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "deleted"}, "action: found 'deleted'; expected removed or corrected"),
        ({"reason": ""}, "reason: found nothing; expected why"),
        ({"date": "25.11.2026"}, "date: found '25.11.2026'; expected one such as 2026-11-25"),
        ({"action": "corrected"}, "value: found ''; expected 0 to 1"),
    ],
)
def test_a_decision_that_cannot_be_read_stops_the_board(
    change: dict[str, str], reason: str, tmp_path: Path
) -> None:
    write_published(tmp_path, {})
    with pytest.raises(BoardError, match=rf"amendments\.csv, line 2: {reason}"):
        read_board(amended(tmp_path, REMOVED | change))
