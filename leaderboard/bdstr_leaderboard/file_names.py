"""What the files of a method are called."""

from __future__ import annotations

import hashlib
import re

from bdstr.scored import slug

LONGEST = 80
"""Letters that are kept of a name: a file system takes some 250, and a benchmark and an ending follow."""

_TOLD = re.compile(r"[A-Za-z0-9 ()'_./,-]*")
"""Signs that a file name keeps, or whose loss hardly makes two names one."""


def file_name(title: str) -> str:
    """A title in small letters, digits and hyphens; with a digest of it where that is not all that it says.

    Example:
        >>> file_name("MINet (re-implemented by SALOD)"), file_name("PoolNet+"), file_name("\u65e5\u672c")
        ('minet-re-implemented-by-salod', 'poolnet-abe72712', 'method-cf2abf0c')
    """
    plain = slug(title)
    if plain and len(plain) <= LONGEST and _TOLD.fullmatch(title):
        return plain
    digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[:LONGEST].strip('-') or 'method'}-{digest}"
