"""Whether the files of an installed package are those that were installed."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import PurePosixPath

LEFT_OUT = {"test", "tests", "__pycache__"}
"""Folders that people remove from images of containers, and nobody misses."""


def damage_of(found: Distribution) -> str:
    """What is wrong with its files: gone, or cut short, as by a full disk; empty where nothing is.

    A package whose files nobody has listed, as those of some systems, is taken for whole.
    """
    damaged = [name for name, size in _recorded(found) if _is_short(found, name, size)]
    if not damaged:
        return ""
    count = "a file is" if len(damaged) == 1 else f"{len(damaged):,} files are"
    return f"broken: {count} gone or cut short, e.g. {damaged[0]}"


def _is_short(found: Distribution, name: str, size: int) -> bool:
    try:  # a Path for each of ten thousand files would take as long as all the rest
        return os.stat(str(found.locate_file(name))).st_size < size  # noqa: PTH116
    except OSError:
        return True


def _recorded(found: Distribution) -> Iterator[tuple[str, int]]:
    """Path and size in bytes of each file that an import may need."""
    for name, _, size in csv.reader((found.read_text("RECORD") or "").splitlines()):
        if size and not name.startswith("..") and not LEFT_OUT & set(name.split("/")[:-1]):
            yield name, int(size)


def modules_of(found: Distribution) -> list[str]:
    """The modules that it brings, as one imports them."""
    paths = [PurePosixPath(name) for name, _ in _recorded(found)]
    packages = {path.parts[0] for path in paths if len(path.parts) == 2 and path.name == "__init__.py"}
    single = {path.stem for path in paths if len(path.parts) == 1 and path.suffix == ".py"}
    return sorted(name for name in packages | single if name.isidentifier())
