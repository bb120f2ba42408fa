"""What the commands of the project have in common: errors as messages and exit codes, imports when needed."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from .errors import EXIT_OK, EXIT_REFUSED, ToldError, did_you_mean
from .printable import printable

INTERRUPTED = 130
TERMINATED = 143
INTERNAL_ERROR = 70


class _ReaderGoneError(Exception):
    """Stands for `BrokenPipeError`, which click would turn into exit code 1."""


Places = Mapping[str, tuple[str, str]]
"""Command -> ``module:function``, and a sentence for help."""


class LazyGroup(click.Group):
    """A group of commands that are imported when they are called: neither help nor the shell's TAB does so.

    Args:
        sections: heading -> its commands, in the order in which help lists them.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Places], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sections = sections
        self._places = {name: place for places in sections.values() for name, place in places.items()}

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self._places)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command; an unknown one is refused with the nearest that there is."""
        if name not in self._places:
            if context.resilient_parsing:  # somebody is still typing
                return None
            context.fail(f"no command {name!r}{did_you_mean(name, self._places)}")
        module, function = self._places[name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self._places))  # one column of summaries under all headings
        for heading, places in self._sections.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:<{width}}", said) for name, (_, said) in places.items()])

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands with what help says of them; click's own would import each for its first sentence."""
        commands = [
            CompletionItem(name, help=summary)
            for name, (_, summary) in self._places.items()
            if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, context, incomplete)


def main(group: click.Group, resumable: frozenset[str]) -> None:
    """The entry point of a command.

    Args:
        group: what is called.
        resumable: the commands that go on where they were interrupted, if called again.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: workers do the parallel part
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that workers are ended in good order
    _make_streams_safe()
    sys.exit(run(group, resumable))


def _make_streams_safe() -> None:
    """What the encoding of a stream lacks is printed by number; a stream that was closed swallows all."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(group: click.Group, resumable: frozenset[str] = frozenset()) -> int:
    """Calls a command with this process's arguments; every error becomes one message and an exit code."""
    try:
        code = group.main(standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else EXIT_OK
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ToldError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        hint = "; with --out a second run goes on where this one stopped"
        return _say(f"interrupted{hint if set(sys.argv[1:2]) & resumable else ''}", INTERRUPTED)
    except (BrokenPipeError, _ReaderGoneError):
        return _end_quietly()
    except OSError as error:
        return _say(f"{error.filename or 'standard output'}: {error.strerror or error}", EXIT_REFUSED)
    except Exception as error:
        debug = f"{group.name}_DEBUG".upper()
        if os.environ.get(debug):
            raise
        what = f"{type(error).__name__}: {error}"
        return _say(f"a fault of {group.name} itself ({what}); {debug}=1 shows where", INTERNAL_ERROR)


def _end_quietly() -> int:
    """The reader of our output has gone, as with `| head`: that is no fault, nor is what it did not read."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_OK


def _say(message: str, code: int) -> int:
    for line in f"Error: {message}".splitlines():  # a file's name may hold what a terminal would act on
        click.echo(printable(line), err=True)
    return code
