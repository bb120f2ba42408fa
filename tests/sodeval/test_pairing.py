"""Which map belongs to which mask, and what is said where none does."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sodeval.errors import PairingError, UsageError
from sodeval.inputs.affixes import suggest
from sodeval.inputs.discovery import find_benchmarks
from sodeval.inputs.pairing import Pairing, method_folders, pair


def fill(folder: Path, names: Iterable[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def paired(root: Path, masks: Iterable[str], maps: Iterable[str], **affixes: str) -> Pairing:
    return pair(fill(root / "gt", masks), {"M": fill(root / "M", maps)}, "B", **affixes)


def told(pairing: Pairing, method: str = "M") -> list[tuple[str, str, str]]:
    return [(p.severity, p.kind, Path(p.file).name) for p in pairing.problems[method]]


def numbered(count: int, name: str = "{:04}.png") -> list[str]:
    return [name.format(i) for i in range(count)]


# --- matching -------------------------------------------------------------------------------------


def test_maps_match_masks_by_stem_whatever_the_extension_or_its_case(tmp_path: Path) -> None:
    pairing = paired(tmp_path, ["b.png", "a.PNG", "c.bmp"], ["a.jpg", "b.NPY", "c.Tiff"])
    assert list(pairing.masks.items()) == [
        (k, tmp_path / "gt" / f) for k, f in zip("abc", ("a.PNG", "b.png", "c.bmp"), strict=True)
    ]
    assert {k: f.name for k, f in pairing.maps["M"].items()} == {"a": "a.jpg", "b": "b.NPY", "c": "c.Tiff"}
    assert pairing.problems == {"": (), "M": ()}


def test_a_composed_and_a_decomposed_letter_are_the_same_name(tmp_path: Path) -> None:
    name = 'été <script> 図 "1".png'
    pairing = paired(tmp_path, [unicodedata.normalize("NFD", name)], [unicodedata.normalize("NFC", name)])
    assert list(pairing.maps["M"]) == [unicodedata.normalize("NFC", name)[:-4]]


def test_every_missing_map_is_an_error_and_every_extra_one_a_note(tmp_path: Path) -> None:
    pairing = paired(tmp_path, numbered(5), [*numbered(3), "other.png"])
    assert set(pairing.maps["M"]) == {"0000", "0001", "0002"}
    assert told(pairing) == [
        ("error", "missing", "0003.png"),
        ("error", "missing", "0004.png"),
        ("note", "extra", "other.png"),
    ]


def test_two_maps_of_one_name_are_an_error_that_names_both(tmp_path: Path) -> None:
    pairing = paired(tmp_path, ["a.png", "b.png"], ["a.jpg", "a.png", "b.png"])
    assert set(pairing.maps["M"]) == {"b"}
    (problem,) = pairing.problems["M"]
    assert (problem.severity, problem.kind) == ("error", "duplicate")
    assert "a.jpg and a.png" in problem.detail


def test_two_masks_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PairingError, match=r"0001.jpg and 0001.png have one name.*keep the masks alone"):
        paired(tmp_path, ["0001.png", "0001.jpg"], ["0001.png"])


def test_what_is_no_image_is_noted_and_not_refused(tmp_path: Path) -> None:
    junk = [".DS_Store", "._0001.png", "Thumbs.db", "desktop.ini", "readme.txt", "noextension"]
    fill(tmp_path / "M" / "old", ["0001.png"])
    fill(tmp_path / "M" / "folder.png", [])
    pairing = paired(tmp_path, ["0001.png", "Thumbs.db"], ["0001.png", *junk])
    assert {name for *_, name in told(pairing)} == {*junk, "old", "folder.png"}
    assert {problem[:2] for problem in told(pairing)} == {("note", "ignored")}
    assert told(pairing, "") == [("note", "ignored", "Thumbs.db")]


def test_the_record_that_bdstr_predict_keeps_among_its_maps_is_no_news(tmp_path: Path) -> None:
    pairing = paired(tmp_path, ["a.png"], ["a.png", ".prediction.json", ".other.json"])
    assert told(pairing) == [("note", "ignored", ".other.json")]


def test_an_npy_is_a_map_but_no_mask(tmp_path: Path) -> None:
    pairing = paired(tmp_path, ["a.png", "b.npy"], ["a.npy"])
    assert set(pairing.masks) == {"a"}
    assert told(pairing, "") == [("note", "ignored", "b.npy")]


def test_links_that_lead_nowhere_are_left_for_reading_to_refuse(tmp_path: Path) -> None:
    fill(tmp_path / "M", [])
    (tmp_path / "M" / "a.png").symlink_to("a.png")
    (tmp_path / "M" / "b.png").symlink_to("gone.png")
    pairing = paired(tmp_path, ["a.png", "b.png"], [])
    assert {k: f.name for k, f in pairing.maps["M"].items()} == {"a": "a.png", "b": "b.png"}


def test_a_pipe_called_like_an_image_is_passed_over_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(fill(tmp_path / "M", []) / "a.png")
    pairing = paired(tmp_path, ["a.png", "b.png"], ["b.png"])
    assert set(told(pairing)) == {("error", "missing", "a.png"), ("note", "ignored", "a.png")}


def test_nothing_is_written_into_the_folders(tmp_path: Path) -> None:
    fill(tmp_path / "gt", ["a.png"])
    fill(tmp_path / "M", ["a.png"])
    for folder in ("gt", "M"):
        os.utime(tmp_path / folder, (1, 1))
    paired(tmp_path, [], [])
    assert {(tmp_path / folder).stat().st_mtime for folder in ("gt", "M")} == {1}


def test_each_folder_is_listed_once_and_no_file_is_asked_for_its_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: listed.append(folder) or scandir(folder))
    monkeypatch.setattr("sodeval.inputs.listing.stat", None)
    assert len(paired(tmp_path, numbered(100), numbered(100)).maps["M"]) == 100
    assert listed == [tmp_path / "gt", tmp_path / "M"]


@given(st.sets(st.text("abé1_", min_size=1, max_size=4)), st.sets(st.text("abé1_", min_size=1, max_size=4)))
def test_every_mask_is_matched_or_missing_and_every_map_matched_or_extra(
    tmp_path_factory: pytest.TempPathFactory, masks: set[str], maps: set[str]
) -> None:
    if not masks & maps:
        return
    root = tmp_path_factory.mktemp("pair")
    pairing = paired(root, [f"{m}.png" for m in masks], [f"{m}.png" for m in maps])
    kinds = {kind: {p[2] for p in told(pairing) if p[1] == kind} for kind in ("missing", "extra")}
    assert set(pairing.masks) == masks
    assert set(pairing.maps["M"]) == masks & maps
    assert kinds == {
        "missing": {f"{m}.png" for m in masks - maps},
        "extra": {f"{m}.png" for m in maps - masks},
    }


# --- prefixes and suffixes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "offer"),
    [
        ("{:04}_HS.png", "with --suffix _HS 30 would"),
        ("sal_{:04}.png", "with --prefix sal_ 30 would"),
        ("a b{:04}-x.png", "with --prefix 'a b' --suffix -x 30 would"),
    ],
)
def test_a_prefix_or_suffix_that_would_help_is_offered_and_not_applied(
    tmp_path: Path, pattern: str, offer: str
) -> None:
    with pytest.raises(PairingError) as caught:
        paired(tmp_path, numbered(30), numbered(30, pattern))
    assert f"0 of 30 names match; {offer}" in str(caught.value)


@pytest.mark.parametrize(("prefix", "suffix"), [("", "_HS"), ("sal_", ""), ("{x}", "%s")])
def test_a_prefix_and_a_suffix_are_taken_off(tmp_path: Path, prefix: str, suffix: str) -> None:
    names = [f"{prefix}{i}{suffix}.png" for i in range(3)]
    pairing = paired(tmp_path, numbered(4, "{}.png"), [*names, "0.png"], prefix=prefix, suffix=suffix)
    assert {k: f.name for k, f in pairing.maps["M"].items()} == dict(zip("012", names, strict=True))
    assert set(told(pairing)) == {
        ("error", "missing", f"{prefix}3{suffix}.png"),
        ("note", "extra", "0.png"),
    }


def test_a_folder_without_the_suffix_is_matched_as_it_is_with_a_note(tmp_path: Path) -> None:
    masks = fill(tmp_path / "gt", numbered(3))
    methods = {"A": fill(tmp_path / "A", numbered(3, "{:04}_HS.png")), "B": fill(tmp_path / "B", numbered(3))}
    pairing = pair(masks, methods, "B", suffix="_HS")
    assert [len(maps) for maps in pairing.maps.values()] == [3, 3]
    assert told(pairing, "A") == []
    assert told(pairing, "B") == [("note", "affix", "B")]


def test_a_suffix_on_nearly_all_maps_is_offered_in_a_note(tmp_path: Path) -> None:
    pairing = paired(tmp_path, numbered(10), ["0000.png", *numbered(10, "{:04}_HS.png")])
    assert len(pairing.maps["M"]) == 1
    (note,) = (p for p in pairing.problems["M"] if p.kind == "affix")
    assert note.detail == "1 of 10 names match; with --suffix _HS 10 would"


def test_a_difference_in_case_is_offered(tmp_path: Path) -> None:
    with pytest.raises(
        PairingError, match=r"0 of 3 names match; but for upper and lower case 3 would: rename them"
    ):
        paired(tmp_path, numbered(3, "img{}.png"), numbered(3, "IMG{}.png"))


def test_the_offer_counts_numbers_inside_of_numbers_right() -> None:
    keys = {str(i) for i in range(1, 851)}
    assert suggest(keys, {f"{key}_sal" for key in keys}) == "with --suffix _sal 850 would"


def test_nothing_is_offered_where_nothing_helps(tmp_path: Path) -> None:
    with pytest.raises(
        PairingError, match=r"0 of 2 names match \(masks are called like 0000, 0001, maps like x, y\)"
    ):
        paired(tmp_path, numbered(2), ["x.png", "y.png"])


def test_one_method_without_any_match_does_not_stop_the_others(tmp_path: Path) -> None:
    masks = fill(tmp_path / "gt", numbered(3))
    methods = {"A": fill(tmp_path / "A", numbered(3)), "B": fill(tmp_path / "B", numbered(3, "{:04}_x.png"))}
    pairing = pair(masks, methods, "B")
    assert (len(pairing.maps["A"]), len(pairing.maps["B"])) == (3, 0)
    assert told(pairing, "B") == [("error", "no-match", "B")]
    assert "with --suffix _x 3 would" in pairing.problems["B"][0].detail


# --- folders --------------------------------------------------------------------------------------


def test_a_missing_folder_a_file_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    masks = fill(tmp_path / "gt", ["a.png"])
    fill(tmp_path / "empty", ["readme.txt"])
    for folder, reason in [
        ("gone", "No such file or directory; expected a folder"),
        ("gt/a.png", "a file; expected a folder of images"),
        ("empty", r"holds no images; expected files of .bmp, .jpeg, .jpg, .npy, .png"),
    ]:
        with pytest.raises(PairingError, match=f"{folder}: {reason}"):
            pair(masks, {"M": tmp_path / folder}, "B")
        with pytest.raises(PairingError, match=f"{folder}: "):
            pair(tmp_path / folder, {"M": masks}, "B")


def test_a_loop_of_links_given_as_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(PairingError, match="Too many levels of symbolic links"):
        pair(tmp_path / "loop", {"M": tmp_path}, "B")


def test_the_one_subfolder_that_holds_images_is_named(tmp_path: Path) -> None:
    fill(tmp_path / "M" / "ECSSD", numbered(7))
    fill(tmp_path / "M" / "logs", ["a.txt"])
    with pytest.raises(PairingError, match=r"its subfolder ECSSD holds 7: did you mean .*M/ECSSD\?"):
        paired(tmp_path, numbered(7), [])


@pytest.mark.parametrize("other", ["gt", "gt/../gt", "link"])
def test_masks_are_never_scored_against_themselves(tmp_path: Path, other: str) -> None:
    masks = fill(tmp_path / "gt", ["a.png"])
    (tmp_path / "link").symlink_to("gt")
    with pytest.raises(PairingError, match="given as masks and as the maps of M; expected two folders"):
        pair(masks, {"M": tmp_path / other}, "B")


def test_no_method_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PairingError, match="expected one a method"):
        pair(fill(tmp_path / "gt", ["a.png"]), {}, "B")


def test_a_name_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    fill(tmp_path / "gt", [])
    (Path(os.fsdecode(bytes(tmp_path / "gt") + b"/\xff.png"))).touch()
    with pytest.raises(PairingError, match=r"the name '\\udcff.png' is not UTF-8"):
        paired(tmp_path, ["a.png"], ["a.png"])


def test_methods_are_called_as_told_or_like_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(fill(tmp_path / "a=b" / "c", []))
    specs = ["N=x/y", "z/DSS/", ".", "..", "P=../../a=b"]
    assert method_folders(specs) == {
        "N": Path("x/y"),
        "DSS": Path("z/DSS"),
        "c": Path(),
        "a=b": Path(".."),
        "P": Path("../../a=b"),
    }
    assert method_folders([str(tmp_path / "a=b")]) == {"a=b": tmp_path / "a=b"}


@pytest.mark.parametrize("specs", [["A=x", "A=y"], ["m/DSS", "n/DSS"]])
def test_two_methods_of_one_name_are_refused(specs: list[str]) -> None:
    with pytest.raises(UsageError, match="two methods are called"):
        method_folders(specs)


@pytest.mark.parametrize("spec", ["=x", "A=", ""])
def test_a_method_without_name_or_folder_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="expected NAME=DIR"):
        method_folders([spec])


# --- trees ----------------------------------------------------------------------------------------


def test_two_trees_are_matched_through_the_names_people_give_their_folders(tmp_path: Path) -> None:
    masks, maps = tmp_path / "data", tmp_path / "maps"
    fill(masks / "DUTS-TE" / "DUTS-TE-Mask", ["a.png"])
    fill(masks / "DUTS-TE" / "DUTS-TE-Image", ["a.jpg"])
    fill(masks / "ecssd" / "GT", ["a.png"])
    fill(masks / "My Own", ["a.png"])
    for method, folders in {"A": ["duts_test", "ECSSD", "my-own"], "B": ["DUTS"]}.items():
        for folder in folders:
            fill(maps / method / folder, ["a.png"])
    tree = find_benchmarks(maps, masks)
    assert [(b.benchmark, b.masks, dict(b.maps)) for b in tree.benchmarks] == [
        ("DUTS-TE", masks / "DUTS-TE/DUTS-TE-Mask", {"A": maps / "A/duts_test", "B": maps / "B/DUTS"}),
        ("ECSSD", masks / "ecssd/GT", {"A": maps / "A/ECSSD"}),
        ("My Own", masks / "My Own", {"A": maps / "A/my-own"}),
    ]
    (problem,) = tree.problems
    assert (problem.severity, problem.kind, problem.file) == ("note", "no-maps", str(maps / "B"))
    assert "ECSSD, My Own" in problem.detail


def test_every_folder_that_is_left_out_is_reported(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "ECSSD" / "gt", ["a.png"])
    fill(tmp_path / "data" / "ECSSD" / "masks", ["a.png"])
    fill(tmp_path / "data" / "SOD" / "unheard-of", ["a.png"])
    fill(tmp_path / "maps" / "A" / "ECSSD", ["a.png"])
    fill(tmp_path / "maps" / "A" / "SOC", ["a.png"])
    fill(tmp_path / "maps" / "B" / "ECSSD", ["readme.txt"])
    tree = find_benchmarks(tmp_path / "maps", tmp_path / "data")
    assert [dict(b.maps) for b in tree.benchmarks] == [{"A": tmp_path / "maps/A/ECSSD"}]
    assert {(p.severity, p.kind, str(Path(p.file).relative_to(tmp_path))) for p in tree.problems} == {
        ("note", "ignored", "data/ECSSD/masks"),
        ("note", "no-masks", "data/SOD"),
        ("note", "no-masks", "maps/A/SOC"),
        ("error", "no-images", "maps/B/ECSSD"),
        ("note", "no-maps", "maps/B"),
    }


@pytest.mark.parametrize("tree", ["data", "maps/A"])
def test_a_benchmark_that_is_there_twice_is_refused(tmp_path: Path, tree: str) -> None:
    fill(tmp_path / "data" / "HKU-IS" / "gt", ["a.png"])
    fill(tmp_path / "maps" / "A" / "HKU-IS", ["a.png"])
    fill(tmp_path / tree / "HKUIS", ["a.png"])
    with pytest.raises(PairingError, match=r"HKU-IS.* and .*HKUIS are both HKU-IS; expected one"):
        find_benchmarks(tmp_path / "maps", tmp_path / "data")


def test_trees_without_a_match_are_refused_with_the_layout_expected(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "ECSSD" / "gt", ["a.png"])
    fill(tmp_path / "maps" / "ECSSD", ["a.png"])
    with pytest.raises(PairingError, match=r"no maps for .*\(ECSSD\); expected .*/METHOD/BENCHMARK/\*.png"):
        find_benchmarks(tmp_path / "maps", tmp_path / "data")


# --- real folders ---------------------------------------------------------------------------------


def test_the_real_folders_match_without_a_word(shared_data: Path) -> None:
    sod = shared_data / "sod"
    methods = {folder.name: folder for folder in sorted((sod / "predictions").iterdir())}
    pairing = pair(sod / "gt", methods, "SOD")
    assert {method: len(maps) for method, maps in pairing.maps.items()} == {
        "Amulet": 300,
        "DSS": 300,
        "PiCANet": 300,
    }
    assert set(pairing.problems.values()) == {()}
