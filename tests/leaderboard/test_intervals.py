"""Intervals: as the general bootstrap has them, and close to it where a maximum is taken anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bdstr_leaderboard.entry import Entry
from bdstr_leaderboard.intervals import RESAMPLES, SEED, Sample, distinguishable, interval, resampled
from sodeval import Report
from sodeval.analysis.bootstrap import draw_weights, weighted_scores

values = st.lists(st.floats(0, 1), min_size=2, max_size=12).map(np.array)


@settings(max_examples=30)
@given(values)
def test_an_interval_holds_the_median_resample_and_stays_within_the_values(sample: np.ndarray) -> None:
    found = interval(sample)
    assert found.low <= np.median(resampled(sample)) <= found.high
    assert sample.min() - 1e-12 <= found.low
    assert found.high <= sample.max() + 1e-12


@settings(max_examples=30)
@given(values)
def test_a_method_is_level_with_itself(sample: np.ndarray) -> None:
    assert not distinguishable(sample, sample)


def test_a_difference_that_every_image_shows_is_told_from_chance_whichever_comes_first() -> None:
    near = np.random.default_rng(3).random(50)
    assert distinguishable(near, near + 0.001)
    assert distinguishable(near + 0.001, near)


def test_differences_are_paired_so_that_hard_images_do_not_hide_them() -> None:
    hard = np.random.default_rng(3).random(200)
    better = hard + 0.01
    assert interval(better).low < interval(hard).high  # apart they overlap
    assert distinguishable(hard, better)


def test_samples_of_other_images_are_never_level() -> None:
    near, other = (Sample((key,), np.array([0.5])) for key in "ab")
    assert not near.level_with(other)
    assert near.level_with(Sample(("a",), np.array([0.5])))


def test_intervals_are_those_of_the_general_bootstrap(report: Report, entry_of: Callable[[], Entry]) -> None:
    """Exactly for means over images; within .001 for maxF and maxE, whose threshold is chosen once here."""
    entry, per_image = entry_of(), report.results[0].per_image
    weights = draw_weights(len(entry.keys), RESAMPLES, SEED)
    assert per_image
    assert per_image.counts is not None
    general = weighted_scores(per_image.values, per_image.counts, weights, report.protocol)
    for measure, kept in entry.values.items():
        low, high = np.quantile(general[measure][1:], (0.025, 0.975))
        found = interval(kept)
        allowed = 1e-3 if measure in ("maxF", "maxE") else 1e-9
        assert abs(found.low - low) < allowed, measure
        assert abs(found.high - high) < allowed, measure
