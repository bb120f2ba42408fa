"""Which inner loops sodeval has: compiled ones, or those in numpy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Kernels:
    """The inner loops.

    Args:
        backend: ``c`` or ``numpy``.
        note: why, and what to do about it; empty where all is well.
    """

    backend: str
    note: str = ""


def kernels() -> Kernels:
    """What `sodeval.kernels` takes, found without numpy, which may be what is broken."""
    if os.environ.get("SODEVAL_KERNELS") == "numpy":
        return Kernels("numpy", "SODEVAL_KERNELS=numpy asks for it")
    try:
        import_module("sodeval._kernels")
    except ImportError as error:
        gone = isinstance(error, ModuleNotFoundError)
        why = "none were compiled" if gone else f"they cannot be loaded: {error}"
        return Kernels("numpy", f"{why}; with a C compiler and Python's headers, install bdstr again")
    return Kernels("c")
