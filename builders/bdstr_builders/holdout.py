"""What is held out of training: by the key alone, so that no shard, machine or order changes it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bdstr.errors import UsageError

from .source import Item, Source, Validation

NUMBERS = 2**64


def is_held_out(key: str, share: float, seed: int) -> bool:
    """Whether a photograph is held out.

    Each key draws its own number: with more photographs, or with some that are rejected, those that were
    held out before still are; and a larger share holds out the same and more.

    Args:
        key: of the photograph.
        share: of all keys, about.
        seed: another one, another choice.

    Example:
        >>> [key for key in "abcdefgh" if is_held_out(key, 0.25, seed=0)]
        ['a', 'b']
    """
    text = f"validation {seed} {key}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return number < share * NUMBERS


def hold_out(source: Source, share: float, seed: int = 0) -> Source:
    """The photographs with those at the end that are held out.

    Raises:
        UsageError: no such share, or none is left on one side.
    """
    if not 0 < share < 1:  # NaN is no share either
        raise UsageError(f"--validation {share}; expected a share of more than 0 and less than 1")
    train: list[Item] = []
    held: list[Item] = []
    for item in source.items:
        (held if is_held_out(item.key, share, seed) else train).append(item)
    if not held or not train:
        raise UsageError(
            f"--validation {share} holds out {len(held):,} of {len(source.items):,} photographs; expected "
            "some and not all: another share or --validation-seed, or leave it out"
        )
    return replace(
        source,
        items=(*train, *held),
        validation=Validation(share, seed, len(held)),
        notes=(*source.notes, f"validation: {len(held):,} of {len(source.items):,} photographs held out"),
        options=f"{source.options} --validation {share}" + (f" --validation-seed {seed}" if seed else ""),
    )
