"""Names and paths of any kind through the command lines: a documented exit code, and nothing elsewhere."""

from __future__ import annotations

import html
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import click
import huggingface_hub.constants
import photographs
import pyarrow.parquet as pq
import pytest
from boards import scored, write_numbers
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import bdstr.cli
import sodeval.cli
from sodeval import read_report, shell

EXIT_CODES = {0, 2, 3}
NASTY = (
    *("", ".", "..", "-", "--", "-x", "--help", " ", "a b", " a", "a ", "a\nb", "a\tb", "a\rb", "\x1b[31m"),
    *(
        "\x7f",
        "\u00e9",
        "e\u0301",
        "\u202eabc",
        "\ufeff",
        "\U0001f600",
        "\udcff",
        "\udc80.png",
        "\u00e9" * 140,
    ),
    *(
        "'",
        '"',
        "`id`",
        "$HOME",
        "%s",
        "%",
        "{}",
        "~",
        "*",
        "?",
        "|",
        "&",
        "=",
        "a=b",
        "a#b",
        "a,b",
        "[x](y)",
    ),
    *(
        "a/b",
        "../a",
        "/a",
        "\\\\a",
        "a\\b",
        r"\input{x}",
        "CON",
        "nul.txt",
        "x" * 300,
        "</script>",
        "<b id=x>",
    ),
)
NAMES = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    | st.sampled_from("/.-= \n%\udcff\u202e"),
    max_size=12,
)
IN_FILES = tuple(
    name for name in NASTY if name not in ("", ".", "..") and "/" not in name and len(name) < 100
)
"""What a file can be called, with something added."""
REFUSED = {"\u00e9", "e\u0301", "\udcff", "\udc80.png"}
"""Of these: names that are one to some systems, and those that are no UTF-8."""
KEPT = tuple(name for name in IN_FILES if name not in REFUSED)

few = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
fewer = settings(few, max_examples=15)


def call(group: click.Group, *words: object) -> tuple[int, str, str]:
    """Exit code and both streams of a command, in this process."""
    out, err, argv = io.StringIO(), io.StringIO(), [str(group.name), *map(str, words)]
    with patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        code = shell.run(group)
    assert code in EXIT_CODES, (argv, err.getvalue())
    assert "Traceback" not in err.getvalue()
    assert code == 0 or "Error: " in err.getvalue(), (argv, err.getvalue())
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("inputs")
    photographs.write_scenes(root, 2)
    shutil.copytree(root / "masks", root / "maps")
    (root / "report").mkdir()
    write_numbers(scored(), root / "report")
    assert call(bdstr.cli.cli, "pack", root / "images", root / "masks", "--out", root / "ds")[0] == 0
    return root


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is no folder is looked for on the Hub, for which nobody shall wait; and names lead from here."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def files_below(folder: Path) -> set[str]:
    return {f"{place}/{name}" for place, _, names in os.walk(folder) for name in names}


@pytest.fixture
def nothing_elsewhere(root: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder to write to; at the end nothing is beside it."""
    before = files_below(root)
    (tmp_path / "out").mkdir()
    yield tmp_path / "out"
    assert files_below(root) == before
    assert files_below(tmp_path) == files_below(tmp_path / "out")


@few
@given(NAMES, NAMES)
@example("<b id=x>", "a\nb")
def test_methods_and_benchmarks_keep_their_names(root: Path, method: str, benchmark: str) -> None:
    where = ("--gt", root / "masks", "--pred", f"{method}={root / 'maps'}", "--benchmark", benchmark)
    code, said, _ = call(sodeval.cli.cli, "run", *where, "--format", "json")
    if code == 0:
        (result,) = json.loads(said)["results"]
        assert result["method"] == method
        assert result["benchmark"] == (benchmark or "masks")


def test_a_report_holds_every_name_as_it_is_and_its_pages_escape_them(
    root: Path, nothing_elsewhere: Path, tmp_path: Path
) -> None:
    with tempfile.TemporaryDirectory() as inputs:
        folder = Path(inputs)
        for name in KEPT:
            for kind in ("masks", "maps"):
                (folder / kind).mkdir(exist_ok=True)
                shutil.copy(root / kind / "000.png", folder / kind / f"{name}.png")
        methods = [*[name for name in KEPT if "=" not in name][::4], "<b>"]
        given_ = [word for name in methods for word in ("--pred", f"{name}={folder / 'maps'}")]
        out = nothing_elsewhere / "report"
        code, _, said = call(
            sodeval.cli.cli, "run", "--gt", folder / "masks", *given_, "--out", out, "--workers", 1
        )
        assert code == 0, said
    report = read_report(out)
    assert [result.method for result in report.results] == methods
    keys = report.results[0].per_image.keys if report.results[0].per_image else ()
    assert sorted(keys) == sorted(KEPT)
    page = (out / "gallery.html").read_text("utf-8")
    assert "<b id=x>" not in page
    assert "<b>" not in page
    assert html.escape("<b>") in page


@fewer
@given(NAMES, NAMES)
def test_sources_and_licences_are_in_the_rows_as_they_were_said(
    root: Path, source: str, licence: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "ds"
        code, _, _ = call(
            bdstr.cli.cli, "pack", root / "images", "--source", source, "--licence", licence, "--out", out
        )
        if code == 0:
            rows = pq.read_table(out / "data", columns=["source", "licence"]).to_pylist()
            assert {(row["source"], row["licence"]) for row in rows} == {(source, licence)}


def test_keys_and_classes_of_a_dataset_are_the_names_of_files_and_folders(
    root: Path, nothing_elsewhere: Path
) -> None:
    with tempfile.TemporaryDirectory() as inputs:
        classes = [name for name in IN_FILES if not name.startswith(".")]
        for number, name in enumerate(classes):
            photo, _ = photographs.scene(number)
            photographs.save(Path(inputs) / "images" / name / f"{name}.png", photo)
        out = nothing_elsewhere / "ds"
        code, said, err = call(bdstr.cli.cli, "pack", Path(inputs) / "images", "--out", out)
        assert code == 0, err
    rows = pq.read_table(out / "data", columns=["key"]).to_pylist()
    rejects = pq.read_table(out / "rejects.parquet").to_pylist()
    assert {row["key"] for row in rows} == {f"{name}/{name}" for name in {*classes} - REFUSED}, said
    assert sorted(row["reason"] for row in rejects) == ["bad-name", "bad-name", "same-name"]
    code, _, err = call(bdstr.cli.cli, "inspect", out, "--sample", len(classes))
    assert code == 0, err
    assert "<b id=x>" not in (out / "inspect" / "index.html").read_text("utf-8")


@few
@given(NAMES)
@example("ORG/NAME")
def test_a_repository_is_one_that_the_hub_may_have(root: Path, repo: str) -> None:
    code, said, _ = call(bdstr.cli.cli, "push", "dataset", "--dry-run", "--", root / "ds", repo)
    assert code == (0 if repo.count("/") == 1 and said else 2)


@few
@given(NAMES, NAMES)
def test_an_entry_of_the_board_lies_in_its_folder_and_keeps_the_name(
    root: Path, name: str, variant: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "a" / "entries"
        words = (
            "--method",
            "Near",
            "--name",
            name,
            "--variant",
            variant,
            "--by",
            "me",
            "--supervision",
            "full",
        )
        code, _, _ = call(bdstr.cli.cli, "leaderboard", "submit", root / "report", *words, "--out", out)
        written = files_below(Path(folder))
        assert {Path(file).parent for file in written} <= {out}
        assert len(written) == (code == 0)
        for file in written:
            assert json.loads(Path(file).read_text("utf-8"))["method"]["name"] == (name or "Near")


OUTPUTS = {
    "pack": ("pack", "{root}/images", "--out"),
    "boxes": ("boxes", "{root}/masks", "--out"),
    "hashes": ("hashes", "{root}/images", "--out"),
}


@fewer
@given(NAMES, st.sampled_from(sorted(OUTPUTS)))
def test_an_output_of_any_name_is_where_it_was_said(root: Path, name: str, command: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "a" / "b"
        place.mkdir(parents=True)
        out = f"{place}/{name}"
        words = [word.format(root=root) for word in OUTPUTS[command]]
        code, _, _ = call(bdstr.cli.cli, *words, out)
        written = files_below(Path(folder))
        assert code or written
        assert all(Path(file).is_relative_to(os.path.normpath(out)) for file in written)


INPUTS = (
    ("sodeval", "run", "--gt", "{name}", "--pred", "{name}"),
    ("sodeval", "run", "{name}", "--benchmarks", "{name}"),
    ("sodeval", "check", "--gt", "{name}", "--pred", "{name}"),
    ("sodeval", "compare", "{name}", "{name}"),
    ("sodeval", "plot", "{name}", "--out", "{out}"),
    ("bdstr", "pack", "{name}", "{name}", "--out", "{out}"),
    ("bdstr", "generate", "{root}/images", "--recipe", "{name}", "--out", "{out}"),
    ("bdstr", "generate", "{root}/images", "--set", "{name}", "--out", "{out}"),
    ("bdstr", "generate", "{root}/images", "--annotations", "{name}", "--out", "{out}"),
    ("bdstr", "generate", "{root}/images", "--shard", "{name}", "--out", "{out}"),
    ("bdstr", "status", "{name}"),
    ("bdstr", "inspect", "{name}", "--out", "{out}"),
    ("bdstr", "audit", "{name}", "--gt", "{name}"),
    ("bdstr", "boxes", "{name}", "--out", "{out}"),
    ("bdstr", "hashes", "{name}", "--out", "{out}.txt"),
    ("bdstr", "train", "--dataset", "{root}/ds", "--preset", "{name}", "--out", "{out}"),
    ("bdstr", "train", "--dataset", "{root}/ds", "--set", "{name}", "--out", "{out}"),
    ("bdstr", "predict", "{root}/images", "--model", "{name}", "--out", "{out}"),
    ("bdstr", "predict", "{name}", "--out", "{out}"),
    ("bdstr", "cutout", "{name}", "--out", "{out}.png"),
    ("bdstr", "export", "half", "{name}", "{out}"),
    ("bdstr", "push", "dataset", "{name}", "a/b", "--dry-run"),
    ("bdstr", "push", "model", "{name}", "a/b", "--dry-run"),
    ("bdstr", "leaderboard", "submit", "{name}", "--by", "me", "--supervision", "full", "--out", "{out}"),
    ("bdstr", "leaderboard", "table", "{name}"),
)
GROUPS = {"sodeval": sodeval.cli.cli, "bdstr": bdstr.cli.cli}


@pytest.mark.parametrize("words", INPUTS, ids=" ".join)
def test_an_input_of_any_name_is_read_or_refused(
    root: Path, nothing_elsewhere: Path, words: tuple[str, ...]
) -> None:
    for name in NASTY:
        out = nothing_elsewhere / "new"
        given_ = [word.format(root=root, out=out, name=name) for word in words[1:]]
        call(GROUPS[words[0]], *given_)
        assert all(file.startswith(str(out)) for file in files_below(nothing_elsewhere))
        shutil.rmtree(out, ignore_errors=True)
