"""The saliency maps behind an entry: whether a folder has one of each image, and their hash."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

from bdstr.errors import BoardError


def digest_of_maps(folder: Path, keys: Sequence[str]) -> str:
    """One hash of all files of a folder: their names and contents, in the order of the names.

    Args:
        folder: that was scored. What begins with a dot is passed over.
        keys: of the images that were scored.

    Raises:
        BoardError: it does not hold exactly a file for each key, or one cannot be read.
    """
    total = hashlib.sha256()
    files = [file for file in sorted(folder.glob("*")) if file.is_file() and not file.name.startswith(".")]
    if not files:
        raise BoardError(f"{folder}: no files; expected the saliency maps that were scored")
    _refuse_others(folder, [_stem(file) for file in files], keys)
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise BoardError(f"{file} cannot be read: {error.strerror}") from error
        total.update(f"{file.name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def _stem(file: Path) -> str:
    return unicodedata.normalize("NFC", file.name.rpartition(".")[0] or file.name)


def _refuse_others(folder: Path, stems: Sequence[str], keys: Sequence[str]) -> None:
    expected = (
        f"expected exactly one file for each of the {len(keys):,} images: name the folder that was scored"
    )
    start, end = _affixes(set(stems), keys)
    wanted = {start + key + end for key in keys}
    missing, others = sorted(wanted - set(stems)), sorted(set(stems) - wanted)
    if missing:
        raise BoardError(f"{folder}: no map called {_first(missing)}; {expected}")
    if others:
        raise BoardError(f"{folder}: {_first(others)}, of no image that was scored; {expected}")
    twice = sorted({stem for stem in stems if stems.count(stem) > 1}) if len(stems) > len(wanted) else []
    if twice:
        raise BoardError(f"{folder}: two files called {_first(twice)}; {expected}")


def _affixes(stems: Collection[str], keys: Sequence[str]) -> tuple[str, str]:
    """What stands before and after each key in the names of maps; nothing where that explains no folder.

    Example:
        >>> _affixes({"1_sal", "12_sal"}, ["1", "12"])
        ('', '_sal')
    """
    longest = max(keys, key=len)
    for stem in stems:
        start, found, end = stem.partition(longest)
        if found and all(start + key + end in stems for key in keys):
            return start, end
    return "", ""


def _first(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1:,} more" if len(names) > 1 else "")
