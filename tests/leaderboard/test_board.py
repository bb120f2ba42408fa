"""The board: what comes with bdstr holds, and a folder with faults gives the rest and a list of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from boards import write_csv, write_published

from bdstr.errors import BoardError
from bdstr_leaderboard.board import Board, packaged, read_board
from bdstr_leaderboard.conventions import explain, measure_of
from bdstr_leaderboard.entry import Entry, entry_to_json
from bdstr_leaderboard.proof import faults
from bdstr_leaderboard.standings import standings
from bdstr_leaderboard.unknown import COLUMNS


def test_of_what_comes_with_bdstr_nothing_is_left_out(packaged_board: Board) -> None:
    counts = Counter(figure.measured for figure in packaged_board.figures)
    assert packaged_board.left_out == ()
    assert counts == {False: 3820, True: 88}
    assert len({figure.source.url for figure in packaged_board.figures if not figure.measured}) == 32


def test_every_entry_that_comes_with_bdstr_holds(packaged_board: Board) -> None:
    for entry in packaged_board.entries:
        assert list(faults(entry)) == []
        file = packaged() / "entries" / f"{entry.slug}.json"
        assert file.read_text("utf-8") == entry_to_json(entry)


def test_every_convention_can_be_explained_and_no_unstated_one_spans_sources(packaged_board: Board) -> None:
    for column, figures in packaged_board.columns.items():
        assert explain(column.convention)
        assert measure_of(column.measure).summary
        if column.convention.startswith("unstated"):
            assert len({figure.source.url for figure in figures}) == 1


def test_one_page_of_one_evaluator_has_one_convention(packaged_board: Board) -> None:
    found: dict[tuple[str, ...], set[str]] = {}
    for figure in packaged_board.figures:
        if not figure.measured:
            where = figure.source.title, figure.benchmark, figure.measure
            found.setdefault(where, set()).add(figure.convention)
    assert found["InSPyReNet", "DUTS-TE", "maxF"] == {"lower-maxF"}
    assert found["InSPyReNet, issue 34", "DUTS-TE", "maxF"] == {"unstated"}
    assert all(len(conventions) == 1 for conventions in found.values())


def test_every_column_ranks_each_method_once_and_no_suspect_one(packaged_board: Board) -> None:
    for column, figures in packaged_board.columns.items():
        placed = standings(packaged_board, column)
        assert sorted(standing.figure.method.title for standing in placed) == sorted(
            {figure.method.title for figure in figures}
        )
        assert not any(standing.rank for standing in placed if standing.figure.suspect)


def test_the_paper_of_bds_tr_has_no_figures_and_a_reason_why(packaged_board: Board) -> None:
    ((unknown),) = packaged_board.unknown
    assert unknown.method.title == "DEDecoder (BDS-TR paper)"
    assert unknown.method.title not in packaged_board.methods
    assert "no figure of it could be read" in unknown.reason


def test_a_folder_full_of_faults_gives_the_rest_and_tells_each(
    entry_of: Callable[..., Entry], tmp_path: Path
) -> None:
    write_published(tmp_path, {}, {"value": "7"}, {})
    entries = {
        "near--sod.json": entry_to_json(entry_of()),
        "far--sod.json": entry_to_json(entry_of("Far")).replace('"MAE": 0.', '"MAE": 0.1', 1),
        "twice.json": entry_to_json(entry_of()),
        "broken.json": '{"schema": 1,',
        "newer.json": entry_to_json(entry_of("Far")).replace('"schema": 1', '"schema": 2'),
        "half.json": entry_to_json(entry_of("Far")).replace('"benchmark": "SOD"', '"benchmark": "ECSSD"'),
    }
    (tmp_path / "entries").mkdir()
    for name, text in entries.items():
        (tmp_path / "entries" / name).write_text(text, "utf-8")
    write_csv(tmp_path / "unknown.csv", COLUMNS, [{"method": "X", "supervision": "full"}])
    board = read_board(tmp_path)
    assert [entry.method.title for entry in board.entries] == ["Near"]
    assert len(board.figures) == 1 + 11
    told = {each.place: each.reason for each in board.left_out}
    assert {place: reason[:20] for place, reason in told.items()} == {
        "published.csv, line 3": "value: found '7'; ex",
        "published.csv, line 4": "MINet, ECSSD, MAE: t",
        "entries/broken.json": "not valid JSON (Expe",
        "entries/far--sod.json": "MAE: the mean of its",
        "entries/half.json": "keys: found 300 imag",
        "entries/newer.json": "schema: found 2; exp",
        "entries/twice.json": "Near on SOD has anot",
        "unknown.csv, line 2": "method, reason: foun",
    }


def test_a_folder_without_figures_is_none_of_a_board(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match=r"neither published\.csv nor entries/\*\.json"):
        read_board(tmp_path)


def test_entries_alone_are_a_board(entry_of: Callable[..., Entry], tmp_path: Path) -> None:
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "a.json").write_text(entry_to_json(entry_of()), "utf-8")
    assert len(read_board(tmp_path).figures) == 11


def test_a_table_of_other_columns_is_left_out_whole_and_the_rest_is_the_board(
    entry_of: Callable[..., Entry], tmp_path: Path
) -> None:
    entry = entry_of()
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "one.json").write_text(entry_to_json(entry))
    (tmp_path / "published.csv").write_text("a;b\n")
    board = read_board(tmp_path)
    assert [each.method for each in board.entries] == [entry.method]
    assert [(each.place, each.reason.startswith("found the columns a;b")) for each in board.left_out] == [
        ("published.csv", True)
    ]


def test_a_board_of_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "published.csv").write_text("a;b\n")
    with pytest.raises(BoardError, match=r"no figure is left\. published\.csv: found the columns a;b"):
        read_board(tmp_path)


def test_whoever_vouches_for_a_method_is_believed_rather_than_tables(
    entry_of: Callable[..., Entry], tmp_path: Path
) -> None:
    write_published(tmp_path, {"method": "Near"})
    (tmp_path / "entries").mkdir()
    entry = entry_of(checked=True, backbone="ResNet-50")
    (tmp_path / "entries" / "a.json").write_text(entry_to_json(entry), "utf-8")
    method, figures = read_board(tmp_path).methods["Near"]
    assert method.backbone == "ResNet-50"
    assert len(figures) == 12
