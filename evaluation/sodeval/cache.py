"""Facts that were measured before, by content: so that a second run computes only what is new.

A row's key is a digest of the bytes of mask and map, of the protocol, the limit on pixels and the code that
computes; names and folders do not matter. Workers only read; the one that started them writes.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType

import numpy as np

from . import kernels
from .errors import OutputError
from .facts import Facts
from .problem import Problem
from .protocol import Protocol

FILE_NAME = "cache.sqlite"
APPLICATION_ID = 0x534F4445
"""Says in an SQLite file that it is ours."""
SMALL_BYTES = 1 << 16
"""A disk with less room is full."""

_log = logging.getLogger(__name__)
_DECODERS = ("kornia-rs", "opencv-python-headless", "pillow")


@lru_cache(maxsize=1)
def engine() -> bytes:
    """A digest of all that turns files into facts: our code, the kernels in use, the decoders' versions.

    Our version number would not do: two states of a clone have one number.
    """
    digest = hashlib.blake2b(kernels.backend.encode(), digest_size=16)
    here = Path(__file__).parent
    for file in sorted([*here.glob("*.py"), *here.glob("inputs/*.py"), *here.glob("_kernels.*")]):
        digest.update(file.read_bytes())
    for package in _DECODERS:
        digest.update(f"{package} {_version(package)}".encode())
    return digest.digest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # e.g. another build of OpenCV
        return "unknown"


class Cache:
    """A file of facts, open for reading; or none, in which nothing is ever found."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path | None) -> Cache:
        """The cache of that file; an unreadable one counts as empty, since it can be computed anew."""
        if path is None:
            return cls(None)
        try:
            return cls(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=60))
        except sqlite3.Error:  # while the writer replaces it: what is measured now is to be kept all the same
            return cls(sqlite3.connect(":memory:"))

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection:
            self._connection.close()

    def key_of(self, mask: bytes, saliency: bytes, protocol: Protocol, max_pixels: int) -> bytes:
        """The key of a pair, from the bytes of its files and what they are scored by."""
        if not self.is_open:
            return b""
        parts = (
            engine(),
            protocol.fingerprint.encode(),
            str(max_pixels).encode(),
            content_digest(mask),
            content_digest(saliency),
        )
        return content_digest(b"\0".join(parts))

    def look_up(self, key: bytes, path: Path) -> tuple[Facts, tuple[Problem, ...]] | None:
        """The facts of a pair and the notes on its map, which are said of `path`."""
        if not self._connection:
            return None
        try:
            found = self._connection.execute("SELECT facts FROM facts WHERE key = ?", (key,)).fetchone()
        except sqlite3.DatabaseError:  # a damaged page, or no table yet
            return None
        return self.unpack(found[0], path) if found else None

    @staticmethod
    def pack(facts: Facts, notes: Iterable[Problem]) -> bytes:
        """One row: counts, whole numbers, then floats, then notes."""
        remarks = json.dumps([(note.kind, note.detail) for note in notes]).encode()
        counts = facts.counts.astype("<u4").tobytes()
        numbers = np.concatenate([facts.mae, facts.s, facts.wf]).astype("<f8").tobytes()
        head = len(counts).to_bytes(4, "little")
        return zlib.compress(head + counts + facts.adaptive.astype("<i8").tobytes() + numbers + remarks, 1)

    @staticmethod
    def unpack(row: bytes, path: Path) -> tuple[Facts, tuple[Problem, ...]] | None:
        """What `pack` packed; None where the row is damaged."""
        try:
            data = zlib.decompress(row)
            size = 4 + int.from_bytes(data[:4], "little")
            counts = np.frombuffer(data[4:size], "<u4").reshape(1, 2, -1).astype(np.uint32)
            adaptive = np.frombuffer(data[size : size + 16], "<i8").reshape(1, 2).astype(np.int64)
            mae, s, wf = np.frombuffer(data[size + 16 : size + 40], "<f8").reshape(3, 1).astype(np.float64)
            remarks = json.loads(data[size + 40 :])
        except (zlib.error, ValueError):
            return None
        notes = tuple(Problem(str(path), kind, detail, "note") for kind, detail in remarks)
        return Facts(counts, adaptive, mae, s, wf), notes


def content_digest(data: bytes) -> bytes:
    """16 bytes that name a content."""
    return hashlib.blake2b(data, digest_size=16).digest()


class CacheWriter:
    """Adds rows to a cache, each batch in a transaction of its own: a killed run keeps all before it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = _create(path)

    def write(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Adds the rows of a chunk.

        Raises:
            OutputError: the disk is full, or the file cannot be written.
        """
        batch = list(rows)
        try:
            self._insert(batch)
        except sqlite3.Error as error:
            if not _is_damage(error):
                raise _cannot_write(self.path, error) from error
            self.close()
            self._connection = _create_anew(self.path)
            self.write(batch)

    def _insert(self, rows: list[tuple[bytes, bytes]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows)

    def close(self) -> None:
        self._connection.close()


def _create(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _connect(path)
    except sqlite3.Error as error:
        if not _is_damage(error):
            raise _cannot_write(path, error) from error
        return _create_anew(path)
    except OSError as error:
        raise _cannot_write(path, error.strerror) from error


def _create_anew(path: Path) -> sqlite3.Connection:
    """In the place of a damaged file, which is kept beside it: it may be somebody's, and no cache."""
    kept = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(kept)
        for ending in ("-wal", "-shm", "-journal"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        _log.warning("%s cannot be read as a cache: moved to %s, and all is computed anew", path, kept.name)
        return _connect(path)
    except (sqlite3.Error, OSError) as error:
        raise _cannot_write(path, error) from error


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is at fault; one that is locked, or on a full disk, is not."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)  # the rest of it says where


def _cannot_write(path: Path, reason: object) -> OutputError:
    space = "free some space, or " if _is_for_space(reason, path) else ""
    return OutputError(f"{path}: cannot be written: {reason}; {space}choose another --out")


def _is_for_space(reason: object, path: Path) -> bool:
    """Whether the disk is full; of its smaller files SQLite says then only that they failed."""
    code = getattr(reason, "sqlite_errorcode", sqlite3.SQLITE_OK)
    failed = code & 0xFF == sqlite3.SQLITE_IOERR
    return code == sqlite3.SQLITE_FULL or (failed and shutil.disk_usage(path.parent).free < SMALL_BYTES)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    try:
        _refuse_foreign(connection, path)
        with suppress(sqlite3.OperationalError):  # some network file systems cannot; slower, the same
            connection.execute("PRAGMA journal_mode = WAL")  # readers do not wait for the writer
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS facts (key BLOB PRIMARY KEY, facts BLOB) WITHOUT ROWID"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    (ours,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and ours != APPLICATION_ID:
        raise OutputError(
            f"{path} is a database, but no cache of this sodeval; expected none or its own: "
            "move it away, or choose another --out"
        )
