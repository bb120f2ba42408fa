"""Two people's files of answers as one: every answer is kept, and where they differ it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .answers import Answer, Ask, latest


@dataclass(frozen=True, slots=True)
class Conflict:
    """One photograph, two texts.

    Args:
        kept: the answer that holds in the merged file.
        other: the one that does not.
    """

    kept: Answer
    other: Answer


def merge(mine: Sequence[Answer], yours: Sequence[Answer]) -> tuple[list[Answer], list[Conflict]]:
    """All answers of both, and where two texts differ.

    Of each photograph the answer that holds comes last: a text rather than a skip, the later rather than the
    earlier. What the other file holds too, and went on from, is no match for what it went on to.

    Returns:
        The answers sorted by key, each once, whichever file came first; the conflicts, by key.
    """
    merged: list[Answer] = []
    conflicts = []
    both = _by_ask(mine), _by_ask(yours)
    for ask in sorted(both[0].keys() | both[1].keys()):
        loser, winner = sorted((side.get(ask, []) for side in both), key=_rank)
        if loser and winner:
            loser, winner = _knowing_last(loser, winner)
            if _differ(loser[-1], winner[-1]) and loser[-1] not in winner:
                conflicts.append(Conflict(winner[-1], loser[-1]))
        merged += _each_once([*loser, *winner])
    return merged, conflicts


def _by_ask(answers: Iterable[Answer]) -> dict[Ask, list[Answer]]:
    found: dict[Ask, list[Answer]] = {}
    for answer in answers:
        found.setdefault(answer.ask, []).append(answer)
    return found


def _rank(history: Sequence[Answer]) -> tuple[int, str, list[str]]:
    """What holds has the higher rank; the lines break ties, so that neither file need be the first."""
    if not history:
        return -1, "", []
    last = history[-1]
    lines = [answer.to_line() for answer in reversed(history)]
    return ("undone", "skipped", "done").index(last.status), last.time, lines


def _knowing_last(one: list[Answer], other: list[Answer]) -> tuple[list[Answer], list[Answer]]:
    """The two, the one last that holds the other's answer and another after it."""
    if other[-1] in one[:-1] and one[-1] not in other:
        return other, one
    return one, other


def _differ(one: Answer, other: Answer) -> bool:
    return one.status == other.status == "done" and one.text != other.text


def _each_once(answers: Sequence[Answer]) -> list[Answer]:
    """Without doubles; of two the later place counts, so that the last stays the last."""
    last = {answer.to_line(): place for place, answer in enumerate(answers)}
    return [answers[place] for place in sorted(last.values())]


def agreement(answers: Iterable[Answer]) -> tuple[int, int]:
    """Of the photographs that were answered twice, how many got the same text; and how many those are.

    Example:
        >>> agreement([Answer("a", "a dog"), Answer("a", "A dog", repeat=True), Answer("b", "a cat")])
        (1, 1)
    """
    texts = {ask: one.text.lower() for ask, one in latest(answers).items() if one.status == "done"}
    twice = [ask.key for ask in texts if ask.repeat and Ask(ask.key) in texts]
    return sum(texts[Ask(key)] == texts[Ask(key, True)] for key in twice), len(twice)
