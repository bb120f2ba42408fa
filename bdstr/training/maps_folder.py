"""The folder of saliency maps: whose they are, and which of them are whole."""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import nn

from sodeval.outputs.atomic import write_once

from ..errors import RunError
from ..model.image_processing_dedecoder import DEDecoderImageProcessor

MANIFEST = ".prediction.json"
END = b"IEND\xaeB`\x82"
"""Of every PNG that was written to its end."""
_ORIENTATION = 0x0112
_LYING = range(5, 9)


def open_maps(out: Path, network: nn.Module, processor: DEDecoderImageProcessor) -> None:
    """Starts a folder of maps, or goes on with those of the same network.

    Raises:
        RunError: it holds maps of another network, or something else.
    """
    file, ours = out / MANIFEST, {"network": fingerprint(network), "size": dict(processor.size)}
    others = out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir())
    if others and not file.exists():  # asked last: another process may write it, and more, meanwhile
        raise RunError(f"{out} is not empty and no folder of maps; expected a new one: choose another --out")
    if not write_once(file, json.dumps(ours, sort_keys=True) + "\n") and _read(file) != ours:
        raise RunError(f"{out} holds maps of another network; expected one: choose another --out")


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError:
        return None


def fingerprint(network: nn.Module) -> str:
    """Of the weights, whatever file they came from."""
    digest = hashlib.sha256()
    for name, weight in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.detach().cpu().to(torch.float32).contiguous().numpy().tobytes())
    return f"sha256:{digest.hexdigest()}"


def map_file(out: Path, key: str) -> Path:
    """Where the map of a photograph is."""
    return out / f"{key}.png"  # with_suffix would take a name's last dot for its extension


def is_whole(file: Path, photo: bytes) -> bool:
    """Whether a map is there, can be decoded, and has the size of its photograph."""
    with suppress(OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        data = file.read_bytes()
        image = Image.open(io.BytesIO(data))
        image.load()  # by which Pillow asks for neither the last checksum nor the end
        return image.mode == "L" and image.size == _upright_size(photo) and data.endswith(END)
    return False


def _upright_size(data: bytes) -> tuple[int, int]:
    """Width and height as its EXIF turns it."""
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        return (height, width) if image.getexif().get(_ORIENTATION) in _LYING else (width, height)


def png(image: Image.Image, **more: Any) -> bytes:
    """An image as a PNG."""
    memory = io.BytesIO()
    image.save(memory, "PNG", **more)
    return memory.getvalue()
