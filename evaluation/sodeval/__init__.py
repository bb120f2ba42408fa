"""Exact, fast evaluation of saved saliency maps.

`evaluate` scores folders or arrays, `Evaluator` scores while a network trains; both give a `Report`. On the
command line it is ``sodeval``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .errors import SodevalError
    from .evaluator import Evaluator
    from .library import evaluate
    from .outputs.report_files import read_report, write_report
    from .protocol import PRESETS, Protocol, get_protocol
    from .report import PerImage, Report, Result

__all__ = [
    "PRESETS",
    "Evaluator",
    "PerImage",
    "Protocol",
    "Report",
    "Result",
    "SodevalError",
    "__version__",
    "evaluate",
    "get_protocol",
    "read_report",
    "write_report",
]

_WHERE = {
    "SodevalError": "errors",
    "Evaluator": "evaluator",
    "evaluate": "library",
    "PRESETS": "protocol",
    "Protocol": "protocol",
    "get_protocol": "protocol",
    "PerImage": "report",
    "Report": "report",
    "Result": "report",
    "read_report": "outputs.report_files",
    "write_report": "outputs.report_files",
}


def __getattr__(name: str) -> object:
    """Imports a name where it is used, so that the command starts at once."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
