"""NumPy's ``.npy`` files: the header is checked before anything is allocated, and nothing is unpickled."""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageError
from .decoded import Decoded, check_dtype, check_pixels, from_array

MAGIC = b"\x93NUMPY"


def decode_npy(data: bytes, path: str | Path, max_pixels: int) -> Decoded:
    """The map that a ``.npy`` file holds.

    Raises:
        ImageError: ``damaged``, ``truncated``, ``dtype``, ``shape``, ``too-large``, ``not-finite`` or
            ``range``.
    """
    try:
        shape, fortran, dtype, start = _read_header(data)
    except ValueError as error:
        raise ImageError(
            path, "damaged", "an .npy file whose header makes no sense: save it again"
        ) from error
    check_dtype(dtype, path)
    check_pixels(shape, path, max_pixels)
    count = math.prod(shape)
    if len(data) < start + count * dtype.itemsize:
        expected = f"{start + count * dtype.itemsize:,} for an array of shape {shape}"
        raise ImageError(path, "truncated", f"{len(data):,} bytes; expected {expected}: save it again")
    flat = np.frombuffer(data, dtype, count, start)
    return from_array(flat.reshape(shape, order="F" if fortran else "C"), path)


def _read_header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, whether columns come first, dtype, and where the values begin."""
    file = io.BytesIO(data)
    read: Any = np.lib.format  # untyped
    with warnings.catch_warnings(action="ignore"):
        version = read.read_magic(file)
        # Later versions differ from 2.0 in the names of fields alone, and plain numbers have none.
        read_rest = read.read_array_header_1_0 if version == (1, 0) else read.read_array_header_2_0
        shape, fortran, dtype = read_rest(file)
    return shape, fortran, dtype, file.tell()
