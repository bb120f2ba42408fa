"""Plain grey PNG, the format of nearly every map and mask, by the fastest decoder there is.

kornia-rs decodes 8-bit grey and refuses files that are cut or corrupt, but for a wrong Adler-32 inside the
compressed stream, which the CRC of the chunk around it covers. It does not know 1-bit PNG; see
`decode_plain_png` for how it decodes them all the same.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import kornia_rs.io
import numpy as np
from jaxtyping import UInt8

from ..errors import ImageError

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_IHDR = struct.Struct(">IIBBBBB")
_IHDR_BODY = slice(16, 29)
"""Where the body of the first chunk lies."""

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

    Raises:
        ImageError: ``truncated`` or ``damaged``.
    """
    kinds = list(_walk(data, path))
    if kinds[0] != b"IHDR" or int.from_bytes(data[8:12]) != _IHDR.size:
        raise ImageError(path, "damaged", "a PNG that does not begin with its header: save it again")
    width, height, bits, colour, _, _, interlaced = _IHDR.unpack(data[_IHDR_BODY])
    plain = colour == _GREY and bits in (1, 8) and not interlaced and _LEAVE_GREY_ALONE.issuperset(kinds)
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
    bits = np.unpackbits(packed, axis=1, count=header.width)
    return np.negative(bits, out=bits)  # 1 becomes 255


def _walk(data: bytes, path: str | Path) -> Iterator[bytes]:
    """The kind of each chunk up to the last."""
    view, start, kind = memoryview(data), len(SIGNATURE), b""
    while kind != b"IEND":
        end = start + 12 + int.from_bytes(view[start : start + 4])
        if end > len(data):
            raise ImageError(
                path,
                "truncated",
                f"a PNG that ends after {len(data):,} bytes, before its end mark: save it again",
            )
        kind = data[start + 4 : start + 8]
        if zlib.crc32(view[start + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise ImageError(
                path, "damaged", f"a PNG whose chunk {ascii(kind)[1:]} has a wrong checksum: save it again"
            )
        yield kind
        start = end


def _decode(data: bytes, height: int, width: int) -> UInt8[np.ndarray, "h w"]:
    pixels: UInt8[np.ndarray, "h w 1"] = kornia_rs.io.decode_image_png_u8(data, (height, width), "mono")
    return pixels[:, :, 0]


def _as_8_bit(data: bytes) -> bytes:
    width, height, _, *rest = _IHDR.unpack(data[_IHDR_BODY])
    header = b"IHDR" + _IHDR.pack((width + 7) // 8, height, 8, *rest)
    return data[:12] + header + zlib.crc32(header).to_bytes(4) + data[33:]
