"""What torch, safetensors and shutil write: where they cannot, one error that says so."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sodeval.outputs.atomic import refuse_write

LEAST_BYTES = 1 << 16
"""A disk with less room is full: torch says only that a write failed."""
_NUMBER = re.compile(r"os error (\d+)")


@contextmanager
def saving(place: Path) -> Iterator[None]:
    """What cannot be saved in a block is an error that names the place, the reason and what to do.

    Raises:
        OutputError: a file cannot be written.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        refuse_write(place, _reason(error, place))


def _reason(error: Exception, place: Path) -> OSError:
    if isinstance(error, OSError) and error.errno:
        return error
    if number := _NUMBER.search(str(error)):  # of safetensors
        return OSError(int(number[1]), os.strerror(int(number[1])))
    there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    if shutil.disk_usage(there).free < LEAST_BYTES:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return OSError(0, " ".join(str(error).split()) or type(error).__name__)
