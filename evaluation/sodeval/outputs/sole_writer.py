"""One run at a time in a folder of ``--out``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError
from .atomic import refuse_write


@contextmanager
def sole_writer(folder: Path, command: str = "sodeval") -> Iterator[None]:
    """Keeps other runs out of a folder, which is made where there is none.

    The folder itself is locked, so that no file is left behind, and the system unlocks it however the process
    ends. Windows and some network drives cannot do so: nobody is kept out there.

    Raises:
        OutputError: another run writes there, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        refuse_write(folder, error)
    held = _lock(folder, command)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def _lock(folder: Path, command: str) -> int | None:
    """What keeps it locked until it is closed; None where the system cannot."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)  # not for workers, which may outlive a kill
    except OSError:  # it may be written to, but not read
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise OutputError(
            f"{folder}: another run of {command} is writing there; expected one at a time: wait for it to "
            "end, or choose another --out"
        ) from error
    except OSError:  # a network drive without locks
        os.close(held)
        return None
    return held
