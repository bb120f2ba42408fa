"""What both programs say of themselves, and what the shell's TAB offers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from bdstr.cli import cli as bdstr
from sodeval.cli import cli as sodeval

PROGRAMS = {"bdstr": bdstr, "sodeval": sodeval}
HEAVY = {"cv2", "datasets", "matplotlib", "numpy", "pandas", "pyarrow", "scipy", "torch", "transformers"}


def commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below a group, by what one types."""
    context = click.Context(group, info_name=path[-1])
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


EVERY = [found for name, program in PROGRAMS.items() for found in commands(program, (name,))]
IDS = [" ".join(path) for path, _ in EVERY]


def offered(line: str) -> list[str]:
    """What TAB offers at the end of a line."""
    program, *words = line.split(" ")
    complete = BashComplete(PROGRAMS[program], {}, program, f"_{program.upper()}_COMPLETE")
    return [item.value for item in complete.get_completions(words[:-1], words[-1])]


@pytest.mark.parametrize(("path", "command"), EVERY, ids=IDS)
def test_the_help_of_each_command_has_an_example_of_itself(path: tuple[str, ...], command: click.Command):
    program, *words = path
    shown = CliRunner().invoke(PROGRAMS[program], [*words, "--help"]).output
    assert "\\b" not in shown
    _, examples = shown.split("Example", 1)
    assert " ".join(path) in examples


@pytest.mark.parametrize(("path", "command"), EVERY, ids=IDS)
def test_each_default_is_shown_and_each_option_explained(path: tuple[str, ...], command: click.Command):
    for option in command.params:
        if isinstance(option, click.Option):
            shown = option.get_help_record(click.Context(command))
            assert shown is not None
            if option.default and not option.is_flag and isinstance(option.default, str | int | float):
                assert f"default: {option.default}" in " ".join(shown), option.name


def test_the_help_reads_like_a_journey():
    headings = [
        "Try it",
        "Make a dataset",
        "Look at it",
        "Train and use a network",
        "Compare",
        "Share",
        "Help",
    ]
    shown = CliRunner().invoke(bdstr, ["--help"]).output
    places = [shown.index(f"\n{heading}") for heading in headings]
    assert places == sorted(places)
    for name in ("generate", "status", "train", "leaderboard", "push", "doctor"):
        assert shown.count(f"\n  {name} ") == 1
    listed = [line for line in shown[places[0] :].splitlines() if line.startswith("  ")]
    columns = {line.index(line.split("  ")[-1].strip()) for line in listed}
    assert len(columns) == 1  # of summaries, under all headings


def test_neither_help_nor_completion_imports_what_computes():
    """In one process: whatever one of them imports, the last line shows."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_help import *\n"
        "for path, command in EVERY: CliRunner().invoke(PROGRAMS[path[0]], [*path[1:], '--help'])\n"
        "for path, command in EVERY: offered(' '.join(path) + ' -')\n"
        "print(*HEAVY & set(sys.modules))"
    )
    call = [sys.executable, "-c", code, Path(__file__).parent]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bdstr pu", ["push"]),
        ("bdstr push ", ["dataset", "model", "leaderboard"]),
        ("bdstr leaderboard t", ["table"]),
        ("bdstr annotations ", ["export", "import", "merge"]),
        ("bdstr status --j", ["--json"]),
        ("bdstr generate photos --recipe off", ["offline", "offline-network"]),
        ("bdstr train --preset res", ["resnet50"]),
        ("bdstr leaderboard table --metric maxf", ["maxF", "maxF_pr"]),
        ("bdstr leaderboard table --benchmark duts", ["DUTS-TE"]),
        ("bdstr leaderboard table --supervision fo", ["foundation model"]),
        ("sodeval run --protocol ma", ["matlab-sal-eval"]),
        ("sodeval run --benchmark ec", ["ECSSD"]),
        ("sodeval run --measures IoU,Di", ["IoU,Dice"]),
        ("sodeval explain --target MAE", ["MAE="]),
        ("sodeval compare a b --format m", ["markdown"]),
        ("sodeval nothing-of-the-kind --v", ["--version"]),
    ],
)
def test_tab_offers_what_is_known(line: str, expected: list[str]):
    assert offered(line) == expected


def test_tab_leaves_files_to_the_shell():
    complete = BashComplete(bdstr, {}, "bdstr", "_BDSTR_COMPLETE")
    (item,) = complete.get_completions(["generate", "--recipe"], "mine/")
    assert (item.type, item.value) == ("file", "mine/")


def test_what_the_readme_says_makes_bash_complete():
    if not shutil.which("bash") or not (Path(sys.executable).parent / "bdstr").exists():
        pytest.skip("no bash, or bdstr is not installed as a command")
    line = 'eval "$(_BDSTR_COMPLETE=bash_source bdstr)"'
    assert line in (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    tab = 'COMP_WORDS=(bdstr push m) COMP_CWORD=2; _bdstr_completion bdstr; echo "${COMPREPLY[@]}"'
    call = ["bash", "-c", f'PATH="$1:$PATH"; {line}; {tab}', "bash", str(Path(sys.executable).parent)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["model"], done.stderr
