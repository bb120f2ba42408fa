"""One answer of a person, and what a file of answers says of each photograph."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from bdstr.errors import SourceError

Status = Literal["done", "skipped", "undone"]
FIELDS = ("key", "text", "status", "prefill", "model", "edited", "seconds", "who", "time", "repeat")
"""What a line says, in this order."""


class Ask(NamedTuple):
    """What is asked: a photograph, for the first time or again to see whether the answers agree."""

    key: str
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a file of answers.

    Args:
        key: which photograph, as in `Item.key`.
        text: what it shows; of an answer taken back, what it was.
        status: ``done``, ``skipped``, or ``undone`` where the answer before it was taken back.
        prefill: what stood in the field; none where nothing did.
        model: who proposed the prefill.
        seconds: from the photograph in view to the answer.
        who: the person.
        time: when, UTC in ISO 8601.
        repeat: asked a second time; never the text of a photograph, only a measure of agreement.
        other: what else the line says, e.g. boxes; kept as it is.
    """

    key: str
    text: str = ""
    status: Status = "done"
    prefill: str | None = None
    model: str | None = None
    seconds: float | None = None
    who: str = ""
    time: str = ""
    repeat: bool = False
    other: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def ask(self) -> Ask:
        return Ask(self.key, self.repeat)

    @property
    def edited(self) -> bool:
        """Whether the text is not just the prefill."""
        return self.status == "done" and self.text != (self.prefill or "")

    def to_json(self) -> dict[str, Any]:
        known = {name: getattr(self, name) for name in FIELDS if name != "edited"}
        return known | {"edited": self.edited} | dict(self.other)

    def to_line(self) -> str:
        r"""As JSON on one line, in ASCII: no name and no script can break a line in two.

        Example:
            >>> Answer("a", "K\u00fche").to_line()[:29]
            '{"key": "a", "text": "K\\u00fc'
        """
        return json.dumps(self.to_json(), ensure_ascii=True, allow_nan=False)


def parse_answer(line: str | bytes, where: str) -> Answer:
    """The answer on a line; what it does not say takes its default.

    Raises:
        SourceError: the line is no answer; begins with `where`.

    Example:
        >>> parse_answer('{"key": "a", "text": " a  dog "}', "line 1").text
        'a dog'
    """
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where} is no JSON: {error}; expected an answer of `bdstr annotate`") from error
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise SourceError(f"{where}: {line[:80]!r}; expected an object with a key")
    return answer_of(entry, where)


def answer_of(entry: Mapping[str, Any], where: str) -> Answer:
    """An answer of plain values, e.g. of JSON or a table.

    Raises:
        SourceError: a value is not what it should be; begins with `where`.
    """
    if entry.get("status", "done") not in get_args(Status):
        expected = ", ".join(get_args(Status))
        raise SourceError(f"{where}: the status {entry['status']!r}; expected one of {expected}")
    for name in ("key", "text", "who", "time"):
        _refuse_unless(isinstance(entry.get(name, ""), str), entry, name, "a string", where)
    for name in ("prefill", "model"):
        _refuse_unless(isinstance(entry.get(name), str | None), entry, name, "a string or null", where)
    _refuse_unless(_is_seconds(entry.get("seconds")), entry, "seconds", "a number from 0, or null", where)
    _refuse_unless(isinstance(entry.get("repeat", False), bool), entry, "repeat", "true or false", where)
    known = {name: entry[name] for name in FIELDS if name in entry and name != "edited"}
    other = {name: value for name, value in entry.items() if name not in FIELDS}
    return Answer(**known | {"text": one_line(entry.get("text", ""))}, other=other)


def _refuse_unless(fits: bool, entry: Mapping[str, Any], name: str, expected: str, where: str) -> None:
    if not fits:
        raise SourceError(f"{where}: {name} is {entry[name]!r}; expected {expected}")


def _is_seconds(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        return False
    return value is None or (0 <= value < math.inf)


def one_line(text: str) -> str:
    r"""The text with single spaces.

    Example:
        >>> one_line(" a\n dog ")
        'a dog'
    """
    return " ".join(text.split())


def latest(answers: Iterable[Answer]) -> dict[Ask, Answer]:
    """What holds of each photograph: of several answers the last; one taken back stands as ``undone``."""
    return {answer.ask: answer for answer in answers}


def by_frequency(answers: Iterable[Answer]) -> list[str]:
    """The texts that hold, the most frequent first, then by the alphabet.

    Example:
        >>> by_frequency([Answer("1", "cat"), Answer("2", "dog"), Answer("3", "dog")])
        ['dog', 'cat']
    """
    counts = Counter(answer.text for answer in answers if answer.status == "done")
    return sorted(counts, key=lambda text: (-counts[text], text))
