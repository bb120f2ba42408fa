"""One mask and the maps of all methods: what is measured, and what is said about the files."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal, get_args

import cv2
import numpy as np
import pytest
from backends import kernels_in
from folders import save, write_benchmark
from hypothesis import given
from hypothesis import strategies as st
from pairs import Pair, block, disc, like, noise, small_pairs

from sodeval import reference, values
from sodeval.evaluation import samples_of
from sodeval.facts import Facts
from sodeval.ground_truth import prepare
from sodeval.levels import scale
from sodeval.problem import Problem
from sodeval.protocol import PRESETS, PYSODMETRICS, Comparison, Protocol, Scaling
from sodeval.scoring import Outcome, Sample, Settings, is_grey, measure_pair, score_chunk

SHAPE = (20, 26)
MASK = disc(SHAPE, 9, 12, 6)
WHITE = np.uint8(255)
SETTINGS = Settings(PYSODMETRICS)

CHOICES = st.fixed_dictionaries(
    {
        "scaling": st.sampled_from(get_args(Scaling)),
        "mae_scaling": st.sampled_from(get_args(Scaling)),
        "comparison": st.sampled_from(get_args(Comparison)),
        "adaptive_factor": st.sampled_from([0.5, 1.0, 1.5, 2.0]),
        "wf_beta2": st.sampled_from([0.3, 1.0]),
        "wf_kernel_px": st.sampled_from([1, 3, 7, 31]),
        "wf_sigma_px": st.floats(0.5, 50),
        "s_alpha": st.floats(0, 1),
    },
    optional={"quantisation": st.just("none")},
)


def protocol_of(choices: dict[str, Any], spaced: int) -> Protocol:
    return Protocol(**choices, thresholds=spaced if "quantisation" in choices else 256)


def assert_same_facts(ours: Facts, theirs: Facts, atol: float = 0) -> None:
    for name in ("counts", "adaptive"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    for name in ("mae", "s", "wf"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name), rtol=0, atol=atol, err_msg=name
        )


# --- the fast path and the exact one --------------------------------------------------------------


@pytest.mark.parametrize("language", ["c", "numpy"])
@given(drawn=small_pairs(), choices=CHOICES, spaced=st.sampled_from([2, 21, 255, 1000]))
def test_8_bit_maps_score_as_their_values_do_under_any_protocol(
    language: Literal["c", "numpy"], drawn: Pair, choices: dict[str, Any], spaced: int
) -> None:
    protocol = protocol_of(choices, spaced)
    with kernels_in(language):
        gt = prepare(drawn.mask, protocol)
        fast, exact = (
            measure_pair(drawn.levels, gt, protocol),
            values.measure(drawn.levels / 255, gt, protocol),
        )
    assert_same_facts(fast, exact, atol=1e-12)


@pytest.mark.parametrize("language", ["c", "numpy"])
@given(drawn=small_pairs(), choices=CHOICES, spaced=st.sampled_from([2, 21, 255, 1000]))
def test_the_parameters_of_a_protocol_reach_the_measures(
    language: Literal["c", "numpy"], drawn: Pair, choices: dict[str, Any], spaced: int
) -> None:
    protocol = protocol_of(choices, spaced)
    with kernels_in(language):
        facts = measure_pair(drawn.levels, prepare(drawn.mask, protocol), protocol)
    saliency = scale(drawn.levels, protocol.scaling)
    parameters = (protocol.wf_beta2, protocol.wf_kernel_px, protocol.wf_sigma_px)
    expected = {
        "mae": reference.mae(scale(drawn.levels, protocol.mae_scaling), drawn.mask),
        "s": reference.s_measure(saliency, drawn.mask, protocol.s_alpha),
        "wf": reference.weighted_f_measure(saliency, drawn.mask, *parameters),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(facts, name), [value], rtol=0, atol=1e-12, err_msg=name)
    passed = saliency >= reference.adaptive_threshold(saliency, protocol.adaptive_factor)
    assert facts.adaptive.tolist() == [[int((passed & ~drawn.mask).sum()), int((passed & drawn.mask).sum())]]


@pytest.mark.parametrize("language", ["c", "numpy"])
def test_an_object_of_very_long_outline_is_measured_whole(language: Literal["c", "numpy"]) -> None:
    rows, columns = np.indices((120, 120))
    mask = (rows % 3 == 0) & (columns % 3 == 0)  # every background pixel lies close to it
    levels = noise(mask.shape, 4)
    with kernels_in(language):
        facts = measure_pair(levels, prepare(mask, PYSODMETRICS), PYSODMETRICS)
    expected = reference.weighted_f_measure(scale(levels, "minmax"), mask)
    assert facts.wf[0] == pytest.approx(expected, rel=0, abs=1e-12)


# --- files ----------------------------------------------------------------------------------------


def sample(tmp_path: Path, mask: np.ndarray, **maps: np.ndarray | bytes) -> Sample:
    """Files of one mask and of the map of each method."""
    files = {}
    for method, content in maps.items():
        path = tmp_path / method / ("a.npy" if getattr(content, "dtype", None) == np.float64 else "a.png")
        if isinstance(content, bytes):
            path.parent.mkdir()
            path.write_bytes(content)
        else:
            save(path, content)
        files[method] = path
    return Sample("a", save(tmp_path / "gt" / "a.png", mask), files)


def png_of(pixels: np.ndarray) -> bytes:
    return cv2.imencode(".png", pixels)[1].tobytes()


def noted(outcome: Outcome, method: str) -> list[tuple[str, str, str]]:
    return [
        (Path(said.file).parent.name, said.kind, said.severity) for said in outcome.problems.get(method, [])
    ]


GT = MASK.astype(np.uint8) * WHITE


def test_every_map_of_a_chunk_is_measured(tmp_path: Path) -> None:
    samples = samples_of(write_benchmark(tmp_path))
    outcome = score_chunk(samples, SETTINGS)
    assert [len(of) for of in outcome.facts.values()] == [8, 8]
    assert outcome.problems.get("A", []) == []
    assert outcome.fresh == []
    for one in samples:
        mask = cv2.imread(str(one.mask), cv2.IMREAD_GRAYSCALE) > 128
        for method, path in one.maps.items():
            levels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            expected = measure_pair(levels, prepare(mask, PYSODMETRICS), PYSODMETRICS)
            assert_same_facts(outcome.facts[method][one.key], expected)


def test_a_truncated_map_is_named_and_the_others_are_scored(tmp_path: Path) -> None:
    levels = like(MASK, 1)
    one = sample(tmp_path, GT, whole=levels, cut=png_of(levels)[:-30], empty=b"", text=b"not an image at all")
    outcome = score_chunk([one], SETTINGS)
    assert list(outcome.facts) == ["whole"]
    assert noted(outcome, "cut") == [("cut", "truncated", "error")]
    assert noted(outcome, "empty") == [("empty", "empty", "error")]
    assert noted(outcome, "text") == [("text", "not-an-image", "error")]


def test_a_mask_that_cannot_be_read_leaves_out_its_image_for_every_method(tmp_path: Path) -> None:
    one = sample(tmp_path, GT, A=like(MASK, 1), B=like(MASK, 2))
    one.mask.write_bytes(one.mask.read_bytes()[:40])
    outcome = score_chunk([one], SETTINGS)
    assert outcome.facts == {}
    assert outcome.digests == {}
    assert noted(outcome, "") == [("gt", "truncated", "error")]


def test_a_map_that_is_gone_is_named(tmp_path: Path) -> None:
    one = sample(tmp_path, GT, A=like(MASK, 1), B=like(MASK, 2))
    one.maps["A"].unlink()
    outcome = score_chunk([one], SETTINGS)
    assert list(outcome.facts) == ["B"]
    assert noted(outcome, "A") == [("A", "unreadable", "error")]


def test_a_map_of_another_size_is_resized_as_the_protocol_says_and_noted(tmp_path: Path) -> None:
    small = noise((11, 9), 3)
    one = sample(tmp_path, GT, A=small)
    outcome = score_chunk([one], SETTINGS)
    detail = "9 x 11 pixels, resized to the mask's 26 x 20 (opencv-linear)"
    assert outcome.problems["A"] == [Problem(str(one.maps["A"]), "resized", detail, "note")]
    resized = cv2.resize(small, (26, 20), interpolation=cv2.INTER_LINEAR)
    expected = measure_pair(resized, prepare(MASK, PYSODMETRICS), PYSODMETRICS)
    assert_same_facts(outcome.facts["A"]["a"], expected)


def test_a_protocol_that_refuses_to_resize_makes_it_an_error(tmp_path: Path) -> None:
    outcome = score_chunk(
        [sample(tmp_path, GT, A=noise((11, 9)))], Settings(PYSODMETRICS.but(resize="refuse"))
    )
    assert outcome.facts == {}
    assert noted(outcome, "A") == [("A", "size", "error")]


def test_16_bit_and_float_maps_are_scored_by_their_exact_values(tmp_path: Path) -> None:
    fine = np.random.default_rng(1).integers(0, 65536, SHAPE, dtype=np.uint16)
    exact = np.random.default_rng(2).random(SHAPE)
    outcome = score_chunk([sample(tmp_path, GT, sixteen=fine, floats=exact)], SETTINGS)
    gt = prepare(MASK, PYSODMETRICS)
    assert_same_facts(outcome.facts["sixteen"]["a"], values.measure(fine, gt, PYSODMETRICS))
    assert_same_facts(outcome.facts["floats"]["a"], values.measure(exact, gt, PYSODMETRICS))
    assert noted(outcome, "sixteen") == [("sixteen", "16-bit", "note")]
    assert noted(outcome, "floats") == []


def test_a_16_bit_map_of_8_bit_levels_scores_as_the_8_bit_map(tmp_path: Path) -> None:
    levels = like(MASK, 1)
    one = sample(tmp_path, GT, narrow=levels, wide=levels.astype(np.uint16) * np.uint16(257))
    facts = score_chunk([one], SETTINGS).facts
    assert_same_facts(facts["wide"]["a"], facts["narrow"]["a"], atol=1e-12)


def test_an_image_over_the_limit_is_refused_by_name(tmp_path: Path) -> None:
    large = np.zeros((SHAPE[0] + 1, SHAPE[1]), np.uint8)
    one = sample(tmp_path, GT, fits=like(MASK, 1), large=large)
    outcome = score_chunk([one], dataclasses.replace(SETTINGS, max_pixels=MASK.size))
    assert list(outcome.facts) == ["fits"]
    assert noted(outcome, "large") == [("large", "too-large", "error")]


# --- what is said of a mask -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mask", "kinds"),
    [
        (GT, []),
        (np.full(SHAPE, 255, np.uint8), []),
        (np.zeros(SHAPE, np.uint8), ["empty-gt"]),
        (np.where(MASK, 255, 100).astype(np.uint8), ["grey-gt"]),
        (np.where(MASK, 128, 3).astype(np.uint8), ["empty-gt", "grey-gt"]),
    ],
)
def test_an_empty_or_grey_mask_is_noted(tmp_path: Path, mask: np.ndarray, kinds: list[str]) -> None:
    outcome = score_chunk([sample(tmp_path, mask, A=noise(SHAPE))], SETTINGS)
    assert noted(outcome, "") == [("gt", kind, "note") for kind in kinds]
    assert len(outcome.facts["A"]) == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
@given(data=st.data())
def test_grey_is_what_lies_between_black_and_the_brightest(dtype: type, data: st.DataObject) -> None:
    pixels = np.array([data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))], dtype)
    assert is_grey(pixels) == bool(((pixels > 0) & (pixels < pixels.max())).any())


@pytest.mark.parametrize(
    ("mask", "s_is_nan"),
    [
        (block(SHAPE, 19, 3, 20, 9), True),
        (block(SHAPE, 2, 25, 8, 26), True),
        (GT > 0, False),
        (np.zeros((1, 9), bool), False),
        (np.ones((1, 9), bool), False),
    ],
)
def test_where_s_is_undefined_a_note_names_the_map(tmp_path: Path, mask: np.ndarray, s_is_nan: bool) -> None:
    levels = noise(mask.shape)
    one = sample(tmp_path, mask.astype(np.uint8) * WHITE, A=levels, B=levels / 255)
    outcome = score_chunk([one], SETTINGS)
    for method in ("A", "B"):
        assert np.isnan(outcome.facts[method]["a"].s[0]) == s_is_nan
        assert noted(outcome, method) == ([(method, "nan-s", "note")] if s_is_nan else [])


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_perfect_map_is_perfect_under_every_preset(tmp_path: Path, preset: Protocol) -> None:
    facts = score_chunk([sample(tmp_path, GT, A=GT)], Settings(preset)).facts["A"]["a"]
    numbers: dict[str, Any] = {name: getattr(facts, name)[0] for name in ("mae", "s", "wf")}
    assert numbers == pytest.approx({"mae": 0, "s": 1, "wf": 1}, abs=1e-12)
    assert facts.counts.shape == (1, 2, preset.thresholds + 1)
