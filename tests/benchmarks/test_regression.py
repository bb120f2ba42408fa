"""What the guard calls a regression; nothing is measured here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from benchmarks import guard
from benchmarks.figures import Figure
from benchmarks.guard_contests import Contest
from benchmarks.regression import compare, told

GAIN = Figure("sodeval", "ms", "PySODMetrics")
COST = Figure("sodeval", "ms", "reading", "cost")


def gain(ratio: float) -> Figure:
    return GAIN.measured(1, ratio)


def cost(ratio: float) -> Figure:
    return COST.measured(ratio, 1)


@pytest.mark.parametrize("baseline", [0.5, 1, 24])
@pytest.mark.parametrize(
    ("make", "change", "holds"),
    [
        (gain, 0.74, False),
        (gain, 0.76, True),
        (gain, 1.26, True),
        (gain, 9, True),
        (cost, 1.26, False),
        (cost, 1.24, True),
        (cost, 0.74, True),
        (cost, 0.1, True),
    ],
)
def test_more_than_a_quarter_worse_fails_in_the_direction_of_the_ratio(
    make: Callable[[float], Figure], change: float, holds: bool, baseline: float
) -> None:
    figure = make(change * baseline)
    [verdict] = compare([figure], {figure.name: baseline})
    assert verdict.holds is holds


def test_a_failure_names_the_figure_its_baseline_what_was_measured_and_how_to_renew() -> None:
    [verdict] = compare([gain(12)], {"sodeval beside PySODMetrics": 24})
    assert told(verdict) == (
        "sodeval beside PySODMetrics: 12.0 ↑, baseline 24.0, 50% worse; at most 25% is allowed; "
        "where that is meant: python -m benchmarks.guard --renew"
    )


def test_a_better_one_is_told_as_such() -> None:
    [verdict] = compare([cost(0.5)], {"sodeval beside reading": 1})
    assert told(verdict) == "sodeval beside reading: 0.50 ↓, baseline 1.00, 50% better"


def test_a_figure_without_a_baseline_and_a_baseline_without_a_figure_fail_and_are_told() -> None:
    new, gone = compare([gain(12)], {"left over": 24})
    assert not new.holds
    assert told(new).startswith("sodeval beside PySODMetrics: 12.0, without a baseline; to give it one: ")
    assert not gone.holds
    assert told(gone).startswith("left over: has a baseline and was not measured")


def test_what_could_not_be_measured_fails() -> None:
    [verdict] = compare([GAIN.not_run("no data")], {GAIN.name: 24})
    assert not verdict.holds
    assert told(verdict) == "sodeval beside PySODMetrics: not measured: no data"


def contest(ratios: list[float]) -> Contest:
    """One whose attempts give these, the last one again and again."""
    attempts = iter(range(99))

    def figures(_: Mapping[str, float]) -> list[Figure]:
        return [gain(ratios[min(next(attempts), len(ratios) - 1)])]

    return Contest({"nothing": lambda: None}, 1, figures)


@pytest.mark.parametrize(
    ("ratios", "last"), [([10, 24], 24), ([10, 12, 23], 23), ([24, 1, 1], 1), ([10], 10)]
)
def test_what_looks_worse_is_measured_twice_again(ratios: list[float], last: float) -> None:
    [figure] = guard.measure(contest(ratios), {GAIN.name: 24})
    assert figure.ratio == last


def test_more_rounds_keep_the_best_of_each() -> None:
    again = Contest({"a": lambda: None}, 1, lambda _: []).again({"a": 0.0}, 1)
    assert again == {"a": 0.0}


def test_baselines_are_what_was_measured_and_on_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "BASELINES", tmp_path / "baselines.json")
    monkeypatch.setattr(guard, "CONTESTS", [lambda _: contest([24])])
    monkeypatch.setattr("sys.argv", ["guard", "--renew"])
    guard.main()
    assert '"sodeval beside PySODMetrics": 24.0' in (tmp_path / "baselines.json").read_text()
    for ratio, code, word in ((23, 0, "ok  "), (17, 1, "FAIL")):
        monkeypatch.setattr(guard, "CONTESTS", [lambda _, ratio=ratio: contest([ratio])])
        monkeypatch.setattr("sys.argv", ["guard"])
        with pytest.raises(SystemExit) as ended:
            guard.main()
        assert ended.value.code == code
        assert f"\n{word} sodeval beside PySODMetrics" in f"\n{capsys.readouterr().out}"
