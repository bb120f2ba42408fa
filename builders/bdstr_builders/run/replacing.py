"""Whether a run that was written down may give way to another: as long as it has made nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

MADE = ("shards", "rejects", "begun")
"""What lies in a run's folder from its first shard on; the last also where a shard is being made."""
PREPARED = ("hashes", "crashes")
"""What is found before, of photographs in the shards of the plan."""


def has_made_nothing(out: Path, folder: Path) -> bool:
    """Whether no shard of the run was made or begun; somebody's error may have ended it before.

    Args:
        out: of the dataset.
        folder: of the run.
    """
    return not any(
        any(path.iterdir()) for path in (out / "data", *map(folder.joinpath, MADE)) if path.is_dir()
    )


def forget_prepared(folder: Path) -> None:
    """Removes what was prepared for other photographs, or for others in a shard."""
    for name in PREPARED:
        shutil.rmtree(folder / name, ignore_errors=True)
