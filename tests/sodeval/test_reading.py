"""Files to pixels: what is accepted exactly, and where the files of others lie."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from encoded_files import RAMP, STEPS, chunk, encoded, header, kinds, npy, png, read, with_chunk
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import UInt8
from PIL import Image

from sodeval.errors import ImageError
from sodeval.inputs.reading import decode, read_bytes


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_an_8_bit_grey_png_gives_its_pixels(pixels: UInt8[np.ndarray, "h w"]) -> None:
    decoded = read(encoded(pixels))
    np.testing.assert_array_equal(decoded.values, pixels)
    assert decoded.values.dtype == np.uint8
    assert decoded.notes == ()


@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=40)))
def test_a_1_bit_png_gives_0_and_255_for_any_width(mask: np.ndarray) -> None:
    decoded = read(encoded(Image.fromarray(mask.astype(np.uint8) * 255).convert("1")))
    np.testing.assert_array_equal(decoded.values, np.where(mask, 255, 0))
    assert decoded.values.dtype == np.uint8
    assert decoded.notes == ()


def test_a_1_bit_png_is_decoded_right_under_each_of_the_five_filters() -> None:
    bits = np.random.default_rng(0).integers(0, 2, (10, 19), dtype=np.uint8)
    packed = np.packbits(bits, axis=1)
    rows, above = [], np.zeros(3, np.uint8)
    for y, row in enumerate(packed):
        left, corner = np.concatenate([[0], row[:-1]]), np.concatenate([[0], above[:-1]])
        guess = left.astype(int) + above - corner
        distances = np.abs([guess - left, guess - above, guess - corner])
        paeth = np.choose(distances.argmin(axis=0), [left, above, corner])
        predicted = [0, left, above, (left.astype(int) + above) // 2, paeth][y % 5]
        rows.append(bytes([y % 5]) + ((row.astype(int) - predicted) % 256).astype(np.uint8).tobytes())
        above = row
    data = png(header(19, 10, bits=1), chunk(b"IDAT", zlib.compress(b"".join(rows))))
    np.testing.assert_array_equal(read(data).values, bits * 255)


@pytest.mark.parametrize("bits", [2, 4])
def test_2_and_4_bit_pngs_are_spread_over_0_to_255(bits: int) -> None:
    levels = np.arange(2**bits, dtype=np.uint8).repeat(8 // bits)
    packed = sum(levels[i :: 8 // bits] << (8 - bits * (i + 1)) for i in range(8 // bits))
    raw = b"\0" + packed.astype(np.uint8).tobytes()
    data = png(header(len(levels), 1, bits=bits), chunk(b"IDAT", zlib.compress(raw)))
    np.testing.assert_array_equal(read(data).values, [levels * (255 // (2**bits - 1))])


def test_a_16_bit_png_keeps_its_exact_values() -> None:
    pixels = np.array([[0, 1, 255, 256, 257], [32767, 32768, 65000, 65534, 65535]], np.uint16)
    decoded = read(encoded(pixels))
    np.testing.assert_array_equal(decoded.values, pixels)
    assert decoded.values.dtype == np.uint16
    assert kinds(decoded) == ["16-bit"]


def test_an_interlaced_png_gives_the_same_pixels() -> None:
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    raw = b"".join(b"\0" + row.tobytes() for x, y, dx, dy in passes for row in RAMP[y::dy, x::dx])
    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", 21, 12, 8, 0, 0, 0, 1))
    np.testing.assert_array_equal(read(png(ihdr, chunk(b"IDAT", zlib.compress(raw)))).values, RAMP)


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
def test_lossless_grey_formats_give_their_pixels(kind: str) -> None:
    decoded = read(encoded(RAMP, kind))
    np.testing.assert_array_equal(decoded.values, RAMP)
    assert decoded.notes == ()


def test_a_grey_jpeg_gives_what_opencv_reads() -> None:
    data = encoded(RAMP, "JPEG", quality=95)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read(data).values, expected)


def test_a_lossless_webp_is_grey_in_three_channels() -> None:
    decoded = read(encoded(Image.fromarray(RAMP), "WEBP", lossless=True))
    np.testing.assert_array_equal(decoded.values, RAMP)
    assert kinds(decoded) == ["rgb"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("RGB", ["rgb"]), ("RGBA", ["rgb", "alpha"]), ("LA", ["alpha"]), ("P", ["palette"])],
)
def test_a_grey_image_in_another_dress_is_read_as_grey_with_a_note(mode: str, expected: list[str]) -> None:
    decoded = read(encoded(Image.fromarray(RAMP).convert(mode)))
    np.testing.assert_array_equal(decoded.values, RAMP)
    assert kinds(decoded) == expected


def test_a_palette_is_expanded_rather_than_read_as_levels() -> None:
    picture = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8), "L").convert("P")
    picture.putpalette([0, 0, 0, 255, 255, 255])
    np.testing.assert_array_equal(read(encoded(picture)).values, [[0, 255], [255, 0]])


def test_a_transparent_value_that_no_pixel_has_is_dropped_with_a_note() -> None:
    data = with_chunk(encoded(np.full((4, 4), 9, np.uint8)), chunk(b"tRNS", struct.pack(">H", 200)))
    decoded = read(data)
    np.testing.assert_array_equal(decoded.values, np.full((4, 4), 9))
    assert kinds(decoded) == ["alpha"]


@pytest.mark.parametrize(
    "extra", [chunk(b"gAMA", struct.pack(">I", 100_000)), chunk(b"sBIT", b"\3"), chunk(b"tEXt", b"a\0b")]
)
def test_chunks_about_display_leave_the_values_alone(extra: bytes) -> None:
    np.testing.assert_array_equal(read(with_chunk(encoded(RAMP), extra)).values, RAMP)


def test_bytes_after_the_end_of_a_png_do_not_matter() -> None:
    np.testing.assert_array_equal(read(encoded(RAMP) + b"appended").values, RAMP)


def test_the_content_decides_and_not_the_extension() -> None:
    np.testing.assert_array_equal(decode(encoded(RAMP, "BMP"), "0001.png").values, RAMP)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_a_float_npy_becomes_float64_exactly(dtype: str) -> None:
    values = (RAMP / 255).astype(dtype)
    decoded = read(npy(values))
    np.testing.assert_array_equal(decoded.values, values.astype(np.float64))
    assert decoded.values.dtype == np.float64


@pytest.mark.parametrize("values", [RAMP, RAMP.astype(np.uint16) * 257, RAMP.astype(">u2")])
def test_an_integer_npy_keeps_its_values(values: np.ndarray) -> None:
    np.testing.assert_array_equal(read(npy(values)).values, values)


def test_a_boolean_npy_becomes_0_and_255() -> None:
    np.testing.assert_array_equal(read(npy(STEPS > 0)).values, STEPS)


@pytest.mark.parametrize("shape", [(12, 21), (1, 12, 21), (12, 21, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_npy_of_one_plane_is_squeezed(shape: tuple[int, ...], order: str) -> None:
    np.testing.assert_array_equal(read(npy(np.asarray(RAMP.reshape(shape), order=order))).values, RAMP)


def test_the_content_of_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\r\n\0")
    assert read_bytes(tmp_path / "a.png") == b"\r\n\0"


def test_a_loop_of_links_a_folder_and_a_missing_file_are_unreadable_with_the_systems_reason(
    tmp_path: Path,
) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "folder.png").mkdir()
    for name, reason in [("loop", "symbolic links"), ("folder", "directory"), ("none", "No such file")]:
        with pytest.raises(ImageError, match=reason) as caught:
            read_bytes(tmp_path / f"{name}.png")
        assert caught.value.kind == "unreadable"


def test_a_file_without_permission_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(ImageError, match="Permission denied") as caught:
        read_bytes(tmp_path / "a.png")
    assert caught.value.kind == "unreadable"


@pytest.mark.parametrize(
    "folder",
    [
        "ecssd/gt",
        "ecssd/predictions/CSNet-L-x2",
        "sod/gt",
        *(f"sod/predictions/{m}" for m in ("Amulet", "DSS", "PiCANet")),
    ],
)
def test_real_files_decode_as_opencv_and_pillow_decode_them(shared_data: Path, folder: str) -> None:
    for path in sorted((shared_data / folder).iterdir())[::12]:
        data = read_bytes(path)
        decoded = decode(data, path)
        with Image.open(path) as picture:
            np.testing.assert_array_equal(decoded.values, np.asarray(picture.convert("L")))
        np.testing.assert_array_equal(
            decoded.values, cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
        )
        assert decoded.notes == ()
