"""``bdstr leaderboard table`` and ``audit`` as they are called."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from boards import write_published
from click.testing import CliRunner, Result

from bdstr.cli import cli
from bdstr_leaderboard import amendments
from bdstr_leaderboard.conventions import PUBLISHED
from bdstr_leaderboard.entry import Entry, entry_to_json
from sodeval.errors import ToldError


def called(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["leaderboard", *arguments])


def test_the_guide_names_every_convention_and_the_columns_of_amendments() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "leaderboard.md").read_text("utf-8")
    named = re.findall(r"^\| `([a-zA-Z-]+)` \|", guide, re.MULTILINE)
    assert named == ["--convention", *PUBLISHED, "--measured"]
    assert f"\n{','.join(amendments.COLUMNS)}\n" in guide
    assert "3,820 figures that were read in 32 sources" in guide


@pytest.mark.parametrize("command", ["table", "audit", "submit", "build", "pull"])
def test_help_shows_examples_that_can_be_copied(command: str) -> None:
    text = called(command, "--help").output
    assert "\\b" not in text
    assert f"\n    bdstr leaderboard {command} " in text


@pytest.fixture(scope="module")
def folder(entry_of: Callable[..., Entry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board of two published figures and one entry."""
    folder = tmp_path_factory.mktemp("board")
    write_published(folder, {}, {"method": "F3Net", "value": "0.04", "source_url": "https://b.org"})
    (folder / "entries").mkdir()
    (folder / "entries" / "near--sod.json").write_text(entry_to_json(entry_of()), "utf-8")
    return folder


def test_the_best_of_a_benchmark_in_one_line(folder: Path) -> None:
    options = ("--benchmark", "ecssd", "--metric", "MAE", "--top", "1", "--supervision", "full")
    done = called("table", "--data", str(folder), *options)
    assert done.exit_code == 0, done.output
    head, _, block, first, *_ = done.output.splitlines()
    assert head.split() == ["ECSSD", "MAE↓"]
    assert block == "full"
    assert first.split() == ["MINet", ".033¹"]
    assert "F3Net" not in done.output
    assert "1 more method on ECSSD" in done.output


@pytest.mark.parametrize("format_", ["text", "latex", "markdown", "csv", "html", "json"])
def test_every_format_can_be_printed_of_what_was_measured_or_published(format_: str, folder: Path) -> None:
    for measured in (True, False):
        options = ["--measured"] if measured else []
        done = called("table", "--data", str(folder), "--format", format_, *options)
        assert done.exit_code == 0, done.output
        assert ("Near" in done.output) == measured
        assert ("MINet" in done.output) != measured


def test_the_sources_of_a_latex_table_are_written_beside_it(folder: Path, tmp_path: Path) -> None:
    bib, options = tmp_path / "sources.bib", ("table", "--data", str(folder), "--format", "latex")
    done = called(*options, "--bib", str(bib))
    assert done.exit_code == 0, done.output
    cited = {key for part in done.output.split(r"\cite{")[1:] for key in part.partition("}")[0].split(",")}
    assert cited == {part.partition(",")[0] for part in bib.read_text("utf-8").split("@misc{")[1:]}
    assert len(cited) == 2
    assert r"\cite{" not in called(*options).output


def test_a_table_that_no_page_takes_says_what_makes_it_smaller(tmp_path: Path) -> None:
    write_published(tmp_path, *({"method": f"Net {i}"} for i in range(61)))
    options = ("table", "--data", str(tmp_path), "--format", "latex")
    assert called(*options).stderr.startswith(
        "61 rows, 1 columns of figures: a page takes some 60 and 12; choose"
    )
    assert called(*options, "--top", "60").stderr == ""


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--measured", "--convention", "usual"], "exclude each other"),
        (["--bib", "x.bib"], "--bib goes with --format latex, not with text"),
        (["--benchmark", "ECSD"], "did you mean 'ECSSD'"),
        (["--metric", "mae"], "did you mean 'MAE'"),
        (["--benchmark", "SOD"], "no figure of any measure on SOD under the convention usual; .* sodeval"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(options: list[str], reason: str, folder: Path) -> None:
    result = called("table", "--data", str(folder), *options)
    assert isinstance(result.exception, ToldError)
    assert result.exception.exit_code == 2
    assert re.search(reason, str(result.exception))


def test_what_is_left_out_is_told_beside_the_table(tmp_path: Path) -> None:
    write_published(tmp_path, {}, {"method": "\x1b[31mB", "measure": "maxG"})
    done = called("table", "--data", str(tmp_path))
    assert done.exit_code == 0
    assert "MINet" in done.stdout
    assert done.stderr.startswith("left out: published.csv, line 3: unknown measure 'maxG'")


def test_an_audit_of_a_folder_names_who_prints_what(tmp_path: Path) -> None:
    write_published(
        tmp_path,
        {"source_url": "https://a.org"},
        {"source_url": "https://b.org", "value": "0.053", "origin": "others"},
        {"source_url": "https://c.org", "value": "0.33", "suspect": "ten times the others"},
        {"source_url": "https://d.org", "value": "0.0334", "origin": "re-scored"},
    )
    text = called("audit", "--data", str(tmp_path)).stdout
    assert ".033 https://a.org (authors)  .053 https://b.org (others)   .020" in text
    assert "ten times the others" in text
    rows = list(
        csv.DictReader(io.StringIO(called("audit", "--data", str(tmp_path), "--format", "csv").stdout))
    )
    assert [(row["finding"], row["value"]) for row in rows] == [
        ("disagreement", "0.033"), ("disagreement", "0.033"), ("disagreement", "0.053"), ("suspect", "0.33"),
    ]  # fmt: skip
    assert (
        "### Sources of one convention"
        in called("audit", "--data", str(tmp_path), "--format", "markdown").stdout
    )


def test_a_table_needs_no_heavy_import_and_little_time() -> None:
    code = (
        "import sys, time; from click.testing import CliRunner; from bdstr.cli import cli; "
        "done = CliRunner().invoke(cli, ['leaderboard', 'table']); assert done.exit_code == 0, done.output; "
        "heavy = {'pandas', 'torch', 'datasets', 'matplotlib', 'scipy', 'cv2', 'huggingface_hub'}; "
        "print(sorted(heavy & sys.modules.keys()), time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy, seconds = done.stdout.rsplit(" ", 1)
    assert heavy == "[]"
    assert float(seconds) < 3  # 0.6 on a quiet machine
