"""A reader at a terminal: types what a page says, in one folder, one step after another."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from page_not_run import GROUPS
from page_steps import Step

from sodeval import shell

SHORTER = {"bdstr train": "--set epochs=1 --set size_px=64 --set batch=4 --threads 1 --workers 0 --cpu"}
"""How a command begins that takes hours as it stands -> what is added to it here."""


@dataclass
class Session:
    """What Python has learnt so far; where the reader is, the process knows."""

    names: dict[str, Any] = field(default_factory=dict)

    def run(self, step: Step) -> None:
        """Runs a step.

        Raises:
            AssertionError: a command ends with another exit code than 0; the message holds what it said.
        """
        if step.kind == "python":
            exec(compile(step.text, f"{step.page}:{step.line}", "exec"), self.names)
        else:
            for words, into in calls(step.text):
                call(words, into, f"{step.page}:{step.line}: $ {step.text}")


def calls(command: str) -> Iterator[tuple[list[str], Path | None]]:
    """The calls of a line, joined by ``&&``, and the file that each one's output goes into."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="&>|;")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, "&&"]:
        if word != "&&":
            words.append(word)
            continue
        assert not {"|", ";", "&"} & set(words), f"{command}: only && and > are known here"
        into = Path(words[words.index(">") + 1]) if ">" in words else None
        yield words[: words.index(">")] if ">" in words else words, into
        words = []


def call(words: list[str], into: Path | None, where: str) -> None:
    """Calls a command of ours in this process, as its console script would."""
    if words[0] == "cd":
        os.chdir(words[1])
        return
    assert words[0] in GROUPS, f"{where}: neither run here nor listed in page_not_run.py"
    more = next((text.split() for start, text in SHORTER.items() if " ".join(words).startswith(start)), [])
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [*words, *more])
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = shell.run(GROUPS[words[0]])
    assert code == 0, f"{where}\nexit code {code}\n{out.getvalue()}\n{err.getvalue()}"
    if into:
        into.write_text(out.getvalue(), "utf-8")
