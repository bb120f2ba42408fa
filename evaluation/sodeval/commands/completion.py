"""What the shell's TAB offers where an option takes a name that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Names = Callable[[], Iterable[str]]
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def known(names: Names, *, files: bool = False) -> Complete:
    """Offers the names that begin so.

    Args:
        names: all of them, in order; asked only when TAB is pressed.
        files: where none begins so, offer files.
    """

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found = [CompletionItem(name) for name in names() if name.lower().startswith(incomplete.lower())]
        return found or ([CompletionItem(incomplete, type="file")] if files else [])

    return complete


def known_of_list(names: Names) -> Complete:
    """The same for names with commas between them: those that the list does not have yet."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        *before, last = incomplete.split(",")
        start = "".join(f"{name}," for name in before)
        return [
            CompletionItem(start + name)
            for name in names()
            if name not in before and name.lower().startswith(last.lower())
        ]

    return complete


def folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leaves it to the shell, which knows folders."""
    return [CompletionItem(incomplete, type="dir")]
