"""audit: where sources of one convention disagree, and each measured figure beside published ones."""

from __future__ import annotations

from dataclasses import replace

from boards import board_of, figure_of

from bdstr_leaderboard.amendments import Amended, Amendment
from bdstr_leaderboard.audit import audit
from bdstr_leaderboard.audit_data import to_csv, to_json
from bdstr_leaderboard.audit_text import to_markdown, to_text
from bdstr_leaderboard.board import Board
from bdstr_leaderboard.published import LeftOut

OTHER = "https://example.org/other"


def test_the_largest_disagreement_comes_first_each_of_one_method_and_column(packaged_board: Board) -> None:
    found = to_json(audit(packaged_board, 0.03))
    sizes = [each["size"] for each in found["disagreements"]]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= 0.03
    for each in found["disagreements"]:
        assert (
            len({(f["method"], f["benchmark"], f["measure"], f["convention"]) for f in each["figures"]}) == 1
        )
    assert len(found["suspects"]) == 30
    assert len(found["measured"]) == 88


def test_no_difference_has_more_than_three_decimals() -> None:
    found = audit(board_of(figure_of("A", 0.03), figure_of("A", 0.0800001, url=OTHER)), 0.01)
    assert "0.050 apart" in to_csv(found)
    assert to_json(found)["disagreements"][0]["size"] == 0.05


def test_conventions_are_no_disagreement() -> None:
    board = board_of(
        figure_of("A", 0.9, measure="maxF"),
        figure_of("A", 0.8, measure="maxF", convention="lower-maxF", url=OTHER),
    )
    assert audit(board, 0.0).disagreements == ()


def test_a_disagreement_names_its_lowest_and_its_highest_and_counts_the_nearer_ones() -> None:
    values = {"A": (0.030, 0.045), "B": (0.05, 0.053), "C": (0.06, 0.0604)}
    figures = [
        figure_of(name, value, url=url)
        for name, both in values.items()
        for value, url in zip(both, ("https://example.org/own", OTHER), strict=True)
    ]
    found = audit(board_of(*figures), 0.01)
    ((largest),) = found.disagreements
    assert (largest.lowest.text, largest.highest.text) == (".030", ".045")
    assert largest.highest.source.url == OTHER
    assert found.nearer == 1  # .0004 is rounding
    assert [each.lowest.method.name for each in audit(board_of(*figures), 0.0).disagreements] == ["A", "B"]


def test_a_measured_figure_stands_beside_published_ones_of_every_convention() -> None:
    measured = figure_of("A", 0.9, measure="maxF", origin="measured", convention="sodeval p, masks 0")
    usual = figure_of("A", 0.91, measure="maxF")
    lower = replace(usual, value=0.88, convention="lower-maxF")
    elsewhere = replace(usual, benchmark="SOD")
    found = audit(board_of(usual, measured, lower, elsewhere), 0.01)
    ((beside),) = found.measured
    assert beside.published == (usual, lower)
    assert ".910 paper (authors), usual; .880 paper (authors), lower-maxF" in to_text(found)


def test_what_was_decided_and_left_out_is_told_on_one_line_each() -> None:
    amendment = Amendment(
        place="amendments.csv, line 2",
        date="2026-11-25",
        method="A",
        benchmark="ECSSD",
        measure="MAE",
        source_url="",
        action="removed",
        value=None,
        reason="withdrawn\x1b[2J",
    )
    board = board_of(
        figure_of("B", 0.02),
        amended=(Amended(figure_of("A", 0.01), amendment),),
        left_out=(LeftOut("published.csv, line 9", "value: found '7'"),),
    )
    text = to_text(audit(board, 0.01))
    assert "removed 2026-11-25  withdrawn [2J" in text
    assert "published.csv, line 9  value: found '7'" in text


def test_in_a_narrow_terminal_nothing_is_cut(packaged_board: Board) -> None:
    found = audit(packaged_board, 0.03)
    wide, narrow = to_text(found), to_text(found, 70)
    assert max(map(len, wide.splitlines())) > 100
    grids = [line for line in narrow.splitlines() if set(line) == {"─"}]
    assert all(len(line) <= 70 for line in grids)
    for each in found.disagreements:
        assert (
            f"    highest: {each.highest.text} {each.highest.source.title} ({each.highest.origin})" in narrow
        )


def test_markdown_escapes_what_a_source_is_called() -> None:
    board = board_of(figure_of("<b>", 0.1), figure_of("<b>", 0.2, url="https://example.org/a|b"))
    text = to_markdown(audit(board, 0.01))
    assert "| &lt;b&gt; | ECSSD MAE | usual | .100 paper (authors) | .200 a\\|b (authors) | .100 |" in text
