"""A photograph as the page shows it: small enough for any connection, made when asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict

import cv2
import numpy as np
from jaxtyping import UInt8

from ..photo import read_photo
from ..source import ImageFile

MOST_SIDE_PX = 1280
QUALITY = 85
KEPT = 12


def preview(file: ImageFile) -> bytes:
    """The photograph as a JPEG of at most `MOST_SIDE_PX` a side, turned as its EXIF says.

    Raises:
        RejectedError: it is none that could become a row.
    """
    done, data = cv2.imencode(
        ".jpg", shrunk(read_photo(file).rgb)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise ValueError(f"{file} cannot be written as JPEG")
    return data.tobytes()


def shrunk(rgb: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h2 w2 3"]:
    """The picture with its longer side at most `MOST_SIDE_PX`; never enlarged.

    Example:
        >>> shrunk(np.zeros((100, 12800, 3), np.uint8)).shape
        (10, 1280, 3)
    """
    height, width, _ = rgb.shape
    scale = MOST_SIDE_PX / max(height, width)
    if scale >= 1:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


class Previews:
    """The previews that were asked for last; one is made at a time, so that memory stays bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[ImageFile, bytes] = OrderedDict()

    def get(self, file: ImageFile) -> bytes:
        """The preview of a photograph.

        Raises:
            RejectedError: as `preview`.
        """
        with self._lock:
            self._kept[file] = self._kept.pop(file, b"") or preview(file)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[file]
