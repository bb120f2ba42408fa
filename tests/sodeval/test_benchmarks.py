"""The benchmarks as data, and the fingerprints of the copies that we hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sodeval.benchmarks import all_benchmarks, count_problem, find_benchmark
from sodeval.fingerprints import fingerprint, mask_digest
from sodeval.inputs.reading import decode, read_bytes

COUNTS = {"DUT-OMRON": 5168, "DUTS-TE": 5019, "ECSSD": 1000, "HKU-IS": 4447, "PASCAL-S": 850, "SOD": 300}


def test_the_six_benchmarks_have_the_published_numbers_of_images() -> None:
    assert {benchmark.name: benchmark.images for benchmark in all_benchmarks()} == COUNTS


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("DUTS-TE", "DUTS-TE"),
        ("DUTS_TE", "DUTS-TE"),
        ("duts-test", "DUTS-TE"),
        ("DUTO", "DUT-OMRON"),
        ("dut-o", "DUT-OMRON"),
        ("OMRON", "DUT-OMRON"),
        ("DUTOMRON", "DUT-OMRON"),
        ("ecssd", "ECSSD"),
        ("HKUIS", "HKU-IS"),
        ("hku_is", "HKU-IS"),
        ("PASCALS", "PASCAL-S"),
        ("Pascal", "PASCAL-S"),
        ("sod", "SOD"),
    ],
)
def test_a_benchmark_is_found_by_the_names_of_its_folders(name: str, official: str) -> None:
    found = find_benchmark(name)
    assert found is not None
    assert found.name == official


@pytest.mark.parametrize("name", ["DUTS-TR", "SOC", "CSSD", "", "TE"])
def test_another_data_set_is_not_taken_for_a_benchmark(name: str) -> None:
    assert find_benchmark(name) is None


def test_the_photographs_of_the_demo_can_be_scored_but_are_no_benchmark_of_the_field() -> None:
    demo = find_benchmark("sodeval-demo")
    assert demo is not None
    assert demo.images == 7
    assert demo not in all_benchmarks()


def test_no_two_benchmarks_share_a_name() -> None:
    for benchmark in all_benchmarks():
        for name in (benchmark.name, *benchmark.aliases):
            assert find_benchmark(name) is benchmark


def test_a_wrong_count_is_said_and_a_right_one_is_not() -> None:
    ecssd = find_benchmark("ECSSD")
    assert ecssd is not None
    assert count_problem(ecssd, 1000) is None
    problem = count_problem(ecssd, 999)
    assert problem is not None
    assert (problem.kind, problem.severity) == ("count", "note")
    assert "999 masks; ECSSD has 1,000" in problem.detail


def test_the_digest_of_a_mask_is_that_of_its_size_and_packed_bits() -> None:
    mask = np.array([[True, False, True], [False, True, True]])
    expected = hashlib.sha256(b"\2\0\0\0\3\0\0\0" + bytes([0b10101100])).digest()[:16]
    assert mask_digest(mask) == expected
    assert mask_digest(np.asfortranarray(mask)) == expected


def test_masks_of_the_same_bits_and_another_size_differ() -> None:
    assert mask_digest(np.zeros((2, 6), bool)) != mask_digest(np.zeros((3, 4), bool))


def test_a_fingerprint_is_the_hash_of_the_sorted_keys_and_digests() -> None:
    expected = hashlib.sha256(
        b"a\0" + b"1" * 16 + b"\n" + "é".encode() + b"\0" + b"2" * 16 + b"\n"
    ).hexdigest()
    assert fingerprint({"é": b"2" * 16, "a": b"1" * 16}) == expected


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.binary(min_size=16, max_size=16), min_size=1)
)
def test_a_fingerprint_does_not_depend_on_order_but_on_every_mask(digests: dict[str, bytes]) -> None:
    whole = fingerprint(digests)
    assert whole == fingerprint(dict(reversed(digests.items())))
    for key in digests:
        assert whole != fingerprint({k: v for k, v in digests.items() if k != key})


@pytest.mark.parametrize("name", ["ECSSD", "SOD"])
def test_the_fingerprints_that_we_print_are_those_of_the_real_masks(shared_data: Path, name: str) -> None:
    digests = {
        path.stem: mask_digest(decode(read_bytes(path), path).values > 128)
        for path in (shared_data / name.lower() / "gt").iterdir()
    }
    benchmark = find_benchmark(name)
    assert benchmark is not None
    assert len(digests) == benchmark.images
    assert fingerprint(digests) == benchmark.fingerprint
