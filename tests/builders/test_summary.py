"""What is said at the end of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bdstr_builders.commands.running import MOST_REASONS, say
from bdstr_builders.run.local import Summary

OUT = Path("bds-tr")


def said(summary: Summary) -> list[str]:
    lines: list[str] = []
    say(summary, OUT, lines.append)
    return lines


def rejected(reasons: int) -> Summary:
    return Summary(1, 1, 9, reasons, Counter({f"read: {number:02}": 1 for number in range(reasons)}))


@pytest.mark.parametrize(
    ("more", "last"),
    [
        (0, "        1 read: 11"),
        (1, "        1 read: 12"),
        (2, "  and 2 more reasons: bds-tr/rejects.parquet"),
        (1000, "  and 1,000 more reasons: bds-tr/rejects.parquet"),
    ],
)
def test_reasons_beyond_a_dozen_are_counted_and_one_alone_is_printed_in_their_place(
    more: int, last: str
) -> None:
    lines = said(rejected(MOST_REASONS + more))
    assert last in lines
    assert not any(" 1 more reason" in line for line in lines)


@pytest.mark.parametrize(
    ("black", "told"),
    [(1, "  1 mask is all black, e.g. 0004"), (1200, "  1,200 masks are all black, e.g. 0004")],
)
def test_black_masks_are_told_with_an_example(black: int, told: str) -> None:
    assert told in said(Summary(1, 1, 9, 0, black=black, black_key="0004"))
    assert not any("black" in line for line in said(Summary(1, 1, 9, 0)))


@pytest.mark.parametrize(
    ("reasons", "again"),
    [
        ({"check.quality: small": 9, "read: empty": 1, "read: cmyk": 2}, "cmyk"),
        ({"check.quality: small": 2, "check.quality: large": 9}, "large"),
        ({"source: same-name": 3, "segment.sam: failed": 1}, "failed"),
        ({"source: same-name": 3}, None),  # other photographs are another run
        ({}, None),
    ],
)
def test_how_rejects_are_tried_again_is_told_in_one_line(reasons: dict[str, int], again: str | None) -> None:
    (*lines,) = said(Summary(1, 1, 9, sum(reasons.values()), Counter(reasons)))
    told = [line.rpartition(" ")[2] for line in lines if "--retry-rejects" in line]
    assert told == ([again] if again else [])
