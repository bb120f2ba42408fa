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
    errno.EACCES: "make it writable, or choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.ENOTDIR: "a part of the path is a file: choose another folder",
    errno.EEXIST: "a part of the path is a file: choose another folder",
    errno.EISDIR: "a folder of that name is in the way: remove it, or choose another folder",
    errno.ENAMETOOLONG: "choose a shorter path",
}


def write_atomically(path: Path, data: bytes | str) -> None:
    """Writes a file so that nobody ever reads half of it, and makes its folder where there is none.

    The bytes go to a file of a unique name beside the target, reach the disk, and are moved in place: two
    writers never share a file, and a kill or a full disk leaves what was there before. A file that is marked
    as read-only is kept, though the system would let it be replaced.

    Args:
        path: the target.
        data: text is written as UTF-8; what is no text in a file name, by its number.

    Raises:
        OutputError: the target cannot be written; says why and what to do.
    """
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        _write_and_move(data, path)
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
    first = _aside(path)
    try:
        if path.exists():
            return False
        _write_and_move(data, first)
    except OSError as error:
        refuse_write(path, error)
    try:
        os.link(first, path)
    except FileExistsError:
        return False
    except OSError:  # a drive without hard links
        write_atomically(path, data)
    finally:
        first.unlink(missing_ok=True)
    return True


def refuse_unwritable(path: Path) -> None:
    """Refuses, before any work for it, a file or folder that can be seen not to be writable.

    Raises:
        OutputError: it is read-only, or lies in what is no folder or a read-only one.
    """
    if path.is_dir():
        touched = [path]
    else:
        folder = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
        if not folder.is_dir():
            refuse_write(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
        touched = [folder, path] if path.exists() else [folder]
    if not all(os.access(one, os.W_OK) for one in touched):
        refuse_write(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def refuse_write(path: Path, error: OSError) -> NoReturn:
    """Says why a file cannot be written, and what to do.

    Raises:
        OutputError: always.
    """
    advice = _ADVICE.get(error.errno or 0, "choose another folder")
    raise OutputError(f"{path} cannot be written: {error.strerror or error}; {advice}") from error


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")


def _write_and_move(data: bytes | str, path: Path) -> None:
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _aside(path)
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:  # Ctrl-C, too, leaves nothing behind
        aside.unlink(missing_ok=True)
        raise
