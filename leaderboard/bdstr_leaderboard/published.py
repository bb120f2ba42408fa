"""``published.csv``: every figure that was read in a paper, a repository or on a page, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from bdstr.errors import BoardError
from sodeval.benchmarks import all_benchmarks, find_benchmark
from sodeval.errors import UsageError, did_you_mean

from .conventions import ORIGINS, PUBLISHED, SODEVAL_TOLD, SUPERVISIONS, measure_of
from .figure import Figure, Method, Source
from .lines import read_lines, whole
from .words import faults_of_title, faults_of_words

COLUMNS = (
    *("method", "variant", "supervision", "backbone", "train_set", "venue", "year"),
    *("benchmark", "printed", "measure", "value", "origin", "convention", "suspect"),
    *("source_url", "source_place", "note"),
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not on the board, and why.

    Args:
        place: the file, and the line where it has some.
        reason: what was found, what was expected.
    """

    place: str
    reason: str


def read_published(
    table: Path, titles: Mapping[str, str] | None = None
) -> tuple[list[Figure], list[LeftOut]]:
    """The figures of a table. A line that is wrong is left out and told; the others stay.

    Args:
        table: with the columns `COLUMNS`; UTF-8, with or without a byte order mark.
        titles: of sources, by address; others are called by their address.

    Raises:
        BoardError: the file cannot be read, or has other columns.
    """
    figures: dict[tuple[str, ...], Figure] = {}
    methods: dict[str, Method] = {}
    left_out = []
    for number, line in read_lines(table, COLUMNS):
        try:
            figure = _figure(whole(line), titles or {})
            _refuse_other_method(figure.method, methods.setdefault(figure.method.title, figure.method))
            _add(figures, figure)
        except (BoardError, UsageError) as error:
            left_out.append(LeftOut(f"{table.name}, line {number}", str(error)))
    return list(figures.values()), left_out


def read_titles(table: Path) -> tuple[dict[str, str], list[LeftOut]]:
    """Short titles of sources, by their addresses, and the lines that are wrong.

    Raises:
        BoardError: the file cannot be read, or has other columns.
    """
    titles, left_out = {}, []
    for number, line in read_lines(table, ("url", "title")):
        wrong = str(line) if isinstance(line, BoardError) else next(faults_of_words(line), "")
        if wrong or isinstance(line, BoardError):
            left_out.append(LeftOut(f"{table.name}, line {number}", wrong))
        else:
            titles[line["url"]] = line["title"]
    return titles, left_out


def _figure(row: Mapping[str, str], titles: Mapping[str, str]) -> Figure:
    benchmark = find_benchmark(row["benchmark"])
    if benchmark is None:
        near = did_you_mean(row["benchmark"], [each.name for each in all_benchmarks()])
        raise BoardError(f"benchmark: found {row['benchmark']!r}{near}")
    url = row["source_url"]
    if not url.startswith(("https://", "http://")):
        raise BoardError(f"source_url: found {url!r}; expected an address: a figure needs its source")
    figure = Figure(
        method=_method(row),
        benchmark=benchmark.name,
        measure=measure_of(row["measure"]).name,
        printed=row["printed"],
        value=value_of(row["value"]),
        origin=_origin(row["origin"]),
        convention=_convention(row["convention"]),
        source=Source(titles.get(url, url), url, row["source_place"]),
        suspect=row["suspect"],
        note=row["note"],
    )
    refuse_words(row, figure.method)
    return figure


def refuse_words(row: Mapping[str, str], method: Method) -> None:
    """Refuses texts that are not what they look like, and a name that is none or too long.

    Raises:
        BoardError: the first that is wrong.
    """
    words = () if "".join(row.values()).isprintable() else faults_of_words(row)
    for fault in (*faults_of_title(method.name, method.title), *words):
        raise BoardError(fault)


def _method(row: Mapping[str, str]) -> Method:
    return Method(
        name=row["method"],
        variant=row["variant"],
        supervision=one_of("supervision", row["supervision"], SUPERVISIONS),
        backbone=row["backbone"],
        train_set=row["train_set"],
        venue=row["venue"],
        year=year_of(row["year"]),
    )


def value_of(text: str) -> float:
    """A score of a table.

    Raises:
        BoardError: it is no number of 0 to 1.

    Example:
        >>> value_of(".042")
        0.042
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BoardError(f"value: found {text!r}; expected 0 to 1, such as 0.042")
    return value


def year_of(text: str) -> int | None:
    """A year, or None of an empty cell.

    Raises:
        BoardError: it is none.
    """
    if text and not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise BoardError(f"year: found {text!r}; expected one such as 2026, or nothing")
    return int(text) if text else None


def one_of(field: str, word: str, known: Mapping[str, str]) -> str:
    """The word, if it is known.

    Raises:
        BoardError: it is not; names the nearest.
    """
    if word not in known:
        raise BoardError(f"{field}: found {word!r}{did_you_mean(word, known)}")
    return word


def _origin(word: str) -> str:
    if word == "measured":
        raise BoardError(
            "origin: found 'measured'; expected an entry, which holds the proof: submit the report"
        )
    return one_of("origin", word, ORIGINS)


def _convention(word: str) -> str:
    return word if SODEVAL_TOLD.fullmatch(word) else one_of("convention", word, PUBLISHED)


def _refuse_other_method(method: Method, known: Method) -> None:
    if method == known:
        return
    for field in fields(Method):
        if getattr(method, field.name) != getattr(known, field.name):
            raise BoardError(
                f"{field.name}: found {getattr(method, field.name)!r}; {method.title} has "
                f"{getattr(known, field.name)!r} "
                "further up: give one of them another variant, or mend it"
            )


def _add(figures: dict[tuple[str, ...], Figure], figure: Figure) -> None:
    key = (
        figure.method.title,
        *(figure.benchmark, figure.measure, figure.convention),
        *(figure.source.url, figure.source.place),
    )
    if key in figures:
        raise BoardError(
            f"{figure.method.title}, {figure.benchmark}, {figure.measure}: the same source has it further "
            f"up, as {figures[key].text}; expected it once"
        )
    figures[key] = figure
