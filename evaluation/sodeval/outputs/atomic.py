"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path
from typing import NoReturn

from ..errors import OutputError

_ADVICE = {
    errno.ENOSPC: "free some space and run again, or choose another folder",
    errno.EDQUOT: "free some of your quota and run again, or choose another folder",
    errno.EROFS: "choose a folder that can be written to",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.ENOTDIR: "a part of the path is a file: choose another folder",
    errno.EEXIST: "a part of the path is a file: choose another folder",
    errno.EISDIR: "a folder of that name is in the way: remove it, or choose another folder",
    errno.ENAMETOOLONG: "choose a shorter path",
}


def write_atomically(path: Path, data: bytes | str) -> None:
    """Writes a file so that nobody ever reads half of it, and makes its folder where there is none.

    The bytes go to a file of a unique name beside the target, reach the disk, and are moved in place: two
    writers never share a file, and a kill or a full disk leaves what was there before.

    Args:
        path: the target.
        data: text is written as UTF-8; what is no text in a file name, by its number.

    Raises:
        OutputError: the target cannot be written; says why and what to do.
    """
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_move(content, aside, path)
    except OSError as error:
        refuse_write(path, error)


def write_once(path: Path, data: bytes | str) -> bool:
    """Writes a file where there is none, whole from the moment it is there; of several writers one does.

    No lock is asked for: on some network drives they are granted to everybody.

    Returns:
        Whether it was written; not where another writer was first.

    Raises:
        OutputError: the target cannot be written; says why and what to do.
    """
    if path.exists():
        return False
    first = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    write_atomically(first, data)
    try:
        os.link(first, path)
    except FileExistsError:
        return False
    except OSError:  # a drive without hard links
        write_atomically(path, data)
    finally:
        first.unlink(missing_ok=True)
    return True


def refuse_write(path: Path, error: OSError) -> NoReturn:
    """Says why a file cannot be written, and what to do.

    Raises:
        OutputError: always.
    """
    advice = _ADVICE.get(error.errno or 0, "choose another folder")
    raise OutputError(f"{path} cannot be written: {error.strerror or error}; {advice}") from error


def _write_and_move(content: bytes, aside: Path, path: Path) -> None:
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:  # Ctrl-C, too, leaves nothing behind
        aside.unlink(missing_ok=True)
        raise
