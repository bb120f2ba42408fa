"""Explaining a number: each convention moves what it should, and the nearest one is found."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sodeval.analysis.explanation import Explanation, Row, distance, draw, explain, movers, nearest
from sodeval.analysis.explanation_text import to_csv, to_json, to_markdown, to_text
from sodeval.analysis.variants import ALTERNATIVES, RESIZES, Variant, variants_of
from sodeval.errors import PairingError, UsageError
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.inputs.pairing import Pairing, pair
from sodeval.measures import STANDARD
from sodeval.protocol import MATLAB_SAL_EVAL, PRESETS, PSOD, PYSODMETRICS, Protocol

F_MEASURES = {"maxF", "meanF", "adpF", "maxF_pr", "meanF_pr"}
CURVES = {"maxF", "meanF", "maxF_pr", "meanF_pr", "maxE", "meanE"}


def row_of(explanation: Explanation, change: str) -> Row:
    return next(row for row in explanation.rows if row.variant.change == change)


def moved(row: Row) -> set[str]:
    return {name for name, difference in row.differences.items() if abs(difference) > 1e-9}


def made_up(*rows: tuple[str, dict[str, float]], **changes: object) -> Explanation:
    """An explanation in which every measure that is not named is 0.5; the first row is as given."""
    scores = [dict.fromkeys(STANDARD, 0.5) | changed for _, changed in rows]
    made = tuple(
        Row(
            Variant("choice" if i else "given", change, PYSODMETRICS),
            scores[i],
            {name: score - scores[0][name] for name, score in scores[i].items()},
        )
        for i, (change, _) in enumerate(rows)
    )
    fields = {"images": 3, "available": 3, "seed": None, "problems": ()} | changes
    return Explanation(method="A", benchmark="SOD", rows=made, **fields)  # type: ignore[arg-type]


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


@pytest.fixture
def squares(tmp_path: Path) -> Pairing:
    """Three masks with a grey rim of 128, and maps that span 40..200."""
    for i in range(3):
        mask = np.zeros((24, 24))
        mask[4:16, 4:16], mask[6:14, 6:14] = 128, 255
        rows, columns = np.mgrid[:24, :24]
        save(tmp_path / "gt" / f"{i}.png", mask)
        save(
            tmp_path / "maps" / f"{i}.png",
            np.clip(200 - (6 + 6 * i) * np.hypot(rows - 9, columns - 9), 40, 200),
        )
    return pair(tmp_path / "gt", {"A": tmp_path / "maps"}, "squares")


# --- what each convention moves -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "may_move", "must_move"),
    [
        ("f_aggregation pr", {"maxF", "meanF"}, {"maxF"}),
        ("f_aggregation image", {"maxF", "meanF"}, {"maxF"}),
        ("e_aggregation image", {"maxE", "meanE"}, {"maxE"}),
        ("f_beta2 1", F_MEASURES, F_MEASURES),
        ("wf_beta2 0.3", {"wF"}, {"wF"}),
        ("wf_kernel_px 5", {"wF"}, {"wF"}),
        ("wf_sigma_px 1.4", {"wF"}, {"wF"}),
        ("s_alpha 0.7", {"S"}, {"S"}),
        ("mae_scaling none", {"MAE"}, {"MAE"}),
        ("scaling none", set(STANDARD) - {"MAE"}, {"S", "wF", "meanE"}),
        ("comparison >", CURVES, {"meanF"}),
        ("quantisation none, thresholds 255", CURVES, {"meanF"}),
        ("gt_comparison >=", set(STANDARD), {"MAE", "S", "wF"}),
        ("gt_threshold 127.5, gt_comparison >=", set(STANDARD), {"MAE", "S", "wF"}),
        ("gt_threshold 0", set(STANDARD), {"MAE", "S", "wF"}),
    ],
)
def test_a_choice_moves_its_own_measures_alone(
    change: str, may_move: set[str], must_move: set[str], squares: Pairing
) -> None:
    explanation = explain(squares, "A", PYSODMETRICS)
    assert must_move <= moved(row_of(explanation, change)) <= may_move


def test_every_row_holds_what_an_evaluation_of_its_protocol_gives(squares: Pairing) -> None:
    for row in explain(squares, "A", PSOD).rows:
        (result,) = evaluate_pairings([squares], Options(protocol=row.variant.protocol)).results
        assert row.scores == result.scores


def test_the_rows_are_the_protocol_then_the_other_presets_then_single_choices(squares: Pairing) -> None:
    variants = [row.variant for row in explain(squares, "A", PSOD).rows]
    assert [(v.kind, v.change) for v in variants[:3]] == [
        ("given", "psod"),
        ("preset", "pysodmetrics"),
        ("preset", "matlab-sal-eval"),
    ]
    assert {v.kind for v in variants[3:]} == {"choice"}
    assert [v.protocol for v in variants[:3]] == [PSOD, PYSODMETRICS, MATLAB_SAL_EVAL]


@given(st.sampled_from(list(PRESETS.values())), st.sampled_from([{}, *ALTERNATIVES, *RESIZES]))
def test_every_variant_of_any_protocol_is_another_one(
    preset: Protocol, changed: dict[str, float | str]
) -> None:
    protocol = preset.but(name="mine", **changed)
    variants = variants_of(protocol, resized=True)
    assert protocol.fingerprint not in {variant.protocol.fingerprint for variant in variants}
    choices = [variant for variant in variants if variant.kind == "choice"]
    assert len({choice.change for choice in choices}) == len(choices)
    for choice in choices:
        differing = {
            name
            for name, value in choice.protocol.to_json().items()
            if name != "name" and value != protocol.to_json()[name]
        }
        assert differing == {part.split()[0] for part in choice.change.split(", ")}


def test_resizing_is_tried_only_where_a_map_was_resized(squares: Pairing, tmp_path: Path) -> None:
    def resizes() -> list[str]:
        changes = [row.variant.change for row in explain(squares, "A", PYSODMETRICS).rows]
        return [change for change in changes if change.startswith("resize ")]

    assert resizes() == []
    save(tmp_path / "maps" / "1.png", np.arange(100).reshape(10, 10))
    assert resizes() == ["resize pillow-bilinear", "resize nearest"]


def test_the_choice_that_moves_a_measure_most_is_named() -> None:
    explanation = made_up(
        ("pysodmetrics", {}),
        ("a", {"MAE": 0.6, "S": 0.49, "wF": 0.50004}),
        ("b", {"MAE": 0.3, "S": 0.499, "maxE": math.nan}),
    )
    assert {name: row.variant.change for name, row in movers(explanation).items() if row} == {
        "MAE": "b",
        "S": "a",
    }
    assert "Most moved by b: MAE -0.2000.\nMost moved by a: S -0.0100.\n" in to_text(explanation)
    assert "Moved by no single choice: maxF, meanF," in to_text(explanation)


# --- the sample -----------------------------------------------------------------------------------


def test_a_sample_is_the_same_for_a_seed_whatever_else_was_scored(squares: Pairing) -> None:
    two = Pairing(squares.benchmark, squares.masks, {"Z": {}, **squares.maps}, {})
    drawn = draw(squares, "A", 2, seed=0)
    assert drawn == draw(two, "A", 2, seed=0)
    assert len(drawn.masks) == 2
    assert list(drawn.masks) == sorted(drawn.masks) == list(drawn.maps["A"])
    assert len({tuple(draw(squares, "A", 2, seed).masks) for seed in range(20)}) == 3


@pytest.mark.parametrize("sample", [None, 3, 1000])
def test_a_sample_of_all_images_is_not_called_a_sample(sample: int | None, squares: Pairing) -> None:
    explanation = explain(squares, "A", PYSODMETRICS, sample=sample)
    assert (explanation.images, explanation.available, explanation.seed) == (3, 3, None)
    assert "sample" not in to_text(explanation)


def test_a_smaller_sample_is_said(squares: Pairing) -> None:
    text = to_text(explain(squares, "A", PYSODMETRICS, sample=2, seed=5), {"maxF": 0.8})
    assert text.startswith("A on squares: 2 of 3 images, protocol pysodmetrics\n")
    assert "The images are a sample, drawn with seed 5." in text
    assert "A published score is one of all images: score all to compare with it." in text


def test_a_file_that_cannot_be_used_is_said_and_the_others_are_scored(squares: Pairing) -> None:
    squares.maps["A"]["1"].write_bytes(b"no image")
    explanation = explain(squares, "A", PYSODMETRICS)
    assert (explanation.images, explanation.available) == (2, 3)
    assert [Path(problem.file).name for problem in explanation.problems] == ["1.png"]
    assert "Files that could not be used: 1, the first " in to_text(explanation)


def test_where_no_map_can_be_scored_the_first_file_is_named(squares: Pairing) -> None:
    for path in squares.maps["A"].values():
        path.write_bytes(b"no image")
    with pytest.raises(PairingError, match=r"A on squares: no map could be scored; the first: .*0\.png"):
        explain(squares, "A", PYSODMETRICS)
    with pytest.raises(PairingError, match="A on squares: no map has a mask"):
        explain(Pairing("squares", squares.masks, {"A": {}}, {}), "A", PYSODMETRICS)


def test_calls_without_sense_are_refused(squares: Pairing) -> None:
    with pytest.raises(UsageError, match="unknown method 'a'; did you mean 'A'"):
        explain(squares, "a", PYSODMETRICS)
    with pytest.raises(UsageError, match="a sample of 0 images; expected 1 or more"):
        explain(squares, "A", PYSODMETRICS, sample=0)


def test_progress_runs_over_all_conventions_together(squares: Pairing) -> None:
    seen: list[tuple[str, int, int]] = []
    explain(squares, "A", PYSODMETRICS, on_progress=lambda *call: seen.append(call))
    done = [call[1] for call in seen]
    assert done == sorted(set(done))
    assert {(name, total) for name, _, total in seen} == {("squares", done[-1])}


# --- the nearest convention -----------------------------------------------------------------------


def test_the_nearest_rows_come_first_and_ties_keep_their_order() -> None:
    explanation = made_up(
        ("given", {"maxF": 0.77}), ("a", {"maxF": 0.8}), ("b", {"maxF": 0.81}), ("c", {"maxF": 0.8})
    )
    assert [row.variant.change for row in nearest(explanation, {"maxF": 0.806})] == ["b", "a", "c", "given"]
    text = to_text(explanation, {"maxF": 0.806})
    assert [line.split() for line in text.splitlines() if line.startswith(("published", "b "))] == [
        ["b", "·", "+0.0400", *["·"] * 9],
        ["published", "0.806"],
        ["b", "0.8100", "0.0040"],
    ]


def test_several_targets_count_together_and_an_undefined_score_is_farthest() -> None:
    explanation = made_up(
        ("given", {"S": 0.7, "MAE": 0.1}), ("a", {"S": 0.8, "MAE": 0.25}), ("b", {"S": math.nan, "MAE": 0.1})
    )
    targets = {"S": 0.8, "MAE": 0.1}
    ordered = nearest(explanation, targets)
    assert [row.variant.change for row in ordered] == ["given", "a", "b"]
    assert [distance(row, targets) for row in ordered] == pytest.approx([0.1, 0.15, math.inf])
    assert "nan" in to_text(explanation, targets)
    assert json.loads(json.dumps(to_json(explanation, targets), allow_nan=False))["nearest"][-1] == {
        "row": 2,
        "distance": None,
    }


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({}, "no target; expected a published score, e.g. maxF=0.806"),
        ({"maxf": 0.8}, "unknown measure 'maxf'; did you mean 'maxF'"),
        ({"maxF": 80.6}, "maxF=80.6; expected a score in 0..1, e.g. 0.806 for 80.6 %"),
        ({"maxF": math.nan}, "maxF=nan; expected a score in 0..1"),
    ],
)
def test_a_target_without_sense_is_refused(targets: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        nearest(made_up(("given", {})), targets)


# --- how it is shown ------------------------------------------------------------------------------


def test_text_shows_scores_then_signed_differences_and_dots() -> None:
    explanation = made_up(("pysodmetrics", {}), ("a", {"MAE": 0.45, "maxF": 0.62346, "meanF": 0.50004}))
    _, _, head, _, given_, changed, *_ = to_text(explanation).splitlines()
    assert head.split()[:3] == ["MAE↓", "maxF↑", "meanF↑"]
    assert given_.split() == ["pysodmetrics,", "as", "given", *["0.5000"] * 11]
    assert changed.split() == ["a", "-0.0500", "+0.1235", *["·"] * 9]


def test_markdown_shows_the_same_and_escapes(squares: Pairing) -> None:
    named = Pairing("<b>", squares.masks, {"a|b": squares.maps["A"]}, {})
    explanation = explain(named, "a|b", PYSODMETRICS)
    text = to_markdown(explanation, {"maxF": 0.8})
    assert text.startswith("### a\\|b on &lt;b&gt;: 3 of 3 images, protocol pysodmetrics\n")
    assert "\n| gt\\_comparison &gt;= | " in text
    assert "\n| published | 0.8 |  |\n" in text
    assert text.count("\n| ") == 1 + len(explanation.rows) + 7


def test_json_and_csv_hold_full_precision(squares: Pairing) -> None:
    explanation = explain(squares, "A", PYSODMETRICS)
    values = json.loads(json.dumps(to_json(explanation, {"maxF": 0.8}), allow_nan=False))
    rows = list(csv.DictReader(io.StringIO(to_csv(explanation))))
    for row, in_json, in_csv in zip(explanation.rows, values["rows"], rows, strict=True):
        assert in_json["scores"] == row.scores
        assert in_json["protocol"] == row.variant.protocol.to_json()
        assert {name: float(in_csv[name]) for name in STANDARD} == row.scores
        assert (in_csv["kind"], in_csv["change"]) == (row.variant.kind, row.variant.change)
    best = nearest(explanation, {"maxF": 0.8})[0]
    assert values["rows"][values["nearest"][0]["row"]]["change"] == best.variant.change
    assert "nearest" not in to_json(explanation)


# --- real maps ------------------------------------------------------------------------------------


def test_averaged_precision_and_recall_explain_the_published_maxf_of_amulet(shared_data: Path) -> None:
    sod = shared_data / "sod"
    pairing = pair(sod / "gt", {"Amulet": sod / "predictions" / "Amulet"}, "SOD")
    explanation = explain(pairing, "Amulet", PYSODMETRICS, sample=20)
    by_pr = row_of(explanation, "f_aggregation pr")
    assert moved(by_pr) == {"maxF", "meanF"}
    assert by_pr.scores["maxF"] == explanation.rows[0].scores["maxF_pr"]
    assert [row.variant.change for row in explanation.rows if row.variant.kind == "preset"] == [
        "matlab-sal-eval",
        "psod",
    ]
    published = {"maxF": explanation.rows[0].scores["maxF_pr"]}
    assert nearest(explanation, published)[0].variant.change == "matlab-sal-eval"
