"""What a rider photographs, drawn: a cylinder at somebody's gate."""

from io import BytesIO

from PIL import Image, ImageDraw

WALL, ROAD, SKY, GATE, BARS, SHELL, STEEL = (
    "#d9c7a8", "#a9683a", "#bfdbe6", "#2d5f8f", "#214a70", "#2b6cb0", "#8c949c",
)  # fmt: skip


def at_the_gate() -> bytes:
    """A WebP as small as those that come from phones."""
    picture = Image.new("RGB", (640, 480), WALL)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 640, 70), SKY)
    pen.rectangle((0, 395, 640, 480), ROAD)
    pen.rectangle((300, 110, 590, 395), GATE)
    for x in range(320, 590, 45):
        pen.rectangle((x, 130, x + 8, 380), BARS)
    pen.ellipse((425, 240, 445, 260), STEEL)
    pen.rounded_rectangle((130, 265, 250, 430), 42, SHELL)
    pen.rectangle((148, 425, 232, 440), STEEL)
    pen.arc((152, 222, 228, 300), 180, 360, STEEL, 9)
    pen.rectangle((180, 240, 200, 268), STEEL)
    file = BytesIO()
    picture.save(file, "WEBP", quality=60)
    return file.getvalue()
