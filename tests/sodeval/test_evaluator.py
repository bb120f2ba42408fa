"""Arrays in, scores out: the evaluator of a training loop, and the one-function library."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import sodeval
from sodeval import Evaluator, evaluate
from sodeval.errors import ImageError, InputError, PairingError, UsageError
from sodeval.protocol import PSOD, PYSODMETRICS

RNG = np.random.default_rng(3)
MASKS = {f"{i}": RNG.random((9, 12)) < 0.4 for i in range(6)}
MAPS = {key: np.clip(mask * 0.6 + RNG.random((9, 12)) * 0.4, 0, 1) for key, mask in MASKS.items()}


class Tensor:
    """What a torch tensor looks like from outside, on another device and with a gradient."""

    def __init__(self, values: np.ndarray, dtype: str = "torch.float32") -> None:
        self.values, self.dtype = values, dtype

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def float(self) -> Tensor:
        return Tensor(self.values)

    def numpy(self) -> np.ndarray:
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values


def filled(keys: list[str]) -> Evaluator:
    evaluator = Evaluator()
    for key in keys:
        evaluator.update(MAPS[key], MASKS[key], key)
    return evaluator


@given(st.permutations(list(MASKS)), st.integers(0, len(MASKS)))
def test_scores_are_the_same_bits_for_any_order_and_any_split(keys: list[str], cut: int) -> None:
    split = filled(keys[:cut]).merge(filled(keys[cut:]))
    assert split.compute() == filled(sorted(keys)).compute()


def test_arrays_give_what_files_give(tmp_path: Path) -> None:
    levels = {key: (values * 255).astype(np.uint8) for key, values in MAPS.items()}
    for folder in ("gt", "maps"):
        (tmp_path / folder).mkdir()
    for key, mask in MASKS.items():
        Image.fromarray(mask.astype(np.uint8) * 255).save(tmp_path / "gt" / f"{key}.png")
        np.save(tmp_path / "maps" / f"{key}.npy", levels[key])
    of_files = evaluate(str(tmp_path / "gt"), {"m": tmp_path / "maps"}, benchmark="b")
    of_arrays = evaluate(MASKS, {"m": levels}, benchmark="b")
    assert dict(of_files.results[0].scores) == dict(of_arrays.results[0].scores)
    assert of_files.results[0].gt_fingerprint == of_arrays.results[0].gt_fingerprint


def test_a_tensor_of_any_device_and_kind_is_taken() -> None:
    plain, tensors = Evaluator(), Evaluator()
    values = MAPS["0"].astype(np.float32)[None]
    plain.update(values, MASKS["0"])
    tensors.update(Tensor(values, "torch.bfloat16"), Tensor(MASKS["0"][None]))
    assert plain.compute() == tensors.compute()


def test_a_hand_worked_pair() -> None:
    evaluator = Evaluator()
    # min-max scaled the map is 1, .5 | 0, 0; against 1, 0 | 1, 0 the errors are 0, .5, 1, 0: MAE 1.5 / 4
    evaluator.update(np.array([[0.8, 0.5], [0.2, 0.2]]), np.array([[1, 0], [1, 0]], bool))
    assert evaluator.compute()["MAE"] == pytest.approx(0.375, abs=1e-15)


def test_updates_without_keys_are_numbered() -> None:
    evaluator = Evaluator()
    for mask in itertools.islice(MASKS.values(), 3):
        evaluator.update(mask, mask)
    assert len(evaluator) == 3
    assert evaluator.result().per_image is not None
    assert evaluator.compute()["maxF"] == 1.0


def test_a_map_of_another_size_is_resized_and_noted() -> None:
    evaluator = Evaluator()
    evaluator.update(MAPS["0"][::2, ::2], MASKS["0"])
    assert [problem.kind for problem in evaluator.result().problems] == ["resized"]


def test_reset_forgets() -> None:
    evaluator = filled(["0"])
    evaluator.reset()
    with pytest.raises(InputError, match="at least one update"):
        evaluator.compute()


def test_a_key_twice_is_refused() -> None:
    evaluator = filled(["0"])
    with pytest.raises(UsageError, match="'0' was added before"):
        evaluator.update(MAPS["0"], MASKS["0"], "0")
    with pytest.raises(UsageError, match="both evaluators hold '0'"):
        evaluator.merge(filled(["0"]))


def test_evaluators_of_two_protocols_do_not_merge() -> None:
    with pytest.raises(UsageError, match="pysodmetrics, psod"):
        Evaluator(PYSODMETRICS).merge(Evaluator(PSOD))


@pytest.mark.parametrize(
    ("pred", "kind"),
    [
        (np.full((9, 12), np.nan), "not-finite"),
        (np.full((9, 12), 255.0), "range"),
        (np.zeros((9, 12), np.int64), "dtype"),
        (np.zeros((3, 9, 12)), "shape"),
    ],
)
def test_an_array_that_is_no_map_is_refused(pred: np.ndarray, kind: str) -> None:
    with pytest.raises(ImageError) as refused:
        Evaluator().update(pred, MASKS["0"], "cat")
    assert refused.value.kind == kind
    assert "map cat" in str(refused.value)


def test_a_batch_is_refused_with_what_to_do() -> None:
    batch = np.zeros((2, 1, 9, 12))
    with pytest.raises(UsageError, match="for p, g, k in zip"):
        Evaluator().update(batch, batch)
    with pytest.raises(UsageError, match="one image and its name"):
        Evaluator().update(MAPS["0"], MASKS["0"], ["0"])  # type: ignore[arg-type]


def test_a_protocol_may_be_named() -> None:
    assert evaluate(MASKS, {"m": MAPS}, protocol="psod").protocol == PSOD


def test_methods_need_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="method -> folder"):
        evaluate(tmp_path, str(tmp_path))  # type: ignore[arg-type]


def test_a_method_with_a_missing_array_gets_no_score_or_a_partial_one_and_the_others_theirs() -> None:
    some = {key: MAPS[key] for key in list(MAPS)[:4]}
    incomplete, whole = evaluate(MASKS, {"m": some, "w": MAPS}).results
    assert (incomplete.scores, incomplete.images, len(whole.scores)) == ({}, 4, 11)
    assert [(p.file, p.kind, p.severity) for p in incomplete.problems] == [
        ("4", "missing", "error"),
        ("5", "missing", "error"),
    ]
    result = evaluate(MASKS, {"m": some}, allow_missing=True).results[0]
    assert (result.images, result.expected, result.partial) == (4, 6, True)
    assert result.problems == incomplete.problems


def test_arrays_that_nobody_asked_for_or_cannot_be_used_are_named() -> None:
    spoilt = MAPS | {"other": MAPS["0"], "3": np.full(MASKS["3"].shape, np.nan)}
    (result,) = evaluate(MASKS, {"m": spoilt}).results
    assert [(p.file, p.kind) for p in result.problems] == [("map 3", "not-finite"), ("other", "extra")]
    assert not result.scored


@pytest.mark.parametrize(
    ("gt", "preds", "message"),
    [
        (MASKS, {}, "preds is empty"),
        (MASKS, {"m": {"x": MAPS["0"]}}, "masks are called like '0', '1', maps like 'x'"),
        ({}, {"m": MAPS}, "masks are called like nothing"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(gt: Any, preds: Any, message: str) -> None:
    with pytest.raises(PairingError, match=message):
        evaluate(gt, preds)


def test_lists_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match="a list; expected a folder, or a mapping"):
        evaluate([MASKS["0"]], {"m": [MAPS["0"]]})  # type: ignore[arg-type]


def test_one_measure_may_be_named_without_a_list() -> None:
    assert "maxIoU" in evaluate(MASKS, {"m": MAPS}, measures="IoU").results[0].scores


def test_a_mask_of_0_and_1_is_refused_with_the_factor_that_it_lacks() -> None:
    with pytest.raises(ImageError, match=r"mask a: a mask of the levels 0 and 1; expected 0 and 255"):
        Evaluator().update(MAPS["0"], MASKS["0"].astype(np.uint8), "a")
    Evaluator().update(MAPS["0"], MASKS["0"].astype(bool), "a")


def test_what_folders_are_told_of_a_mask_is_said_of_arrays_too() -> None:
    corner = np.zeros((6, 8), bool)
    corner[5, 7] = True
    evaluator = Evaluator()
    evaluator.update(np.ones((6, 8)), corner, "corner")
    evaluator.update(np.ones((6, 8)), np.zeros((6, 8), bool), "empty")
    said = [(problem.file, problem.kind) for problem in evaluator.result().problems]
    assert said == [("map corner", "nan-s"), ("mask empty", "empty-gt")]


def test_numbers_of_updates_pass_over_keys_that_are_taken() -> None:
    evaluator = Evaluator()
    evaluator.update(MAPS["0"], MASKS["0"], "000000001")
    evaluator.update(MAPS["1"], MASKS["1"])
    evaluator.update(MAPS["2"], MASKS["2"])
    assert evaluator.result().per_image.keys == ("000000001", "000000002", "000000003")


def test_an_unknown_measure_or_protocol_is_refused_before_the_epoch() -> None:
    assert Evaluator("psod", ["iou"]).families == ("IoU",)
    with pytest.raises(UsageError, match="unknown measure 'zz'"):
        Evaluator(families=("zz",))
    with pytest.raises(UsageError, match="unknown protocol 'psodd'"):
        Evaluator("psodd")


def test_evaluators_of_other_measures_do_not_merge() -> None:
    with pytest.raises(UsageError, match=r"different measures \(\['IoU'\], \[\]\)"):
        Evaluator(families=["IoU"]).merge(Evaluator())


def test_folders_and_arrays_do_not_mix(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mix folders and arrays"):
        evaluate(tmp_path, {"m": MAPS})


def test_a_report_of_arrays_has_tables() -> None:
    report = evaluate(MASKS, {"mine": MAPS}, measures=["IoU"])
    assert "mine" in report.to_markdown()
    assert "mine" in report.to_latex()
    assert report.to_pandas().loc[0, "maxIoU"] > 0.5


def test_the_exported_names_are_these() -> None:
    assert sodeval.__all__ == [
        *("PRESETS", "Evaluator", "PerImage", "Protocol", "Report", "Result", "SodevalError", "__version__"),
        *("evaluate", "get_protocol", "read_report", "write_report"),
    ]
    for name in sodeval.__all__:
        assert getattr(sodeval, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        sodeval.evalute  # noqa: B018
