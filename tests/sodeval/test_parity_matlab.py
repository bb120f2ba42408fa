"""The same numbers as the MATLAB toolbox of the field computed on 900 real pairs; see docs/matlab.md."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Float64

from sodeval.curves import adaptive_confusions
from sodeval.evaluation import Options, evaluate_pairings, samples_of
from sodeval.facts import Facts, concatenate
from sodeval.inputs.pairing import Pairing, pair
from sodeval.protocol import MATLAB_SAL_EVAL
from sodeval.reference import precision, recall
from sodeval.report import Result
from sodeval.scoring import Settings, score_chunk
from sodeval.tally import f_of_averages

pytestmark = pytest.mark.parity

METHODS = ("Amulet", "DSS", "PiCANet")
TO_1E12 = 1e-12  # for sums of fractions; whatever follows from counts of pixels is equal


@dataclass(frozen=True)
class Toolbox:
    """What it wrote about one method."""

    keys: list[str]
    images: Mapping[str, Float64[np.ndarray, "n"]]
    curves: Float64[np.ndarray, "256 3"]
    scores: Mapping[str, float]


@pytest.fixture(scope="module")
def pairing(shared_data: Path) -> Pairing:
    folder = shared_data / "sod"
    return pair(folder / "gt", {method: folder / "predictions" / method for method in METHODS}, "SOD")


@pytest.fixture(scope="module")
def results(pairing: Pairing) -> dict[str, Result]:
    report = evaluate_pairings([pairing], Options(protocol=MATLAB_SAL_EVAL))
    return {result.method: result for result in report.results}


@pytest.fixture(scope="module")
def facts(pairing: Pairing) -> dict[str, Facts]:
    outcome = score_chunk(samples_of(pairing), Settings(MATLAB_SAL_EVAL))
    return {method: concatenate(of[key] for key in sorted(of)) for method, of in outcome.facts.items()}


@pytest.fixture(scope="module")
def toolbox(shared_data: Path) -> dict[str, Toolbox]:
    folder = shared_data / "sod"
    images, scores = rows(folder / "matlab_per_image.csv"), rows(folder / "matlab_aggregate.csv")
    return {
        method: _toolbox_on(
            sorted((row for row in images if row["method"] == method), key=lambda row: row["image"]),
            np.loadtxt(folder / f"matlab_{method}_pr_curve.csv", delimiter=","),
            next(row for row in scores if row["method"] == method),
        )
        for method in METHODS
    }


def _toolbox_on(
    images: list[dict[str, str]], curves: Float64[np.ndarray, "256 3"], scores: dict[str, str]
) -> Toolbox:
    measures = [name for name in images[0] if name not in ("method", "image")]
    columns = {name: np.array([float(row[name]) for row in images]) for name in measures}
    numbers = {name: float(value) for name, value in scores.items() if name != "method"}
    return Toolbox([row["image"] for row in images], columns, curves, numbers)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("method", METHODS)
def test_each_image_scores_as_in_matlab(
    method: str, results: dict[str, Result], toolbox: dict[str, Toolbox]
) -> None:
    per_image, theirs = results[method].per_image, toolbox[method]
    assert per_image is not None
    assert list(per_image.keys) == theirs.keys
    assert len(theirs.keys) == 300
    for name, column in (("MAE", "MAE"), ("S", "S_measure")):
        np.testing.assert_allclose(per_image.values[name], theirs.images[column], rtol=0, atol=TO_1E12)
    np.testing.assert_array_equal(per_image.values["adpF"], theirs.images["adaptive_F"])


@pytest.mark.parametrize("method", METHODS)
def test_precision_and_recall_at_the_adaptive_threshold_are_those_of_matlab(
    method: str, facts: dict[str, Facts], toolbox: dict[str, Toolbox]
) -> None:
    counts = adaptive_confusions(facts[method].counts, facts[method].adaptive)
    for rate, name in ((precision, "precision"), (recall, "recall")):
        np.testing.assert_array_equal(rate(counts), toolbox[method].images[f"adaptive_{name}"])
        assert np.mean(rate(counts)) == pytest.approx(
            toolbox[method].scores[f"mean_{name}"], rel=0, abs=TO_1E12
        )


@pytest.mark.parametrize("method", METHODS)
def test_averaged_curves_are_those_of_matlab(
    method: str, results: dict[str, Result], toolbox: dict[str, Toolbox]
) -> None:
    curves, theirs = results[method].curves, toolbox[method].curves
    assert curves is not None
    np.testing.assert_array_equal(curves["precision"], theirs[:, 0])
    np.testing.assert_array_equal(curves["recall"], theirs[:, 1])
    np.testing.assert_array_equal(f_of_averages(curves, 0.3), theirs[:, 2])


@pytest.mark.parametrize("method", METHODS)
def test_the_preset_gives_the_scores_of_matlab(
    method: str, results: dict[str, Result], toolbox: dict[str, Toolbox]
) -> None:
    ours, theirs = results[method].scores, toolbox[method].scores
    assert ours["maxF"] == theirs["MaxFmeasure"]
    for name, column in (("MAE", "MAE"), ("S", "S_measure"), ("adpF", "mean_F")):
        assert ours[name] == pytest.approx(theirs[column], rel=0, abs=TO_1E12)
