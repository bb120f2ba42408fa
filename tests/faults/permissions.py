"""Permissions that bind root, too, for whom a folder is else never read-only."""

from __future__ import annotations

import ctypes

BIND = "import permissions; permissions.bind()"
"""What a command runs first, to be bound."""
_VERSION = 0x20080522
_OVERRIDES = 1 << 1 | 1 << 2 | 1 << 3
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER."""


def bind() -> None:
    """Gives up what lets this process pass over permissions, for good; nothing where it never could."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then those over the 31st
    for call in (libc.capget, libc.capset):
        if call(header, held):
            raise OSError(ctypes.get_errno(), "capabilities cannot be given up")
        for at in range(3):
            held[at] &= ~_OVERRIDES & 0xFFFFFFFF
