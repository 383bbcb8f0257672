"""A rider's photo, made small: upright, without what the phone wrote into it, as a WebP.

What is no photo, or too much of one, is refused with a sentence for the person before it costs
memory: the bytes first, then the pixels that its head tells of.
"""

import io
import struct
import zlib
from typing import IO

from django.core.files import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from gasstock.core.errors import DomainError

MEGABYTE = 1024 * 1024
MOST_BYTES = 12 * MEGABYTE
MOST_PIXELS = 25_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
KEPT_BYTES = 30_000
SIDES = (960, 720, 480, 320)  # of the longer side, until it fits
QUALITIES = (70, 50, 30)
BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error)


class NotAPhoto(DomainError):
    """The file is no photo that we can read; the message says why and what to do."""


def shrink(file: File) -> bytes:
    """Return the photo as a WebP of at most KEPT_BYTES. Raises NotAPhoto."""
    if file.size > MOST_BYTES:
        most = MOST_BYTES // MEGABYTE
        raise NotAPhoto(_("The photo is larger than %(most)s MB.") % {"most": most})
    file.seek(0)
    try:
        return _smallest(_picture(file))
    except (UnidentifiedImageError, *BROKEN) as error:
        raise NotAPhoto(_("This is no photo that we can read. Take another one.")) from error
    except Image.DecompressionBombError as error:
        raise _too_large() from error


def _too_large() -> NotAPhoto:
    return NotAPhoto(_("The photo has too many pixels. Set the camera to a smaller size."))


def _picture(file: IO[bytes] | File) -> Image.Image:
    """The bare pixels, upright, on white and no larger than is kept."""
    with Image.open(file, formats=FORMATS) as photo:
        if photo.width * photo.height > MOST_PIXELS:
            raise _too_large()
        photo.draft("RGB", (SIDES[0], SIDES[0]))
        photo.thumbnail((SIDES[0], SIDES[0]))
        upright = ImageOps.exif_transpose(photo).convert("RGBA")
    bare = Image.new("RGB", upright.size, "white")
    bare.paste(upright, mask=upright)
    return bare


def _smallest(picture: Image.Image) -> bytes:
    """As good as fits."""
    for side in SIDES:
        picture.thumbnail((side, side))
        for quality in QUALITIES:
            kept = io.BytesIO()
            picture.save(kept, "WEBP", quality=quality, method=4)
            if kept.tell() <= KEPT_BYTES:
                return kept.getvalue()
    raise NotAPhoto(_("This photo stays too large. Take another one."))
