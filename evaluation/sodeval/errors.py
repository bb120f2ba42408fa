"""Every error that sodeval raises on purpose.

::

    SodevalError                 a `ToldError`, exit code 3: the input was refused
    ├── InputError               a file or folder is not what it should be
    │   ├── ImageError           one image cannot be used as a map or a mask
    │   └── PairingError         maps and masks do not go together
    ├── ReportError              a report or cache cannot be read
    ├── OutputError              the results cannot be written
    ├── WorkerError              no worker process can be started
    └── UsageError               exit code 2: the call itself makes no sense
        ├── ProtocolError        an unknown or contradictory convention
        └── MissingExtraError    an optional dependency is not installed

Messages have one shape: what was found, what was expected, what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

EXIT_OK = 0
EXIT_USAGE = 2
EXIT_REFUSED = 3


class ToldError(Exception):
    """An error whose message is all that a user needs: a command prints it and ends with its exit code."""

    exit_code: int = EXIT_REFUSED


class SodevalError(ToldError):
    """Base class: catch it to catch everything that sodeval raises on purpose."""


class InputError(SodevalError):
    """A file or folder handed in is not what it should be."""


class ImageError(InputError):
    """One image cannot be used.

    Args:
        path: the file, or a name for an array.
        kind: a short, stable word for scripts, e.g. ``truncated``.
        detail: what was found, what was expected, what to do.
    """

    def __init__(self, path: str | Path, kind: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path, self.kind, self.detail = str(path), kind, detail

    def __reduce__(self) -> tuple[type[ImageError], tuple[str, str, str]]:
        return ImageError, (self.path, self.kind, self.detail)  # crosses process borders


class PairingError(InputError):
    """Maps and masks do not go together."""


class ReportError(SodevalError):
    """A report or a cache cannot be read."""


class OutputError(SodevalError):
    """The results cannot be written."""


class WorkerError(SodevalError):
    """No worker process can be started."""


class UsageError(SodevalError):
    """The call itself makes no sense."""

    exit_code = EXIT_USAGE


class ProtocolError(UsageError):
    """An unknown or contradictory convention."""


class MissingExtraError(UsageError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; it comes with the extra {extra!r}: "
            f"in a clone of bdstr, pip install '.[{extra}]'"
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name.

    Example:
        >>> did_you_mean("maxf", ["maxF", "MAE"])
        "; did you mean 'maxF'?"
        >>> did_you_mean("?", ["maxF", "MAE"])
        '; known are maxF, MAE'
    """
    spelled = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), spelled, n=1)
    return f"; did you mean {spelled[close[0]]!r}?" if close else f"; known are {', '.join(spelled.values())}"
