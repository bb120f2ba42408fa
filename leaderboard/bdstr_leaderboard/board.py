"""Everything the leaderboard knows, read from a folder; what is wrong there is left out and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from bdstr.errors import BoardError
from sodeval.errors import ToldError

from .amendments import Amended, amend, read_amendments
from .conventions import Column
from .entry import Entry, read_entry
from .figure import Figure, Method, Source
from .proof import check
from .published import LeftOut, read_published, read_titles
from .unknown import Unknown, read_unknown

PUBLISHED, REPORTED, SOURCES = "published.csv", "reported.csv", "sources.csv"
AMENDMENTS, UNKNOWN, ENTRIES = "amendments.csv", "unknown.csv", "entries"


@dataclass(frozen=True)
class Board:
    """Figures by column, and the proof of the measured ones.

    Args:
        figures: published ones, those that models on the Hub report, then measured ones.
        entries: what was measured.
        left_out: what the folder holds and the board does not show, and why.
        amended: figures that were removed or corrected, with the reason.
        unknown: methods without any figure, and why.
    """

    figures: tuple[Figure, ...]
    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...] = ()
    amended: tuple[Amended, ...] = ()
    unknown: tuple[Unknown, ...] = ()

    @cached_property
    def columns(self) -> Mapping[Column, tuple[Figure, ...]]:
        """The figures that may be ranked together, in order of their columns."""
        found: dict[Column, list[Figure]] = {}
        for figure in self.figures:
            found.setdefault(figure.column, []).append(figure)
        return {column: tuple(found[column]) for column in sorted(found, key=lambda each: each.order)}

    @cached_property
    def methods(self) -> Mapping[str, tuple[Method, tuple[Figure, ...]]]:
        """By title: what a method is, as whoever measured it says, else as the tables say; its figures."""
        found: dict[str, tuple[Method, list[Figure]]] = {}
        for figure in self.figures:
            method, figures = found.setdefault(figure.method.title, (figure.method, []))
            figures.append(figure)
            if figure.method.checked and not method.checked:
                found[method.title] = figure.method, figures
        return {title: (found[title][0], tuple(found[title][1])) for title in sorted(found, key=str.lower)}

    def is_published(self, title: str) -> bool:
        """Whether somebody else than sodeval has a figure of a method."""
        return title in self.methods and any(not figure.measured for figure in self.methods[title][1])

    def weight_of(self, source: Source) -> int:
        """How many figures a source has: of two, the larger comparison is preferred."""
        return self._weights[source.url]

    @cached_property
    def _weights(self) -> Counter[str]:
        return Counter(figure.source.url for figure in self.figures)

    def entry_of(self, figure: Figure) -> Entry | None:
        """The proof of a measured figure."""
        return self._entries.get((figure.method.title, figure.benchmark)) if figure.measured else None

    @cached_property
    def _entries(self) -> Mapping[tuple[str, str], Entry]:
        return {(entry.method.title, entry.benchmark): entry for entry in self.entries}


def packaged() -> Path:
    """The folder that comes with bdstr."""
    return Path(str(resources.files(__package__) / "data"))


def read_board(folder: Path | None = None) -> Board:
    """Reads a folder of ``published.csv``, ``reported.csv``, ``entries/*.json`` and what lies beside them.

    Args:
        folder: what is missing there is empty; None for what comes with bdstr.

    Raises:
        BoardError: neither figures nor entries are there, or none that can be read; or a decision of
            ``amendments.csv`` cannot be read: it must not get lost.
    """
    folder = packaged() if folder is None else folder
    sources, none = folder / SOURCES, folder / UNKNOWN
    tables = [folder / name for name in (PUBLISHED, REPORTED) if (folder / name).exists()]
    files = sorted((folder / ENTRIES).glob("*.json"))
    if not tables and not files:
        raise BoardError(f"{folder}: neither {PUBLISHED} nor {ENTRIES}/*.json; expected a board's folder")
    titles, untitled = read_titles(sources) if sources.exists() else ({}, [])
    published, left_out = _read_tables(tables, titles)
    unknown, misstated = read_unknown(none) if none.exists() else ([], [])
    entries, refused = _read_entries(files)
    whole = [line for line in left_out if line.place in (PUBLISHED, REPORTED)]
    if whole and not published and not entries:
        raise BoardError(f"{folder}: no figure is left. {whole[0].place}: {whole[0].reason}")
    figures = published + [figure for entry in entries for figure in entry.figures()]
    changes = read_amendments(folder / AMENDMENTS) if (folder / AMENDMENTS).exists() else []
    figures, amended, unmatched = amend(figures, changes)
    return Board(
        tuple(figures),
        tuple(entries),
        (*untitled, *left_out, *refused, *misstated, *unmatched),
        tuple(amended),
        tuple(unknown),
    )


def _read_tables(tables: list[Path], titles: Mapping[str, str]) -> tuple[list[Figure], list[LeftOut]]:
    figures, left_out = [], []
    for table in tables:
        try:
            found, lines = read_published(table, titles)
        except BoardError as error:  # other columns, no UTF-8: all of it
            found, lines = [], [LeftOut(table.name, str(error).removeprefix(f"{table}: "))]
        figures += found
        left_out += lines
    return figures, left_out


def _read_entries(files: list[Path]) -> tuple[list[Entry], list[LeftOut]]:
    entries: dict[tuple[str, str], Entry] = {}
    left_out = []
    for file in files:
        try:
            entry = read_entry(file)
            check(entry, file.name)
            key = entry.method.title, entry.benchmark
            if key in entries:
                raise BoardError(f"{' on '.join(key)} has another entry; expected one: remove one of them")
            entries[key] = entry
        except ToldError as error:
            left_out.append(LeftOut(f"{ENTRIES}/{file.name}", str(error).removeprefix(f"{file.name}: ")))
    return list(entries.values()), left_out
