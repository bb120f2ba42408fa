"""Figures, the file that holds them, and what the page says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import performance
from benchmarks.figures import Figure
from benchmarks.group import Group, from_json, read, renewed, to_json, write
from benchmarks.page import BEGIN, END, TITLES, page, speed, with_speed
from benchmarks.plot import described, of_kind, plot_svg
from benchmarks.table import line

ROOT = Path(__file__).parents[2]
SPEED = Figure("one method", "ms a pair", "PySODMetrics", asked=18, aim=30)
COST = Figure("packing", "s", "copying", "cost", asked=4)
RATE = Figure("training", "images/s", "in memory", asked=0.9, rate=True)
MEMORY = Figure("memory", "MB", "PySODMetrics", "cost", asked=300, of_value=True)


def of(*figures: Figure, machine: str = "AMD EPYC, Linux", date: str = "2026-11-25") -> Group:
    return Group(machine, 2, date, False, {"numpy": "2.3.4"}, figures)


def test_a_gain_tells_how_many_times_as_fast_and_a_cost_how_many_times_as_dear() -> None:
    assert SPEED.measured(2, 50).ratio == 25
    assert COST.measured(6, 2).ratio == 3
    assert RATE.measured(4.5, 5).ratio == 0.9
    assert SPEED.ratio is None
    assert MEMORY.measured(52).ratio is None


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (SPEED.measured(1, 18), True),
        (SPEED.measured(1, 17.9), False),
        (COST.measured(4, 1), True),
        (COST.measured(4.1, 1), False),
        (RATE.measured(0.9, 1), True),
        (RATE.measured(0.8, 1), False),
        (MEMORY.measured(300, 1), True),
        (MEMORY.measured(301, 1000), False),
        (SPEED.not_run("no GPU"), None),
        (replace(SPEED, asked=None).measured(1, 2), None),
    ],
)
def test_what_is_asked_is_met_or_missed(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_groups_survive_their_file(tmp_path: Path) -> None:
    groups = {"sodeval": of(SPEED.measured(2, 50, "7 pairs"), MEMORY.measured(52)), "model": of(COST)}
    write(groups, tmp_path / "figures.json")
    assert read(tmp_path / "figures.json") == groups
    assert [file.name for file in tmp_path.iterdir()] == ["figures.json"]
    assert to_json(from_json(to_json(groups))) == to_json(dict(reversed(groups.items())))
    assert read(tmp_path / "none.json") == {}


def test_a_group_renewed_alone_leaves_the_others_with_their_machine_and_date() -> None:
    old = {"sodeval": of(SPEED.measured(2, 50)), "model": of(COST.measured(3, 1), machine="old")}
    new = of(SPEED.measured(1, 50), machine="new", date="2026-12-24")
    assert renewed(old, {"sodeval": new}) == {"sodeval": new, "model": old["model"]}


def test_a_machine_that_cannot_run_a_group_keeps_what_another_measured() -> None:
    tried = of(RATE.not_run("no GPU"))
    measured = of(RATE.measured(9, 10), machine="H100")
    assert renewed({"model-gpu": measured}, {"model-gpu": tried}) == {"model-gpu": measured}
    assert renewed({"model-gpu": of(RATE)}, {"model-gpu": tried}) == {"model-gpu": tried}
    assert renewed({}, {"model-gpu": tried}) == {"model-gpu": tried}


def test_the_page_says_what_was_not_run_and_why() -> None:
    text = page({"model-gpu": of(RATE.not_run("no GPU")), "sodeval": of(SPEED.measured(2, 50))})
    assert "| training | not run: no GPU | in memory |  | ≥ 0.9x |  |" in text
    assert "- DEDecoder on a GPU: not run; tried on AMD EPYC, Linux, 2026-11-25." in text
    assert "- Making and reading a dataset: not measured yet." in text
    assert "- sodeval: AMD EPYC, Linux, 2 cores, numpy 2.3.4, 2026-11-25." in text


def test_the_page_shows_what_is_missed() -> None:
    assert line(SPEED.measured(2, 20)).endswith("| **10.0x ↑** | ≥ 18x (30x) | **missed** |")
    assert line(SPEED.measured(2, 50)).endswith("| **25.0x ↑** | ≥ 18x (30x) | yes |")


def test_every_line_of_the_table_has_all_columns() -> None:
    text = page({"sodeval": of(SPEED.measured(2, 50), MEMORY)})
    assert {row.count("|") for row in text.splitlines() if row.startswith("|")} == {7}


def test_the_plot_has_every_ratio_from_the_best_to_the_worst() -> None:
    figures = (SPEED.measured(1, 10), COST.measured(3, 1), SPEED.on("ECSSD").measured(1, 30), MEMORY)
    groups = {"sodeval": of(*figures, COST.on("cheap").measured(2, 1))}
    assert [figure.ratio for figure in of_kind(groups, "gain")] == [30, 10]
    assert [figure.ratio for figure in of_kind(groups, "cost")] == [2, 3]
    assert plot_svg(groups) == plot_svg(groups)
    assert b"<svg" in plot_svg({})


def test_readme_keeps_all_but_the_table_between_its_marks() -> None:
    groups = {"sodeval": of(SPEED.measured(2, 50))}
    text = with_speed(f"before\n{BEGIN}\nold\n{END}\nafter\n", groups)
    assert text == f"before\n{BEGIN}\n\n{speed(groups)}\n\n{END}\nafter\n"
    assert with_speed(text, groups) == text


def test_page_plot_and_readme_are_what_follows_from_the_figures() -> None:
    groups = read()
    again = "run python -m benchmarks.performance --page"
    readme = (ROOT / "README.md").read_text("utf-8")
    assert (ROOT / "docs" / "performance.md").read_text("utf-8") == page(groups), again
    assert readme == with_speed(readme, groups), again
    drawn = (ROOT / "docs" / "images" / "performance.svg").read_text("utf-8")
    assert f">{described(groups)}<" in drawn, again
    assert set(groups) <= set(TITLES)


def test_a_benchmark_that_fails_is_named_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(performance, "FILE", tmp_path / "figures.json")
    assert performance.measure(("flops", "no_such_program"), ()) == ["no_such_program"]
