"""The whole way, as `make demo` goes it: each step a real command in a process of its own."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result

from bdstr.commands import demo as command
from bdstr.errors import RunError
from bdstr.journey import steps as journey
from bdstr.journey.steps import Places, Step, steps
from bdstr.journey.travel import take

QUICKLY = {"epochs": "1", "size_px": "64", "evaluate_every": "1"}


def go(out: Path) -> Result:
    return CliRunner().invoke(command.demo, ["--out", str(out)], catch_exceptions=False)


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The folder of a journey, whose training was cut short, and what was printed."""
    out = tmp_path_factory.mktemp("journey") / "my demo"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUICKLY.items():
            patch.setitem(journey.TRAINING, name, value)
        return out, go(out)


def test_every_step_is_taken_and_shown_as_it_is_typed(gone: tuple[Path, Result]) -> None:
    out, result = gone
    assert result.exit_code == 0
    for step in steps(out):
        assert step.title in result.output
    assert f"$ bdstr predict '{Places(out).photos}' --model tiny" in result.output


def test_its_row_of_the_leaderboard_and_what_would_be_uploaded_are_shown(gone: tuple[Path, Result]) -> None:
    _, result = gone
    assert re.search(r"^  tiny-demo +\.\d{3}", result.output, re.MULTILINE)
    assert result.output.count("nothing was uploaded") == 5  # a dataset, a model; figures, benchmarks, pages


def test_the_page_links_only_what_is_there(gone: tuple[Path, Result]) -> None:
    out, _ = gone
    page = (out / "index.html").read_text("utf-8")
    linked = [unquote(html.unescape(link)) for link in re.findall(r'(?:href|src)="([^"]+)"', page)]
    assert len(linked) > 40
    assert not [link for link in linked if not (out / link).exists()]
    for step in steps(out):
        assert html.escape(step.title) in page


def test_without_torch_the_rest_is_done_and_what_was_left_out_is_said(
    gone: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "NETWORKS", ("no_such_package",))
    result = go(gone[0])
    assert result.exit_code == 0
    assert (
        "Left out: training, its maps and its upload, for no_such_package cannot be imported" in result.output
    )
    assert "bdstr train" not in result.output
    assert "RBD on sodeval-demo, 7 images" in result.output
    assert "no_such_package" in (gone[0] / "index.html").read_text("utf-8")


def test_a_step_that_fails_is_named_with_its_exit_code(tmp_path: Path) -> None:
    step = Step("Look", "At nothing.", ("bdstr", "inspect", str(tmp_path / "no such")))
    with pytest.raises(RunError, match=r"bdstr inspect '.*no such'\nended with exit code 3"):
        take(step)
