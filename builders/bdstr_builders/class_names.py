"""Names of classes whose folders are called by ids, as ImageNet's are by those of WordNet's synsets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bdstr.errors import SourceError, without_path

from .source import Item, Source

MOST_NAMED = 5

Words = Mapping[str, str]
"""Id -> what its line says, e.g. ``tench, Tinca tinca``."""


def read_class_names(file: Path) -> Words:
    """What a file says of ids: one a line, then a tab or blanks, then words apart by commas.

    So are ImageNet's ``LOC_synset_mapping.txt`` and ``words.txt``.

    Raises:
        SourceError: it cannot be read, holds nothing, or a line is no such; names the line.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"{file} cannot be read: {without_path(error)}; expected names of classes in UTF-8"
        ) from error
    words: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        one, *rest = line.strip().split("\t" if "\t" in line.strip() else None, maxsplit=1)
        if not rest or not _first(rest[0]):
            raise SourceError(f"{file}: line {number} is {line.strip()!r}; expected e.g. n01440764 tench")
        if words.setdefault(one.strip(), rest[0].strip()) != rest[0].strip():
            raise SourceError(f"{file}: line {number} names {one.strip()} again; expected each id once")
    if not words:
        raise SourceError(f"{file} holds nothing; expected lines like n01440764 tench, Tinca tinca")
    return words


def with_class_names(source: Source, words: Words, where: str) -> Source:
    """The photographs with names for their classes and subclasses; keys keep the ids.

    The name is the first word of the id. An id without one keeps its own name, which the notes say.

    Args:
        source: whose categories are ids.
        words: of the ids.
        where: the words are from, for messages.

    Raises:
        SourceError: the photographs have no classes, or none of the classes is among the ids.
    """
    if not source.categories:
        raise SourceError(
            f"{where}: the photographs have no classes to be named; expected one folder a class"
        )
    if not set(source.categories) & set(words):
        raise SourceError(
            f"{where}: names none of the classes, which are called like {source.categories[0]}, while its "
            f"ids are like {next(iter(words))}; expected the file that goes with them"
        )
    categories = distinct_names(source.categories, words)
    below = {item.subcategory for item in source.items if item.subcategory}
    subcategories = distinct_names(sorted(below), words)

    def renamed(item: Item) -> Item:
        category = categories.get(item.category or "", item.category)
        return replace(
            item, category=category, subcategory=subcategories.get(item.subcategory or "", item.subcategory)
        )

    notes = [*_unknown(source.categories, words, "classes", where)]
    notes += _unknown(sorted(below), words, "subcategories", where)
    return replace(
        source,
        items=tuple(map(renamed, source.items)),
        categories=tuple(categories.values()),
        notes=(*source.notes, *notes),
    )


def distinct_names(ids: Iterable[str], words: Words) -> dict[str, str]:
    """Id -> its name, no two the same: ImageNet has two classes called crane.

    Example:
        >>> words = {"n01": "crane", "n02": "dog, hound", "n03": "crane"}
        >>> distinct_names(["n01", "n02", "n03", "n04"], words)
        {'n01': 'crane (n01)', 'n02': 'dog', 'n03': 'crane (n03)', 'n04': 'n04'}
    """
    longer = dict.fromkeys(ids, 0)
    while True:
        names = {one: _spelled(one, words.get(one), length) for one, length in longer.items()}
        taken = Counter(names.values())
        again = [one for one, name in names.items() if taken[name] > 1 and one in words]
        if not again:
            return names
        longer |= {one: longer[one] + 1 for one in again}


def _spelled(one: str, words: str | None, length: int) -> str:
    """The first word; all of them; all of them with the id, as often as it takes."""
    if words is None:
        return one
    return words + f" ({one})" * (length - 1) if length else _first(words)


def _first(words: str) -> str:
    return words.split(",")[0].strip()


def _unknown(ids: Iterable[str], words: Words, what: str, where: str) -> list[str]:
    ids = list(ids)
    unknown = [one for one in ids if one not in words]
    if not unknown:
        return []
    named = ", ".join(unknown[:MOST_NAMED]) + (" ..." if len(unknown) > MOST_NAMED else "")
    return [f"{where}: {len(unknown):,} of {len(ids):,} {what} are not in it and keep their names: {named}"]
