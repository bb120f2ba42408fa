"""Files to pixels: what is refused, by name and with what was found."""

from __future__ import annotations

import itertools
import os
import zlib

import cv2
import numpy as np
import pytest
from encoded_files import RAMP, STEPS, chunk, encoded, header, npy, png, read, refusal, with_chunk
from PIL import Image, ImageFile

from sodeval.inputs.reading import decode


def test_an_empty_file_is_refused_by_name() -> None:
    assert refusal(b"").kind == "empty"


@pytest.mark.parametrize("data", [b"hello\n", b"\0" * 100, b"GIF89a\1\0\1\0\0\0\0;", b"<svg/>"])
def test_what_is_no_image_of_a_known_format_is_refused_by_name(data: bytes) -> None:
    error = refusal(data)
    assert error.kind == "not-an-image"
    assert "PNG, JPEG, BMP, TIFF, WEBP or .npy" in error.detail


@pytest.mark.parametrize("pixels", [RAMP, RAMP.astype(np.uint16)], ids=["8-bit", "16-bit"])
def test_a_png_is_refused_as_truncated_wherever_it_is_cut(pixels: np.ndarray) -> None:
    data = encoded(pixels)
    assert {refusal(data[:length]).kind for length in range(1, len(data))} == {"truncated"}


@pytest.mark.parametrize("kind", ["BMP", "JPEG", "TIFF"])
def test_other_formats_are_refused_where_half_of_them_is_missing(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    data = encoded(noise, kind)
    assert refusal(data[: len(data) // 2]).kind == "truncated"


def test_half_a_webp_is_refused() -> None:
    data = encoded(RAMP, "WEBP")
    assert refusal(data[: len(data) // 2]).kind == "damaged"


@pytest.mark.parametrize("mode", ["L", "1", "RGB", "P"])
def test_a_png_with_any_byte_changed_in_its_pixels_is_refused(mode: str) -> None:
    data = encoded(Image.fromarray(RAMP).convert(mode))
    pixels = range(data.index(b"IDAT") + 4, data.index(b"IEND") - 4)
    found = {refusal(data[:where] + bytes([data[where] ^ 4]) + data[where + 1 :]).kind for where in pixels}
    assert found == {"damaged"}


@pytest.mark.parametrize("level", [0, 1, 9])
@pytest.mark.parametrize("parts", [1, 3])
def test_stored_and_split_pixels_with_any_byte_changed_are_refused(level: int, parts: int) -> None:
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for row in RAMP), level)
    cuts = [len(packed) * part // parts for part in range(parts + 1)]
    chunks = [chunk(b"IDAT", packed[a:b]) for a, b in itertools.pairwise(cuts)]
    data = png(header(21, 12), *chunks)
    assert (decode(data, "map.png").values == RAMP).all()
    last = len(data) - 12
    bodies = set(range(33, last)) - {
        at
        for start in range(33, last)
        if data[start + 4 : start + 8] == b"IDAT"
        for at in range(start, start + 8)
    }
    assert {
        refusal(data[:where] + bytes([data[where] ^ 16]) + data[where + 1 :]).kind for where in bodies
    } == {"damaged"}


@pytest.mark.parametrize("kind", [b"tIME", b"gAMA"])
def test_a_wrong_checksum_beside_the_pixels_is_refused_too(kind: bytes) -> None:
    wrong = chunk(kind, b"1234")[:-1] + b"!"
    assert refusal(with_chunk(encoded(RAMP), wrong)).kind == "damaged"


def test_a_png_with_too_few_rows_is_refused() -> None:
    rows = b"".join(b"\0" + row.tobytes() for row in RAMP[:-1])
    assert refusal(png(header(21, 12), chunk(b"IDAT", zlib.compress(rows)))).kind == "damaged"


def test_a_png_that_does_not_begin_with_its_header_is_refused() -> None:
    assert refusal(png(chunk(b"tEXt", b"a\0b"), header(21, 12))).kind == "damaged"


def test_a_jpeg_that_stops_making_sense_is_refused_as_damaged() -> None:
    assert refusal(b"\xff\xd8\xff\xe0" + b"\0" * 40).kind == "damaged"


def test_colour_is_refused_with_the_number_of_pixels_and_the_difference() -> None:
    rgb = np.stack([RAMP] * 3, axis=2)
    rgb[3, 4] = 10, 20, 50
    error = refusal(encoded(rgb))
    assert error.kind == "colour"
    assert "1 of 252 pixels" in error.detail
    assert "up to 40" in error.detail


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colour_is_refused_rather_than_cut_to_8_bits(suffix: str, channels: int) -> None:
    _, data = cv2.imencode(suffix, np.full((4, 5, channels), 65535, np.uint16))
    assert refusal(data.tobytes()).kind == "colour"


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_transparent_pixel_is_refused(mode: str) -> None:
    picture = Image.fromarray(RAMP).convert(mode)
    picture.putpixel((2, 3), (*picture.getpixel((2, 3))[:-1], 254))
    error = refusal(encoded(picture))
    assert error.kind == "transparent"
    assert "1 of 252" in error.detail


@pytest.mark.parametrize(
    "pixels", [STEPS, STEPS > 0, STEPS.astype(np.uint16)], ids=["8-bit", "1-bit", "16-bit"]
)
def test_a_transparent_value_that_a_pixel_has_is_refused(pixels: np.ndarray) -> None:
    assert refusal(with_chunk(encoded(pixels), chunk(b"tRNS", b"\0\0"))).kind == "transparent"


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_refused(kind: str) -> None:
    assert refusal(encoded(Image.fromarray(RAMP).convert("CMYK"), kind)).kind == "cmyk"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [2, 3, 6, 8])
def test_an_exif_rotation_is_refused_in_every_format_that_has_one(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    error = refusal(encoded(RAMP, kind, exif=exif))
    assert error.kind == "exif-rotation"
    assert f"orientation {orientation}" in error.detail


def test_an_exif_orientation_of_upright_is_fine() -> None:
    exif = Image.Exif()
    exif[0x0112] = 1
    np.testing.assert_array_equal(read(encoded(RAMP, exif=exif)).values, RAMP)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_several_frames_are_refused(kind: str) -> None:
    frames = [Image.fromarray(RAMP), Image.fromarray(255 - RAMP)]
    error = refusal(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert error.kind == "animated"
    assert "2 frames" in error.detail


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    error = refusal(png(header(60_000, 60_000), chunk(b"IDAT", zlib.compress(b"\0" * 1000))))
    assert error.kind == "too-large"
    assert "3,600,000,000 pixels" in error.detail
    assert "--max-pixels" in error.detail


@pytest.mark.parametrize("data", [encoded(RAMP), encoded(RAMP, "BMP"), npy(RAMP)], ids=["png", "bmp", "npy"])
def test_the_limit_on_pixels_is_the_callers(data: bytes) -> None:
    assert refusal(data, max_pixels=251).kind == "too-large"
    np.testing.assert_array_equal(decode(data, "0001.png", max_pixels=252).values, RAMP)


def test_the_limit_of_pillow_does_not_get_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    np.testing.assert_array_equal(read(encoded(RAMP, "BMP")).values, RAMP)
    assert Image.MAX_IMAGE_PIXELS == 10


def test_a_truncated_file_is_refused_also_where_a_program_told_pillow_to_fill_it_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert refusal(encoded(RAMP, "BMP")[:-40]).kind == "truncated"
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused_with_their_number(value: float) -> None:
    values = RAMP / 255
    values[2, 3:5] = value
    error = refusal(npy(values))
    assert error.kind == "not-finite"
    assert "2 of 252" in error.detail


def test_floats_outside_0_to_1_are_refused_with_their_range() -> None:
    error = refusal(npy(np.array([[-0.5, 3.25]])))
    assert error.kind == "range"
    assert "from -0.5 to 3.25" in error.detail


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint32", "complex64", "U3", "datetime64[s]"])
def test_numbers_of_another_type_are_refused(dtype: str) -> None:
    assert refusal(npy(np.zeros((2, 2), dtype))).kind == "dtype"


def test_32_bit_integers_in_a_tiff_are_refused() -> None:
    assert refusal(encoded(RAMP.astype(np.int32), "TIFF")).kind == "dtype"


def test_a_pickle_in_an_npy_is_refused_and_never_run() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.abort, ()

    assert refusal(npy(np.array([[Trap()]], dtype=object))).kind == "dtype"


@pytest.mark.parametrize("shape", [(), (4,), (2, 3, 4), (1, 1, 4, 4), (0, 4), (4, 0, 1)])
def test_an_npy_that_is_no_plane_is_refused(shape: tuple[int, ...]) -> None:
    assert refusal(npy(np.zeros(shape))).kind == "shape"


def test_an_npy_shorter_than_its_header_says_is_refused() -> None:
    assert refusal(npy(RAMP)[:-1]).kind == "truncated"


def test_an_npy_that_claims_to_be_huge_allocates_nothing() -> None:
    header_only = npy(RAMP).replace(b"(12, 21)", b"(10**9, 10**9)")
    huge = npy(RAMP).replace(b"(12, 21), }    ", b"(99999999999,)}")
    assert refusal(header_only).kind == "damaged"
    assert refusal(huge).kind == "too-large"


def test_what_does_not_fit_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("sodeval.inputs.decode_png.decode_plain_png", starved)
    assert refusal(encoded(RAMP)).kind == "too-large"


def test_a_panic_in_a_rust_decoder_is_an_error_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def panics(*_: object) -> None:
        raise type("PanicException", (BaseException,), {})("index out of bounds")

    monkeypatch.setattr("sodeval.inputs.decode_png.decode_plain_png", panics)
    assert refusal(encoded(RAMP)).kind == "damaged"


def test_ctrl_c_is_not_mistaken_for_a_broken_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sodeval.inputs.decode_png.decode_plain_png", interrupted)
    with pytest.raises(KeyboardInterrupt):
        decode(encoded(RAMP), "0001.png")
