"""The trained weights that come with bdstr, without the libraries that load them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

WEIGHTS = "model.safetensors"


def packaged_folder(preset: str) -> Path | None:
    """The folder of a preset's weights, as `save_pretrained` writes it; None where there are none.

    Example:
        >>> packaged_folder("no-such-preset") is None
        True
    """
    folder = Path(str(files("bdstr"))) / "model" / "weights" / preset
    return folder if preset and (folder / WEIGHTS).is_file() else None
