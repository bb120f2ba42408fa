"""The trained weights that come with bdstr, without the libraries that load them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

WEIGHTS = "model.safetensors"


def packaged_presets() -> list[str]:
    """The presets whose weights come with bdstr.

    Example:
        >>> packaged_presets()
        ['tiny']
    """
    return sorted(file.parent.name for file in _weights().glob(f"*/{WEIGHTS}"))


def packaged_folder(preset: str) -> Path | None:
    """The folder of a preset's weights, as `save_pretrained` writes it; None where there are none.

    Example:
        >>> packaged_folder("no-such-preset") is None
        True
    """
    folder = _weights() / preset
    return folder if preset and (folder / WEIGHTS).is_file() else None


def _weights() -> Path:
    return Path(str(files("bdstr"))) / "model" / "weights"
