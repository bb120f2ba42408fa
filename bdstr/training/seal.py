"""A folder that is as it was written: its seal, written last, holds a digest of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from sodeval.outputs.atomic import write_atomically

FILE = ".seal.json"
_OF_OTHERS = "rng_state_"
"""Files that each process of a run writes for itself."""


def seal(folder: Path) -> None:
    """Seals what a folder holds."""
    write_atomically(folder / FILE, json.dumps(_digests(folder), indent=2, sort_keys=True) + "\n")


def is_broken(folder: Path) -> bool:
    """Whether a sealed folder holds something else than was sealed; never where there is no seal."""
    try:
        sealed = json.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return not isinstance(sealed, dict) or sealed != _digests(folder)


def _digests(folder: Path) -> Mapping[str, str]:
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != FILE)
    return {file.name: _digest(file) for file in files if not file.name.startswith(_OF_OTHERS)}


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
