"""What `pack` and `generate` ask of photographs: which columns, what is said of them, the split."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import click

from bdstr.errors import UsageError

from ..holdout import hold_out
from ..source import Source
from ..tables.columns import NAMES, Field, check_fields
from .running import say_notes

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Sourcing:
    """The options of `source_options`.

    Args:
        source: where the photographs are from.
        licence: theirs.
        class_names: names for classes that are ids.
        columns: field -> column of Parquet files.
        splits: of Parquet files.
        validation: share that is held out.
        validation_seed: which.
    """

    source: str | None
    licence: str | None
    class_names: Path | None
    columns: dict[Field, str]
    splits: tuple[str, ...]
    validation: float | None
    validation_seed: int

    def find(self, images: Path, masks: Path | None = None, *, with_masks: bool = True) -> Source:
        """The photographs; see `find_photographs`."""
        from ..inputs import find_photographs

        return find_photographs(
            images,
            masks,
            columns=self.columns,
            splits=self.splits,
            class_names=self.class_names,
            with_masks=with_masks,
        )

    def arrange(self, found: Source, limit: int | None = None) -> Source:
        """The photographs in the order of a run, what is held out at the end; says how they were read."""
        if limit is not None:
            found = replace(found, items=found.items[:limit], options=f"{found.options} --limit {limit}")
        if self.validation is not None:
            found = hold_out(found, self.validation, self.validation_seed)
        say_notes(found)
        return found


def _text(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """What can stand in a row; a byte of the command line that is no UTF-8 cannot."""
    if value is not None and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise UsageError(f"--{option.name} {value!a}; expected text in UTF-8")
    return value


OPTIONS = (
    click.option(
        "--source",
        callback=_text,
        help="Where the photographs are from; said in every row that does not say it.",
    ),
    click.option(
        "--licence",
        callback=_text,
        help="Theirs, best an SPDX identifier; said in every row that does not say it.",
    ),
    click.option(
        "--class-names",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Names of classes that are ids: LOC_synset_mapping.txt or words.txt of ImageNet.",
    ),
    click.option(
        "--column",
        "columns",
        multiple=True,
        metavar="FIELD=NAME",
        help=f"Of Parquet: which column is the {', '.join(NAMES)}; no NAME for none.",
    ),
    click.option("--split", "splits", multiple=True, help="Of Parquet: only the files of this split."),
    click.option("--validation", type=float, metavar="SHARE", help="Hold out about this share, e.g. 0.05."),
    click.option("--validation-seed", type=int, default=0, show_default=True, help="Which share."),
)


def source_options(command: Command) -> Command:
    """Adds the options to a command, which gets them as one argument, ``given``."""

    @functools.wraps(command)
    def call(columns: tuple[str, ...], **options: Any) -> None:
        mine = {one.name: options.pop(one.name) for one in fields(Sourcing) if one.name != "columns"}
        command(given=Sourcing(**mine, columns=read_columns(columns)), **options)

    return functools.reduce(lambda made, option: option(made), reversed(OPTIONS), call)


def read_columns(texts: Iterable[str]) -> dict[Field, str]:
    """What ``--column FIELD=NAME`` says.

    Raises:
        UsageError: it has no such form, or there is no such field.

    Example:
        >>> read_columns(["image=photo", "mask="])
        {'image': 'photo', 'mask': ''}
    """
    columns: dict[str, str] = {}
    for text in texts:
        field, equals, name = text.partition("=")
        if not equals:
            raise UsageError(f"--column {text}; expected FIELD=NAME, e.g. mask=gt, or mask= for none")
        columns[field] = name
    return check_fields(columns)
