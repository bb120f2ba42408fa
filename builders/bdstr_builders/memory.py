"""How running out of memory looks, whoever runs out of it: known without importing any of them."""

from __future__ import annotations

_MARKS = ("out of memory", "allocate memory", "not enough memory", "insufficient memory", "alloc_failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether less at a time could have gone well: of Python, numpy, OpenCV, or torch on any device.

    Only CUDA has a class of its own for it; MPS and the processor say it in words.

    Example:
        >>> is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 17.9 GB)"))
        True
        >>> is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
        False
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    said = str(error).lower()
    return any(mark in said for mark in _MARKS)


def is_device_lost(error: BaseException) -> bool:
    """Whether every later call of this process would fail, too: CUDA's context does not survive its errors.

    Example:
        >>> is_device_lost(RuntimeError("CUDA error: an illegal memory access was encountered"))
        True
        >>> is_device_lost(RuntimeError("CUDA error: out of memory"))
        False
    """
    of_device = type(error).__name__ == "AcceleratorError" or str(error).startswith("CUDA error")
    return of_device and not is_out_of_memory(error)


def first_line(error: BaseException) -> str:
    """What went wrong, without the pages that torch puts below."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]
