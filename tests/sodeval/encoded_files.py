"""Files as their bytes, and what reading them gives."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sodeval.errors import ImageError
from sodeval.inputs.reading import Decoded, decode

RAMP = np.arange(12 * 21, dtype=np.uint8).reshape(12, 21)
STEPS = np.where(RAMP > 100, np.uint8(255), np.uint8(0))


def encoded(image: Image.Image | np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(file, kind, **options)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def header(width: int, height: int, bits: int = 8, colour: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def with_chunk(data: bytes, extra: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    return data[:33] + extra + data[33:]


def refusal(data: bytes, **options: int) -> ImageError:
    with pytest.raises(ImageError) as caught:
        decode(data, Path("maps/0001.png"), **options)
    assert str(caught.value).startswith("maps/0001.png: ")
    return caught.value


def kinds(decoded: Decoded) -> list[str]:
    assert all(note.severity == "note" and note.file == "0001.png" for note in decoded.notes)
    return [note.kind for note in decoded.notes]


def read(data: bytes) -> Decoded:
    return decode(data, Path("0001.png"))
