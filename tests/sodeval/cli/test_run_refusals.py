"""What `sodeval run` refuses or questions, and how it says so."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from cli_data import HOSTILE, KEYS, Run, both, mask, saliency, save, scores_of
from PIL import Image


def test_a_method_with_a_missing_map_gets_no_score_and_the_other_does(run: Run, data: Path) -> None:
    (data / "good" / "0002.png").unlink()
    code, out, err = run("run", *both(data), "--format", "json")
    assert code == 3
    assert scores_of(out)["good"] == {}
    assert scores_of(out)["B"]["MAE"] > 0
    assert "0002.png" in err
    assert "no map for the mask" in err


def test_allowed_to_be_missing_it_is_marked_partial_everywhere(run: Run, data: Path) -> None:
    (data / "good" / "0002.png").unlink()
    out_dir = data / "report"
    code, out, _ = run("run", *both(data), "--allow-missing", "--out", out_dir)
    assert code == 0
    assert "3 of 4" in out
    for name in ("table.md", "table.tex", "gallery.html"):
        assert "3 of 4" in (out_dir / name).read_text(), name
    results = json.loads((out_dir / "report.json").read_text())["results"]
    assert [(r["partial"], r["images"], r["expected"]) for r in results] == [(True, 3, 4), (False, 4, 4)]


@pytest.mark.parametrize("broken", [b"", b"not an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_an_unreadable_map_is_named_and_costs_the_score(run: Run, data: Path, broken: bytes) -> None:
    (data / "good" / "0003.png").write_bytes(broken)
    code, out, err = run("run", *both(data))
    assert code == 3
    assert "good/0003.png" in err
    assert "\N{EN DASH}" in out


def test_an_unreadable_mask_costs_every_method_its_score(run: Run, data: Path) -> None:
    (data / "gt" / "0003.png").write_bytes(b"")
    code, out, err = run("run", *both(data), "--format", "json")
    assert code == 3
    assert scores_of(out) == {"good": {}, "B": {}}
    assert err.count("gt/0003.png") == 1
    assert "every method\n" in err


def test_no_pair_to_score_is_never_a_success(run: Run, data: Path) -> None:
    for key in KEYS:
        (data / "good" / f"{key}.png").write_bytes(b"")
    arguments = ("run", "--gt", data / "gt", "--pred", data / "good")
    assert run(*arguments)[0] == 3
    assert run(*arguments, "--allow-missing")[0] == 3


def test_a_suffix_is_offered_and_never_guessed(run: Run, data: Path) -> None:
    for key in KEYS:
        (data / "good" / f"{key}.png").rename(data / "good" / f"{key}_HS.png")
    arguments = ("run", "--gt", data / "gt", "--pred", data / "good")
    code, out, err = run(*arguments)
    assert (code, out) == (3, "")
    assert "--suffix _HS" in err
    assert run(*arguments, "--suffix", "_HS")[0] == 0


def test_a_map_of_another_size_is_resized_and_counted(run: Run, data: Path) -> None:
    save(data / "good" / "0001.png", saliency(0, 20)[::2, ::2])
    code, out, err = run("run", *both(data), "--format", "json")
    problems = json.loads(out)["results"][0]["problems"]
    assert code == 0
    assert [p["kind"] for p in problems] == ["resized"]
    assert "resized to the mask's 32 x 24" in err
    assert run("run", *both(data), "--set", "resize=refuse")[0] == 3


def test_hostile_names_come_out_as_text(run: Run, data: Path) -> None:
    name = "a<script>alert(1)'\"_&%ü"
    for folder in ("gt", "good"):
        shutil.copy(data / folder / "0001.png", data / folder / f"{name}.png")
    pred = f"{HOSTILE}={data / 'good'}"
    code, _, _ = run("run", "--gt", data / "gt", "--pred", pred, "--out", data / "report")
    html, tex = ((data / "report" / name).read_text() for name in ("gallery.html", "table.tex"))
    assert code == 0
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert r"\& \$x\_1\%" in tex


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rnu",), "did you mean 'run'"),
        (("run",), "--gt DIR"),
        (("run", "--gt", "x", "--benchmarks", "y"), "either --gt"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--protocol", "psd"), "did you mean 'psod'"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--set", "scalin=none"), "'scaling'"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--set", "scaling"), "CHOICE=VALUE"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--measures", "iuo"), "'IoU'"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--pred", "{data}/good"), "two methods"),
        (("run", "--gt", "{data}/gt", "--pred", "{data}/good", "--workers", "0"), "--workers"),
    ],
)
def test_a_call_that_makes_no_sense_says_what_would(
    run: Run, data: Path, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = run(*(argument.format(data=data) for argument in arguments))
    assert (code, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("folder", ["nowhere", "gt/0001.png"])
def test_a_folder_that_is_none_is_refused(run: Run, data: Path, folder: str) -> None:
    code, _, err = run("run", "--gt", data / folder, "--pred", data / "good")
    assert code == 3
    assert folder in err


def test_a_folder_of_links_to_themselves_is_refused_by_name(run: Run, data: Path) -> None:
    (data / "loop").mkdir()
    for key in KEYS:
        (data / "loop" / f"{key}.png").symlink_to(data / "loop" / f"{key}.png")
    code, _, err = run("run", "--gt", data / "gt", "--pred", data / "loop")
    assert code == 3
    assert "loop" in err


def test_a_map_over_the_limit_is_refused_whatever_an_earlier_run_allowed(run: Run, data: Path) -> None:
    for key in KEYS:
        save(data / "good" / f"{key}.png", np.full((60, 60), 7, np.uint8))  # masks have 24 x 32
    limited = ("run", *both(data), "--out", data / "out", "--max-pixels", "1000")
    assert [run(*limited)[0], run(*limited[:-2])[0], run(*limited)[0]] == [3, 0, 3]


def test_a_folder_that_cannot_be_used_costs_only_its_own_method(run: Run, data: Path) -> None:
    code, out, err = run("run", *both(data), "--pred", f"C={data / 'nowhere'}", "--format", "json")
    assert code == 3
    assert {method: bool(scores) for method, scores in scores_of(out).items()} == {
        "good": True,
        "B": True,
        "C": False,
    }
    assert "nowhere: No such file or directory" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--gt", "locked", "--pred", "good"),
        ("--gt", "gt", "--pred", "locked"),
        ("locked", "--benchmarks", "gt"),
        ("good", "--benchmarks", "locked"),
    ],
)
def test_a_folder_that_may_not_be_read_is_refused_wherever_it_is_named(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    (data / "locked").mkdir()
    monkeypatch.chdir(data)
    monkeypatch.setattr(os, "access", lambda path, *_, **__: str(path) != "locked")  # root may read anything
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (refuse if str(path) == "locked" else scandir)(path))
    code, _, err = run("run", *arguments)
    assert (code, err) == (3, "Error: locked: Permission denied; expected a folder: check the path\n")


@pytest.mark.parametrize("command", ["run", "check", "verify", "explain"])
def test_a_loop_of_links_is_refused_as_a_folder_of_masks(
    run: Run, data: Path, loop: Path, command: str
) -> None:
    code, _, err = run(command, "--gt", loop, "--pred", data / "good")
    assert (code, err.startswith(f"Error: {loop}: Too many levels of symbolic links")) == (3, True)


def test_swapped_folders_are_questioned(run: Run, data: Path) -> None:
    assert "swapped" in run("run", "--gt", data / "noisy", "--pred", data / "gt")[2]
    assert "swapped" not in run("run", *both(data))[2]


def test_masks_of_0_and_1_get_no_score(run: Run, data: Path) -> None:
    for path in (data / "gt").iterdir():
        save(path, np.asarray(Image.open(path)) // 255)
    code, out, err = run("run", *both(data), "--format", "json")
    assert (code, scores_of(out)) == (3, {"good": {}, "B": {}})
    assert "0001.png: a mask of the levels 0 and 1; expected 0 and 255" in err
    assert "4 mask-range" in run("check", *both(data))[1]


def test_another_copy_of_a_benchmark_that_we_know_is_said(run: Run, data: Path) -> None:
    for i in range(300):
        save(data / "SOD" / f"{i:03}.png", mask())
    shutil.copytree(data / "SOD", data / "maps")
    assert "not those that we know" in run("run", "--gt", data / "SOD", "--pred", data / "maps")[2]
