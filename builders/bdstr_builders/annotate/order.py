"""Which photographs are asked about, and in which order: a function of the seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

from bdstr.errors import UsageError

from .answers import Ask, one_line

Order = Literal["random", "name", "doubt"]
GAP = 50
"""A photograph comes back so many later: long enough to have forgotten what one wrote."""


def choose(keys: Iterable[str], fraction: float, seed: int) -> list[str]:
    """A share of the keys, shuffled.

    Whether a key is chosen hardly depends on the others: the choice grows with the fraction, and a few more
    photographs change it little. Half of it is a random sample, too, if somebody stops there.

    Args:
        keys: all, in any order.
        fraction: in (0, 1]; at least one key is chosen.
        seed: another one, another choice.

    Raises:
        UsageError: no such share.

    Example:
        >>> choose(["a", "b", "c", "d"], 0.5, seed=7)
        ['b', 'a']
    """
    if not 0 < fraction <= 1:  # NaN is no share either
        raise UsageError(f"a share of {fraction}; expected more than 0, at most 1")
    shuffled = sorted(keys, key=lambda key: (_number(key, seed), key))
    return shuffled[: max(1, round(fraction * len(shuffled)))]


def _number(key: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {key}".encode("utf-8", "surrogatepass")).digest()


def arrange(chosen: Sequence[str], order: Order, proposals: Sequence[Mapping[str, Any]]) -> list[str]:
    """The chosen keys in the order asked for.

    Args:
        chosen: as `choose` gives them.
        order: ``random`` leaves them; ``doubt`` puts first what the proposals are least sure of.
        proposals: for each model key -> what it says, with ``text`` and perhaps ``score``.
    """
    if order == "random":
        return list(chosen)
    if order == "name":
        return sorted(chosen)
    return sorted(
        chosen, key=lambda key: doubt([model[key] for model in proposals if key in model]), reverse=True
    )


def doubt(proposals: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """How little the models know: how far their texts differ, then how low the lowest score is.

    No proposal at all is the greatest doubt.

    Example:
        >>> doubt([{"text": "a dog", "score": 0.75}, {"text": "a cat", "score": 0.5}])
        (0.6666666666666667, 0.5)
    """
    if not proposals:
        return 1.0, 1.0
    words = [set(one_line(str(one.get("text", ""))).lower().split()) for one in proposals]
    differ = max((_distance(one, other) for one, other in combinations(words, 2)), default=0.0)
    scores = [one["score"] for one in proposals if isinstance(one.get("score"), int | float)]
    return differ, 1.0 - min(scores, default=1.0)


def _distance(one: set[str], other: set[str]) -> float:
    """Of all their words, the share that only one has (Jaccard)."""
    return 1 - len(one & other) / len(one | other) if one | other else 0.0


def with_repeats(keys: Sequence[str], share: float, seed: int) -> list[Ask]:
    """What to ask, in order, a share of it twice.

    Args:
        keys: in order.
        share: in [0, 1]; of the keys, chosen by the seed, come back about `GAP` later.
        seed: another one, another choice.

    Example:
        >>> with_repeats(["a", "b"], 1.0, seed=1)[2]
        Ask(key='a', repeat=True)
    """
    again = set(choose(keys, share, ~seed)) if keys and share else set()
    first = [(float(place), Ask(key)) for place, key in enumerate(keys)]
    second = [(place + GAP + 0.5, Ask(ask.key, True)) for place, ask in first if ask.key in again]
    return [ask for _, ask in sorted(first + second, key=lambda placed: placed[0])]
