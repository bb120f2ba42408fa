"""Which photographs a run is of, as far as a plan holds it: so that others are told from them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..source import ImageFile, Item, Source
from ..tables.cells import Cell


def photographs_of(source: Source) -> str:
    """How many, and a digest: of the photographs in order, their keys, what is said of each, and its mask.

    Of a row of a table it is told which of its images are taken; of a mask in a file how long that is, since
    another folder holds masks of the same names. Not where folders are, which may be mounted elsewhere when a
    run goes on.
    """
    digest = hashlib.blake2b(digest_size=16)
    for line in (*source.categories, *map(_line, source.items)):
        digest.update(f"{line}\n".encode("utf-8", "surrogateescape"))
    return f"{len(source.items):,} of the digest {digest.hexdigest()}"


def _line(item: Item) -> str:
    said = (item.key, item.category, item.subcategory, item.source, item.licence)
    mask = item.mask and _length(item.mask)
    return "\0".join(map(str, (*said, _which(item.image), _which(item.mask), mask)))


def _which(image: ImageFile | None) -> str | None:
    if image is None:
        return None
    return image.leaf if isinstance(image, Cell) else image.name


def _length(mask: ImageFile) -> int | None:
    try:
        return mask.stat().st_size if isinstance(mask, Path) else None
    except OSError:  # told when it is read
        return None
