"""What becomes of a rider's photo."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from gasstock.delivery import photos
from gasstock.delivery.photos import KEPT_BYTES, NotAPhoto, shrink

ORIENTATION, MAKER = 0x0112, 0x010F
NOISE = Image.effect_noise((2400, 1800), 90).convert("RGB")


def file_of(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("door.jpg", data)


def encoded(picture: Image.Image, kind: str = "JPEG", **options) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, kind, **options)
    return kept.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def png_head(width: int, height: int) -> bytes:
    """A PNG that tells of this many pixels and has none of them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_any_photo_becomes_a_small_webp(kind):
    small = shrink(file_of(encoded(NOISE, kind)))

    assert opened(small).format == "WEBP"
    assert len(small) <= KEPT_BYTES
    assert max(opened(small).size) <= 960


def test_it_stands_upright_and_tells_nothing_of_the_phone():
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Cracked"
    lying = encoded(Image.new("RGB", (400, 200)), exif=exif, icc_profile=b"profile" * 100)

    small = opened(shrink(file_of(lying)))

    assert small.size == (200, 400)
    assert not small.getexif()
    assert not small.info.keys() & {"exif", "icc_profile", "xmp"}


def test_what_is_see_through_is_white():
    small = opened(shrink(file_of(encoded(Image.new("RGBA", (20, 20)), "PNG"))))

    assert small.convert("RGB").getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg onload=alert(1)>",
        encoded(NOISE)[:9000],
        encoded(NOISE, "PNG")[:9000],
        encoded(Image.new("P", (9, 9)), "GIF"),
        encoded(Image.new("RGB", (9, 9)), "TIFF"),
    ],
    ids=["nothing", "text", "svg", "half a jpeg", "half a png", "gif", "tiff"],
)
def test_what_is_no_photo_is_refused(data):
    with pytest.raises(NotAPhoto, match="no photo that we can read"):
        shrink(file_of(data))


def test_a_large_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(photos, "MOST_BYTES", 1024 * 1024)

    with pytest.raises(NotAPhoto, match="larger than 1 MB"):
        shrink(file_of(b"x" * (1024 * 1024 + 1)))


@pytest.mark.parametrize("side", [5001, 30_000])
def test_too_many_pixels_are_refused_before_they_are_unpacked(side):
    with pytest.raises(NotAPhoto, match="too many pixels"):
        shrink(file_of(png_head(side, side)))
