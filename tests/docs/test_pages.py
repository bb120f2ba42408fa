"""Every command and every block of Python on a page runs, or says why it does not and parses."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from page_folders import write_common
from page_not_run import NOT_RUN, PYTHON_NOT_RUN, parse, reason, resolve
from page_session import Session, calls
from page_steps import PAGES, Step, hidden_commands, read, spans, steps


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that all pages name."""
    root = tmp_path_factory.mktemp("pages") / "common"
    write_common(root)
    return root


@pytest.fixture(scope="module")
def reader(common: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """Somebody without a network and without a token."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    env = kept | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(Path(__file__).with_name("reader.py")), str(common)]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page, read(page))])
def test_what_a_page_says_to_type_runs(page: str, reader: subprocess.Popen[str], tmp_path: Path) -> None:
    assert reader.stdin
    assert reader.stdout
    print(json.dumps([page, str(tmp_path / "folder")]), file=reader.stdin, flush=True)
    answer = reader.stdout.readline()
    assert answer, f"{page} ended the reader"
    assert not json.loads(answer), json.loads(answer)


@pytest.mark.parametrize("page", PAGES)
def test_no_command_hides_where_it_is_not_run(page: str) -> None:
    assert list(hidden_commands(page, read(page))) == []


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_within_sentences_exist_with_their_options(page: str) -> None:
    for span in spans(read(page)):
        command, context, rest = resolve(shlex.split(span))
        known = {
            name for option in command.get_params(context) for name in option.opts + option.secondary_opts
        }
        given = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert given <= known, f"{page}: `{span}`"


def test_every_reason_not_to_run_something_has_something() -> None:
    listed = [step for page in PAGES for step in steps(page, read(page)) if reason(step)]
    for start in NOT_RUN:
        assert any(step.text.startswith(start) for step in listed), f"{start}: on no page"
    for line in PYTHON_NOT_RUN:
        assert any(line in step.text for step in listed), f"{line}: on no page"


def step_of(text: str, kind: str = "command") -> Step:
    return Step("page.md", 3, kind, text)


def test_a_command_that_fails_fails_its_page() -> None:
    with pytest.raises(
        AssertionError, match=r"page\.md:3: \$ sodeval check --gt nowhere --pred maps\nexit code 3"
    ):
        Session().run(step_of("sodeval check --gt nowhere --pred maps"))


def test_a_command_that_is_neither_run_nor_listed_fails_its_page() -> None:
    with pytest.raises(AssertionError, match="neither run here nor listed"):
        Session().run(step_of("wget https://example.org"))


def test_python_that_fails_fails_its_page() -> None:
    with pytest.raises(ImportError):
        Session().run(step_of("from sodeval import evaluate_all", "python"))


@pytest.mark.parametrize(
    "text",
    [
        "bdstr push model run ORG/net --reports report",
        "bdstr pull ORG/net",
        "torchrun --nproc-per-node 4 -m bdstr.cli train --dataset a --outs run",
    ],
)
def test_what_is_not_run_must_parse(text: str) -> None:
    with pytest.raises(click.ClickException):
        parse(step_of(text))


@pytest.mark.parametrize("text", ["make everything", "pip install '.[gpu]'", "curl https://example.org"])
def test_what_is_not_run_must_exist(text: str) -> None:
    with pytest.raises(AssertionError):
        parse(step_of(text))


def test_a_page_is_read_as_a_reader_reads_it() -> None:
    console = "```console\n$ bdstr pack a \\\n    --out b  # so\nb: 7 rows\n$ x > y && z\n```\n"
    text = f"{console}```python\n1 + 1\n```\n"
    assert [(step.line, step.text) for step in steps("page.md", text)] == [
        (2, "bdstr pack a --out b # so"),
        (5, "x > y && z"),
        (8, "1 + 1\n"),
    ]
    assert list(calls("x 'a b' > y && z  # why")) == [(["x", "a b"], Path("y")), (["z"], None)]


@pytest.mark.parametrize(
    "text", ["```\nbdstr pack a\n```", "```text\n$ make demo\n```", "so:\n\n    pip install x"]
)
def test_hidden_commands_are_found(text: str) -> None:
    assert len(list(hidden_commands("page.md", text + "\n"))) == 1
