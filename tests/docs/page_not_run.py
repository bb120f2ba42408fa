"""What pages tell to type and the tests do not run, with the reason. It must parse all the same."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Sequence
from pathlib import Path

import click
from page_steps import ROOT, Step

import bdstr.cli
import sodeval.cli

HUB = "needs the Hub; tests/hub runs it with a Hub of this machine"
MODELS = "needs large models of the Hub; tests/builders runs it with tiny ones"
SETS_UP = "sets up an environment, as CI does before it runs this"
CI = "what CI itself calls"
ELSEWHERE = "needs the environment of the extra `original`: `make test-original`"

NOT_RUN = {
    "make demo": "what people call first; tests of the journey run its parts",
    "make test": CI,
    "python3 -m venv": SETS_UP,
    "source ": SETS_UP,
    "pip install": SETS_UP,
    ".venv-original/bin/pip install": ELSEWHERE,
    ".venv-original/bin/bdstr generate": ELSEWHERE,
    "bdstr annotate": "waits for a person; tests/browser is one",
    "bdstr export onnx": "takes half a minute; tests/model runs it",
    "bdstr finetune-captioner": MODELS,
    "bdstr generate photos --recipe bds-tr": MODELS,
    "bdstr leaderboard build --out site": "ten seconds; docs/submit.md builds a small one",
    "bdstr leaderboard pull": HUB,
    "bdstr leaderboard submit ecssd-report --name MyNet --supervision full --by": "docs/submit.md does",
    "bdstr push": HUB,
    "bdstr train --dataset ORG/": HUB,
    "bdstr train --dataset bds-tr --preset resnet50": "its ImageNet weights come from the Hub",
    "torchrun": "needs several GPUs",
}
"""How a command begins -> why it is not run. One with ``--dry-run`` always is."""

PYTHON_NOT_RUN = {'load_dataset("ORG/sod-leaderboard-results"': HUB}
"""A line that a block of Python holds -> why it is not run."""

GROUPS = {"bdstr": bdstr.cli.cli, "sodeval": sodeval.cli.cli}


def reason(step: Step) -> str | None:
    """Why a step is not run; None where it is."""
    if step.kind == "python":
        return next((why for line, why in PYTHON_NOT_RUN.items() if line in step.text), None)
    if "--dry-run" in step.text:
        return None
    return next((why for start, why in NOT_RUN.items() if step.text.startswith(start)), None)


def parse(step: Step) -> None:
    """Refuses a step that could not even start: unknown commands, options, extras, targets, files.

    Raises:
        click.ClickException: a command of ours would refuse it.
        AssertionError: anything else is not there.
    """
    if step.kind == "python":
        compile(step.text, f"{step.page}:{step.line}", "exec")
        return
    words = shlex.split(step.text, comments=True)
    program = Path(words[0]).name
    if program in GROUPS:
        parse_call(words)
    elif program == "torchrun":
        parse_call(["bdstr", *words[words.index("bdstr.cli") + 1 :]])
    elif program == "make":
        assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(), f"no such target: {words[1]}"
    elif program == "pip":
        assert_extras(words[-1])
    else:
        assert step.text.startswith(("python3 -m venv ", "source ")), f"what is {program}?"


def parse_call(words: Sequence[str]) -> None:
    """Has click read a call of ours, as far as the command itself."""
    command, context, rest = resolve(words)
    command.make_context(context.info_name, list(rest), parent=context.parent)


def resolve(words: Sequence[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The command that is called, and what is left for it to read."""
    name, rest = Path(words[0]).name, list(words[1:])
    command: click.Command = GROUPS[name]
    context = click.Context(command, info_name=name)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found, command, rest = command.resolve_command(context, rest)
        context = click.Context(command, info_name=found, parent=context)
    return command, context, rest


def assert_extras(requirement: str) -> None:
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    extras = requirement.partition("[")[2].rstrip("]").split(",")
    assert set(extras) - {""} <= set(known), f"no such extra: {extras}"
