"""Keys of rows: what their column says, or the names of their files."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ..folder import SUFFIXES
from .columns import Columns

FILE_NAMES = frozenset({"file_name", "filename"})
"""Columns whose keys have extensions."""


def key_of(values: Mapping[str, Any], columns: Columns) -> str | None:
    """What the column of keys says of a row, in Unicode NFC; None where it says nothing."""
    if "key" not in columns or values[columns["key"].name] is None:
        return None
    name, text = columns["key"].name, str(values[columns["key"].name])
    return (without_suffix(text) if name in FILE_NAMES else unicodedata.normalize("NFC", text)) or None


def keys_of_files(paths: Sequence[str | None]) -> list[str] | None:
    """The names of the files as keys; None where one has no name, or two have the same."""
    keys = [without_suffix(path) for path in paths if path]
    return keys if len(set(keys)) == len(paths) else None


def without_suffix(path: str) -> str:
    """A key of a file's name: its path without the extension, below whatever machine's root.

    Example:
        >>> without_suffix("images/dog/001.jpg"), without_suffix("/home/me/001.jpg"), without_suffix("v1.2")
        ('images/dog/001', '001', 'v1.2')
    """
    pure = posix(path)
    outside = pure.is_absolute() or ".." in pure.parts or ":" in "".join(pure.parts[:1])
    whole = PurePosixPath(pure.name) if outside else pure
    return unicodedata.normalize(
        "NFC", str(whole.with_suffix("") if whole.suffix.lower() in SUFFIXES else whole)
    )


def posix(path: str) -> PurePosixPath:
    """A path, whatever system wrote it."""
    return PurePosixPath(path.replace("\\", "/"))
