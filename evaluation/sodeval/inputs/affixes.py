"""Why names do not match: what to offer, never what to do."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Set

_SAMPLE = 20
"""Names looked at closely; a prefix or suffix that is worth offering is on all of them."""
_CANDIDATES = 16


def suggest(keys: Set[str], stems: Set[str]) -> str:
    """How more maps would match, in words; empty where nothing simple helps.

    Args:
        keys: stems of the masks.
        stems: stems of the maps.

    Example:
        >>> suggest({"0001", "0002"}, {"0001_HS", "0002_HS"})
        'with --suffix _HS 2 would'
    """
    exact = len(keys & stems)
    prefix, suffix, count = _best_affixes(keys, stems)
    if count > exact:
        options = [f"--{k} {shlex.quote(v)}" for k, v in (("prefix", prefix), ("suffix", suffix)) if v]
        return f"with {' '.join(options)} {count:,} would"
    folded = {stem.casefold() for stem in stems}
    count = sum(key.casefold() in folded for key in keys)
    return f"but for upper and lower case {count:,} would: rename them" if count > exact else ""


def _best_affixes(keys: Set[str], stems: Set[str]) -> tuple[str, str, int]:
    """The prefix and suffix that most maps carry around the name of a mask, and how many do."""
    around: Counter[tuple[str, str]] = Counter()
    for stem in sorted(stems)[:: max(1, len(stems) // _SAMPLE)]:
        around.update(_around_keys(stem, keys))
    counts = {
        (prefix, suffix): sum(f"{prefix}{key}{suffix}" in stems for key in keys)
        for (prefix, suffix), _ in around.most_common(_CANDIDATES)
    }
    if not counts:
        return "", "", 0
    prefix, suffix = max(counts, key=lambda affix: (counts[affix], -len("".join(affix))))
    return prefix, suffix, counts[prefix, suffix]


def _around_keys(stem: str, keys: Set[str]) -> list[tuple[str, str]]:
    ends = range(len(stem) + 1)
    return [(stem[:a], stem[b:]) for a in ends for b in ends[a + 1 :] if stem[a:b] in keys]
