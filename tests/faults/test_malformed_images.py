"""Damaged images through every reader: pixels or the error that is documented, in time, without a warning."""

from __future__ import annotations

import io
import json
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COUNT = 300
LIMIT_S = 90
KINDS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
HERE = Path(__file__).parent
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "BMP": ".bmp", "TIFF": ".tif"}

Mutation = Callable[[bytes, random.Random], bytes]


def whole(kind: str, moments: random.Random) -> bytes:
    """A valid image, grey or in colours, some turned by EXIF."""
    rng = np.random.default_rng(moments.getrandbits(32))
    shape = moments.choice([(20, 24), (20, 24, 3)])
    memory, more = io.BytesIO(), {}
    if kind != "BMP" and moments.random() < 0.3:
        exif = Image.Exif()
        exif[0x0112] = moments.randint(1, 8)
        more["exif"] = exif
    Image.fromarray(rng.integers(0, 256, shape, np.uint8)).save(memory, kind, **more)
    return memory.getvalue()


def cut(data: bytes, moments: random.Random) -> bytes:
    return data[: moments.randrange(len(data))]


def flip(data: bytes, moments: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(moments.randint(1, 8)):
        changed[moments.randrange(len(changed))] ^= 1 << moments.randrange(8)
    return bytes(changed)


def spoil_header(data: bytes, moments: random.Random) -> bytes:
    """Extreme values where formats keep sizes, counts and offsets."""
    changed = bytearray(data)
    for _ in range(moments.randint(1, 3)):
        at = moments.randrange(4, min(len(changed) - 4, 90))
        changed[at : at + 4] = moments.choice(
            [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\xff\xff"]
        )
    return bytes(changed)


def lengthen(data: bytes, moments: random.Random) -> bytes:
    """Bytes that are there twice, or come from elsewhere."""
    begin, end = sorted(moments.randrange(len(data)) for _ in range(2))
    at = moments.randrange(len(data))
    return data[:at] + data[begin:end] + data[at:]


def with_right_checksums(data: bytes, moments: random.Random) -> bytes:
    """A PNG with wrong header fields or chunk lengths under checksums that are right; others as they are."""
    if not data.startswith(b"\x89PNG"):
        return spoil_header(data, moments)
    at = moments.randrange(8, 13)
    header = bytearray(data[16:29])
    header[at] = moments.randrange(256)
    if moments.random() < 0.5:  # a bomb
        header[:8] = struct.pack(
            ">II", moments.choice([0, 1, 30_000, 2**31 - 1]), moments.choice([0, 60_000])
        )
    return data[:16] + bytes(header) + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + data[33:]


MUTATIONS: tuple[Mutation, ...] = (cut, flip, spoil_header, lengthen, with_right_checksums)


@pytest.fixture(scope="module")
def malformed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of them."""
    folder, moments = tmp_path_factory.mktemp("malformed"), random.Random(11)
    for number in range(COUNT):
        kind = KINDS[number % len(KINDS)]
        mutate = MUTATIONS[number // len(KINDS) % len(MUTATIONS)]
        name = f"{number:03}-{mutate.__name__}{SUFFIXES[kind]}"
        (folder / name).write_bytes(mutate(whole(kind, moments), moments))
    return folder


SODEVAL = """
from sodeval.errors import ImageError as Told
from sodeval.inputs.reading import decode
from sodeval.protocol import PYSODMETRICS
from sodeval.scoring import read_mask
def read(path):
    decoded = decode(path.read_bytes(), path)
    {then}
"""
BUILDERS = """
from bdstr_builders.decoding import RejectedError as Told
from bdstr_builders.photo import {name} as read
"""
TRAINING = """
from bdstr.errors import DatasetError as Told
from bdstr.training.example import Row, read_example
import io
from PIL import Image
import numpy as np
memory = io.BytesIO()
Image.fromarray(np.full((20, 24), 255, np.uint8)).save(memory, "PNG")
good = memory.getvalue()
def read(path):
    data = path.read_bytes()
    read_example(Row("key", {image}, {mask}))
"""
READERS = {
    "map": SODEVAL.format(then="pass"),
    "mask": SODEVAL.format(then="read_mask(decoded, path, PYSODMETRICS)"),
    "read_photo": BUILDERS.format(name="read_photo"),
    "probe_photo": BUILDERS.format(name="probe_photo"),
    "read_mask": BUILDERS.format(name="read_mask"),
    "row-image": TRAINING.format(image="data", mask="good"),
    "row-mask": TRAINING.format(image="good", mask="data"),
}
RUN = """
import json, sys, time
from pathlib import Path
{reader}
told, slowest = 0, 0.0
for path in sorted(Path(sys.argv[1]).iterdir()):
    begun = time.monotonic()
    try:
        read(path)
    except Told as error:
        told += 1
        assert str(error), path
    except BaseException as error:
        sys.exit(f"{{path.name}}: {{type(error).__name__}}: {{error}}")
    slowest = max(slowest, time.monotonic() - begun)
print(json.dumps([told, slowest]))
"""


@pytest.mark.parametrize("reader", READERS)
def test_each_gives_pixels_or_the_documented_error(reader: str, malformed: Path) -> None:
    code = RUN.format(reader=READERS[reader])
    command = [sys.executable, "-W", "error", "-c", code, str(malformed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-2000:]
    told, slowest = json.loads(done.stdout)
    assert COUNT // 3 < told < COUNT, "most mutations do harm, and some do not"
    assert slowest < 10
