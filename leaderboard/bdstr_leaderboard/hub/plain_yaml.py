"""YAML that may be anybody's, as text, lists and mappings: nothing of it is run, resolved or repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bdstr.errors import BoardError

LARGEST = 100_000
"""Characters: twice what a file with every task takes."""
DEEPEST = 12
"""Levels: a card has 7. The parser's time is quadratic in them."""
NOTHING = frozenset(("", "~", "null", "Null", "NULL"))
"""How null is written, without quotes."""

Events = Iterator[Any]


def read_plain(text: str) -> Any:
    """The value that a YAML text stands for, of which every scalar stays the text that it is.

    So a number is neither rounded nor grown to a million digits, and a date is what was written.

    Args:
        text: one document.

    Returns:
        Nested mappings, lists, texts, and None for null.

    Raises:
        BoardError: it is too large, too deep or no YAML, has a key twice, or uses what can grow or run:
            aliases and tags.

    Example:
        >>> read_plain("- value: .0496")
        [{'value': '.0496'}]
        >>> read_plain("!!python/object/apply:os.system [true]")
        Traceback (most recent call last):
        ...
        bdstr.errors.BoardError: a tag, tag:yaml.org,2002:python/object/apply:os.system; expected plain values
    """
    import yaml

    if len(text) > LARGEST:
        raise BoardError(f"{len(text):,} characters; expected at most {LARGEST:,}")
    try:
        return _document(iter(yaml.parse(text, Loader=yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last of a character that there is not
        said = " ".join(str(error).split())
        raise BoardError(f"no YAML ({said}); expected one document of plain values") from error


def _document(events: Events) -> Any:
    next(events)  # the stream starts
    if _kind(next(events)) != "DocumentStart":
        return None
    value = _value(next(events), events, 1)
    next(events)  # the document ends
    if _kind(next(events)) != "StreamEnd":
        raise BoardError("several documents; expected one")
    return value


def _value(event: Any, events: Events, depth: int) -> Any:
    kind = _kind(event)
    if depth > DEEPEST:
        raise BoardError(f"nested more than {DEEPEST} deep; expected plain values")
    if kind == "Alias":
        raise BoardError(f"an alias, *{event.anchor}; expected values written out")
    if event.tag is not None:
        raise BoardError(f"a tag, {event.tag}; expected plain values")
    if kind == "Scalar":
        return None if event.implicit[0] and event.value in NOTHING else event.value
    if kind == "SequenceStart":
        return [_value(each, events, depth + 1) for each in _until("SequenceEnd", events)]
    return _mapping(events, depth)


def _mapping(events: Events, depth: int) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for event in _until("MappingEnd", events):
        key = _value(event, events, depth + 1)
        if not isinstance(key, str):
            raise BoardError("a key that is no text; expected names of fields")
        if key in found:
            raise BoardError(f"{key} twice in one place; expected it once")
        found[key] = _value(next(events), events, depth + 1)
    return found


def _until(end: str, events: Events) -> Events:
    while _kind(event := next(events)) != end:
        yield event


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")
