"""What fits into one SMS: GSM 03.38 septets where that is possible, else UCS-2."""

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[~]|€\f")  # these take two septets
PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...", "×": "x"}
)
GSM_ONE, GSM_MORE = 160, 153  # septets in one SMS, and in each part of a longer one
UCS_ONE, UCS_MORE = 70, 67  # UTF-16 units


def plain(text: str) -> str:
    """Return the text on one line, in GSM letters as far as the same can be said with them."""
    return "".join(_plain(letter) for letter in " ".join(text.translate(PLAIN).split()))


def _plain(letter: str) -> str:
    if letter in BASIC or letter in DOUBLE:
        return letter
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return bare if bare and all(c in BASIC or c in DOUBLE for c in bare) else letter


def units(text: str) -> int:
    """How long it is: in septets, or in UTF-16 units where one letter is not of GSM's."""
    if is_gsm(text):
        return sum(2 if letter in DOUBLE else 1 for letter in text)
    return len(text.encode("utf-16-le")) // 2


def is_gsm(text: str) -> bool:
    return all(letter in BASIC or letter in DOUBLE for letter in text)


def segments(text: str) -> int:
    """How many SMS are paid for it."""
    one, more = (GSM_ONE, GSM_MORE) if is_gsm(text) else (UCS_ONE, UCS_MORE)
    length = units(text)
    return 1 if length <= one else -(-length // more)


def fit(text: str, end: str = "") -> str:
    """Return `text` and `end` as one SMS; of what is too long, the last words of `text` go."""
    text, end = plain(text), plain(end)
    whole = f"{text} {end}".strip()
    while segments(whole) > 1 and text:
        shorter = text.removesuffix("...").rstrip()
        text = (shorter.rpartition(" ")[0] or shorter[:-1]).rstrip(" ,.;:")
        text = f"{text}..." if text else ""
        whole = f"{text} {end}".strip()
    return whole
