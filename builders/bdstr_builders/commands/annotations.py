"""``bdstr annotations``: files of answers, joined and exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path

import click

from bdstr.errors import RunError, SourceError, without_path
from sodeval.outputs.atomic import write_atomically
from sodeval.printable import printable

from ..annotate.answers import Answer, latest
from ..annotate.merge import Conflict, agreement, merge
from ..annotate.store import Store, read_answers
from ..annotate.table import from_csv, to_csv
from ..counted import counted

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("annotations", context_settings={"help_option_names": ["-h", "--help"]})
def answers() -> None:
    """Merge what several wrote with `annotate`; exchange it with tables.

    \b
    Example:
      bdstr annotations merge ada.jsonl ben.jsonl --out texts.jsonl
    """


@answers.command("merge")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--out", type=FILE, required=True, help="JSON lines; must not be there yet.")
def merge_(files: tuple[Path, ...], out: Path) -> None:
    """Join the answers of several people; say where they differ.

    Every answer is kept in the file. Of two texts for one photograph the later holds; a text holds rather
    than a skip.

    \b
    Example:
      bdstr annotations merge ada.jsonl ben.jsonl --out texts.jsonl
    """
    _refuse_existing(out)
    parts = [_read(path) for path in files]
    conflicts: list[Conflict] = []

    def join(mine: Sequence[Answer], yours: Sequence[Answer]) -> Sequence[Answer]:
        merged, differing = merge(mine, yours)
        conflicts.extend(differing)
        return merged

    nothing: Sequence[Answer] = ()
    merged = reduce(join, parts, nothing)
    write_atomically(out, "".join(answer.to_line() + "\n" for answer in merged))
    holders = _holders(files, parts)
    told = dict.fromkeys(conflicts)  # each once, also where an answer is in several files
    for conflict in told:
        click.echo(printable(_told(conflict, holders)))
    _say(out, latest(merged).values(), counted(len(told), "conflict"))


def _holders(files: Sequence[Path], parts: Sequence[Sequence[Answer]]) -> Mapping[Answer, str]:
    """Answer -> the files that it is in."""
    found: dict[Answer, list[str]] = {}
    for path, answers in zip(files, parts, strict=True):
        for answer in dict.fromkeys(answers):
            found.setdefault(answer, []).append(str(path))
    return {answer: " and ".join(paths) for answer, paths in found.items()}


def _told(conflict: Conflict, holders: Mapping[Answer, str]) -> str:
    """A conflict in one line: by people, and by files where their names do not tell them apart."""
    kept, other = conflict.kept, conflict.other
    again = " (asked again)" if kept.repeat else ""
    apart = kept.who != other.who
    texts = [f"{one.text!r} of {(apart and one.who) or holders[one]}" for one in (kept, other)]
    return f"{kept.key}{again}: kept {texts[0]}, not {texts[1]}"


@answers.command()
@click.argument("file", type=FILE)
@click.option("--format", "format_", type=click.Choice(["csv"]), default="csv", show_default=True)
@click.option("--out", type=FILE, help="Else standard output.")
@click.option("--history", is_flag=True, help="Every answer, not only the last of each photograph.")
def export(file: Path, format_: str, out: Path | None, history: bool) -> None:
    """Write answers as a table, skipped ones among them.

    \b
    Example:
      bdstr annotations export texts.jsonl --format csv --out texts.csv
    """
    given = _read(file)
    lines = to_csv(given if history else latest(given).values())
    if out:
        write_atomically(out, "".join(lines))
        return
    for line in lines:
        click.echo(line.encode("utf-8", "backslashreplace"), nl=False)


@answers.command("import")
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, required=True, help="JSON lines; what is there stays, before the new.")
def import_(file: Path, out: Path) -> None:
    """Take answers from a table with at least the columns key and text.

    \b
    Example:
      bdstr annotations import texts.csv --out texts.jsonl
    """
    try:
        given = from_csv(file.read_text("utf-8-sig"), str(file))
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"{file} cannot be read: {without_path(error)}; expected a table as CSV in UTF-8"
        ) from error
    store = Store(out)
    try:
        store.append(*given)
    finally:
        store.close()
    _say(out, latest([*store.content.answers, *given]).values(), f"{len(given):,} of them new")


def _read(path: Path) -> Sequence[Answer]:
    content = read_answers(path)
    if content.torn:
        click.echo(
            f"{path}: its last answer is torn, {len(content.torn)} bytes, and never was confirmed; left out",
            err=True,
        )
    return content.answers


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise RunError(f"{out} is there already; expected a new file: choose another --out")


def _say(out: Path, answers: Iterable[Answer], more: str) -> None:
    held = list(answers)
    first = [answer.status for answer in held if not answer.repeat]
    texts = counted(first.count("done"), "text")
    click.echo(f"{out}: {texts}, {first.count('skipped'):,} skipped, {more}")
    same, twice = agreement(held)
    if twice:
        click.echo(f"  of {twice:,} asked twice, {same:,} got the same text")
