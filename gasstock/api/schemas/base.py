"""What all bodies are made of: amounts, moments, words, counts. Strict: "1e5" is no number."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any

from django.db.models import TextChoices
from django.utils import timezone
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic import BeforeValidator as Before
from pydantic_core import CoreSchema, core_schema

from gasstock.accounts.forms import OneLineField
from gasstock.core import platform
from gasstock.core.fields import FIRST_DAY, LAST_DAY
from gasstock.core.money import MAX_AMOUNT, as_decimal, decimals_of

MOST = 2_147_483_647
AMOUNT = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
AMOUNT_PATTERN = r"^[0-9]{1,10}(\.[0-9]{1,2})?$"


class In(BaseModel):
    """A body. Fields that we do not know are not looked at."""

    model_config = ConfigDict(extra="ignore")


class Out(BaseModel):
    """An answer, built by a function `…_of(thing)` beside it."""


# --- Money --------------------------------------------------------------------------------------


def money(amount: int, currency: str | None = None) -> str:
    """Write minor units as the contract wants them: "11500", or "115.00" where there are cents."""
    currency = currency or platform.current().currency
    return str(as_decimal(amount, currency) if decimals_of(currency) else amount)


def money_or_none(amount: int | None, currency: str | None = None) -> str | None:
    return None if amount is None else money(amount, currency)


def _minor_units(text: Any) -> int:
    """Read "11500" or "115.50"; whole numbers of JSON will do, fractions would not be exact."""
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    match = AMOUNT.fullmatch(text) if isinstance(text, str) else None
    decimals = decimals_of(platform.current().currency)
    fraction = (match and match[2]) or ""
    if match is None or len(fraction) > decimals:
        raise ValueError('Write the amount as text in figures, for example "12000".')
    amount = int(match[1] + fraction.ljust(decimals, "0"))
    if amount > MAX_AMOUNT:
        raise ValueError("That is more than we can count.")
    return amount


def _signed_minor_units(text: Any) -> int:
    """Read the same, or "-500", which goes out."""
    is_out = isinstance(text, str) and text.startswith("-")
    return -_minor_units(text[1:]) if is_out else _minor_units(text)


def _not_nothing(amount: int) -> int:
    if not amount:
        raise ValueError("The amount must be more than nothing.")
    return amount


MONEY_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"})
AMOUNT_SCHEMA = WithJsonSchema({"type": "string", "pattern": AMOUNT_PATTERN, "example": "11500"})
FLOW_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^-?{AMOUNT_PATTERN[1:]}"})
Money = Annotated[str, MONEY_SCHEMA]  # out: made by `money`
Amount = Annotated[int, Before(_minor_units), AMOUNT_SCHEMA]  # in: minor units, from 0
Price = Annotated[int, Before(_minor_units), AfterValidator(_not_nothing), AMOUNT_SCHEMA]
Flow = Annotated[  # in: what comes in, or below zero goes out
    int, Before(_signed_minor_units), AfterValidator(_not_nothing), FLOW_SCHEMA
]

# --- Counts, text, moments ----------------------------------------------------------------------

Quantity = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Key = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]  # what our `id`s are

Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: timezone.localtime(moment).isoformat(timespec="seconds")),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]

ClockTime = Annotated[  # at the station
    time,
    PlainSerializer(lambda hour: hour.isoformat(timespec="minutes")),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "example": "07:30"}),
]


def _day(text: Any) -> date:
    """Read "2026-07-31"; nothing else is a day, not even a number of seconds."""
    if isinstance(text, str) and DAY.fullmatch(text):
        day = date.fromisoformat(text)
        if FIRST_DAY <= day <= LAST_DAY:
            return day
    raise ValueError('Write the day as "2026-07-31", from 2000 to 2100.')


DAY_SCHEMA = WithJsonSchema({"type": "string", "format": "date", "example": "2026-07-31"})
Day = Annotated[date, Before(_day), DAY_SCHEMA]  # in; inclusive where it ends something


def _on_one_line(text: str) -> str:
    """Take out what hides in a name: line breaks, control and direction marks."""
    return OneLineField(required=False).to_python(text)


def _some(text: str) -> str:
    if not text:
        raise ValueError("Write something here.")
    return text


Line = Annotated[str, AfterValidator(_on_one_line)]  # may be empty; bound it by Field(max_length=…)
Words = Annotated[str, AfterValidator(_on_one_line), AfterValidator(_some)]


class Spoken:
    """A choice in capitals, as the contract writes it: "EXCHANGE" is LineKind.EXCHANGE.

    `Kind = Annotated[LineKind, Spoken]`, in and out.
    """

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[TextChoices], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        members = {member.value.upper(): member for member in source}

        def word(value: Any) -> Any:
            return str(getattr(value, "value", value)).upper()

        return core_schema.no_info_before_validator_function(
            word,
            core_schema.no_info_after_validator_function(
                members.__getitem__, core_schema.literal_schema([*members])
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                word, return_schema=core_schema.literal_schema([*members])
            ),
        )
