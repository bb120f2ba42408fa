"""Photographs that were replaced after their shard was made: told by their times, no content is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..counted import counted
from ..source import ImageFile, Item
from .plan import Plan
from .retrying import rejects_of

Newer = tuple[str, str | None]
"""A key, and the reason for which it was rejected; none where it has a row."""


def find_newer(plan: Plan, shards: Iterable[int], items: Sequence[Item]) -> Iterator[Newer]:
    """The photographs of finished shards that were modified later than the shard was marked as made.

    Those in files, and their masks: one call of the system each. What was moved in with its old time is not
    found; nor is what was replaced while its shard was being made.

    Args:
        plan: of the run.
        shards: those that are looked at.
        items: all of the run.
    """
    for shard in shards:
        made_ns = _modified_ns(plan.marker_file(shard))
        if not made_ns:
            continue
        newer = [item.key for item in plan.items_of(shard, items) if _last_modified_ns(item) > made_ns]
        reasons = rejects_of(plan, shard) if newer else {}
        yield from ((key, reasons.get(key)) for key in newer)


def _last_modified_ns(item: Item) -> int:
    return max(_modified_ns(item.image), _modified_ns(item.mask))


def _modified_ns(file: ImageFile | None) -> int:
    """Since 1970; 0 of what is in no file of its own, or that cannot be looked at."""
    try:
        return file.stat().st_mtime_ns if isinstance(file, Path) else 0
    except OSError:
        return 0


def newer_in_words(newer: Iterable[Newer]) -> str:
    """How many there are, one of them, and what to do; nothing where there are none.

    Example:
        >>> newer_in_words([("a", None)])
        '1 photograph was modified after it was done, e.g. a; rows stay as they are: choose another --out'
    """
    example, counts = "", Counter[str | None]()
    for key, reason in newer:
        example = example or key
        counts[reason] += 1
    if not counts:
        return ""
    reasons = " or ".join(sorted(reason for reason in counts if reason))
    one = counts.total() == 1
    advice = [
        *([f"--retry-rejects {reasons} tries again what was rejected"] if reasons else []),
        *(["rows stay as they are: choose another --out"] if counts[None] else []),
    ]
    was = "was modified after it was" if one else "were modified after they were"
    return "; ".join([f"{counted(counts.total(), 'photograph')} {was} done, e.g. {example}", *advice])
