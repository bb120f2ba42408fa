"""Standings: ranks as in sports within one column, and nothing suspect among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from boards import board_of, figure_of
from hypothesis import given, settings
from hypothesis import strategies as st

from bdstr_leaderboard.board import Board
from bdstr_leaderboard.conventions import Column
from bdstr_leaderboard.entry import Entry
from bdstr_leaderboard.figure import Figure, Source
from bdstr_leaderboard.intervals import Sample
from bdstr_leaderboard.rounding import rounded
from bdstr_leaderboard.standings import Standing, standings

USUAL = Column("ECSSD", "MAE", "usual")

figures = st.lists(
    st.builds(
        lambda name, value, suspect, url: figure_of(
            name, round(value, 4), suspect="odd" if suspect else "", url=f"https://example.org/{url}"
        ),
        st.sampled_from("ABCDEFG"),
        st.floats(0.02, 0.03),
        st.booleans(),
        st.sampled_from("xyz"),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda figure: (figure.method.name, figure.source.url),
)


def placed(*found: Figure) -> tuple[Standing, ...]:
    return standings(board_of(*found), found[0].column)


def summary(found: Sequence[Standing]) -> list[tuple[str, int | None]]:
    return [(standing.figure.method.name, standing.rank) for standing in found]


def test_a_hand_worked_column() -> None:
    found = placed(*map(figure_of, "ABCDE", [0.0334, 0.0301, 0.0412, 0.0329, 0.0331]))
    assert summary(found) == [("B", 1), ("D", 2), ("E", 2), ("A", 2), ("C", 5)]
    assert [standing.tied for standing in found] == [False, True, True, True, False]


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_halves_are_rounded_up_from_what_is_printed_not_from_its_binary_neighbour(units: int) -> None:
    shown = figure_of("A", float(f"{units}e-4")).text
    assert int(shown.replace(".", "")) == (units + 5) // 10
    assert rounded(units / 10_000) == float(shown)


def test_ranks_follow_what_is_shown() -> None:
    found = placed(*map(figure_of, "ABC", [0.0465, 0.0464, 0.047]))
    assert [standing.figure.text for standing in found] == [".046", ".047", ".047"]
    assert summary(found) == [("B", 1), ("A", 2), ("C", 2)]


def test_where_higher_is_better_the_highest_is_first() -> None:
    found = placed(figure_of("A", 0.9, measure="S"), figure_of("B", 0.95, measure="S"))
    assert summary(found) == [("B", 1), ("A", 2)]


@settings(max_examples=50)
@given(figures.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_the_input_changes_nothing(both: tuple[list[Figure], list[Figure]]) -> None:
    assert placed(*both[0]) == placed(*both[1])


@settings(max_examples=50)
@given(figures)
def test_ranks_are_those_of_sports_and_suspect_figures_have_none(found: list[Figure]) -> None:
    result = placed(*found)
    assert sorted({standing.figure.method.name for standing in result}) == sorted(
        {f.method.name for f in found}
    )
    assert all(bool(standing.figure.suspect) == (standing.rank is None) for standing in result)
    ranked = [standing for standing in result if standing.rank]
    for i, standing in enumerate(ranked):
        better = sum(float(other.figure.text) < float(standing.figure.text) for other in ranked)
        assert standing.rank == better + 1
        assert standing.tied == (sum(other.rank == standing.rank for other in ranked) > 1)
        assert i == 0 or standing.figure.value >= ranked[i - 1].figure.value


@settings(max_examples=50)
@given(figures)
def test_a_method_is_suspect_only_where_all_its_figures_are(found: list[Figure]) -> None:
    for standing in placed(*found):
        assert not standing.figure.suspect or all(other.suspect for other in standing.others)


def test_who_measured_it_decides_which_figure_is_shown_and_then_how_much_else_the_source_has() -> None:
    own = figure_of("A", 0.04, origin="authors", url="https://example.org/own")
    copied = figure_of("A", 0.03, origin="others", url="https://example.org/survey")
    large = [figure_of(name, 0.05, origin="others", url="https://example.org/large") for name in "ABC"]
    assert placed(copied, own, *large)[0].figure == own
    assert placed(copied, *large)[0].figure == large[0]
    assert placed(replace(own, suspect="odd"), copied)[0].figure == copied


@pytest.mark.parametrize(
    ("other", "spread"), [(0.0389, None), (0.0391, (0.0381, 0.0391)), (0.05, (0.0381, 0.05))]
)
def test_folder_differ_where_rounding_cannot_be_the_reason(
    other: float, spread: tuple[float, float] | None
) -> None:
    ((standing),) = placed(figure_of("A", 0.0381), figure_of("A", other, url="https://example.org/other"))
    assert standing.spread == spread


def test_a_suspect_figure_takes_no_part_in_a_spread() -> None:
    odd = figure_of("A", 0.9, suspect="ten times", url="https://example.org/other")
    ((standing),) = placed(figure_of("A", 0.09), odd)
    assert standing.spread is None


def test_figures_of_two_conventions_are_never_in_one_column() -> None:
    board = board_of(
        figure_of("A", 0.9, measure="maxF"),
        figure_of("A", 0.87, measure="maxF", convention="lower-maxF"),
        figure_of("B", 0.8, measure="maxF", convention="best-per-image"),
    )
    assert [len(figures) for figures in board.columns.values()] == [1, 1, 1]


def test_what_a_source_does_not_state_is_compared_within_that_source_only() -> None:
    one, two = (
        figure_of(
            "A", 0.9, measure="E", convention="unstated", source=Source(name, f"https://example.org/{name}")
        )
        for name in "xy"
    )
    assert one.column != two.column


def test_what_does_not_take_part_changes_no_figure_that_does() -> None:
    small, large = (
        figure_of("A", value, supervision="box", origin="others", url=f"https://example.org/{url}")
        for value, url in ((0.03, "small"), (0.04, "large"))
    )
    more = [figure_of(name, 0.05, url="https://example.org/large") for name in "BCD"]
    boxes = standings(board_of(small, large, *more), USUAL, lambda figure: figure.method.supervision == "box")
    assert summary(boxes) == [("A", 1)]
    assert boxes[0].figure == large  # of the source with more figures, though those do not take part


def measured(name: str, values: np.ndarray, keys: tuple[str, ...] | None = None) -> Figure:
    keys = keys or tuple(f"{i:04}" for i in range(len(values)))
    return figure_of(name, float(values.mean()), origin="measured", sample=Sample(keys, values))


def test_measured_neighbours_are_tied_where_the_images_cannot_tell_them_apart() -> None:
    random = np.random.default_rng(2)
    hard = random.random(200)
    near = hard + random.normal(0, 0.05, 200) + 0.003
    found = placed(measured("A", hard), measured("B", near), measured("C", hard + 0.1))
    assert summary(found) == [("A", 1), ("B", 1), ("C", 3)]
    assert found[0].figure.text != found[1].figure.text  # tied for no other reason


def test_who_is_behind_the_first_beyond_chance_does_not_share_its_rank_by_way_of_a_third() -> None:
    first, noisy = np.full(400, 0.2), 0.206 + np.tile([0.1, 0.1, -0.1, -0.1], 100)
    steady = 0.212 + np.tile([0.05, -0.05], 200)
    found = placed(measured("A", first), measured("B", noisy), measured("C", steady))
    assert len({standing.figure.text for standing in found}) == 3  # tied for no other reason
    assert summary(found) == [("A", 1), ("B", 1), ("C", 3)]
    assert all(standing.tied for standing in found)


def test_methods_on_other_images_are_not_tied_by_their_intervals() -> None:
    values = np.random.default_rng(2).random(50)
    found = placed(measured("A", values), measured("B", values + 0.001, tuple(f"x{i}" for i in range(50))))
    assert summary(found) == [("A", 1), ("B", 2)]


def test_the_entries_of_a_report_are_ranked_by_their_proof(entry_of: Callable[..., Entry]) -> None:
    entries = entry_of("Near"), entry_of("Far"), entry_of("Near", variant="again")
    board = Board(tuple(figure for entry in entries for figure in entry.figures()), entries)
    for column in board.columns:
        assert [standing.rank for standing in standings(board, column)] == [1, 1, 3]
