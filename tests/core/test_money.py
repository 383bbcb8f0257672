from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from gasstock.core.fields import MoneyField
from gasstock.core.money import (
    DECIMALS,
    NotMoney,
    format_amount,
    format_money,
    parse_money,
    round_half_up,
)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (12000, "RWF", "RWF 12,000"),
        (0, "RWF", "RWF 0"),
        (48000, "UGX", "USh 48,000"),
        (135000, "KES", "KSh 1,350"),
        (135050, "KES", "KSh 1,350.50"),
        (5, "KES", "KSh 0.05"),
        (1250, "USD", "$12.50"),
        (-20400, "RWF", "−RWF 20,400"),
    ],
)
def test_an_amount_is_written_with_its_currency_and_only_needed_decimals(amount, currency, text):
    assert format_money(amount, currency).replace("\u00a0", " ") == text


def test_the_space_after_the_currency_does_not_break():
    assert format_money(500) == "RWF\u00a0500"


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("12000", "RWF", 12000),
        ("12,000", "RWF", 12000),
        (" 12 000 ", "RWF", 12000),
        ("12\u202f000", "RWF", 12000),
        ("RWF 12,000", "RWF", 12000),
        ("rwf12000", "RWF", 12000),
        ("KSh 1,350.5", "KES", 135050),
        ("1350", "KES", 135000),
        ("−500", "RWF", -500),
        ("-500", "RWF", -500),
    ],
)
def test_an_amount_is_read_as_people_type_it(text, currency, amount):
    assert parse_money(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.000", "RWF"),  # twelve thousand to some, twelve to others
        ("12.000", "KES"),
        ("12,5", "KES"),
        ("1,2000", "RWF"),
        ("12.50", "RWF"),
        ("12,000.", "KES"),
        (".50", "KES"),
        ("--5", "RWF"),
        ("1e5", "RWF"),
        ("١٢", "RWF"),
        ("twelve", "RWF"),
        ("", "RWF"),
        ("9" * 5000, "RWF"),
    ],
)
def test_text_that_is_no_amount_or_could_be_two_is_refused(text, currency):
    with pytest.raises(NotMoney):
        parse_money(text, currency)


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(DECIMALS)))
def test_what_is_written_can_be_read_again(amount, currency):
    assert parse_money(format_amount(amount, currency), currency) == amount


@given(st.text(max_size=20))
def test_no_text_makes_reading_fail_in_another_way(text):
    try:
        parse_money(text)
    except NotMoney:
        return


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("1.5", 2), ("2.4999", 2), ("-0.5", -1), ("7", 7)]
)
def test_halves_are_rounded_away_from_zero(value, rounded):
    assert round_half_up(Decimal(value)) == rounded


def test_the_field_gives_minor_units_and_shows_them_as_typed():
    field = MoneyField(currency="KES")

    assert field.clean("1,350.50") == 135050
    assert field.prepare_value(135050) == "1,350.50"
    assert field.prepare_value("what was typed") == "what was typed"


def test_the_field_sees_no_change_in_the_same_amount_typed_otherwise():
    assert not MoneyField().has_changed(12000, "12 000")
    assert MoneyField().has_changed(12000, "12001")
    assert MoneyField().has_changed(12000, "twelve")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "This field is required."),
        ("abc", "Write the amount in figures, for example 12,000."),
        ("-1", "At least RWF 0."),
        ("5000", "At most RWF 4,000."),
    ],
)
def test_the_field_says_what_is_wrong(text, message):
    with pytest.raises(ValidationError) as refused:
        MoneyField(max_value=4000).clean(text)

    assert refused.value.messages[0].replace("\u00a0", " ") == message
