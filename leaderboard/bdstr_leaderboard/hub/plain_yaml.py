"""YAML that may be anybody's, as text, lists and mappings: nothing of it is run, resolved or repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bdstr.errors import BoardError

LARGEST = 200_000
"""Characters: more than all tasks take; reading them takes under a second."""
CORE = "tag:yaml.org,2002:"
NOTHING = f"{CORE}null"


def read_plain(text: str) -> Any:
    """The value that a YAML text stands for, of which every scalar stays the text that it is.

    So a number is neither rounded nor grown to a million digits, and a date is what was written.

    Args:
        text: one document.

    Returns:
        Nested mappings, lists, texts, and None for null.

    Raises:
        BoardError: it is too large or no YAML, has a key twice, or uses what can grow or run: aliases and
            tags.

    Example:
        >>> read_plain("- value: .0496")
        [{'value': '.0496'}]
        >>> read_plain("!!python/object/apply:os.system [true]")
        Traceback (most recent call last):
        ...
        bdstr.errors.BoardError: a tag, python/object/apply:os.system; expected plain values
    """
    import yaml

    if len(text) > LARGEST:
        raise BoardError(f"{len(text):,} characters; expected at most {LARGEST:,}")
    try:
        _refuse_tricks(yaml.parse(text, Loader=yaml.SafeLoader))
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        return None if node is None else _plain(node)
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise BoardError(f"no YAML ({said}); expected one document of plain values") from error
    except (RecursionError, ValueError) as error:
        raise BoardError("nested or written in a way that nobody needs; expected plain values") from error


def _refuse_tricks(events: Iterator[Any]) -> None:
    for event in events:
        if type(event).__name__ == "AliasEvent":
            raise BoardError(f"an alias, *{event.anchor}; expected values written out")
        if getattr(event, "tag", None) is not None:
            raise BoardError(f"a tag, {event.tag.removeprefix(CORE)}; expected plain values")


def _plain(node: Any) -> Any:
    if isinstance(node.value, str):
        return None if node.tag == NOTHING else node.value
    if node.tag == f"{CORE}seq":
        return [_plain(item) for item in node.value]
    return _mapping(node.value)


def _mapping(pairs: list[tuple[Any, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if not isinstance(key.value, str):
            raise BoardError("a key that is no text; expected names of fields")
        if key.value in found:
            raise BoardError(f"{key.value} twice in one place; expected it once")
        found[key.value] = _plain(value)
    return found
