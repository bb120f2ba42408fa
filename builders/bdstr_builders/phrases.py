"""What a detector is asked for: short lower-case noun phrases, joined by " . " and ended by "."."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPENING = re.compile(
    r"^(?:(?:an?|the) )?(?:close ?-?up (?:shot |view )?|picture |photo(?:graph)? |image |view )of "
)
_PIECES = re.compile(r"[.,;:?!()\"]| and | & ")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARTICLES = _words("a an the some his her its their this that these those there")
_PLACES = _words(
    """in on at with near by under over behind beside above below against through into onto from to next
    between among around across along inside outside during for while where as"""
)
_VERBS = _words(
    """is are was were be been being has have had which who sits stands lies looks walks flies runs"""
)
_NOUNS_IN_ING = _words(
    """building ceiling clothing darling drawing duckling earring evening king lightning morning painting
    pudding railing ring seedling sibling spring starling string swing thing wedding wing"""
)


def noun_phrases(caption: str) -> tuple[str, ...]:
    """The things that a short caption names, without articles, what they do and where they are.

    A rule of thumb (ours): commas, "and" and verbs separate; what follows a preposition, up to the next comma
    or "and", is the scene and not what stands out; "of" stays. Captions as people write them for fine-tuning
    are such phrases already.

    Returns:
        Each once, in order; the whole caption where nothing is left of it.

    Example:
        >>> noun_phrases("A black dog and two cats sitting on a sofa")
        ('black dog', 'two cats')
        >>> noun_phrases("a close up of a man riding a horse on the beach")
        ('man', 'horse')
        >>> noun_phrases("a bowl of fruit")
        ('bowl of fruit',)
    """
    text = _OPENING.sub("", " ".join(caption.lower().split()))
    found = [phrase for piece in _PIECES.split(text) for phrase in _of_piece(piece.split())]
    whole = _PIECES.sub(" ", text).split()
    return tuple(dict.fromkeys(found)) or ((" ".join(whole),) if whole else ())


def _of_piece(words: Sequence[str]) -> list[str]:
    phrases: list[list[str]] = [[]]
    for word in words:
        if word in _PLACES:
            break
        if word in _VERBS or (word.endswith("ing") and word not in _NOUNS_IN_ING):
            phrases.append([])
        elif word not in _ARTICLES:
            phrases[-1].append(word)
    return [" ".join(phrase) for phrase in phrases if phrase]


def joined(phrases: Sequence[str]) -> str:
    """As the detector reads them.

    Example:
        >>> joined(["black dog", "two cats"])
        'black dog . two cats .'
    """
    return " . ".join(phrases) + " ." if phrases else ""


def split(text: str) -> tuple[str, ...]:
    """The phrases of a text, each once: lower case; only "." and "?" separate, as in Grounding DINO.

    Example:
        >>> split("Black dog . two cats, a van.")
        ('black dog', 'two cats, a van')
    """
    pieces = (" ".join(piece.split()) for piece in re.split(r"[.?]", text.lower()))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))
