"""Amounts of money: integers in the minor unit of their currency, written in one way only."""

import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from gasstock.core import platform

NBSP = "\u00a0"
MINUS = "\u2212"
MAX_AMOUNT = 2_000_000_000  # fits the integer columns of every database

DECIMALS = {"RWF": 0, "UGX": 0, "KES": 2, "USD": 2}
SYMBOLS = {"RWF": "RWF", "UGX": "USh", "KES": "KSh", "TZS": "TSh", "USD": "$"}
NOTES = {  # and coins, in whole units, as they are found in a drawer
    "RWF": (5000, 2000, 1000, 500, 100, 50, 20, 10, 5, 1),
    "UGX": (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50),
    "KES": (1000, 500, 200, 100, 50, 20, 10, 5, 1),
    "TZS": (10000, 5000, 2000, 1000, 500, 200, 100, 50),
    "USD": (100, 50, 20, 10, 5, 2, 1),
}
ANY_NOTES = (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)

FIGURES = re.compile(
    r"(?P<whole>[0-9]{1,15}|[0-9]{1,3}([ ,][0-9]{3}){1,4})(\.(?P<fraction>[0-9]{1,15}))?"
)


class NotMoney(ValueError):
    """The text is no amount. The message says how to write one."""


def decimals_of(currency: str) -> int:
    return DECIMALS.get(currency, 2)


def symbol_of(currency: str | None = None) -> str:
    """Return how the currency is called in front of an amount, the platform's by default."""
    currency = currency or platform.current().currency
    return SYMBOLS.get(currency, currency)


def notes_of(currency: str | None = None) -> tuple[int, ...]:
    """Return the notes and coins of a currency in minor units, the largest first."""
    currency = currency or platform.current().currency
    scale = 10 ** decimals_of(currency)
    return tuple(note * scale for note in NOTES.get(currency, ANY_NOTES))


def round_half_up(value: Decimal) -> int:
    """Return `value` in whole minor units; halves go away from zero. The only rounding rule."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def format_rate(rate: int) -> str:
    """Return "18 %" or "7.5 %" for hundredths of a percent; the space does not break."""
    return f"{rate / 100:g}{NBSP}%"


def format_amount(amount: int, currency: str | None = None) -> str:
    """Return "12,000": no currency, and decimals only where they are not all zero."""
    currency = currency or platform.current().currency
    scale = 10 ** decimals_of(currency)
    whole, rest = divmod(abs(amount), scale)
    tail = f".{rest:0{decimals_of(currency)}d}" if rest else ""
    return f"{MINUS if amount < 0 else ''}{whole:,}{tail}"


def format_money(amount: int, currency: str | None = None) -> str:
    """Return "RWF 12,000" for 12000 minor units; the space is one that does not break."""
    sign = MINUS if amount < 0 else ""
    symbol = symbol_of(currency)
    space = NBSP if symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{space}{format_amount(abs(amount), currency)}"


def as_decimal(amount: int, currency: str | None = None) -> Decimal:
    """Return minor units as a number of whole units, for tables that are taken away."""
    return Decimal(amount).scaleb(-decimals_of(currency or platform.current().currency))


def parse_money(text: str, currency: str | None = None) -> int:
    """Return the minor units of what a person typed: "12,000", "RWF 12 000" or "1350.50".

    Raises NotMoney where the text could be read in two ways, such as "12.000".
    """
    currency = currency or platform.current().currency
    typed = _bare(text, currency)
    sign = -1 if typed[:1] in {"-", MINUS} else 1
    match = FIGURES.fullmatch(typed[1:].strip() if sign < 0 else typed)
    if not match:
        raise NotMoney(_("Write the amount in figures, for example 12,000."))
    decimals, fraction = decimals_of(currency), match["fraction"] or ""
    if fraction and not decimals:
        raise NotMoney(_("Write a whole amount, without a point: for example 12,000."))
    if len(fraction) > decimals:
        raise NotMoney(_("Write at most %(count)s digits after the point.") % {"count": decimals})
    return sign * int(re.sub(r"[ ,]", "", match["whole"]) + fraction.ljust(decimals, "0"))


def _bare(text: str, currency: str) -> str:
    """Return `text` without the name of the currency in front of it."""
    typed = re.sub(r"\s+", " ", text).strip()
    for name in (currency, symbol_of(currency)):
        if typed.casefold().startswith(name.casefold()):
            return typed[len(name) :].strip()
    return typed
