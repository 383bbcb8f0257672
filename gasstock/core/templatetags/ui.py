"""How amounts, moments, states and drawings look on every page."""

import re
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, ngettext
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber, to_python
from phonenumbers import country_code_for_region

from gasstock.core import clock, money

register = template.Library()

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TONES = ("ok", "wait", "move", "bad", "off")
SIZES_DRAWN = (3, 6, 12, 13, 15, 35, 50)  # kilograms the stylesheet has a body for

# What a state means to the reader; a word that is missing here is shown in grey ("off").
TONE_OF_STATUS = {
    **dict.fromkeys(("delivered", "paid", "succeeded"), "ok"),
    **dict.fromkeys(("placed", "pending", "applied", "draft", "submitted"), "wait"),
    **dict.fromkeys(("approved", "dispatched", "sent"), "move"),
    **dict.fromkeys(("rejected", "failed", "suspended"), "bad"),
}


class HasStatus(Protocol):
    status: str

    def get_status_display(self) -> str: ...


# --- Money and measures -----------------------------------------------------------------------


@register.filter
def amount(value: int | None, currency: str | None = None) -> str:
    """12,000: for columns whose head names the currency."""
    return "" if value is None else money.format_amount(value, currency)


@register.filter(name="money")
def money_text(value: int | None, currency: str | None = None) -> str:
    return "" if value is None else money.format_money(value, currency)


@register.simple_tag(name="money")
def money_markup(value: int | None, currency: str | None = None) -> str:
    """An amount that stands by itself: the currency smaller than the figures."""
    if value is None:
        return ""
    sign = money.MINUS if value < 0 else ""
    return format_html(
        '<span class="gs-money">{}<small>{}</small>&nbsp;{}</span>',
        sign,
        money.symbol_of(currency),
        money.format_amount(abs(value), currency),
    )


@register.filter
def kg(size_g: int | None) -> str:
    """12 kg, 12.5 kg; the size is in grams."""
    return "" if size_g is None else f"{size_g / 1000:g}{money.NBSP}kg"


@register.filter
def local_phone(phone: PhoneNumber | str | None) -> str:
    """The number as people here dial it; a foreign one keeps its country code."""
    phone = to_python(phone) if isinstance(phone, str) else phone
    if not isinstance(phone, PhoneNumber) or not phone.is_valid():
        return str(phone or "")
    is_local = phone.country_code == country_code_for_region(settings.COUNTRY)
    return phone.as_national if is_local else phone.as_international


# --- Moments ----------------------------------------------------------------------------------


@register.filter(name="clock")
def clock_time(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "H:i") if moment else ""


@register.filter
def day(moment: Any) -> str:
    """Tue 18 Nov, or 18 Nov 2025 when it was another year."""
    if not moment:
        return ""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    is_this_year = local.year == timezone.localtime(clock.now()).year
    return date_format(local, "D j M" if is_this_year else "j M Y")


@register.filter
def when(moment: datetime | None) -> str:
    """4 min ago, in 28 min, today 10:05, yesterday 16:20, 18 Nov 2026."""
    if not moment:
        return ""
    now = clock.now()
    minutes = int(abs(now - moment) / MINUTE)
    if minutes < 60:
        if moment > now:
            return _("in %(minutes)s min") % {"minutes": max(minutes, 1)}
        return _("%(minutes)s min ago") % {"minutes": minutes} if minutes else _("just now")
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localtime(now).date()).days
    names = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if days in names:
        return f"{names[days]} {date_format(local, 'H:i')}"
    return date_format(local, "j M Y")


@register.filter
def waiting(since: datetime | None) -> str:
    """How long something has waited: 44 min, 1 h 32 min, 3 days."""
    if not since:
        return ""
    passed = max(clock.now() - since, timedelta())
    if passed >= timedelta(days=2):
        return ngettext("%(days)s day", "%(days)s days", passed.days) % {"days": passed.days}
    hours, minutes = int(passed / HOUR), int(passed % HOUR / MINUTE)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


# --- States -----------------------------------------------------------------------------------


@register.simple_tag
def badge(tone: str, words: str, *, bare: bool = False) -> str:
    """A dot and a word, never the colour alone."""
    if tone not in TONES:
        raise ValueError(f"{tone!r} is none of {', '.join(TONES)}.")
    classes = f"gs-st gs-st--{tone}" + (" gs-st--bare" if bare else "")
    return format_html('<span class="{}">{}</span>', classes, words)


@register.simple_tag
def status_badge(thing: HasStatus, *, bare: bool = False) -> str:
    """The state of an order, invoice, listing …; a model may name its own `status_tone`."""
    tone = getattr(thing, "status_tone", None) or TONE_OF_STATUS.get(thing.status.lower(), "off")
    return badge(tone, thing.get_status_display(), bare=bare)


@register.simple_tag
def stars(average: float | None, count: int) -> str:
    if not count or average is None:
        return ""
    return format_html(
        '<span class="gs-star gs-s">{}<span class="gs-vh">{}</span>{} <small>({})</small></span>',
        icon("star-filled"),
        _("Rated"),
        f"{average:.1f}",
        count,
    )


# --- Drawings ---------------------------------------------------------------------------------


@cache
def _icons() -> dict[str, str]:
    sheet = Path(settings.BASE_DIR, "static/vendor/tabler-icons/icons.svg").read_text()
    return dict(re.findall(r'<symbol id="([a-z0-9-]+)" viewBox="0 0 24 24">(.+)</symbol>', sheet))


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """An icon with its paths in place, so that a fragment from htmx brings its own.

    Icons only accompany words; a button without any needs an aria-label.
    """
    classes = "ico ico--fill" if name.endswith("-filled") else "ico"
    return mark_safe(  # noqa: S308 - our own file
        f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true">{_icons()[name]}</svg>'
    )


@register.simple_tag
def cylinder(
    size_g: int | None,
    shell: str = "grey",
    *,
    state: str = "",
    fit: bool = False,
    number: bool = True,
) -> SafeString:
    """The painted cylinder: true to scale on a shelf, or filling its box in a list (`fit`).

    `state` is "", "empty" or "ghost". Things without a size get the drawing of a part.
    """
    if not size_g:
        return format_html('<span class="gs-part" aria-hidden="true">{}</span>', icon("tool"))
    kilos = size_g / 1000
    body = min(SIZES_DRAWN, key=lambda drawn: abs(drawn - kilos))
    classes = ["cyl", f"cyl--{body}"]
    classes.append(f"cyl--{state}" if state else f"shell-{shell}")
    classes += ["cyl--fit"] if fit else []
    text = format_html('<text class="no">{}</text>', f"{kilos:g}") if number and not state else ""
    return format_html(
        '<svg class="{}" viewBox="-58 0 116 240" aria-hidden="true">'
        '<use href="#cyl" x="-58" width="116" height="240"/>{}</svg>',
        " ".join(classes),
        text,
    )


@register.simple_tag
def shell_glyph(shell: str) -> str:
    """The shell of a brand at the size of a letter, before its name."""
    return format_html('<i class="gs-shell shell-{}" aria-hidden="true"></i>', shell)


# --- Forms and the frame ----------------------------------------------------------------------


@register.filter
def wrong_fields(form: BaseForm) -> list[BoundField]:
    """The visible fields that did not pass, for the links of the summary."""
    return [field for field in form.visible_fields() if field.errors]


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """`light` or `dark` as the person chose it, "" where theme.js must ask the device."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return chosen if chosen in {"light", "dark"} else ""


@register.simple_tag(takes_context=True)
def rail_link(
    context: Context, name: str, symbol: str, label: str, slug: str = "", here: str = ""
) -> str:
    """A link of the staff rail, marked on the pages whose URL names begin with a word of `here`."""
    match = context["request"].resolver_match
    is_here = bool(match) and match.view_name.startswith(tuple((here or name).split()))
    return format_html(
        '<a href="{}"{}>{}{}</a>',
        reverse(name, args=[slug] if slug else []),
        mark_safe(' aria-current="page"') if is_here else "",
        icon(symbol),
        label,
    )


@register.simple_tag
def languages() -> list[dict[str, Any]]:
    """The languages the pages are written in: those with a compiled catalogue of ours."""
    written = {
        path.parent.parent.name
        for folder in settings.LOCALE_PATHS
        for path in Path(folder).glob("*/LC_MESSAGES/django.mo")
    }
    codes = chain([settings.LANGUAGE_CODE], (code for code, _name in settings.LANGUAGES))
    shown = [code for code in dict.fromkeys(codes) if code in written | {settings.LANGUAGE_CODE}]
    return [get_language_info(code) | {"current": code == get_language()} for code in shown]
