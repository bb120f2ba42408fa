"""A list of photographs' hashes: text, a line each, under a first line that says what they are.

::

    # bdstr hashes: phash 8 x 8, version 1; 1000 photographs; 9f86d081884c7d65
    e1d1c3c70e3c783c 0001

The last word of the first line is a digest of the lines below it, so that half a list is no list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bdstr.errors import RecipeError, SourceError
from sodeval.errors import did_you_mean

from .phash import ALGORITHM

Hashed = Mapping[str, int]
"""Key -> hash, in the order of the list."""

_FIRST = re.compile(rb"# bdstr hashes: (?P<algorithm>[^;]+); (?P<count>\d+) photographs; (?P<digest>\w+)")
_LINE = re.compile(rb"(?P<hash>[0-9a-f]{16}) (?P<key>.+)", re.DOTALL)


def to_text(hashes: Hashed) -> bytes:
    """The content of a list; equal hashes give equal bytes."""
    lines = b"".join(b"%016x %s\n" % (value, _written(key)) for key, value in hashes.items())
    return f"# bdstr hashes: {ALGORITHM}; {len(hashes)} photographs; {_digest(lines)}\n".encode() + lines


def _written(key: str) -> bytes:
    """A key as bytes of one line: file names may hold line ends, and bytes that are no text."""
    return key.replace("\\", "\\\\").replace("\n", "\\n").encode("utf-8", "surrogateescape")


def _key(written: bytes) -> str:
    text = written.decode("utf-8", "surrogateescape")
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def _digest(lines: bytes) -> str:
    return hashlib.blake2b(lines, digest_size=8).hexdigest()


def read_hashes(path: Path | Traversable) -> Hashed:
    """The hashes of a list.

    Raises:
        SourceError: it cannot be read, is no list of hashes or a damaged one, or is of another algorithm.
    """
    again = "make it again with `bdstr hashes`"
    try:
        first, _, lines = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; expected a list of hashes") from error
    head = _FIRST.fullmatch(first)
    if head is None:
        raise SourceError(f"{path} is no list of hashes by its first line: {again}")
    if head["algorithm"].decode() != ALGORITHM:
        raise SourceError(f"{path}: hashes of {head['algorithm'].decode()}; expected {ALGORITHM}: {again}")
    found = [_LINE.fullmatch(line) for line in lines.split(b"\n")[:-1]]
    if head["digest"].decode() != _digest(lines) or len(found) != int(head["count"]) or None in found:
        raise SourceError(f"{path} is damaged: its lines are not those that its first line tells of: {again}")
    return {_key(one["key"]): int(one["hash"], 16) for one in found if one}


def known_lists() -> list[str]:
    """The names of the lists that come with bdstr."""
    return sorted(entry.name.removesuffix(".txt") for entry in _folder().iterdir())


def find_list(name: str) -> Path | Traversable:
    """Where the list of that name is, or the file of that path.

    Args:
        name: of a benchmark whose list comes with bdstr, or a path that ends with ``.txt``.

    Raises:
        RecipeError: there is none; names the nearest.
    """
    if name.endswith(".txt"):
        return Path(name)
    if name not in known_lists():
        raise RecipeError(
            f"no list of hashes {name!r}{did_you_mean(name, known_lists())}; others are files .txt, which "
            "`bdstr hashes` writes"
        )
    return _folder().joinpath(f"{name}.txt")


def digest_of_list(name: str) -> str:
    """What a fingerprint holds of a list: its content, wherever it lies.

    Raises:
        RecipeError: see `find_list`.
        SourceError: see `read_hashes`.
    """
    return hashlib.blake2b(to_text(read_hashes(find_list(name))), digest_size=16).hexdigest()


def _folder() -> Traversable:
    return files(__package__).joinpath("hash_lists")


def read_parts(parts: Sequence[Path]) -> Hashed:
    """Several lists as one.

    Raises:
        SourceError: see `read_hashes`.
    """
    return {key: value for part in parts for key, value in read_hashes(part).items()}
