from typing import Any

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User
from gasstock.core.tables import (
    LinkedColumn,
    MomentColumn,
    MoneyColumn,
    NumberColumn,
    StatusColumn,
    Table,
)
from gasstock.core.templatetags.ui import badge, local_phone

WIDE = {"td": {"class": "is-wide gs-break"}}  # the whole width of a card on a phone


class UserTable(Table):
    """People, with where they work; the memberships must be prefetched."""

    name = LinkedColumn(linkify=("people:user", [tables.A("pk")]), verbose_name=_("Name"))
    email = tables.Column(verbose_name=_("E-mail"), attrs=WIDE)
    phone = tables.Column(verbose_name=_("Phone"), default="–", empty_values=("", None))
    work = tables.Column(verbose_name=_("Works at"), empty_values=(), accessor="pk")
    date_joined = MomentColumn(verbose_name=_("Since"))
    state = tables.Column(verbose_name=_("Account"), empty_values=(), accessor="pk")

    def render_phone(self, value: Any) -> str:
        return local_phone(value)

    def render_work(self, record: User) -> str:
        places = ((m.station.name, m.get_role_display().lower()) for m in record.memberships.all())
        return format_html_join(", ", "{} ({})", places) or "–"

    def render_state(self, record: User) -> str:
        if not record.is_active:
            return badge("bad", str(_("Deactivated")), bare=True)
        if record.is_admin:
            return badge("move", str(_("Admin")), bare=True)
        return badge("ok", str(_("Active")), bare=True)


class StationTable(Table):
    """Stations as the platform sees them."""

    name = LinkedColumn(linkify=("people:station", [tables.A("slug")]), verbose_name=_("Station"))
    district = tables.Column(verbose_name=_("District"))
    applicant = tables.Column(verbose_name=_("Applied by"))
    phone = tables.Column(verbose_name=_("Phone"), default="–", empty_values=("", None))
    team = NumberColumn(verbose_name=_("Team"))
    rating_average = NumberColumn(verbose_name=_("Rating"))
    approval_limit = MoneyColumn(verbose_name=_("Approves up to"))
    applied_at = MomentColumn(verbose_name=_("Applied"))
    status = StatusColumn(verbose_name=_("Status"), attrs=WIDE)

    def render_name(self, record: Station) -> str:
        return format_html('{} <span class="gs-faint gs-s">{}</span>', record.name, record.code)

    def render_phone(self, value: Any) -> str:
        return local_phone(value)

    def render_rating_average(self, record: Station) -> str:
        return f"{record.rating:.1f} ({record.rating_count})" if record.rating else "–"
