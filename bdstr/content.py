"""What a dataset holds, as a digest: it tells one from another of the same name and the same sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def digest_of(data: bytes) -> str:
    """The digest of a file's bytes: BLAKE2b of 128 bits.

    Example:
        >>> digest_of(b"")
        'cae66941d9efbd404e4d88758ea67670'
    """
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def content_of(files: Mapping[str, str]) -> str:
    """The digest of a dataset's Parquet files, of their names and bytes, in whatever order they are given.

    It is what ``b2sum -l 128 *.parquet | b2sum -l 128`` says in the dataset's ``data/``.

    Args:
        files: name -> digest of its bytes; see `digest_of`.
    """
    return digest_of("".join(f"{digest}  {name}\n" for name, digest in sorted(files.items())).encode())
