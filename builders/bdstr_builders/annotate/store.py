"""A file of answers, JSON lines, only ever appended to: an answer is on the disk before it is confirmed."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from bdstr.errors import RunError, SourceError
from sodeval.outputs.atomic import refuse_write

from .answers import Answer, parse_answer

_START = b'{"key"'


@dataclass(frozen=True, slots=True)
class Content:
    """What a file of answers holds.

    Args:
        answers: in the order in which they were given.
        torn: the bytes of a last answer that was not finished, as a kill leaves it; mostly none.
    """

    answers: tuple[Answer, ...] = ()
    torn: bytes = b""


def read_answers(path: Path) -> Content:
    """The answers of a file.

    Raises:
        SourceError: it cannot be read, or a line is no answer; names the line.
    """
    try:
        return parse_answers(path.read_bytes(), str(path))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; expected a file of answers") from error


def parse_answers(data: bytes, name: str) -> Content:
    """The answers in the bytes of a file.

    Raises:
        SourceError: a line is no answer; names file and line.
    """
    lines = data.split(b"\n")  # only here: a key may hold what else counts as the end of a line
    last = lines[-1]
    torn = last if _is_torn(last) else b""
    if torn:
        lines.pop()
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    return Content(tuple(parse_answer(line, f"{name}: line {number}") for number, line in numbered), torn)


def _is_torn(line: bytes) -> bool:
    """Whether a line without its end is the beginning of an answer; zeros are what a power cut leaves."""
    begun = line.rstrip(b"\0")
    if not line or begun[: len(_START)] != _START[: len(begun)]:
        return False
    try:
        json.loads(line)
    except ValueError:
        return True
    return False


class Store:
    """A file of answers that is open for more; one process at a time.

    Args:
        path: the file; made with its folder where there is none.

    Raises:
        SourceError: it holds something else than answers.
        RunError: another process has it open.
        OutputError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            refuse_write(path, error)
        try:
            self._begin()
        except BaseException:
            os.close(self._fd)
            raise

    def _begin(self) -> None:
        _lock_file(self._fd, self.path)
        data = self.path.read_bytes()
        self.content = parse_answers(data, str(self.path))
        whole = data[: len(data) - len(self.content.torn)]
        try:
            if self.content.torn:  # was never confirmed, and what comes next must not be glued to it
                os.ftruncate(self._fd, len(whole))
            if whole and not whole.endswith(b"\n"):
                self._write(b"\n")
            _sync_folder(self.path.parent)
        except OSError as error:
            refuse_write(self.path, error)

    def append(self, *answers: Answer) -> None:
        """Writes answers, and returns when the disk has them.

        Raises:
            OutputError: they could not be written; the file is then as it was before.
        """
        data = "".join(answer.to_line() + "\n" for answer in answers).encode("ascii")
        with self._lock:
            try:
                self._write(data)
            except OSError as error:
                refuse_write(self.path, error)

    def _write(self, data: bytes) -> None:
        before, written = os.fstat(self._fd).st_size, 0
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:])
            os.fsync(self._fd)
        except BaseException:  # a full disk: half an answer helps nobody
            with contextlib.suppress(OSError):
                if os.fstat(self._fd).st_size == before + written:  # else another has written after it
                    os.ftruncate(self._fd, before)
            raise

    def close(self) -> None:
        """Lets go of the file, after an answer that is being written."""
        with self._lock:
            os.close(self._fd)
            self._fd = -1  # the number may soon be another file's


def _lock_file(fd: int, path: Path) -> None:
    """Refuses a second writer, where the system can tell."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunError(
            f"{path} is open in another `bdstr annotate`; expected a file for each person: "
            "end the other, or choose another --out and join the two by `bdstr annotations merge`"
        ) from error
    except OSError:  # a network drive without locks
        return


def _sync_folder(folder: Path) -> None:
    """A new file is there after a power cut only if its folder says so."""
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
