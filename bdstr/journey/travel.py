"""Takes a step: its command in a process of its own, as if it had been typed."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import RunError
from .steps import Step

PROGRAMS = {"bdstr": ("-m", "bdstr.cli"), "sodeval": ("-m", "sodeval"), "python": ()}
"""What is typed -> how the Python that runs here calls the same."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken.

    Args:
        step: which.
        said: what its command wrote to standard output.
        seconds: how long it took.
    """

    step: Step
    said: str
    seconds: float


def take(step: Step) -> Taken:
    """Takes a step; what its command tells of its progress goes to standard error at once.

    Raises:
        RunError: the command failed.
    """
    started = time.perf_counter()
    done = subprocess.run(_called(step.command), stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if done.returncode:
        raise RunError(
            f"{typed(step.command)}\nended with exit code {done.returncode}, and says why above; "
            "what was made before it is kept: the same call goes on from there"
        )
    return Taken(step, done.stdout.rstrip("\n"), time.perf_counter() - started)


def typed(command: Sequence[str]) -> str:
    """A command as a person would type it.

    Example:
        >>> typed(("bdstr", "status", "my photos"))
        "bdstr status 'my photos'"
    """
    return shlex.join(command)


def _called(command: Sequence[str]) -> list[str]:
    program, *arguments = command
    return [sys.executable, *PROGRAMS[program], *arguments]
