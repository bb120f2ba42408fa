"""What lies in one folder of maps or masks: looked at once, never into its subfolders."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from ..errors import PairingError
from ..problem import Problem

MASK_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
MAP_SUFFIXES = MASK_SUFFIXES | {".npy"}
RECORD = ".prediction.json"
"""That ``bdstr predict`` keeps among its maps: no news to anybody."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The images of one folder.

    Args:
        folder: where they lie.
        files: stem in Unicode NFC -> the files of that stem, sorted; more than one only where they differ
            in extension or in Unicode form.
        notes: what else lies there and was passed over.
    """

    folder: Path
    files: Mapping[str, tuple[Path, ...]]
    notes: tuple[Problem, ...]


def list_folder(folder: Path, suffixes: Set[str]) -> Listing:
    """The images of a folder, by stem.

    Links that lead nowhere count as images, so that reading them says what is wrong.

    Raises:
        PairingError: it is no folder, or holds no images, or a name that is not Unicode.
    """
    files: dict[str, list[Path]] = {}
    notes = []
    for entry in scan(folder):
        if entry.name == RECORD:
            continue
        reason = _why_passed_over(entry, suffixes)
        if reason:
            notes.append(Problem(_in_unicode(entry.path), "ignored", reason, "note"))
        elif _in_unicode(entry.name) != entry.name:
            raise PairingError(f"{folder}: the name {entry.name!a} is not UTF-8: rename that file")
        else:
            stem = entry.name.rpartition(".")[0]
            files.setdefault(unicodedata.normalize("NFC", stem), []).append(folder / entry.name)
    if not files:
        raise PairingError(f"{folder}: holds no images; {_advice(folder, suffixes)}")
    return Listing(folder, {stem: tuple(files[stem]) for stem in sorted(files)}, tuple(notes))


def scan(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name.

    Raises:
        PairingError: it is no folder, or cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except NotADirectoryError as error:
        raise PairingError(f"{folder}: a file; expected a folder of images") from error
    except OSError as error:
        raise PairingError(f"{folder}: {error.strerror}; expected a folder: check the path") from error
    return entries


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, without hidden ones, sorted by name.

    Raises:
        PairingError: as `scan`.
    """
    return [
        folder / entry.name for entry in scan(folder) if _is_dir(entry) and not entry.name.startswith(".")
    ]


def count_images(folder: Path, suffixes: Set[str]) -> int:
    """How many images a folder holds; 0 for one that cannot be read."""
    try:
        return sum(_why_passed_over(entry, suffixes) is None for entry in scan(folder))
    except PairingError:
        return 0


def _why_passed_over(entry: os.DirEntry[str], suffixes: Set[str]) -> str | None:
    if entry.name.startswith("."):
        return "a hidden file: passed over"
    if _is_dir(entry):
        return "a folder: not looked into"
    if Path(entry.name).suffix.lower() not in suffixes:
        return "not an image of a known kind: passed over"
    return None if _reads_or_fails(entry) else "not a regular file: passed over"


def _reads_or_fails(entry: os.DirEntry[str]) -> bool:
    """Whether opening it gives data or an error, rather than waiting for ever as a pipe does."""
    if entry.is_file(follow_symlinks=False):
        return True
    try:
        return stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return True


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def _in_unicode(name: str) -> str:
    """The name, with its bytes by number where they are not UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _advice(folder: Path, suffixes: Set[str]) -> str:
    counts = {path: count_images(path, suffixes) for path in subfolders(folder)}
    full = [path for path, count in counts.items() if count]
    if len(full) == 1:
        return f"its subfolder {full[0].name} holds {counts[full[0]]:,}: did you mean {full[0]}?"
    if full:
        names = ", ".join(path.name for path in full[:5])
        return f"its subfolders {names} do: name one of them"
    return f"expected files of {', '.join(sorted(suffixes))}"
