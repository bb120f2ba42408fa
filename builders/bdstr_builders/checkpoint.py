"""Where a model's weights are, and what they are: checked without loading them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bdstr.errors import RecipeError
from bdstr.packaged import packaged_folder

SAFE = "*.safetensors"
CONFIG = "config.json"
"""What every model on the Hub has, and is small."""
PTH = ".pth"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
MODELS = ("model", "text_encoder")
"""Parameters of a stage that name weights."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Weights, and how they are held.

    Args:
        model: a Hub id or a local folder.
        revision: of the Hub repository: a commit, so that nobody can change what a recipe means.
        dtype: ``auto`` is bfloat16 on a GPU that computes in it, float32 elsewhere.
        device: ``auto`` is the first GPU where there is one.
        batch: photographs at a time, 1 or more.
    """

    model: str
    revision: str = "main"
    dtype: str = "auto"
    device: str = "auto"
    batch: int = 1

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise RecipeError(f"{self.model}: batch {self.batch}; expected 1 or more photographs at a time")


def folder_of(model: str) -> Path | None:
    """The folder that a model is, if it is one.

    Raises:
        RecipeError: it is written as a path and there is no such folder, or its weights are no safetensors.
    """
    path = Path(model).expanduser()
    if not path.is_dir():
        if path.is_absolute() or model.startswith((".", "~")):
            raise RecipeError(
                f"{model}: no such folder; expected a model's folder or a Hub id: check the path"
            )
        return None
    _refuse_pickles(path)
    return path


def file_of(model: str) -> Path:
    """The file that a model is.

    Raises:
        RecipeError: there is no such file.
    """
    path = Path(model).expanduser()
    if not path.is_file():
        raise RecipeError(
            f"{model}: no such file; expected a .pth checkpoint as its authors publish it: name it, e.g. "
            "by --set segment.sam-original.model=PATH"
        )
    return path


def _refuse_pickles(folder: Path) -> None:
    if any(folder.glob(SAFE)):
        return
    pickles = sorted(file.name for kind in PICKLES for file in folder.glob(kind))
    if pickles:
        raise RecipeError(
            f"{folder / pickles[0]} is a pickle, which can run code when it is loaded; expected "
            "model.safetensors: load the model where you trust it and call save_pretrained(folder)"
        )
    raise RecipeError(f"{folder}: no weights; expected model.safetensors, as save_pretrained writes it")


def identity(model: str) -> str:
    """What a fingerprint holds of a model: a Hub id as it is, a file or the files of a folder by content.

    The name of a preset whose weights come with bdstr stands for their folder.

    Raises:
        RecipeError: see `folder_of` and `file_of`; or a file cannot be read.
    """
    if model.endswith(PTH):
        files = [file_of(model)]
    elif (folder := folder_of(model) or packaged_folder(model)) is not None:
        files = list(_files(folder))
    else:
        return model
    states = ((file, file.stat()) for file in files)
    return _digest(tuple((file, state.st_size, state.st_mtime_ns) for file, state in states))


def _files(folder: Path) -> Iterator[Path]:
    """What a model is loaded from: its weights and its JSON and vocabulary, not the logs beside them."""
    yield from sorted(file for kind in (SAFE, "*.json", "*.txt") for file in folder.glob(kind))


@lru_cache(maxsize=64)
def _digest(files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for file, size, _ in files:
        digest.update(f"{file.name} {size}\n".encode())
        try:
            with file.open("rb") as stream:
                for block in iter(lambda: stream.read(1 << 22), b""):
                    digest.update(block)
        except OSError as error:
            raise RecipeError(f"{file} cannot be read: {error.strerror}; check its rights") from error
    return f"sha256:{digest.hexdigest()}"
