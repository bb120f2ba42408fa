"""Files to pixels: whatever the bytes, pixels or an error of ours, and nothing else ever happens."""

from __future__ import annotations

import contextlib
import random
import warnings

import numpy as np
import pytest
from encoded_files import encoded, npy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sodeval.errors import ImageError
from sodeval.inputs.reading import decode

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
