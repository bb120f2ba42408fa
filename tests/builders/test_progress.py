"""Signs of life: what a terminal and a log show of a run, and that a resumed run tells its own pace."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from photographs import write_scenes
from rich.console import Console

from bdstr_builders.commands import progress as signs
from bdstr_builders.commands.generate import generate
from bdstr_builders.commands.pace import WINDOW_S, Pace
from bdstr_builders.commands.progress import progress
from bdstr_builders.draft import Rejected
from bdstr_builders.run.plan import make_plan
from bdstr_builders.run.shards import write_shard
from bdstr_builders.source import Item, Source


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(terminal: bool, had: int) -> str:
    """What is written of a run that finds `had` of 1,000 done and makes five a second for 40 s."""
    clock = Clock()
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)
    with progress("photos", console, clock) as on_progress:
        on_progress(had, 1000)
        for _ in range(40):
            clock.now += 1
            had += 5
            on_progress(had, 1000)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_log_has_a_line_every_ten_seconds_with_rate_and_time_left() -> None:
    assert shown(terminal=False, had=0).splitlines() == [
        "photos: 50 of 1,000 images, 5.0 images/s, 0:03:10 left",
        "photos: 100 of 1,000 images, 5.0 images/s, 0:03:00 left",
        "photos: 150 of 1,000 images, 5.0 images/s, 0:02:50 left",
        "photos: 200 of 1,000 images, 5.0 images/s, 0:02:40 left",
    ]


def test_a_resumed_run_counts_only_its_own_images_towards_the_rate() -> None:
    last = shown(terminal=False, had=500).splitlines()[-1]
    assert last == "photos: 700 of 1,000 images, 5.0 images/s, 0:01:00 left"


def test_a_terminal_has_a_bar_with_the_same_figures() -> None:
    drawn = shown(terminal=True, had=500)
    assert "700/1000" in drawn
    assert "5.0 images/s, 0:01:00 left" in drawn
    assert "━" in drawn


def test_a_run_that_finds_everything_done_claims_no_rate() -> None:
    pace = Pace()
    pace.note(10, 10, 0.0)
    assert pace.words() == "10 of 10 images"


@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.floats(0.001, 100), st.integers(0, 500)), min_size=1, max_size=200),
)
def test_the_rate_lies_between_the_slowest_and_the_fastest_stretch(
    had: int, steps: list[tuple[float, int]]
) -> None:
    pace, now, done = Pace(), 0.0, had
    pace.note(done, had + 10**6, now)
    for seconds, images in steps:
        now, done = now + seconds, done + images
        pace.note(done, had + 10**6, now)
    rates = [images / seconds for seconds, images in steps]
    rate = pace.images_a_second or 0.0
    assert min(rates) * 0.999 <= rate + 1e-9
    assert rate <= max(rates) * 1.001


def test_the_rate_forgets_what_is_more_than_a_minute_ago() -> None:
    pace, done = Pace(), 0
    for second in range(100 + int(WINDOW_S)):
        done += 1 if second < 100 else 7
        pace.note(done, 10**6, float(second))
    assert pace.images_a_second == pytest.approx(7.0)


def test_a_run_counts_whole_batches_since_their_rows_come_at_once(tmp_path: Path) -> None:
    source = Source(tuple(Item(f"{i:02}", Path("x.jpg")) for i in range(20)), (), ())
    plan, counts = make_plan(tmp_path / "o", source, "w"), list[int]()
    make = lambda items: (Rejected(item.key, "read", "empty", "0 bytes") for item in items)  # noqa: E731
    assert write_shard(plan, 0, source.items, make, counts.append).rejects == 20
    assert counts == [16, 4]


def test_standard_output_holds_the_result_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "SECONDS_BETWEEN_LINES", 0.0)
    write_scenes(tmp_path, 3)
    done = CliRunner().invoke(generate, [str(tmp_path / "images"), "--out", str(tmp_path / "o")])
    assert done.exit_code == 0
    assert done.stdout == f"{tmp_path / 'o'}: 3 rows in 1 file, 0 rejects\n"
    assert "o: 3 of 3 images, " in done.stderr
    assert "images/s" in done.stderr
