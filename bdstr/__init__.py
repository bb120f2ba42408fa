"""What a user of the BDS-TR dataset and of the DEDecoder model imports."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sodeval._version import __version__

if TYPE_CHECKING:
    from .loading import load_dataset
    from .masks import edges, known

__all__ = ["__version__", "edges", "known", "load_dataset"]

_PLACES = {"edges": ".masks", "known": ".masks", "load_dataset": ".loading"}


def __getattr__(name: str) -> Any:
    """Imports what is asked for when it is: the command's help needs none of it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name], __name__), name)
