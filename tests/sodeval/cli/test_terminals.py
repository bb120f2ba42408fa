"""Terminals, pipes, signals and processes: what stands between a command and who reads it."""

from __future__ import annotations

import csv
import io
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_data import Run, both

from sodeval import shell


def test_no_traceback_reaches_a_user(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of a bug")

    monkeypatch.setattr("sodeval.evaluation.evaluate_pairings", fail)
    code, _, err = run("run", *both(data))
    assert code == shell.INTERNAL_ERROR
    assert "Traceback" not in err
    assert "of a bug" in err


def test_an_interruption_says_how_to_go_on(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sodeval.evaluation.evaluate_pairings", stop)
    code, _, err = run("run", *both(data))
    assert code == 130
    assert "goes on" in err


def test_the_installed_command_runs_and_exits(data: Path) -> None:
    call = [sys.executable, "-m", "sodeval", "run", *both(data), "--format", "csv", "--workers", "2"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, env=os.environ | {"LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 2


def test_help_and_version_import_nothing_heavy() -> None:
    code = (
        "import sys; from sodeval import cli, shell; sys.argv[1:] = ['--help'];"
        "shell.run(cli.cli); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert not {"numpy", "cv2", "pandas", "matplotlib", "scipy", "PIL", "rich"} & set(done.stdout.split("'"))


def test_an_error_is_said_without_numpy() -> None:
    """Ctrl-C may come while numpy is being imported, and it cannot be imported twice."""
    code = "import sys; sys.modules['numpy'] = None; from sodeval import cli, shell; shell.run(cli.cli)"
    call = [sys.executable, "-c", code, "run", "--gt", "nowhere", "--pred", "nowhere"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("Error: a fault of sodeval itself (ModuleNotFoundError: import of numpy")


@pytest.mark.skipif(sys.platform == "win32", reason="a process that a signal has ended tells so")
def test_an_interrupt_during_the_first_imports_prints_nothing() -> None:
    code = """
import os, signal, sys
class Cli:
    def __getattr__(self, name):
        os.kill(os.getpid(), signal.SIGINT)
sys.modules["sodeval.cli"] = Cli()
from sodeval.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@pytest.mark.parametrize("arguments", [["benchmarks"], ["run", "--format", "json"]])
def test_a_reader_that_has_gone_is_no_fault(data: Path, arguments: list[str]) -> None:
    inputs = both(data) if arguments[0] == "run" else ()
    read_end, write_end = os.pipe()
    os.close(read_end)
    call = [sys.executable, "-m", "sodeval", *arguments, *inputs]
    done = subprocess.run(call, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("format_", ["table", "markdown"])
def test_a_terminal_of_another_encoding_gets_what_it_can_show(data: Path, format_: str) -> None:
    call = [sys.executable, "-m", "sodeval", "run", *both(data), "--format", format_]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(call, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"MAE" in done.stdout


@pytest.mark.parametrize("stream", [1, 2])
def test_a_closed_stream_is_no_fault(data: Path, stream: int) -> None:
    call = " ".join(map(shlex.quote, [sys.executable, "-m", "sodeval", "run", *both(data)]))
    assert subprocess.run(f"{call} {stream}>&-", shell=True, capture_output=True, check=False).returncode == 0


def test_a_narrow_terminal_gets_a_row_a_measure(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sodeval.commands.run.terminal_columns", lambda: 60)
    lines = run("run", *both(data))[1].splitlines()
    assert lines[0].split() == ["gt", "(4)", "good", "B"]
    assert [line.split()[0] for line in lines[2:5]] == ["MAE↓", "maxF↑", "meanF↑"]
    assert max(map(len, lines)) <= 60


def test_a_name_that_a_terminal_would_act_on_is_printed_harmless(run: Run, data: Path) -> None:
    code, _, err = run("run", "--gt", data / "\x1b]0;gone\x07", "--pred", data / "good")
    assert code == 3
    assert "\x1b" not in err
    assert "\x07" not in err
