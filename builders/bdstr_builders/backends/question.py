"""The text that Grounding DINO reads, and which of its tokens belong to which phrase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64

NO_PHRASE = -1


@dataclass(frozen=True, slots=True)
class Question:
    """Phrases as tokens.

    Args:
        phrases: as the caller wrote them.
        tokens: [CLS], the tokens of each phrase followed by ".", [SEP].
        owners: for each token, the number of its phrase; `NO_PHRASE` for the marks around them.
    """

    phrases: tuple[str, ...]
    tokens: tuple[int, ...]
    owners: tuple[int, ...]


def ask(phrases: Sequence[str], tokenizer: Any) -> Question:
    """The question for some phrases.

    Each is turned into tokens by itself, so that a word in pieces ("##illa") or a phrase beside it can never
    move the border between two.

    Args:
        phrases: lower case, without "." and "?", which separate.
        tokenizer: of the model.
    """
    dot = tokenizer.convert_tokens_to_ids(".")
    tokens, owners = [tokenizer.cls_token_id], [NO_PHRASE]
    for number, phrase in enumerate(phrases):
        words = tokenizer(phrase, add_special_tokens=False).input_ids
        if words:  # a phrase of control characters alone has no tokens
            tokens += [*words, dot]
            owners += [number] * len(words) + [NO_PHRASE]
    return Question(tuple(phrases), (*tokens, tokenizer.sep_token_id), (*owners, NO_PHRASE))


def padded(
    texts: Sequence[Sequence[int]], pad: int
) -> tuple[Int64[torch.Tensor, "b longest"], Int64[torch.Tensor, "b longest"]]:
    """Tokens filled up to the longest text, and 1 where they are not filling.

    Example:
        >>> [one.tolist() for one in padded([(101, 5, 102), (101, 102)], 0)]
        [[[101, 5, 102], [101, 102, 0]], [[1, 1, 1], [1, 1, 0]]]
    """
    longest = max(map(len, texts))
    ids = [[*text, *[pad] * (longest - len(text))] for text in texts]
    mask = [[1] * len(text) + [0] * (longest - len(text)) for text in texts]
    return torch.tensor(ids), torch.tensor(mask)


def phrase_of(question: Question, likely: Float[np.ndarray, " tokens"], text_threshold: float) -> str | None:
    """The caller's phrase that a box answers; None where no token belongs to any.

    It is the one whose tokens over the text threshold add up to the most; where none is over it, that of
    the best token. Reading the words off the tokens instead, as the reference does, merges phrases ("car
    taxi") and breaks words ("##van").

    Args:
        question: what was asked.
        likely: for each of its tokens, how likely the box shows it, 0..1.
        text_threshold: of the paper of Grounding DINO, 0.25.

    Example:
        >>> two = Question(("black dog", "cat"), (101, 1, 2, 1012, 3, 1012, 102), (-1, 0, 0, -1, 1, -1, -1))
        >>> phrase_of(two, np.array([0, 0.3, 0.4, 0, 0.6, 0, 0]), 0.25)  # 0.3 + 0.4 against 0.6
        'black dog'
    """
    owners = np.array(question.owners)
    owned = owners != NO_PHRASE
    if not owned.any():
        return None
    claims = np.bincount(owners[owned], np.where(likely > text_threshold, likely, 0)[owned])
    if claims.max() > 0:
        return question.phrases[int(claims.argmax())]
    return question.phrases[int(owners[np.where(owned, likely, -1).argmax()])]
