"""A photograph before it is read, and where photographs come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Masks = Literal["none", "drawn", "given"]
"""Of photographs: they have none; people drew them; they came with the photographs, whoever made them."""


@runtime_checkable
class ImageFile(Protocol):
    """An image somewhere: a `Path`, or a cell of a table."""

    @property
    def name(self) -> str: ...

    def read_bytes(self) -> bytes: ...


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One photograph.

    Args:
        key: its path below the folder without extension, in Unicode NFC, or what its table says; unique.
        image: the file.
        mask: the file of its mask, where there are masks.
        category: the name of the folder that it lies in, where folders are classes.
        subcategory: that of the folder below.
        source: where it is from, where that is said of it alone.
        licence: its own.
    """

    key: str
    image: ImageFile
    mask: ImageFile | None = None
    category: str | None = None
    subcategory: str | None = None
    source: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file that is no item, and why: nothing is dropped in silence."""

    key: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Validation:
    """What is held out of training.

    Args:
        share: of the photographs, about.
        seed: another one, another choice.
        count: how many photographs that are.
    """

    share: float
    seed: int
    count: int


@dataclass(frozen=True, slots=True)
class Source:
    """What a folder or table holds.

    Args:
        items: sorted by key, or in the order of the table; what is held out comes last.
        categories: the names of its classes, in the order of their numbers; empty where there are none.
        unusable: what was left out.
        masks: whose they are.
        validation: what of the items is held out.
        notes: how it was read, for people.
        options: how it was asked for, as on the command line, without paths.
    """

    items: tuple[Item, ...]
    categories: tuple[str, ...]
    unusable: tuple[Unusable, ...]
    masks: Masks = "none"
    validation: Validation | None = None
    notes: tuple[str, ...] = ()
    options: str = ""
