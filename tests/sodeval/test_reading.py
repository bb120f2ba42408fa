"""Files to pixels: what is accepted exactly, what is refused by name, and that nothing else ever happens."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import random
import struct
import warnings
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from jaxtyping import UInt8
from PIL import Image, ImageFile

from sodeval.errors import ImageError
from sodeval.inputs.reading import Decoded, decode, read_bytes

RAMP = np.arange(12 * 21, dtype=np.uint8).reshape(12, 21)
STEPS = np.where(RAMP > 100, np.uint8(255), np.uint8(0))


def encoded(image: Image.Image | np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(file, kind, **options)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


def header(width: int, height: int, bits: int = 8, colour: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def with_chunk(data: bytes, extra: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    return data[:33] + extra + data[33:]


def refusal(data: bytes, **options: int) -> ImageError:
    with pytest.raises(ImageError) as caught:
        decode(data, Path("maps/0001.png"), **options)
    assert str(caught.value).startswith("maps/0001.png: ")
    return caught.value


def kinds(decoded: Decoded) -> list[str]:
    assert all(note.severity == "note" and note.file == "0001.png" for note in decoded.notes)
    return [note.kind for note in decoded.notes]


def read(data: bytes) -> Decoded:
    return decode(data, Path("0001.png"))


# --- accepted -------------------------------------------------------------------------------------


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


# --- refused --------------------------------------------------------------------------------------


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


# --- the file system ------------------------------------------------------------------------------


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


# --- anything -------------------------------------------------------------------------------------

GREY = Image.fromarray(np.random.default_rng(1).integers(0, 256, (16, 23), dtype=np.uint8))
VALID = [
    *(encoded(GREY.convert(mode)) for mode in ("L", "1", "P", "RGB", "RGBA", "LA")),
    encoded(np.asarray(GREY).astype(np.uint16) * 257),
    *(encoded(GREY, kind) for kind in ("BMP", "JPEG", "TIFF", "WEBP")),
    *(encoded(GREY, "TIFF", compression=how) for how in ("tiff_lzw", "tiff_deflate", "jpeg")),
    encoded(GREY.convert("1"), "TIFF", compression="group4"),
    npy(np.asarray(GREY)),
    npy(np.asarray(GREY) / 255),
]


def mutated(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(VALID))
    at = rng.randrange(len(data))
    match rng.randrange(4):
        case 0:
            del data[at:]
        case 1:
            del data[at : at + rng.randrange(1, 20)]
        case 2:
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        case 3:
            for _ in range(rng.randrange(1, 5)):
                data[rng.randrange(min(len(data), rng.choice([64, 10_000])))] = rng.randrange(256)
    return bytes(data)


@settings(max_examples=400, derandomize=True)
@given(st.integers(0, 2**32))
def test_a_mutated_file_gives_pixels_or_an_image_error_and_nothing_else(seed: int) -> None:
    with warnings.catch_warnings(action="error"):
        try:
            decoded = decode(mutated(random.Random(seed)), "0001.png")
        except ImageError as error:
            found = error.detail
        else:
            found = decoded.values.ndim
    assert found == 2 or (isinstance(found, str) and " at 0x" not in found)  # addresses change


def test_no_decoder_writes_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(0)
    for _ in range(300):
        with contextlib.suppress(ImageError):
            decode(mutated(rng), "0001.png")
    assert capfd.readouterr() == ("", "")


@settings(max_examples=100, derandomize=True)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ImageError):
        decode(data, "0001.png")


# --- real files -----------------------------------------------------------------------------------


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
