"""Plain grey PNG, the format of nearly every map and mask, by the fastest decoder there is.

kornia-rs decodes 8-bit grey and refuses files that are cut or whose pixels fail their CRC, so that is not
computed twice: a quarter of the time a small file takes. It does not know 1-bit PNG; see `decode_plain_png`
for how it decodes them all the same.

It does not check the Adler-32 at the end of the zlib stream, which Pillow and OpenCV do; to check it here
would mean to inflate every file twice. The CRC covers the same bytes: a file that a disk or a transfer has
damaged is caught, one whose writer computed the CRC over pixels that were damaged before is not.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import kornia_rs.io
import numpy as np
from jaxtyping import UInt8

from .. import kernels
from ..errors import ImageError

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_IHDR = struct.Struct(">IIBBBBB")
_IHDR_BODY = slice(16, 29)
"""Where the body of the first chunk lies."""
_BEGINS = SIGNATURE + _IHDR.size.to_bytes(4) + b"IHDR"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_CHUNK = struct.Struct(">I4s")
_FRAME = 12
"""Bytes of a chunk around its body: length and kind before it, checksum behind it."""

_GREY = 0
_LEAVE_GREY_ALONE = frozenset(
    (b"IHDR", b"IDAT", b"IEND", b"tIME", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"iCCP")
)
"""Chunks that say nothing of transparency, rotation or further frames. Colour profiles and gamma are
about display: no tool of the field applies them."""


@dataclass(frozen=True, slots=True)
class PngHeader:
    """What a PNG says about itself.

    Args:
        width: in pixels.
        height: in pixels.
        bits: a channel.
        plain: whether it is grey, 1-bit or 8-bit, and nothing else: `decode_plain_png` can have it.
    """

    width: int
    height: int
    bits: int
    plain: bool


def read_png_header(data: bytes, path: str | Path) -> PngHeader:
    """The header of a PNG whose chunks are all there, with the right checksums.

    That of plain pixels is left to `decode_plain_png`.

    Raises:
        ImageError: ``truncated`` or ``damaged``.
    """
    chunks = _find_chunks(data, path)
    if not data.startswith(_BEGINS):
        raise ImageError(path, "damaged", "a PNG that does not begin with its header: save it again")
    width, height, bits, colour, _, _, interlaced = _IHDR.unpack(data[_IHDR_BODY])
    kinds = {kind for kind, _, _ in chunks}
    plain = colour == _GREY and bits in (1, 8) and not interlaced and kinds <= _LEAVE_GREY_ALONE
    for kind, start, end in chunks:
        if not (plain and kind == b"IDAT") and data[start:end] != _END:
            _check_sum(data, kind, start, end, path)
    return PngHeader(width, height, bits, plain)


def decode_plain_png(data: bytes, header: PngHeader) -> UInt8[np.ndarray, "h w"]:
    """The pixels, 0..255, of a PNG whose header is plain.

    PNG's filters work on bytes, whatever a byte holds. So the 1-bit image of w columns is decoded as the
    8-bit image of w / 8 columns whose pixels are its packed bits: four times as fast as any decoder that
    unpacks them itself.

    Raises:
        Exception: whatever kornia-rs finds wrong.
    """
    if header.bits == 8:
        return _decode(data, header.height, header.width)
    packed = _decode(_as_8_bit(data), header.height, (header.width + 7) // 8)
    levels = np.empty((header.height, header.width), np.uint8)
    kernels.expand_bits(packed, *levels.shape, levels)
    return levels


def _find_chunks(data: bytes, path: str | Path) -> list[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk up to the last."""
    chunks, kind, end, size = [], b"", len(SIGNATURE), len(data)
    while kind != b"IEND":
        start = end
        length, kind = _CHUNK.unpack_from(data, start) if start + _FRAME <= size else (size, b"")
        end = start + _FRAME + length
        if end > size:
            detail = f"a PNG that ends after {size:,} bytes, before its end mark: save it again"
            raise ImageError(path, "truncated", detail)
        chunks.append((kind, start, end))
    return chunks


def _check_sum(data: bytes, kind: bytes, start: int, end: int, path: str | Path) -> None:
    view = memoryview(data)
    if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
        detail = f"a PNG whose chunk {ascii(kind)[1:]} has a wrong checksum: save it again"
        raise ImageError(path, "damaged", detail)


def _decode(data: bytes, height: int, width: int) -> UInt8[np.ndarray, "h w"]:
    pixels: UInt8[np.ndarray, "h w 1"] = kornia_rs.io.decode_image_png_u8(data, (height, width), "mono")
    return pixels[:, :, 0]


def _as_8_bit(data: bytes) -> bytes:
    width, height, _, *rest = _IHDR.unpack(data[_IHDR_BODY])
    header = b"IHDR" + _IHDR.pack((width + 7) // 8, height, 8, *rest)
    return data[:12] + header + zlib.crc32(header).to_bytes(4) + data[33:]
