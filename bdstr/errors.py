"""Every error that bdstr, its builders and its leaderboard raise on purpose.

::

    BdstrError                   a `ToldError`, exit code 3: what was handed in was refused
    ├── RowError                 a row is not what the schema says
    ├── SourceError              a folder of photographs or masks cannot be used
    ├── DatasetError             a dataset is not there, or damaged
    ├── RunError                 an output folder belongs to another run
    ├── ModelError               a model or its weights cannot be used
    ├── TrainingError            a network cannot be trained any further
    ├── BoardError               a figure, an entry or a report is none of the leaderboard's
    ├── HubError                 the Hub refused, or cannot be reached
    ├── InstallationError        bdstr, or what it stands on, is not installed as it should be
    └── UsageError               exit code 2: the call itself makes no sense
        └── RecipeError          an unknown or contradictory recipe

Messages have one shape: what was found, what was expected, what to do.
"""

from __future__ import annotations

from sodeval.errors import EXIT_USAGE, ToldError


class BdstrError(ToldError):
    """Base class: catch it to catch everything that bdstr raises on purpose."""


class RowError(BdstrError):
    """A row is not what the schema says."""


class SourceError(BdstrError):
    """A folder of photographs or masks cannot be used."""


class DatasetError(BdstrError):
    """A dataset is not there, or damaged."""


class RunError(BdstrError):
    """An output folder belongs to another run."""


class ModelError(BdstrError):
    """A model or its weights cannot be used."""


class TrainingError(BdstrError):
    """A network cannot be trained any further."""


class BoardError(BdstrError):
    """A figure, an entry or a report cannot be on the leaderboard."""


class HubError(BdstrError):
    """The Hub refused, or cannot be reached."""


class InstallationError(BdstrError):
    """What bdstr stands on is not installed as it should be."""


class UsageError(BdstrError):
    """The call itself makes no sense."""

    exit_code = EXIT_USAGE


class RecipeError(UsageError):
    """An unknown or contradictory recipe."""


def without_path(error: Exception) -> str:
    """What the system says of a file, for a message that names the file already.

    Example:
        >>> without_path(FileNotFoundError(2, "No such file or directory", "a.jsonl"))
        'No such file or directory'
    """
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error)
