"""What stands in a table and in which order: blocks, columns, conventions, marks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from boards import board_of, figure_of
from table_formats import ECSSD_MAE, FORMATS, cell_of, mixed_board, shown

from bdstr.errors import UsageError
from bdstr_leaderboard.board import Board
from bdstr_leaderboard.conventions import SUPERVISIONS
from bdstr_leaderboard.figure import Source
from bdstr_leaderboard.tables.choice import Choice, named_benchmark
from bdstr_leaderboard.tables.layout import Table, lay_out
from bdstr_leaderboard.tables.notes import notes
from bdstr_leaderboard.tables.text import to_text


def test_blocks_come_by_supervision_and_methods_by_the_first_column() -> None:
    table = lay_out(mixed_board(), Choice())
    assert [(column.measure, column.convention) for column in table.columns] == [
        ("MAE", "usual"),
        ("S", "usual"),
    ]
    assert shown(table) == {
        "full": ["Beta", "Alpha", "Delta", "Gamma", "Odd"],
        "point": ["Points", "Nobody"],
    }


def test_the_best_three_of_a_column_are_marked_and_a_figure_alone_is_not() -> None:
    table = lay_out(mixed_board(), Choice())
    marks = {row.method.name: [cell.mark for cell in row.cells] for row in table.rows}
    assert marks == {
        "Beta": [1, 0], "Alpha": [2, 0], "Delta": [3, 0], "Gamma": [0, 0], "Odd": [0, 0], "Points": [0, 0],
        "Nobody": [0, 0],
    }  # fmt: skip


def test_ties_share_a_mark() -> None:
    table = lay_out(board_of(*map(figure_of, "ABCD", [0.0301, 0.0304, 0.031, 0.032])), Choice())
    assert [cell_of(table, name)[1] for name in "ABCD"] == [1, 1, 3, 0]


def test_marks_are_of_the_methods_asked_for_but_count_those_cut_off_by_top() -> None:
    board = mixed_board()
    points = lay_out(board, replace(ECSSD_MAE, supervisions=("point",)))
    assert cell_of(points, "Points") == (".036", 0)  # alone among its like
    top = lay_out(board, replace(ECSSD_MAE, top=1))
    assert shown(top) == {"full": ["Beta"], "point": ["Points", "Nobody"]}
    assert top.left == 4
    assert any("4 more methods on ECSSD" in note.text for note in notes(top))


def test_the_figures_of_two_conventions_never_stand_in_one_table() -> None:
    table = lay_out(mixed_board(), Choice(convention="lower-maxF"))
    assert [column.measure for column in table.columns] == ["maxF"]
    with pytest.raises(
        UsageError, match=r"no figure of maxF on ECSSD under the convention usual; .* lower-maxF"
    ):
        lay_out(mixed_board(), Choice(benchmarks=("ECSSD",), measures=("maxF",)))


def test_what_sodeval_measured_is_never_beside_what_somebody_says_that_it_did() -> None:
    told = {"convention": "sodeval pysodmetrics, masks 00000000"}
    board = board_of(figure_of("A", 0.03, origin="measured", **told), figure_of("B", 0.01, **told))
    assert shown(lay_out(board, Choice(convention="sodeval"))) == {"full": ["A"]}


KNOWN, UNKNOWN = (f"sodeval pysodmetrics, masks {each}" for each in ("faecd716", "cc7dd0be"))


def on_two_copies() -> Table:
    """What was measured on SOD: on the masks that are known, and on others, whose name sorts before."""
    figures = [
        figure_of(name, value, benchmark="SOD", measure=measure, origin="measured", convention=convention)
        for name, value, convention in [("Other", 0.9, UNKNOWN), ("DSS", 0.2, KNOWN), ("PiCANet", 0.1, KNOWN)]
        for measure in ("MAE", "S")
    ]
    return lay_out(board_of(*figures), Choice(convention="sodeval"))


def test_known_masks_come_first_and_decide_the_order() -> None:
    table = on_two_copies()
    assert [column.convention for column in table.columns] == [KNOWN, KNOWN, UNKNOWN, UNKNOWN]
    assert shown(table) == {"full": ["PiCANet", "DSS", "Other"]}


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "csv"])
def test_unknown_masks_are_called_so_above_their_figures_and_below(name: str) -> None:
    text = FORMATS[name](on_two_copies())
    assert "SOD, unknown masks cc7dd0be" in text
    assert "Unknown masks cc7dd0be of SOD: no copy that we know" in text
    assert "known masks" in re.sub("(?i)unknown masks", "", text)


def test_unknown_masks_are_told_where_no_known_ones_stand_beside_them() -> None:
    alone = figure_of("Other", 0.9, benchmark="SOD", origin="measured", convention=UNKNOWN)
    assert "unknown masks cc7dd0be" in to_text([lay_out(board_of(alone), Choice(convention="sodeval"))])


def test_unstated_measures_of_two_sources_have_two_columns_that_name_them() -> None:
    board = board_of(
        *(
            figure_of(
                name, 0.9, measure="E", convention="unstated", source=Source(source, f"https://{source}")
            )
            for source in ("one", "two")
            for name in "AB"
        )
    )
    table = lay_out(board, Choice(convention="unstated"))
    assert table.tells_apart == ("one", "two")
    assert re.search(r"one E\?↑ +two E\?↑", to_text([table]))
    assert "only with others of the same source" in notes(table)[0].text


def test_what_no_method_learned_from_is_refused_rather_than_an_empty_table() -> None:
    with pytest.raises(UsageError, match="learned from: box"):
        lay_out(mixed_board(), Choice(supervisions=("box",)))


def test_benchmarks_and_measures_come_in_the_order_in_which_they_were_asked_for(
    packaged_board: Board,
) -> None:
    choice = Choice(benchmarks=("SOD", "ECSSD"), measures=("S", "MAE"), convention="sodeval")
    table = lay_out(packaged_board, choice)
    assert [(c.benchmark, c.measure) for c in table.columns] == [
        ("SOD", "S"), ("SOD", "MAE"), ("ECSSD", "S"), ("ECSSD", "MAE"),
    ]  # fmt: skip
    assert table.benchmarks == (("SOD", 2), ("ECSSD", 2))
    assert not any(row.unknown for row in table.rows)


def test_an_unknown_benchmark_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'ECSSD'"):
        named_benchmark("ECSD")


def test_every_block_of_the_shipped_board_is_one_of_the_supervisions(packaged_board: Board) -> None:
    table = lay_out(packaged_board, Choice())
    assert [block.supervision for block in table.blocks] == [
        name for name in SUPERVISIONS if name != "none"
    ]  # the methods that learn nothing were measured, not read in papers
