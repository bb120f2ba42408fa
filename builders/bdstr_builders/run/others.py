"""What is other about the photographs that a run is called with again, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..counted import counted
from ..source import Source

COMPARED = 1_000_000
"""Photographs of whose names one is looked for that is new or missing: of more it would take long."""


def others_in_words(known: str, source: Source, files: Iterable[Path]) -> str:
    """How many photographs there were and are, and a name that tells them apart, where one does.

    Args:
        known: what the plan holds of the photographs; see `photographs_of`.
        source: those of now.
        files: of rows and of rejects, as far as the run has made them.
    """
    were, are = int(known.partition(" ")[0].replace(",", "")), len(source.items)
    found = _named(were, source, files) if max(were, are) <= COMPARED else ""
    unnamed = "among them others, or with other classes or masks" if were == are else "others"
    return f"{counted(were, 'photograph')}; this one has {are:,}, {found or unnamed}"


def _named(were: int, source: Source, files: Iterable[Path]) -> str:
    """A photograph that is missing now, and one that is new, which only a whole run tells."""
    new, missing, made = {item.key for item in source.items}, "", 0
    for key in _keys_in(files):
        made += 1
        if key not in new:
            missing = min(missing or key, key)
        new.discard(key)
    said = {"new": min(new, default="") if made == were else "", "missing": missing}
    return " and ".join(f"{key} is {what}" for what, key in said.items() if key)


def _keys_in(files: Iterable[Path]) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in files:
        try:
            yield from pq.read_table(file, columns=["key"])["key"].to_pylist()
        except (OSError, pa.ArrowException):  # being written, or damaged: told when the run goes on
            continue
