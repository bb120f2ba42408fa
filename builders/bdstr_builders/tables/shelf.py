"""The Parquet files of a dataset: a file, or those of a folder as the Hub has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bdstr.errors import SourceError
from sodeval.errors import did_you_mean

SUFFIX = ".parquet"
SPLIT = re.compile(r"(train|validation|valid|val|dev|test|eval)(?![a-zA-Z])")


def is_table(path: Path) -> bool:
    """Whether a path is a Parquet file, or a folder of some."""
    return bool(_files(path))


def find_files(path: Path, splits: Sequence[str] = ()) -> list[Path]:
    """The Parquet files, sorted; of a folder those in its folder ``data``, else its own.

    Args:
        path: file or folder.
        splits: only those of these splits, which files are named by; none where there is but one.

    Raises:
        SourceError: there are files of several splits and none is named, or none of a split.
    """
    files = _files(path)
    by_split: dict[str, list[Path]] = {}
    for file in files:
        by_split.setdefault(_split(file), []).append(file)
    for split in splits:
        if split not in by_split:
            raise SourceError(f"{path}: no files of the split {split!r}{did_you_mean(split, by_split)}")
    if len(by_split) > 1 and not splits:
        names = ", ".join(sorted(map(repr, by_split)))
        raise SourceError(
            f"{path}: files of several splits, {names}; expected those of one, since what is held out for a "
            "test must not get among the rest: name each that you want, --split train"
        )
    return [file for file in files if not splits or _split(file) in splits]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix.lower() == SUFFIX else []
    within = [sorted(folder.glob(f"[!.]*{SUFFIX}")) for folder in (path / "data", path)]
    return within[0] or within[1]


def _split(file: Path) -> str:
    """The split that a file's name begins with; nothing where it begins otherwise.

    Example:
        >>> _split(Path("test-00000-of-00002-1f3a.parquet")), _split(Path("trainers.parquet"))
        ('test', '')
    """
    match = SPLIT.match(file.name)
    return match[1] if match else ""
