"""Comparisons as plain text, Markdown, JSON and CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .._version import __version__
from ..outputs.csv_text import Cell, csv_text
from ..outputs.grid import aligned, markdown, markdown_table, signed
from ..printable import printable
from .common_images import OWN_MEASURES
from .comparison import UNDECIDED, Comparison, Difference

SCHEMA = 1
_NUMBERS = ("a", "b", "difference", "low", "high", "p", "p_holm")


def to_text(comparisons: Sequence[Comparison]) -> str:
    """A block a benchmark for a terminal, four decimals."""
    return "\n\n".join(map(_text_block, comparisons)) + "\n"


def _text_block(comparison: Comparison) -> str:
    table = aligned(_head(comparison), [_row(each, comparison) for each in comparison.differences])
    return "\n".join([_title(comparison), "", table, "", *_notes(comparison)])


def to_markdown(comparisons: Sequence[Comparison]) -> str:
    """A table a benchmark, four decimals."""
    return "\n\n".join(map(_markdown_block, comparisons)) + "\n"


def _markdown_block(comparison: Comparison) -> str:
    head = [markdown(cell) for cell in _head(comparison)]
    rows = [[markdown(cell) for cell in _row(each, comparison)] for each in comparison.differences]
    notes = [f"- {markdown(note)}" for note in _notes(comparison)]
    lines = [f"### {markdown(_title(comparison))}", "", markdown_table(head, rows), "", *notes]
    return "\n".join(lines)


def _title(comparison: Comparison) -> str:
    a, b = comparison.labels
    images = f"{comparison.images:,} {'image' if comparison.images == 1 else 'images'}"
    protocol = printable(comparison.protocol.name)
    return f"{printable(comparison.benchmark)}: {b} against {a} on {images}, protocol {protocol}"


def _head(comparison: Comparison) -> list[str]:
    return [
        "",
        *comparison.labels,
        "difference",
        f"{_percent(comparison)} interval",
        "p",
        "p (Holm)",
        "better",
    ]


def _percent(comparison: Comparison) -> str:
    return f"{100 * comparison.level:.4g} %"


def _row(each: Difference, comparison: Comparison) -> list[str]:
    return [
        f"{each.measure.title}{each.measure.arrow}",
        f"{each.a:.4f}",
        f"{each.b:.4f}",
        signed(each.difference),
        f"{signed(each.low)} .. {signed(each.high)}",
        _p(each.p),
        _p(each.p_holm),
        _verdict(each, comparison),
    ]


def _p(p: float) -> str:
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def _verdict(each: Difference, comparison: Comparison) -> str:
    if each.verdict == UNDECIDED:
        return UNDECIDED
    return comparison.labels[0 if each.verdict == "a better" else 1]


def _notes(comparison: Comparison) -> list[str]:
    a, b = comparison.labels
    return [
        *comparison.notes,
        f"Difference: {b} less {a}. Interval: {_percent(comparison)}, paired bootstrap over images, "
        f"{comparison.resamples:,} resamples, seed {comparison.seed}.",
        f"p: two-sided Wilcoxon signed-rank test on the images' own values; Holm's correction for "
        f"{len(OWN_MEASURES)} tests.",
        "The interval is about the score, the test about how most images differ: they need not agree.",
        "An image has no maxF (PR) or meanF (PR) of its own: their p is that of maxF and meanF.",
    ]


def to_json(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Dictionaries, lists, strings and numbers at full precision; what is not defined is None."""
    return {
        "schema": SCHEMA,
        "sodeval": __version__,
        "comparisons": [_comparison_to_json(comparison) for comparison in comparisons],
    }


def _comparison_to_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "benchmark": comparison.benchmark,
        "a": comparison.a,
        "b": comparison.b,
        "images": comparison.images,
        "left_out": dict(zip("ab", comparison.left_out, strict=True)),
        "protocol": comparison.protocol.to_json(),
        "resamples": comparison.resamples,
        "seed": comparison.seed,
        "level": comparison.level,
        "measures": {each.measure.name: _difference_to_json(each) for each in comparison.differences},
        "notes": list(comparison.notes),
    }


def _difference_to_json(each: Difference) -> dict[str, Any]:
    numbers = {name: getattr(each, name) for name in _NUMBERS}
    defined = {name: None if math.isnan(value) else value for name, value in numbers.items()}
    return defined | {"images": each.images, "verdict": each.verdict}


def to_csv(comparisons: Sequence[Comparison]) -> str:
    """One row a benchmark and measure, at full precision."""
    header = ["benchmark", "method_a", "method_b", "measure", "images", *_NUMBERS, "verdict"]
    return csv_text(header, (_csv_row(each, c) for c in comparisons for each in c.differences))


def _csv_row(each: Difference, comparison: Comparison) -> list[Cell]:
    numbers = [getattr(each, name) for name in _NUMBERS]
    who = [comparison.benchmark, comparison.a, comparison.b]
    return [*who, each.measure.name, each.images, *numbers, each.verdict]
