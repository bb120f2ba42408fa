"""The board and its benchmarks as Parquet that `load_dataset` reads; equal boards give equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from sodeval.benchmarks import Benchmark, all_benchmarks

from ..board import Board
from ..figure import Figure
from ..rounding import rounded

Kinds = Mapping[str, str]
"""Column -> type, as `datasets.Value` calls it."""

FIGURES: Kinds = {
    **dict.fromkeys(("method", "variant", "supervision", "backbone", "train_set", "venue"), "string"),
    **dict.fromkeys(("year", "parameters"), "int64"),
    "checked": "bool",
    **dict.fromkeys(("benchmark", "measure", "printed"), "string"),
    "value": "float64",
    **dict.fromkeys(("origin", "convention", "suspect", "note"), "string"),
    **dict.fromkeys(("low", "high"), "float64"),
    **dict.fromkeys(("source_title", "source_url", "source_place"), "string"),
}
"""Columns of the figures."""

BENCHMARKS: Kinds = {
    "name": "string",
    "images": "int64",
    **dict.fromkeys(("fingerprint", "citation", "homepage", "notes"), "string"),
}
"""Columns of the benchmarks."""


def figures_parquet(board: Board) -> bytes:
    """A row a figure, in the order of the board."""
    return _parquet(map(figure_row, board.figures), FIGURES)


def figure_row(figure: Figure) -> dict[str, Any]:
    """A figure with the columns `FIGURES`; null is a number that nobody told."""
    method, interval = figure.method, figure.interval
    about = ("variant", "supervision", "backbone", "train_set", "venue", "year", "parameters", "checked")
    itself = ("benchmark", "measure", "printed", "origin", "convention", "suspect", "note")
    return {
        "method": method.name,
        **{name: getattr(method, name) for name in about},
        **{name: getattr(figure, name) for name in itself},
        "value": rounded(figure.value),
        "low": rounded(interval.low) if interval else None,
        "high": rounded(interval.high) if interval else None,
        "source_title": figure.source.title,
        "source_url": figure.source.url,
        "source_place": figure.source.place,
    }


def benchmarks_parquet() -> bytes:
    """A row a benchmark that sodeval knows."""
    return _parquet(map(_benchmark_row, all_benchmarks()), BENCHMARKS)


def _benchmark_row(benchmark: Benchmark) -> dict[str, Any]:
    return {name: getattr(benchmark, name) for name in BENCHMARKS} | {"notes": " ".join(benchmark.notes)}


def features(kinds: Kinds) -> Any:
    """The columns as `datasets.Features`."""
    from datasets import Features, Value

    return Features({name: Value(kind) for name, kind in kinds.items()})


def _parquet(rows: Iterable[Mapping[str, Any]], kinds: Kinds) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    memory = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=features(kinds).arrow_schema), memory)
    return memory.getvalue()
