"""Comparing two methods: intervals against other implementations, verdicts, and what must not be compared."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sodeval.analysis import bootstrap
from sodeval.analysis.bootstrap import draw_weights, weighted_scores
from sodeval.analysis.common_images import OWN_MEASURES
from sodeval.analysis.comparison import Comparison, Difference, compare
from sodeval.analysis.comparison_text import to_csv, to_json, to_markdown, to_text
from sodeval.analysis.rivals import benchmarks_left_out, pick
from sodeval.analysis.significance import holm, wilcoxon_p
from sodeval.curves import confusions, curve_rates
from sodeval.errors import ReportError, UsageError
from sodeval.evaluation import Options, evaluate_pairings
from sodeval.inputs.pairing import pair
from sodeval.measures import STANDARD
from sodeval.protocol import MATLAB_SAL_EVAL, PYSODMETRICS, Protocol
from sodeval.report import PerImage, Report, Result
from sodeval.tally import summarise

MakeReport = Callable[..., Report]
MakeResult = Callable[..., Result]

OF_IMAGES = Protocol(f_aggregation="image", e_aggregation="image")


def with_images(result: Result, keys: list[str]) -> Result:
    """The result cut down to some of its images, or with them in another order."""
    per_image = result.per_image
    assert per_image is not None
    assert per_image.counts is not None
    rows = [per_image.keys.index(key) for key in keys]
    values = {name: column[rows] for name, column in per_image.values.items()}
    part = PerImage(tuple(keys), values, per_image.counts[rows])
    return replace(result, per_image=part, images=len(keys))


def with_values(result: Result, **changed: np.ndarray) -> Result:
    per_image = result.per_image
    assert per_image is not None
    return replace(result, per_image=replace(per_image, values={**per_image.values, **changed}))


def of(comparison: Comparison, name: str) -> Difference:
    return next(each for each in comparison.differences if each.measure.name == name)


def quick(a: Result, b: Result, protocol: Protocol = PYSODMETRICS, **options: float) -> Comparison:
    return compare(a, b, protocol, **{"resamples": 100, **options})


# --- the numbers ----------------------------------------------------------------------------------


def test_identical_methods_differ_by_nothing(make_result: MakeResult) -> None:
    a = make_result(images=30)
    for each in quick(a, replace(a, method="Copy")).differences:
        assert (each.difference, each.low, each.high) == (0, 0, 0)
        assert (each.p, each.p_holm, each.verdict) == (1, 1, "not distinguishable")


def test_a_shift_is_found_in_the_direction_of_each_measure(make_result: MakeResult) -> None:
    a = make_result(images=30)
    assert a.per_image is not None
    values = a.per_image.values
    lower = with_values(a, MAE=values["MAE"] - 0.05, S=values["S"] - 0.05)
    comparison = quick(a, lower)
    for name, verdict in (("MAE", "b better"), ("S", "a better"), ("wF", "not distinguishable")):
        assert of(comparison, name).verdict == verdict
    assert of(comparison, "MAE").low == pytest.approx(-0.05)
    assert of(comparison, "MAE").high == pytest.approx(-0.05)
    assert of(comparison, "MAE").p < 1e-5
    assert of(comparison, "MAE").p < of(comparison, "MAE").p_holm <= 9 * of(comparison, "MAE").p


def test_the_interval_of_a_mean_is_the_one_that_scipy_finds(make_result: MakeResult) -> None:
    a, b = make_result("A", images=60), make_result("B", images=60)
    assert a.per_image is not None
    assert b.per_image is not None
    comparison = compare(a, b, PYSODMETRICS, resamples=2000, level=0.9)
    for name in ("MAE", "adpF", "wF", "S", "adpE"):
        differences = b.per_image.values[name] - a.per_image.values[name]
        expected = stats.bootstrap(
            (differences,), np.mean, n_resamples=9999, method="percentile", confidence_level=0.9, rng=1
        )
        ours, error = of(comparison, name), 0.25 * expected.standard_error  # 5 times that of a quantile
        assert ours.difference == pytest.approx(differences.mean())
        assert ours.low == pytest.approx(expected.confidence_interval.low, abs=error)
        assert ours.high == pytest.approx(expected.confidence_interval.high, abs=error)


@pytest.mark.parametrize("protocol", [PYSODMETRICS, MATLAB_SAL_EVAL, OF_IMAGES], ids=["curve", "pr", "image"])
def test_every_resample_is_scored_as_if_its_images_were_the_benchmark(
    protocol: Protocol, make_result: MakeResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "IMAGES_AT_ONCE", 4)
    per_image = make_result(images=11).per_image
    assert per_image is not None
    assert per_image.counts is not None
    weights = draw_weights(11, 5, seed=3)
    scores = weighted_scores(per_image.values, per_image.counts, weights, protocol)
    for i, row in enumerate(weights):
        drawn = np.repeat(np.arange(11), row)
        counts = per_image.counts[drawn]
        curves = {name: rate(confusions(counts)).mean(axis=0) for name, rate in curve_rates(0.3).items()}
        values = {name: column[drawn] for name, column in per_image.values.items()}
        expected = summarise(PerImage((), values), curves, protocol)
        assert {name: scores[name][i] for name in scores} == pytest.approx(expected, abs=1e-12)


def test_resamples_draw_as_many_images_as_there_are_after_a_first_that_has_each_once() -> None:
    weights = draw_weights(40, 30, seed=0)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 40).all()
    assert len(np.unique(weights, axis=0)) == 31
    assert weights[1:].mean(axis=0) == pytest.approx(1, abs=0.9)


def test_swapping_the_methods_mirrors_everything(make_result: MakeResult) -> None:
    a, b = make_result("A", images=25), make_result("B", images=25)
    mirrored = {"a better": "b better", "b better": "a better"}
    for one, other in zip(quick(a, b).differences, quick(b, a).differences, strict=True):
        assert (one.a, one.b, one.p, one.p_holm) == (other.b, other.a, other.p, other.p_holm)
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-15)
        assert one.verdict == mirrored.get(other.verdict, other.verdict)


def test_the_order_of_the_images_does_not_matter(make_result: MakeResult) -> None:
    a, b = make_result("A", images=25), make_result("B", images=25)
    assert a.per_image is not None
    shuffled = np.random.default_rng(0).permutation(np.array(a.per_image.keys)).tolist()
    assert quick(with_images(a, shuffled), b) == quick(a, b)


def test_the_same_seed_gives_the_same_numbers_and_another_one_others(make_result: MakeResult) -> None:
    a, b = make_result("A", images=25), make_result("B", images=25)
    assert quick(a, b) == quick(a, b)
    assert of(quick(a, b, seed=1), "maxF").low != of(quick(a, b), "maxF").low


def test_a_higher_level_gives_a_wider_interval(make_result: MakeResult) -> None:
    a, b = make_result("A", images=25), make_result("B", images=25)
    for narrow, wide in zip(
        quick(a, b, level=0.5).differences, quick(a, b, level=0.99).differences, strict=True
    ):
        assert wide.low < narrow.low < narrow.high < wide.high


def test_p_of_the_measures_of_averaged_precision_and_recall_is_that_of_f(make_result: MakeResult) -> None:
    comparison = quick(make_result("A", images=25), make_result("B", images=25))
    for name in ("maxF", "meanF"):
        assert of(comparison, f"{name}_pr").p == of(comparison, name).p
        assert of(comparison, f"{name}_pr").p_holm == of(comparison, name).p_holm


def test_wilcoxon_passes_over_equal_and_undefined_pairs() -> None:
    a, b = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.zeros(5)
    padded = np.append(a, [7.0, math.nan]), np.append(b, [7.0, 1.0])
    assert wilcoxon_p(*padded) == wilcoxon_p(a, b) == 2 * 0.5**5
    assert math.isnan(wilcoxon_p(np.array([math.nan]), np.array([1.0])))


@given(st.dictionaries(st.sampled_from(OWN_MEASURES), st.floats(0, 1), min_size=1))
def test_holm_raises_each_p_at_most_to_bonferroni_and_keeps_their_order(p: dict[str, float]) -> None:
    corrected = holm(p)
    ordered = sorted(p, key=lambda name: p[name])
    assert [corrected[name] for name in ordered] == sorted(corrected.values())
    assert corrected[ordered[0]] == min(1, p[ordered[0]] * len(p))
    assert all(p[name] <= corrected[name] <= min(1, p[name] * len(p)) for name in p)


# --- which images ---------------------------------------------------------------------------------


def test_only_the_common_images_count_and_the_others_are_said(make_result: MakeResult) -> None:
    a, b = make_result("A", images=12, expected=12), make_result("B", images=12)
    assert a.per_image is not None
    first, last = list(a.per_image.keys[:9]), list(a.per_image.keys[2:])
    comparison = quick(with_images(a, first), with_images(b, last))
    assert (comparison.images, comparison.left_out) == (7, (2, 3))
    assert "2 images of A on ECSSD left out: the other does not hold them." in comparison.notes
    common = list(a.per_image.keys[2:9])
    assert quick(with_images(a, common), with_images(b, common)).differences == comparison.differences


def test_an_image_without_s_measure_is_left_out_of_it_and_said(make_result: MakeResult) -> None:
    a, b = make_result("A", images=12), make_result("B", images=12)
    assert a.per_image is not None
    assert b.per_image is not None
    s = a.per_image.values["S"].copy()
    s[3] = math.nan
    comparison = quick(with_values(a, S=s), b)
    assert (of(comparison, "S").images, of(comparison, "MAE").images) == (11, 12)
    assert of(comparison, "S").a == pytest.approx(np.delete(s, 3).mean())
    assert of(comparison, "S").b == pytest.approx(np.delete(b.per_image.values["S"], 3).mean())
    assert "S is not defined on 1 of 12 images: left out of it." in comparison.notes


def test_a_measure_defined_nowhere_has_no_verdict(make_result: MakeResult) -> None:
    a, b = make_result("A", images=12), make_result("B", images=12)
    comparison = quick(with_values(a, S=np.full(12, math.nan)), b)
    s = of(comparison, "S")
    assert all(math.isnan(number) for number in (s.a, s.b, s.difference, s.low, s.high, s.p, s.p_holm))
    assert (s.images, s.verdict) == (0, "not distinguishable")
    assert of(comparison, "MAE").p_holm <= 1
    assert to_json([comparison])["comparisons"][0]["measures"]["S"]["low"] is None
    assert "nan" in to_text([comparison])


def test_so_few_images_that_all_may_agree_by_chance_get_no_verdict(make_result: MakeResult) -> None:
    a = make_result(images=6)
    assert a.per_image is not None
    better = with_values(a, MAE=a.per_image.values["MAE"] - np.linspace(0.1, 0.2, 6))
    assert of(quick(a, better), "MAE").verdict == "b better"
    five = list(a.per_image.keys[:5])
    comparison = quick(with_images(a, five), with_images(better, five))
    assert of(comparison, "MAE").high < 0
    assert of(comparison, "MAE").verdict == "not distinguishable"
    assert "Too few images to tell which method is better." in comparison.notes


# --- what must not be compared --------------------------------------------------------------------


def test_two_benchmarks_are_refused_unless_they_differ_in_spelling_alone(make_result: MakeResult) -> None:
    a = make_result(benchmark="DUTS-TE")
    with pytest.raises(UsageError, match="A on SOD: expected two results on one benchmark"):
        quick(a, make_result("A", benchmark="SOD"))
    assert quick(a, make_result("A", benchmark="duts_te")).images == 4


def test_no_common_image_is_refused_with_names_of_both(make_result: MakeResult) -> None:
    a = make_result(images=3)
    assert a.per_image is not None
    b = replace(a, per_image=replace(a.per_image, keys=("x", "y", "z")))
    with pytest.raises(UsageError, match=r"the first holds 0000, 0001, \.\.\., the second x, y, \.\.\."):
        quick(a, b)


def test_what_is_missing_beside_a_report_is_named(make_result: MakeResult) -> None:
    a = make_result()
    assert a.per_image is not None
    without_counts = replace(a, per_image=replace(a.per_image, counts=None))
    without_s = replace(a, per_image=replace(a.per_image, values={"MAE": a.per_image.values["MAE"]}))
    unscored = replace(a, scores={}, images=3, per_image=None)
    for broken, message in (
        (replace(a, per_image=None), "no scores of its images: per_image.csv is not beside"),
        (without_s, "no scores of its images: per_image.csv is not beside"),
        (without_counts, "no pixel counts: curves.npz is not beside"),
        (unscored, "Ours on ECSSD has no scores: 3 of 4 maps were scored"),
    ):
        for pair_ in ((a, broken), (broken, a)):
            with pytest.raises(ReportError, match=message):
                quick(*pair_)


def test_as_many_masks_with_another_fingerprint_are_refused(make_result: MakeResult) -> None:
    a = make_result()
    with pytest.raises(
        ReportError, match="against different masks: 4 each, with the fingerprints '0f0f0f0f0f0f'"
    ):
        quick(a, replace(a, gt_fingerprint="ab" * 32))


def test_masks_of_other_size_or_area_are_refused_by_name(make_result: MakeResult) -> None:
    a, other = make_result(), make_result("B", gt_fingerprint="ab" * 32, expected=9)
    with pytest.raises(ReportError, match="of 4 of the 4 common images, '0000' the first, they differ"):
        quick(a, other)


def test_another_number_of_masks_is_compared_and_said(make_result: MakeResult) -> None:
    a = make_result(images=8)
    assert a.per_image is not None
    part = with_images(replace(a, gt_fingerprint="ab" * 32, expected=7), list(a.per_image.keys[:7]))
    notes = quick(a, part).notes
    assert notes[0].startswith("The masks were 8 and 7. Those of the common images agree in size")
    assert "1 image of Ours on ECSSD left out: the other does not hold them." in notes


@pytest.mark.parametrize("options", [{"level": 0.0}, {"level": 1.0}, {"level": math.nan}, {"resamples": 0}])
def test_options_without_sense_are_refused(options: dict[str, float], make_result: MakeResult) -> None:
    with pytest.raises(UsageError, match="expected 0 < level < 1 and at least 1"):
        quick(make_result(), make_result("B"), **options)


# --- which results --------------------------------------------------------------------------------


def names(pairs: list[tuple[Result, Result]]) -> list[tuple[str, str, str]]:
    return [(a.benchmark, a.method, b.method) for a, b in pairs]


def test_two_reports_of_one_method_each_need_no_names(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    a = make_report(make_result("A"), make_result("A", "SOD"))
    b = make_report(make_result("B", "SOD"), make_result("B", "PASCAL-S"))
    pairs = pick(a, b)
    assert names(pairs) == [("SOD", "A", "B")]
    assert benchmarks_left_out(a, b, pairs) == ["ECSSD", "PASCAL-S"]


def test_methods_of_one_name_are_compared_with_each_other(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    a = make_report(make_result("A"), make_result("B"))
    b = make_report(make_result("C"), make_result("B"), make_result("A"))
    assert names(pick(a, b)) == [("ECSSD", "A", "A"), ("ECSSD", "B", "B")]


def test_methods_are_found_by_name(make_report: MakeReport, make_result: MakeResult) -> None:
    two, one = make_report(make_result("A"), make_result("B")), make_report(make_result("C"))
    assert names(pick(two, one, method_a="B")) == [("ECSSD", "B", "C")]
    assert names(pick(two, two, "A", "B")) == [("ECSSD", "A", "B")]
    with pytest.raises(UsageError, match="the second report holds no method 'c'; did you mean 'C'"):
        pick(two, one, "A", "c")


def test_what_is_left_open_is_asked_for(make_report: MakeReport, make_result: MakeResult) -> None:
    two = make_report(make_result("A"), make_result("B"))
    with pytest.raises(UsageError, match="both reports are the same one: name two of its methods, A, B"):
        pick(two, two, "A")
    with pytest.raises(
        UsageError, match="the first report holds A, B, the second C: name one method of each"
    ):
        pick(two, make_report(make_result("C")))
    with pytest.raises(UsageError, match="the first report is on ECSSD, the second on SOD"):
        pick(make_report(make_result("A")), make_report(make_result("A", "SOD")))


def test_different_conventions_are_refused_choice_by_choice(
    make_report: MakeReport, make_result: MakeResult
) -> None:
    a = make_report(make_result())
    b = make_report(make_result(), protocol=PYSODMETRICS.but(name="mine", scaling="none", f_beta2=1.0))
    with pytest.raises(UsageError, match=r"conventions: scaling minmax and none, f_beta2 0\.3 and 1\.0;"):
        pick(a, b)
    renamed = make_report(make_result("B"), protocol=PYSODMETRICS.but(name="mine"))
    assert names(pick(a, renamed)) == [("ECSSD", "Ours", "B")]


# --- how it is shown ------------------------------------------------------------------------------


def test_every_format_shows_every_measure_and_note(make_result: MakeResult) -> None:
    a, b = make_result("A|b", images=12), make_result("<i>", images=11, expected=11, gt_fingerprint="0f" * 32)
    comparison = quick(a, b)
    text, table = to_text([comparison]), to_markdown([comparison])
    for measure in STANDARD.values():
        assert f"\n{measure.title}{measure.arrow} " in text
        assert f"\n| {measure.title}{measure.arrow} |" in table
    for note in comparison.notes:
        assert note in text
    assert "ECSSD: <i> against A|b on 11 images, protocol pysodmetrics" in text
    assert "### ECSSD: &lt;i&gt; against A\\|b on 11 images" in table
    assert "<i>" not in table


def test_a_verdict_names_the_method_and_tells_namesakes_apart(make_result: MakeResult) -> None:
    a = make_result(images=12)
    assert a.per_image is not None
    b = with_values(a, MAE=a.per_image.values["MAE"] + 0.1)
    row = next(line for line in to_text([quick(a, b)]).splitlines() if line.startswith("MAE"))
    assert row.split()[3:7] == ["+0.1000", "+0.1000", "..", "+0.1000"]
    assert row.endswith("Ours (A)")
    assert to_text([quick(a, replace(b, method="Other"))]).count("Ours (A)") == 0


def test_json_and_csv_hold_full_precision(make_result: MakeResult) -> None:
    comparison = quick(make_result("A", images=12), make_result("B", images=12))
    values = json.loads(json.dumps(to_json([comparison]), allow_nan=False))["comparisons"][0]
    rows = list(csv.DictReader(io.StringIO(to_csv([comparison]))))
    for each, row in zip(comparison.differences, rows, strict=True):
        for field in ("a", "b", "difference", "low", "high", "p", "p_holm"):
            assert float(row[field]) == values["measures"][each.measure.name][field] == getattr(each, field)
        assert row["verdict"] == each.verdict
    assert values["left_out"] == {"a": 0, "b": 0}
    assert values["protocol"] == PYSODMETRICS.to_json()


# --- real maps ------------------------------------------------------------------------------------


def test_dss_beats_amulet_on_sod_but_not_in_structure(shared_data: Path) -> None:
    sod = shared_data / "sod"
    methods = {name: sod / "predictions" / name for name in ("Amulet", "DSS")}
    report = evaluate_pairings([pair(sod / "gt", methods, "SOD")], Options())
    ((amulet, dss),) = pick(report, report, "Amulet", "DSS")
    comparison = quick(amulet, dss, resamples=400)
    assert {each.measure.name: each.a for each in comparison.differences} == pytest.approx(
        dict(amulet.scores), abs=1e-12
    )
    assert {each.measure.name for each in comparison.differences if each.verdict == "b better"} == {
        "MAE", "maxF", "meanF", "adpF", "maxF_pr", "meanF_pr", "wF",
    }  # fmt: skip
    assert of(comparison, "S").verdict == of(comparison, "maxE").verdict == "not distinguishable"
    assert comparison.notes == ()
