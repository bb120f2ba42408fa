"""Files to pixels: each map and mask is read once and checked once, here.

The content decides, not the extension. Accepted silently are grey PNG, JPEG, BMP and TIFF of 1 to 8
bits, and ``.npy`` arrays of booleans, 8-bit integers or floats in 0..1; accepted with a note are ``rgb``
(three equal channels, as every WebP has), ``alpha`` (opaque), ``palette`` and ``16-bit`` (exact values).
Refused, with an `ImageError` of a stable kind:

=================  ==============================================================================
``unreadable``     the system does not let us read it: missing, no permission, a loop of links
``empty``          zero bytes
``not-an-image``   none of the formats above, whatever its name says
``truncated``      the file ends too early
``damaged``        a checksum is wrong, or the decoder gives up
``too-large``      more pixels than the limit, or than memory holds
``colour``         unequal channels
``transparent``    some pixel is not opaque
``cmyk``           a format for print
``exif-rotation``  an orientation tag that some readers apply and others do not
``animated``       several frames or pages
``dtype``          numbers of another type than the accepted ones
``shape``          an array that is no plane of pixels
``not-finite``     NaN or infinity
``range``          floats outside 0..1
``mask-range``     a mask of 0 and 1 in 8-bit or 16-bit levels (`sodeval.scoring.read_mask`)
=================  ==============================================================================
"""

from __future__ import annotations

import os
from pathlib import Path

from ..defaults import DEFAULT_MAX_PIXELS
from ..errors import ImageError
from . import decode_npy, decode_png
from .decoded import Decoded, check_pixels, out_of_memory

__all__ = ["DEFAULT_MAX_PIXELS", "Decoded", "decode", "read_bytes"]

_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        ImageError: ``unreadable``, with the system's reason.
    """
    try:
        file = os.open(path, _READ)
        try:  # half the cost of path.read_bytes(), which counts where a map is scored in a millisecond
            return _read_whole(file, os.fstat(file).st_size)
        finally:
            os.close(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImageError(
            path, "unreadable", f"cannot be read: {reason}; check the file and its rights"
        ) from error


def _read_whole(file: int, size: int) -> bytes:
    data = os.read(file, size + 1)  # one more than there should be, so that the end shows
    if len(data) == size:
        return data
    parts = [data]
    while parts[-1]:  # it grew, or the system returns less than it was asked for
        parts.append(os.read(file, 1 << 20))
    return b"".join(parts)


def decode(data: bytes, path: str | Path, max_pixels: int = DEFAULT_MAX_PIXELS) -> Decoded:
    """The pixels of one map or mask.

    Args:
        data: the content of the file.
        path: its name, for messages; nothing is read from it.
        max_pixels: larger images are refused before they are decoded.

    Raises:
        ImageError: the file cannot be used; the module lists the kinds.
    """
    try:
        return _decode(data, path, max_pixels)
    except ImageError:
        raise
    except MemoryError as error:
        raise out_of_memory(path) from error
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":  # of Rust, no Exception
            raise _translated(error, path) from error
        raise


def _decode(data: bytes, path: str | Path, max_pixels: int) -> Decoded:
    if not data:
        raise ImageError(path, "empty", "an empty file (0 bytes); expected an image: save it again")
    if data.startswith(decode_npy.MAGIC):
        return decode_npy.decode_npy(data, path, max_pixels)
    if decode_png.SIGNATURE.startswith(data[:8]):  # even where it ends within the eight
        header = decode_png.read_png_header(data, path)
        check_pixels((header.width, header.height), path, max_pixels)
        if header.plain:
            return Decoded(decode_png.decode_plain_png(data, header))
    from .decode_pillow import decode_with_pillow  # not needed for most

    return decode_with_pillow(data, path, max_pixels)


def _translated(error: BaseException, path: str | Path) -> ImageError:
    kind = "truncated" if "truncated" in str(error) else "damaged"
    return ImageError(
        path, kind, f"its pixels cannot be decoded ({error}); expected a whole image: save it again"
    )
