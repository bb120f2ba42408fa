"""Which copy of a benchmark's masks this is: a digest of what the measures see of them."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool

_SIZE = struct.Struct("<II")


def mask_digest(mask: Bool[np.ndarray, "h w"]) -> bytes:
    """16 bytes that change with the size of a mask or with any pixel of it."""
    digest = hashlib.sha256(_SIZE.pack(*mask.shape))  # twice as fast as BLAKE2 where the processor helps
    digest.update(np.packbits(mask).data)
    return digest.digest()[:16]


def fingerprint(digests: Mapping[str, bytes]) -> str:
    """64 hex digits that change with the name, size or any pixel of any mask, but not with their order.

    Args:
        digests: key -> `mask_digest` of its mask.

    Example:
        >>> fingerprint({"a": bytes(16)}) == fingerprint({"b": bytes(16)})
        False
    """
    whole = hashlib.sha256()
    for key in sorted(digests):
        whole.update(key.encode() + b"\0" + digests[key] + b"\n")
    return whole.hexdigest()
