"""Perceptual hashes, which of them are near, and the lists that hold them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bdstr.errors import RecipeError, SourceError
from bdstr_builders.commands.hashes import hashes
from bdstr_builders.hash_list import find_list, known_lists, read_hashes, to_text
from bdstr_builders.near import duplicates, near_pairs
from bdstr_builders.phash import hash_of, hash_of_file

FAR_AND_NEAR = st.lists(
    st.builds(
        lambda base, flipped: base ^ sum(1 << bit for bit in flipped),
        st.sampled_from([0, 0x0123456789ABCDEF, 0x00FF00FF00FF00FF, (1 << 64) - 1]),
        st.sets(st.integers(0, 63), max_size=9),
    ),
    max_size=40,
)


# ---- which are near --------------------------------------------------------------------------------


@settings(max_examples=25)
@given(FAR_AND_NEAR, st.integers(0, 9))
def test_the_pairs_found_by_bands_are_those_of_comparing_every_two(values: list[int], distance: int) -> None:
    everyone = {
        (i, j)
        for j in range(len(values))
        for i in range(j)
        if (values[i] ^ values[j]).bit_count() <= distance
    }
    assert near_pairs(np.array(values, np.uint64), distance) == everyone


@settings(max_examples=25)
@given(FAR_AND_NEAR, st.integers(0, 9))
def test_each_duplicate_repeats_the_first_kept_one_that_is_so_near(values: list[int], distance: int) -> None:
    kept: list[int] = []
    expected = {}
    for i, value in enumerate(values):
        near = [k for k in kept if (values[k] ^ value).bit_count() <= distance]
        if near:
            expected[i] = near[0], (values[near[0]] ^ value).bit_count()
        else:
            kept.append(i)
    found = duplicates(values, distance)
    assert {i: (near.kept, near.distance) for i, near in found.items()} == expected


# ---- one hash --------------------------------------------------------------------------------------


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    memory = io.BytesIO()
    image.save(memory, kind, **options)
    return memory.getvalue()


def test_a_photograph_without_reduction_has_the_hash_that_imagehash_gives(shared_data: Path) -> None:
    import imagehash

    file = shared_data / "ecssd" / "images" / "0007.webp"
    assert f"{hash_of_file(file):016x}" == str(imagehash.phash(Image.open(file)))


def test_copies_of_another_size_or_quality_are_near_and_other_photographs_are_not(shared_data: Path) -> None:
    files = sorted((shared_data / "ecssd" / "images").iterdir())[:20:4]
    originals = [hash_of(file.read_bytes()) for file in files]
    for file, original in zip(files, originals, strict=True):
        photo = Image.open(file).convert("RGB")
        large = photo.resize((photo.width * 4, photo.height * 4))  # of which a reduced JPEG is decoded
        copies = [
            encoded(photo, "JPEG", quality=30),
            encoded(photo.resize((photo.width // 3, photo.height // 3)), "PNG"),
            encoded(large, "JPEG", quality=85),
        ]
        assert max((hash_of(copy) ^ original).bit_count() for copy in copies) <= 4
    apart = [(one ^ other).bit_count() for i, one in enumerate(originals) for other in originals[:i]]
    assert min(apart) > 10


def test_a_photograph_turned_by_its_exif_is_hashed_upright(shared_data: Path) -> None:
    photo = Image.open(shared_data / "ecssd" / "images" / "0001.webp").convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    lying = encoded(photo.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)
    assert (hash_of(lying) ^ hash_of(encoded(photo, "JPEG", quality=95))).bit_count() <= 2


# ---- lists -----------------------------------------------------------------------------------------

KEYS = st.text(st.characters(exclude_categories=[]), min_size=1).map(
    lambda text: text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
)


@settings(max_examples=25)
@given(st.dictionaries(KEYS, st.integers(0, (1 << 64) - 1), max_size=8))
def test_a_list_is_read_as_it_was_written_whatever_files_are_called(
    tmp_path_factory: pytest.TempPathFactory, known: dict[str, int]
) -> None:
    file = tmp_path_factory.getbasetemp() / "hashes.txt"
    file.write_bytes(to_text(known))
    read = read_hashes(file)
    assert list(read.items()) == list(known.items())


WHOLE = to_text({"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WHOLE[:-4], "is damaged: its lines are not those that its first line tells of: make it again"),
        (WHOLE.replace(b" a", b" c"), "is damaged"),
        (b"", "is no list of hashes by its first line"),
        (WHOLE.replace(b"version 1", b"version 0"), "hashes of phash 8 x 8, version 0; expected phash 8 x 8"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_hashes(tmp_path / "list.txt")


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        read_hashes(tmp_path / "list.txt")
    with pytest.raises(RecipeError, match="no list of hashes 'ecsd'; did you mean 'ecssd'"):
        find_list("ecsd")


def test_the_list_of_ecssd_that_comes_along_is_what_the_command_writes(
    shared_data: Path, tmp_path: Path
) -> None:
    packaged = read_hashes(find_list("ecssd"))
    images = shared_data / "ecssd" / "images"
    assert list(packaged) == sorted(file.stem for file in images.iterdir())
    for name in ("0001", "0500", "1000"):
        (tmp_path / "photos").mkdir(exist_ok=True)
        (tmp_path / "photos" / f"{name}.webp").write_bytes((images / f"{name}.webp").read_bytes())
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no image")
    done = CliRunner().invoke(
        hashes, [str(tmp_path / "photos"), "--out", str(tmp_path / "o.txt")], standalone_mode=False
    )
    assert done.return_value == 3  # as other commands end that leave something out
    assert "broken: cannot be read, left out" in done.stderr
    assert "3 hashes, 1 left out" in done.stdout
    assert read_hashes(tmp_path / "o.txt") == {name: packaged[name] for name in ("0001", "0500", "1000")}
    assert known_lists() == ["ecssd"]


def test_photographs_of_one_name_are_not_left_out_of_a_list_in_silence(tmp_path: Path) -> None:
    for name in ("a.png", "twice.png", "twice.jpg"):
        Image.new("RGB", (32, 32)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("mine")
    done = CliRunner().invoke(
        hashes, [str(tmp_path), "--out", str(tmp_path.with_suffix(".txt"))], standalone_mode=False
    )
    assert done.return_value == 3
    assert "twice: twice.jpg and twice.png have one name; expected one file a name, left out" in done.output
    assert "1 hash, 1 left out" in done.output
